"""Starts the services one after the other, shows one log, restarts what dies, stops cleanly.

Knows nothing of what a service does: a command, an address that says when it is ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import aiohttp

from deskhand.cli.services import Service
from deskhand.logs import masked_line

BACK_OFF = (0.5, 1, 2, 5, 10, 30)  # seconds before the next restart; a minute of health starts it anew
HEALTHY_SECONDS = 60
STOP_SECONDS = 15
_PR_SET_PDEATHSIG = 1
_PRCTL = getattr(ctypes.CDLL(None), "prctl", None)  # looked up here: after the fork no lock may be waited for


class ServiceFailed(Exception):
    """A service did not come up; the message says which and what to look at."""


class PortTaken(ServiceFailed):
    """Somebody else listens where a service of ours should."""


class Supervisor:
    """Runs the given services until `stop` is called."""

    def __init__(self, services: Sequence[Service], root: Path, environment: Mapping[str, str],
                 write: Callable[[str, str], None]) -> None:  # fmt: skip
        """`write` takes a service's name and one line of its log."""
        self._services = services
        self._root = root
        self._environment = dict(environment)
        self._write = write
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._watchers: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Starts all, each ready before the next begins. Raises ServiceFailed, with everything stopped again."""
        for service in self._services:
            require_free_port(service)
        try:
            for service in self._services:
                await self._start_one(service)
        except (ServiceFailed, asyncio.CancelledError):
            await self.stop()
            raise

    async def _start_one(self, service: Service) -> None:
        self._write("deskhand", f"starting {service.name} on {service.host}:{service.port}")
        began = time.monotonic()
        process = await self._spawn(service)
        await self._until_ready(service, process)
        self._write("deskhand", f"{service.name} is ready after {time.monotonic() - began:.1f} s")
        self._watchers.append(asyncio.create_task(self._watch(service)))

    async def _spawn(self, service: Service) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *service.command, cwd=self._root, env=service.environment(self._environment), start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            limit=1 << 20, preexec_fn=_end_with_the_supervisor,
        )  # fmt: skip
        self._running[service.name] = process
        self._note_pids()
        self._watchers.append(asyncio.create_task(self._copy_log(service, process)))
        return process

    async def _copy_log(self, service: Service, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self._write(service.name, masked_line(line.decode(errors="replace").rstrip()))

    async def _until_ready(self, service: Service, process: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + service.ready_seconds
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while time.monotonic() < deadline:
                if process.returncode is not None:
                    raise ServiceFailed(
                        f"{service.name} ended with {process.returncode} while starting; see its log above"
                    )
                if await _answers(session, service.ready_url):
                    return
                await asyncio.sleep(0.2)
        raise ServiceFailed(f"{service.name} was not ready after {service.ready_seconds:.0f} s ({service.ready_url})")

    async def _watch(self, service: Service) -> None:
        """Restarts the service whenever it ends, waiting longer each time it does not last."""
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._running[service.name].wait()
            if self._stopping.is_set():
                return
            failures = 0 if time.monotonic() - began > HEALTHY_SECONDS else failures
            pause = BACK_OFF[min(failures, len(BACK_OFF) - 1)]
            failures += 1
            self._write("deskhand", f"{service.name} ended with {code}; starting it again in {pause} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
                return
            await self._spawn(service)

    def request_stop(self) -> None:
        """Lets `wait` return; restarts end at once."""
        self._stopping.set()

    async def wait(self) -> None:
        """Returns when `stop` or `request_stop` was called."""
        await self._stopping.wait()

    async def stop(self) -> None:
        """Ends the services, last started first: asks, waits, then kills."""
        self._stopping.set()
        for name, process in reversed(list(self._running.items())):
            await self._end(name, process)
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)

    async def _end(self, name: str, process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None:
            return
        _signal_group(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._write("deskhand", f"{name} did not end in {STOP_SECONDS} s; killing it")
            _signal_group(process, signal.SIGKILL)
            await process.wait()

    def _note_pids(self) -> None:
        """Keeps `var/run/pids.json`: which process is which service, for people and tests."""
        path = Path(self._environment["DESKHAND_VAR"]) / "run" / "pids.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_suffix(".new")
        whole.write_text(json.dumps({name: process.pid for name, process in self._running.items()}))
        whole.replace(path)


def _signal_group(process: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _end_with_the_supervisor() -> None:
    """In the new process: a supervisor that is killed leaves nothing behind that holds its ports. Linux alone can."""
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGTERM)


def require_free_port(service: Service) -> None:
    """Raises PortTaken with what to do about it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((service.host, service.port))
        except OSError as problem:
            raise PortTaken(
                f"port {service.port}, which {service.name} needs, is taken ({problem.strerror}). "
                f"Is Deskhand running already? Else choose another: "
                f"{service.port_variable}={service.port + 100} make run"
            ) from problem
