"""The bytes of a file, opened as often as they are needed, wherever they lie. Knows no format."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from deskhand.erp.sources.errors import FileNotReadable, NothingThere, TooLarge
from deskhand.erp.sources.model import FileSource, Limits

CHUNK = 1 << 20


@dataclass(frozen=True)
class Content:
    """A file's name, for reports, and its bytes."""

    name: str
    size: int
    _held: bytes | None
    _path: Path | None

    @classmethod
    def of(cls, source: FileSource, limits: Limits) -> Content:
        """Raises FileNotReadable, NothingThere, TooLarge."""
        try:
            size = len(source.data) if source.data is not None else _size(source.path)
        except OSError as error:
            raise FileNotReadable(f"{source.name} can't be opened: {error.strerror}") from error
        if size == 0:
            raise NothingThere(f"{source.name} is empty")
        if size > limits.bytes:
            raise TooLarge(f"{source.name} has {size:,} bytes; at most {limits.bytes:,} are taken")
        return cls(source.name, size, source.data, None if source.data is not None else source.path)

    def open(self) -> BinaryIO:
        return io.BytesIO(self._held) if self._held is not None else _opened(self._path)

    def start(self, size: int = 4096) -> bytes:
        with self.open() as file:
            return file.read(size)

    @property
    def path(self) -> Path | None:
        return self._path


def _size(path: Path | None) -> int:
    if path is None or not path.is_file():
        raise OSError(2, "there is no such file")
    return path.stat().st_size


def _opened(path: Path | None) -> BinaryIO:
    assert path is not None  # Content.of has seen to it
    return path.open("rb")
