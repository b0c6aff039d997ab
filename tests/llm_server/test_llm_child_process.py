"""A process of the server's own that can't be started."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from llm_server.engines.child_process import ChildProcess


def test_a_process_that_can_not_be_started_leaves_no_socket_open(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []
    pair = socket.socketpair

    def noted(*given: Any) -> tuple[socket.socket, socket.socket]:
        both = pair(*given)
        made.extend(both)
        return both

    async def begun() -> None:
        monkeypatch.setattr("llm_server.engines.child_process.socket.socketpair", noted)
        monkeypatch.setattr("llm_server.engines.child_process.sys.executable", "/nowhere/python")
        await ChildProcess.start("llm_server.engines.worker")

    with pytest.raises(FileNotFoundError):
        asyncio.run(begun())

    assert len(made) == 2
    assert [one.fileno() for one in made] == [-1, -1]
