"""The Socket.IO server as its protocol says, where the library says otherwise. Knows no event and no sign-in.

What a client of any make may count on: a transport that is none is refused, a session that has become a WebSocket
answers nothing else, a poll that waits is answered when its session ends, and a namespace that is none is told as an
error with a message.

What no client may do: stay without saying who it is, begin an upgrade and not go on, keep a line that was ended, or be
one too many.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import engineio
import socketio
from aiohttp import hdrs, web
from engineio.async_socket import AsyncSocket
from engineio.packet import NOOP
from engineio.packet import Packet as Frame
from socketio.packet import CONNECT_ERROR, Packet

from deskhand.gateway.packets import StrictPacket, make_strict
from deskhand.notifications.fan_out import FanOut, Line, Outgoing
from deskhand.notifications.redis_fan_out import RedisFanOut

UPGRADE_SECONDS = 0.1  # how long a poll waits for an upgrade that is under way; a client pauses its polls for one
PONG_SECONDS = 0.02  # a pong that has not come this long before its time will not come
CONNECT_SECONDS = 20.0  # within this a session enters a namespace: until then nobody knows whose it is
ENDED_SECONDS = 5.0  # what was ended may take so long to hear of it; then its line is cut
MOST_SESSIONS = 10_000  # of one server; each may have packets waiting
UNKNOWN_NAMESPACE = "Unable to connect"  # what the library says of one
_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_OPTIONS})


class Engine(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio has no types
    """Engine.IO: sessions over polling and WebSocket."""

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Refuses what the library lets through; all else is its work."""
        if request.method not in _METHODS:
            return _refused("Bad handshake method")
        if request.method != hdrs.METH_OPTIONS and request.query.get("transport") not in self.transports:
            return _refused("Transport unknown")
        if "sid" not in request.query and len(self.sockets) >= MOST_SESSIONS:
            return _refused("Too many sessions", web.HTTPServiceUnavailable.status_code)
        socket = self.sockets.get(request.query.get("sid", ""))
        if socket is not None and request.method == hdrs.METH_GET and await self._is_over(socket, request):
            return await _ended(request)
        if socket is not None and (request.content_length or 0) > self.max_http_buffer_size:
            await self.drop(socket.sid)
            return _refused("Payload too large", web.HTTPRequestEntityTooLarge.status_code)
        response: web.StreamResponse = await super().handle_request(request)
        return response

    async def _is_over(self, socket: AsyncSocket, request: web.Request) -> bool:
        """Whether this session takes no more requests: it has become a WebSocket, or its client is gone."""
        if socket.upgrading:
            await _upgraded(socket)
            if request.headers.get(hdrs.UPGRADE):
                return True  # one upgrade of a session at a time
        if socket.last_ping and time.time() - socket.last_ping > self.ping_timeout - PONG_SECONDS:
            await socket.close(wait=False, abort=True, reason=self.reason.PING_TIMEOUT)
        return bool(socket.upgraded or socket.closed)

    async def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        if event == "connect":
            self._say_interval(args[0])
        if event == "disconnect":
            self._end_poll(args[0])
            self._end_line(args[0])
        return await super()._trigger_event(event, *args, **options)

    def _say_interval(self, sid: str) -> None:
        """The library tells a new client whole seconds."""
        (opened,) = self.sockets[sid].queue.waiting
        opened.data["pingInterval"] = round(self.ping_interval * 1000)

    def _end_line(self, sid: str) -> None:
        """Whoever takes nothing would keep the line, and what was written to it, for as long as they like."""
        if (line := _line_of(self.sockets.get(sid))) is not None:
            asyncio.get_running_loop().call_later(ENDED_SECONDS, line.abort)

    def _end_poll(self, sid: str) -> None:
        """A poll that waits when the client ends its session gets an answer that says nothing."""
        socket = self.sockets.get(sid)
        if socket is not None and not socket.upgraded:
            socket.queue.put_nowait(Frame(NOOP))

    async def disconnect(self, sid: str | None = None) -> None:
        """The library waits until the client has taken all; one that polls no more never does."""
        if sid is None:
            await super().disconnect()
        elif (socket := self.sockets.get(sid)) is not None:
            await socket.close(wait=False)

    async def drop(self, sid: str) -> None:
        """Without waiting for what the client has not taken: its WebSocket is cut as it is.

        The connection that a session was opened by is left alone: a balancer may have others' requests on it.
        """
        socket = self.sockets.get(sid)
        if socket is not None:
            await socket.close(wait=False, abort=True)
            if (line := _line_of(socket)) is not None:
                line.abort()

    def create_queue(self, *args: Any, **options: Any) -> Outgoing:
        return Outgoing(*args, **options)


