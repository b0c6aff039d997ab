"""The supervisor over small real processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from deskhand.cli.services import Service
from deskhand.cli.supervisor import PortTaken, ServiceFailed, Supervisor
from deskhand.cli.up import log, stop_on_signal
from tests.support.deskhand import ROOT, free_ports

SERVER = """
import http.server, os, sys
print("listening", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def service(name: str, port: int, code: str = SERVER, seconds: float = 120) -> Service:
    return Service(
        name, (sys.executable, "-c", code, str(port)), "127.0.0.1", port, "/", seconds, f"{name.upper()}_PORT"
    )


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))

    def has(self, text: str) -> bool:
        return any(text in line for _, line in self.lines)


def supervisor(services: list[Service], folder: Path, log: Log) -> Supervisor:
    return Supervisor(services, folder, {**os.environ, "DESKHAND_VAR": str(folder)}, log)


def pids(folder: Path) -> dict[str, int]:
    return dict(json.loads((folder / "run" / "pids.json").read_text()))


async def test_each_service_is_ready_before_the_next_starts(tmp_path: Path) -> None:
    first, second = free_ports(2)
    log = Log()
    running = supervisor([service("one", first), service("two", second)], tmp_path, log)

    await running.start()
    await running.stop()

    told = [line for name, line in log.lines if name == "deskhand"]
    assert [line.split(" on ")[0].split(" after ")[0] for line in told] == [
        "starting one", "one is ready", "starting two", "two is ready",
    ]  # fmt: skip
    assert ("one", "listening") in log.lines


async def test_a_service_that_dies_is_started_again(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    log = Log()
    running = supervisor([service("one", port)], tmp_path, log)
    await running.start()
    old = pids(tmp_path)["one"]

    os.kill(old, signal.SIGKILL)
    async with asyncio.timeout(60):
        while pids(tmp_path)["one"] == old:
            await asyncio.sleep(0.05)
    await running.stop()

    assert log.has("one ended with -9; starting it again")


async def test_nothing_is_left_running_after_stop(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    running = supervisor([service("one", port)], tmp_path, Log())
    await running.start()
    pid = pids(tmp_path)["one"]

    await running.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        log = Log()

        with pytest.raises(PortTaken, match=f"port {port}.*ONE_PORT={port + 100} make run"):
            await supervisor([service("one", port)], tmp_path, log).start()

    assert log.lines == []


async def test_a_service_that_ends_while_starting_stops_the_others(tmp_path: Path) -> None:
    first, second = free_ports(2)
    running = supervisor([service("one", first), service("two", second, "raise SystemExit(3)")], tmp_path, Log())

    with pytest.raises(ServiceFailed, match="two ended with 3"):
        await running.start()

    with pytest.raises(ProcessLookupError):
        os.kill(pids(tmp_path)["one"], 0)


async def test_the_one_log_holds_nothing_of_people_and_obeys_nobody(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    said = r"mail wang@example.com, 13800138000, Bearer abcdef012345, redis://:pw-pw@h/0 \x1b[2J\x07"
    log = Log()
    running = supervisor([service("one", port, f'print("{said}", flush=True)\n' + SERVER)], tmp_path, log)

    await running.start()
    await running.stop()

    told = next(line for name, line in log.lines if name == "one")
    assert told == r"mail <e-mail>, <phone>, Bearer ***, redis://:***@h/0 \x1b[2J\x07"


async def test_a_service_does_not_see_the_secrets_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("DESKHAND_TURN_SECRET", "not-for-you")
    log = Log()
    show = 'import os; print(sorted(n for n in os.environ if "TURN" in n), "PATH" in os.environ, flush=True)\n'
    running = supervisor([service("one", port, show + SERVER)], tmp_path, log)

    await running.start()
    await running.stop()

    assert log.has("[] True")


SUPERVISOR = """
import asyncio, os, sys
from pathlib import Path
from tests.cli.test_supervisor import Log, service, supervisor

async def main():
    await supervisor([service("one", int(sys.argv[2]))], Path(sys.argv[1]), Log()).start()
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no child that its parent died")
async def test_services_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, str(tmp_path), str(port), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout is not None
    assert await started.stdout.readline() == b"ready\n"

    started.kill()
    await started.wait()

    async with asyncio.timeout(60):
        while listens(port):
            await asyncio.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("ignored", [True, False])
async def test_a_closed_terminal_ends_services_unless_nohup_has_said_that_it_must_not(
    tmp_path: Path, ignored: bool
) -> None:
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGHUP)
    signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        stop_on_signal(supervisor([], tmp_path, Log()), loop.create_future())

        assert (signal.getsignal(signal.SIGHUP) == signal.SIG_IGN) is ignored
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        signal.signal(signal.SIGHUP, before)


def test_a_log_that_nobody_reads_any_more_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        log("deskhand", "stopping ...")
        with contextlib.suppress(OSError):
            closed.close()
