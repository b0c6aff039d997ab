"""One event to many: deliveries a second of the server's processor, beside Node's socket.io and the stock library.

The three servers are asked in turn within each round, so that a busy machine slows all of them.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.fan_out.crowd import Crowd
from tests.benchmarks.figures import Row, interleaved_ratio, spread

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[2]
CLIENTS, DELIVERIES, ROUNDS = (200, 1000, 2000), 40_000, 7
QUIET_SECONDS = 0.5


class Peer:
    """A server in a process of its own and the clients that listen to it."""

    def __init__(self, command: list[str], cwd: Path) -> None:
        self._process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line())
        self._size = 0

    def close(self) -> None:
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.wait(timeout=30)
            self._process.stdout.close()

    def begin(self, crowd: Crowd, clients: int) -> None:
        """One event to all, to see how many bytes it is."""
        self._tell("emit 1")
        self._line()
        self._size = crowd.rest(QUIET_SECONDS) // clients

    def rate(self, crowd: Crowd, clients: int) -> float:
        """Deliveries a second of this server's processor."""
        times = DELIVERIES // clients
        before = self._cpu()
        self._tell(f"emit {times}")
        crowd.take(self._size * times * clients)
        self._line()
        return times * clients / (self._cpu() - before)

    def _cpu(self) -> float:
        self._tell("cpu")
        return float(self._line())

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise RuntimeError(f"the server ended with {self._process.wait()}")
        return line.strip()


def measure(bench: Bench) -> Iterator[Row]:
    kinds: dict[str, Callable[[], Peer]] = {name: lambda name=name: _python(name) for name in ("ours", "stock")}  # type: ignore[misc]  # the default binds the name
    if reason := _no_node():
        yield Row("Node's socket.io", None, "deliveries/s", f"skipped: {reason}")
    else:
        kinds["node"] = _node
    for clients in CLIENTS:
        yield from _reported(clients, _rates(kinds, clients))


def _rates(kinds: Mapping[str, Callable[[], Peer]], clients: int) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    with ExitStack() as stack:
        peers = {name: start() for name, start in kinds.items()}
        for peer in peers.values():
            stack.callback(peer.close)
        crowds = {name: stack.enter_context(Crowd(peer.port, clients)) for name, peer in peers.items()}
        for name, peer in peers.items():
            peer.begin(crowds[name], clients)
        for _ in range(ROUNDS):
            for name, peer in peers.items():
                rates[name].append(peer.rate(crowds[name], clients))
    return rates


def _reported(clients: int, rates: Mapping[str, list[float]]) -> Iterator[Row]:
    for name, taken in rates.items():
        yield Row(f"{clients} clients, {name}", statistics.median(taken), "deliveries/CPU s", spread(taken))
    for name in rates.keys() - {"ours"}:
        yield Row(f"{clients} clients, ours : {name}", interleaved_ratio(rates["ours"], rates[name]), "x")


def _python(kind: str) -> Peer:
    return Peer([sys.executable, "-m", "tests.benchmarks.fan_out.server", kind], ROOT)


def _node() -> Peer:
    from tests.benchmarks.fan_out.server import DATA

    return Peer(["node", "server.mjs", json.dumps(DATA)], FOLDER)


def _no_node() -> str:
    """Why there is no peer, if there is none; installs it from its lock file."""
    if shutil.which("node") is None or (npm := shutil.which("npm")) is None:
        return "Node is not here: apt-get install nodejs npm"
    if (FOLDER / "node_modules" / "socket.io").is_dir():
        return ""
    ran = subprocess.run([npm, "ci"], cwd=FOLDER, capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else f"npm ci failed: {ran.stderr[-200:]}"
