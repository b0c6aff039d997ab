"""Starts the whole product as `make run` does, on free ports and in a folder of its own, and talks to it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from random import SystemRandom
from typing import Any

import httpx2 as httpx

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 1500  # with a training from nothing on a busy machine
_first = SystemRandom().randrange(12_000, 32_000)
_ports = cycle((*range(_first, 32_000), *range(12_000, _first)))  # each process begins somewhere else
PORTS = ("DESKHAND_PORT", "RASA_PORT", "ACTIONS_PORT", "LLM_PORT", "WORKER_PORT")


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on at the moment, none of them given out here before.

    They lie below those that the system hands to clients, so that no connection of another test takes one of them
    before its server does.
    """
    return list(islice(filter(_is_free, _ports), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Polls until `condition` is true and returns its value; AssertionError names `what` otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")


@dataclass
class Running:
    """A whole Deskhand of this test's own."""

    var: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)
    sessions: list[httpx.Client] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.environment['DESKHAND_PORT']}"

    def links(self) -> dict[str, str]:
        """Sign-in link by login, as printed on start."""
        found = (re.search(r"(\w+) +\w+ +(http\S+/signin\S+)", line) for line in list(self.log))
        return {match[1]: match[2] for match in found if match}

    def pid(self, service: str) -> int:
        return int(json.loads((self.var / "run" / "pids.json").read_text())[service])

    def kill(self, service: str) -> int:
        """SIGKILLs one service as a crash would; the supervisor starts it again. Returns the dead process's id."""
        pid = self.pid(service)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_restarted(self, service: str, old: int, seconds: float = 120) -> None:
        until(lambda: self.pid(service) != old, seconds, f"{service} started again")
        until(lambda: self.is_ready(service), seconds, f"{service} ready again")

    def is_ready(self, service: str) -> bool:
        port, path = READY[service]
        try:
            return httpx.get(f"http://127.0.0.1:{self.environment[port]}{path}", timeout=3).status_code == 200
        except httpx.HTTPError:
            return False

    def command(self, *arguments: str, typed: str = "") -> str:
        """Runs the `deskhand` command in this Deskhand's environment, `typed` from a pipe; returns what it prints."""
        command = [str(ROOT / ".venv/bin/deskhand"), *arguments]
        ran = subprocess.run(
            command, env=self.environment, input=typed, capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert ran.returncode == 0, ran.stderr[-3000:]
        return ran.stdout

    def session(self, login: str) -> httpx.Client:
        """An HTTP client signed in as this demo user, as a browser that followed the link."""
        client = httpx.Client(base_url=self.address, follow_redirects=True, timeout=60,
                              headers={"X-Requested-With": "deskhand"})  # fmt: skip
        self.sessions.append(client)
        response = client.get(self.links()[login])
        assert response.status_code == 200, response.text
        return client

    def sign_out(self) -> None:
        """Closes every client that was opened."""
        while self.sessions:
            self.sessions.pop().close()


READY = {
    "llm_server": ("LLM_PORT", "/readyz"),
    "actions": ("ACTIONS_PORT", "/health"),
    "rasa": ("RASA_PORT", "/"),
    "worker": ("WORKER_PORT", "/readyz"),
    "gateway": ("DESKHAND_PORT", "/readyz"),
}


@contextmanager
def running_deskhand(var: Path, **variables: str) -> Iterator[Running]:
    """`deskhand up` until the with-block ends. The models are this checkout's: trained and converted once."""
    ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    models = os.environ.get("DESKHAND_MODELS_DIR", str(ROOT / "var" / "models"))
    environment = {**os.environ, **ports, "DESKHAND_VAR": str(var), "DESKHAND_MODELS_DIR": models, **variables}
    process = subprocess.Popen(
        [str(ROOT / ".venv/bin/deskhand"), "up"], env=environment, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    deskhand = Running(var, environment, process)
    reader = threading.Thread(target=_read, args=(deskhand,), daemon=True)
    reader.start()
    try:
        _wait_ready(deskhand)
        yield deskhand
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(90)
        finally:
            (var / "deskhand.log").write_text("\n".join(deskhand.log))
        reader.join(5)
        assert process.stdout is not None
        process.stdout.close()


def _read(deskhand: Running) -> None:
    assert deskhand.process.stdout is not None
    for line in deskhand.process.stdout:
        deskhand.log.append(line.rstrip("\n"))


def _wait_ready(deskhand: Running) -> None:
    def ready() -> bool:
        ended = deskhand.process.poll()
        assert ended is None, f"deskhand up ended with {ended}:\n" + "\n".join(deskhand.log[-40:])
        return any(line.startswith("Ctrl-C stops") for line in list(deskhand.log))

    try:
        until(ready, START_SECONDS, "every service ready")
    except AssertionError:
        print("\n".join(deskhand.log[-60:]))  # noqa: T201
        raise