class Server(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio has no types
    """Socket.IO: namespaces and events over it."""

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._unknown: dict[str, float] = {}

    def begin(self) -> None:
        """Listens to the other gateways; the library would begin with the first client."""
        if not self.manager_initialized:  # type: ignore[has-type]  # the library has no types
            self.manager_initialized = True
            self.manager.initialize()

    async def end_unknown(self, now: float) -> None:
        """Ends the sessions that have been in no namespace for too long: never entered one, or were shown out.

        Args:
            now: in seconds.
        """
        known = {eio_sid for rooms in self.manager.rooms.values() for eio_sid in rooms.get(None, {}).values()}
        self._unknown = {sid: self._unknown.get(sid, now) for sid in self.eio.sockets if sid not in known}
        for sid in [sid for sid, since in self._unknown.items() if now - since > CONNECT_SECONDS]:
            await self.eio.drop(sid)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Whoever sends what is no packet goes, as with other servers; the library would read on."""
        try:
            await super()._handle_eio_message(eio_sid, data)
        except Exception:  # whatever a packet breaks; the library logs it
            if (socket := self.eio.sockets.get(eio_sid)) is not None:
                await socket.close(wait=False)
            raise

    async def _send_packet(self, eio_sid: str, pkt: Packet) -> None:
        if pkt.packet_type == CONNECT_ERROR and pkt.data == UNKNOWN_NAMESPACE:
            pkt.data = {"message": "Invalid namespace"}
        await super()._send_packet(eio_sid, pkt)

    def attach(self, app: web.Application, socketio_path: str = "socket.io") -> None:
        super().attach(app, socketio_path)
        for method in (hdrs.METH_PUT, hdrs.METH_PATCH, hdrs.METH_DELETE):
            app.router.add_route(method, f"/{socketio_path}/", self.eio.handle_request)


def make_server(
    allowed: Callable[[str | None, dict[str, Any]], bool] | str, largest_message: int, redis_url: str | None = None,
    **options: Any,
) -> Server:  # fmt: skip
    """A server without namespaces.

    Args:
        allowed: whether a page of this origin may connect; "*" for any.
        largest_message: in bytes.
        redis_url: where several gateways hear of each other's events.
        options: others of `socketio.AsyncServer`.
    """
    server = Server(
        async_mode="aiohttp",
        client_manager=RedisFanOut(redis_url) if redis_url else FanOut(),
        cors_allowed_origins=allowed,
        max_http_buffer_size=largest_message,
        serializer=StrictPacket,
        logger=False,
        engineio_logger=False,
        **options,
    )
    make_strict(server)
    return server


def _line_of(socket: AsyncSocket | None) -> asyncio.Transport | None:
    line: Line | None = getattr(socket, "line", None)
    return line.transport if line is not None else None


async def _upgraded(socket: AsyncSocket) -> None:
    """Waits a little until the upgrade is done or given up."""
    until = asyncio.get_running_loop().time() + UPGRADE_SECONDS
    while socket.upgrading and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(UPGRADE_SECONDS / 20)


def _refused(message: str, status: int = web.HTTPBadRequest.status_code) -> web.Response:
    return web.json_response({"message": message}, status=status)


async def _ended(request: web.Request) -> web.StreamResponse:
    """For a session that takes no more requests: clients read the end of a WebSocket, not why it did not begin."""
    socket = web.WebSocketResponse()
    if not socket.can_prepare(request):
        return _refused("Session ID unknown")
    await socket.prepare(request)
    await socket.close()
    return socket
