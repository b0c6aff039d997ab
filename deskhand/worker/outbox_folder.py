"""The folder in which documents are laid down: written whole or not at all, once for each name."""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

_STALE_SECONDS = 3600
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]|^\.+")


class OutboxFolder:
    """`<folder>/<tenant>/<name>`. The first version of a name stands: writing it again changes nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drafts = folder / ".drafts"
        self._drafts.mkdir(parents=True, exist_ok=True)
        self._clear()

    def write(self, tenant: str, name: str, data: bytes) -> Path:
        """Durable when it returns. A reader never sees half a file."""
        path = self.path(tenant, name)
        if path.exists():
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._drafts / secrets.token_hex(12)
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _sync(path.parent)
        return path

    def _clear(self) -> None:
        """Drafts of workers that died long ago."""
        for draft in self._drafts.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - draft.stat().st_mtime > _STALE_SECONDS:
                    draft.unlink()

    def has(self, tenant: str, name: str) -> bool:
        return self.path(tenant, name).exists()

    def path(self, tenant: str, name: str) -> Path:
        return self._folder / _UNSAFE.sub("_", tenant) / _UNSAFE.sub("_", name)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
