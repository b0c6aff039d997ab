"""Many clients in one thread: raw WebSockets that count what arrives, so that they cost little. Knows no server."""

from __future__ import annotations

import resource
import select
import socket
import time
from types import TracebackType

CONNECT_AT_ONCE = 100
SECONDS = 120
_HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_ENTER = b"\x81\x82\0\0\0\0" + b"40"  # a masked text frame, with a mask of zeros


class TooSlow(Exception):
    """Not everything arrived in time; the message says how much."""


class Crowd:
    """`count` clients of the server on a port, all of them in the main namespace."""

    def __init__(self, port: int, count: int) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        for begin in range(0, count, CONNECT_AT_ONCE):
            self._connect(port, min(CONNECT_AT_ONCE, count - begin))

    def __enter__(self) -> Crowd:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._sockets.values():
            each.close()
        self._poll.close()

    def _connect(self, port: int, count: int) -> None:
        """Each step is answered before the next one: the upgrade, the session, the namespace."""
        new = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(count)]
        for each in new:
            each.sendall(_HANDSHAKE.format(port=port).encode())
        for each in new:
            _until(each, b'"sid"')
            each.sendall(_ENTER)
        for each in new:
            _until(each, b'40{"sid"')
            each.setblocking(False)
            self._sockets[each.fileno()] = each
            self._poll.register(each.fileno(), select.EPOLLIN)

    def take(self, size: int) -> int:
        """Reads until so many bytes have come to all of them together; returns how many did.

        Raises:
            TooSlow: a client was cut off, or it took more than two minutes.
        """
        taken, until = 0, time.monotonic() + SECONDS
        while taken < size:
            if time.monotonic() > until:
                raise TooSlow(f"{taken} of {size} bytes")
            for number, _ in self._poll.poll(1):
                got = len(self._sockets[number].recv(1 << 18))
                if not got:
                    raise TooSlow("a client was cut off")
                taken += got
        return taken

    def rest(self, seconds: float) -> int:
        """What still comes until nothing has come for so long."""
        taken = 0
        while ready := self._poll.poll(seconds):
            taken += sum(len(self._sockets[number].recv(1 << 18)) for number, _ in ready)
        return taken


def _until(each: socket.socket, wanted: bytes) -> None:
    read = b""
    while wanted not in read:
        got = each.recv(4096)
        if not got:
            raise TooSlow(f"closed instead of {wanted!r}: {read[:200]!r}")
        read += got
