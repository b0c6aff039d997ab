"""What a client may send over Socket.IO: events with a name. Knows no event.

The library takes more than that: any number of binary parts, which it keeps until the last one is there, frames that
end its handler without closing the socket, and `connect` and `disconnect` as if they were events of a client. Whoever
sent `disconnect` would be forgotten here while the socket stays in its rooms, and would hear on after being signed out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import socketio
from engineio.async_drivers.aiohttp import WebSocket
from socketio.packet import ACK as ACKNOWLEDGED
from socketio.packet import BINARY_EVENT, CONNECT, DISCONNECT, EVENT, Packet

from deskhand.gateway.odd_requests import in_one_line
from deskhand.notifications.fan_out import Line

RESERVED = frozenset({"connect", "disconnect", "connect_error"})
MOST_PARTS = 4  # binary parts of one event; an event of ours has none, and says so to whoever sends one
STEP_SECONDS = 10.0
_FRAMES = frozenset("123456")  # close, ping, pong, message, upgrade, noop
_EVENTS = frozenset({EVENT, BINARY_EVENT})
_READERS = frozenset({__name__, "deskhand.gateway.socket_server"})  # ours, and between the library and a packet
_TAKEN = _EVENTS | {CONNECT, DISCONNECT, ACKNOWLEDGED}


class PacketRefused(ValueError):
    """It is none of ours."""


class StrictPacket(Packet):  # type: ignore[misc]  # python-socketio has no types
    """Refuses what no client of ours sends."""

    def decode(self, encoded_packet: Any) -> int:
        if not isinstance(encoded_packet, str) or not encoded_packet:
            raise PacketRefused("a part that nobody waits for")
        try:
            parts: int = super().decode(encoded_packet)
        except RecursionError as error:
            raise PacketRefused("too deep") from error
        if self.packet_type not in _TAKEN or parts > MOST_PARTS or bool(parts) != (self.packet_type == BINARY_EVENT):
            raise PacketRefused("kind")
        if self.packet_type in _EVENTS and not _is_event(self.data):
            raise PacketRefused("event")
        if self.packet_type == ACKNOWLEDGED and not isinstance(self.data, list):
            raise PacketRefused("acknowledgement")
        return parts


class StrictWebSocket(WebSocket):  # type: ignore[misc]  # python-engineio has no types
    """Ends the line at the first frame that is none; the library would leave it half open.

    Its session gets the line that `fan_out` writes to.
    """

    async def __call__(self, environ: Mapping[str, Any]) -> Any:
        self._session = self.handler.__self__  # whose method it is
        self._line = Line()
        self._line.transport = environ["aiohttp.request"].transport
        self._session.line = self._line
        try:
            return await super().__call__(environ)
        finally:
            self._session.upgrading = False  # given up in the middle, it polls on

    async def send(self, message: Any) -> None:
        self._line.sending = True
        try:
            await super().send(message)
        finally:
            self._line.sending = False

    async def wait(self) -> Any:
        """Of an upgrade each step has its time; a client that begins one and waits would hold its polls up."""
        async with asyncio.timeout(STEP_SECONDS if self._session.upgrading else None):
            frame = await super().wait()
        if isinstance(frame, str) and frame[:1] not in _FRAMES:
            raise OSError("no frame of Engine.IO")
        return frame


class _OfClients(logging.Filter):
    """What a client sent is worth one line, not a traceback; what failed in our own code keeps it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and not _is_ours(record.exc_info[2]):
            in_one_line(record, "a packet could not be read: %s", getattr(record.exc_info[0], "__name__", ""))
        return True


_OF_CLIENTS = _OfClients()


def make_strict(server: socketio.AsyncServer) -> None:
    """For WebSocket and polling; `StrictPacket` is the server's `serializer`."""
    server.eio._async = {**server.eio._async, "websocket": StrictWebSocket}
    server.eio.logger.addFilter(_OF_CLIENTS)


def _is_event(data: Any) -> bool:
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in RESERVED


def _is_ours(trace: TracebackType | None) -> bool:
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith("deskhand.") and name not in _READERS:
            return True
        trace = trace.tb_next
    return False
