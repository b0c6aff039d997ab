"""Messages between the server and the processes that it starts: Python objects over a socket pair.

Both ends are this program; nothing from outside ever comes in here.
"""

import asyncio
import pickle
import socket
import struct
from threading import Lock
from typing import Any

_LENGTH = struct.Struct("!I")

Message = tuple[Any, ...]


class BlockingWire:
    """The child's end: any thread may send, one receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = Lock()

    def send(self, *message: Any) -> None:
        """Sends one message. Raises OSError once the other end is gone."""
        data = pickle.dumps(message)
        with self._sending:
            self._connection.sendall(_LENGTH.pack(len(data)) + data)

    def receive(self) -> Message | None:
        """The next message; None once the other end is gone."""
        head = self._exactly(_LENGTH.size)
        data = self._exactly(_LENGTH.unpack(head)[0]) if head else None
        return pickle.loads(data) if data else None

    def _exactly(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self._connection.recv(size - len(parts))
            except ConnectionError:
                return None
            if not part:
                return None
            parts += part
        return bytes(parts)


class AsyncWire:
    """The server's end, on the event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, connection: socket.socket) -> "AsyncWire":
        """A wire over one end of a socket pair."""
        return cls(*await asyncio.open_unix_connection(sock=connection))

    def send(self, *message: Any) -> None:
        """Sends one message; what can't be sent any more is dropped, ``receive`` tells."""
        data = pickle.dumps(message)
        self._writer.write(_LENGTH.pack(len(data)) + data)

    async def receive(self) -> Message | None:
        """The next message; None once the other end is gone."""
        try:
            head = await self._reader.readexactly(_LENGTH.size)
            data = await self._reader.readexactly(_LENGTH.unpack(head)[0])
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        message: Message = pickle.loads(data)
        return message

    async def close(self) -> None:
        """Closes this end."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            pass  # the other end was quicker
