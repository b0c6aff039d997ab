"""A Redis server of the test's own, on loopback and a free port, that can be taken away and brought back."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.support.deskhand import free_ports


class NoRedis(Exception):
    """There is no redis-server here; `make test` installs it."""


class RedisServer:
    """It keeps nothing, like any Redis that only carries events."""

    def __init__(self, program: str, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(folder)]
        self._command = [program, *where]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        _wait(self.port)

    def stop(self) -> None:
        """Connections to it break."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It takes connections and never answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Running, until the block ends. Raises NoRedis."""
    program = shutil.which("redis-server")
    if program is None:
        raise NoRedis("redis-server is missing")
    server = RedisServer(program, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _wait(port: int) -> None:
    client = redis.Redis(port=port)
    try:
        for _ in range(1200):
            try:
                client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.05)
        raise NoRedis("redis-server did not start")
    finally:
        client.close()
