"""Messages between the server and the processes that it starts: values and dataclasses as JSON over a socket pair.

A list comes out as a tuple. Knows nothing of what the messages mean.
"""

import asyncio
import dataclasses
import json
import socket
import struct
from enum import Enum
from pathlib import Path
from threading import Lock
from typing import Any

from llm_server.engines import engine, model_spec

_LENGTH = struct.Struct("!I")

# What may go over the wire beside JSON's own values, by name.
_CLASSES: dict[str, Any] = {
    name: one
    for module in (engine, model_spec)
    for name, one in vars(module).items()
    if isinstance(one, type) and (dataclasses.is_dataclass(one) or issubclass(one, Enum))
}

Message = tuple[Any, ...]


def encoded(message: Message) -> bytes:
    """One message as it goes over the wire."""
    data = json.dumps(_plain(message)).encode()
    return _LENGTH.pack(len(data)) + data


def decoded(data: bytes) -> Message:
    """The message again."""
    message: Message = _restored(json.loads(data))
    return message


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"enum": type(value).__name__, "is": value.value}
    if dataclasses.is_dataclass(value):
        fields = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"class": type(value).__name__, "is": fields}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, Path):
        return {"path": str(value)}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_restored(one) for one in value)
    if not isinstance(value, dict):
        return value
    if "class" in value:
        return _CLASSES[value["class"]](**{name: _restored(one) for name, one in value["is"].items()})
    if "enum" in value:
        return _CLASSES[value["enum"]](value["is"])
    return bytes.fromhex(value["bytes"]) if "bytes" in value else Path(value["path"])


class BlockingWire:
    """The child's end: any thread may send, one receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = Lock()

    def send(self, *message: Any) -> None:
        """Sends one message. Raises OSError once the other end is gone."""
        data = encoded(message)
        with self._sending:
            self._connection.sendall(data)

    def receive(self) -> Message | None:
        """The next message; None once the other end is gone."""
        head = self._exactly(_LENGTH.size)
        data = self._exactly(_LENGTH.unpack(head)[0]) if head else None
        return decoded(data) if data else None

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
        self._writer.write(encoded(message))

    async def receive(self) -> Message | None:
        """The next message; None once the other end is gone."""
        try:
            head = await self._reader.readexactly(_LENGTH.size)
            data = await self._reader.readexactly(_LENGTH.unpack(head)[0])
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return decoded(data)

    async def close(self) -> None:
        """Closes this end."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            pass  # the other end was quicker
