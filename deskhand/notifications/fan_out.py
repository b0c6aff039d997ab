"""One event to everybody in a room: encoded once, written as one ready frame to each WebSocket.

The library starts a task for each receiver, which costs more than the sending. Here a receiver is written to at once
where nothing stands before it: no packet on its way, and little that it has not taken. Whoever polls, upgrades or is
slow takes the library's own path, behind a queue; whoever lets that grow is told to `slow`, who cuts them off.
Knows no event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import socketio
from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE
from engineio.packet import Packet as Frame
from socketio.packet import EVENT

LITTLE = 64 << 10  # bytes that a client has not taken yet; with more it waits in its queue
MOST_QUEUED = 500  # packets in the queue of a client; then it is cut off and catches up from its cursor

Cut = Callable[[str], None]


class Outgoing(asyncio.Queue[Any]):
    """A client's queue that knows what was put in and is not yet written: also what is taken out and on its way."""

    on_its_way = 0

    @property
    def waiting(self) -> tuple[Any, ...]:
        return tuple(self._queue)  # type: ignore[attr-defined]  # asyncio shows it to its subclasses

    def put_nowait(self, item: Any) -> None:
        super().put_nowait(item)
        self.on_its_way += 1

    def task_done(self) -> None:
        super().task_done()
        self.on_its_way -= 1


class Line:
    """What can be written to without a queue: a client's WebSocket."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.sending = False  # a packet of the queue waits until the client takes more

    @property
    def is_free(self) -> bool:
        at = self.transport
        return at is not None and not self.sending and not at.is_closing() and at.get_write_buffer_size() < LITTLE


class _Spreading:
    """Shared by the manager of one gateway and by that of several."""

    server: Any
    slow: Cut | None = None

    def _spread(self, participants: list[tuple[str, str]], skip: list[str | None], text: str) -> list[tuple[str, str]]:
        """Writes to all that can be written to at once; returns the others."""
        sockets: Mapping[str, AsyncSocket] = self.server.eio.sockets
        frame, others = websocket_frame(text), []
        for sid, eio_sid in participants:
            if sid in skip:
                continue
            socket = sockets.get(eio_sid)
            line = getattr(socket, "line", None)
            if socket is None or line is None or socket.last_ping or not _is_free(socket, line):
                others.append((sid, eio_sid))
            else:
                line.transport.write(frame)
        return others

    async def _queue(self, others: list[tuple[str, str]], text: str) -> None:
        """The library's own path, a task each: one of them may find its client gone and end it."""
        waiting = []
        for sid, eio_sid in others:
            socket = self.server.eio.sockets.get(eio_sid)
            if socket is not None and socket.queue.qsize() >= MOST_QUEUED:
                if self.slow is not None:
                    self.slow(sid)
                continue
            packet = Frame(MESSAGE, text)
            waiting.append(asyncio.create_task(self.server._send_eio_packet(eio_sid, packet)))
        if waiting:
            await asyncio.wait(waiting)


class FanOut(_Spreading, socketio.AsyncManager):  # type: ignore[misc]  # python-socketio has no types
    """For one gateway."""

    async def emit(
        self, event: str, data: Any, namespace: str, room: str | None = None, skip_sid: Any = None,
        callback: Any = None, to: str | None = None, **options: Any,
    ) -> None:  # fmt: skip
        """As the library's; what asks for an answer of each receiver, or has binary parts, goes its way."""
        encoded = None if callback else self._encoded(event, data, namespace)
        if encoded is None:
            await super().emit(event, data, namespace, room, skip_sid, callback, to, **options)
        elif namespace in self.rooms:
            skip = skip_sid if isinstance(skip_sid, list) else [skip_sid]
            others = self._spread(list(self.get_participants(namespace, to or room)), skip, encoded)
            await self._queue(others, encoded)

    def _encoded(self, event: str, data: Any, namespace: str) -> str | None:
        parts = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        encoded = self.server.packet_class(EVENT, namespace=namespace, data=[event, *parts]).encode()
        return encoded if isinstance(encoded, str) else None


def websocket_frame(text: str) -> bytes:
    """An Engine.IO message as one WebSocket text frame of a server (RFC 6455, 5.2), neither masked nor compressed."""
    payload = f"{MESSAGE}{text}".encode()
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def _is_free(socket: AsyncSocket, line: Line) -> bool:
    if not socket.upgraded or socket.upgrading or socket.closing or socket.closed or socket.queue.on_its_way:
        return False
    return line.is_free
