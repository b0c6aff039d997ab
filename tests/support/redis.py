"""A Redis server of the test's own, on loopback and a free port."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.support.deskhand import free_ports


class NoRedis(Exception):
    """There is no redis-server here; `make test` installs it."""


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Its address, until the block ends. Raises NoRedis."""
    program = shutil.which("redis-server")
    if program is None:
        raise NoRedis("redis-server is missing")
    (port,) = free_ports(1)
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    client = redis.Redis(port=port)
    try:
        for _ in range(100):
            try:
                client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.05)
        raise NoRedis("redis-server did not start")
    finally:
        client.close()
