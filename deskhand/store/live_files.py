"""Files that are taken up while the services run: was one changed, and when to look. Knows no file's meaning."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

EVERY_SECONDS = 2.0

Stamp = tuple[int, int, int]


def stamp(file: Path) -> Stamp | None:
    """Another one after each change, also when the file is replaced; None while it is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class Lookout:
    """Looks again every two seconds at most, when somebody asks. Thread-safe.

    The first look is waited for by all; later ones are one thread's, while the others go on with what is known.
    """

    def __init__(self, look: Callable[[], None], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._monotonic = monotonic
        self._looking = Lock()
        self._next: float | None = None

    def ask(self) -> None:
        if not self._is_due() or not self._looking.acquire(blocking=self._next is None):
            return
        try:
            if self._is_due():
                self._look()
                self._next = self._monotonic() + EVERY_SECONDS
        finally:
            self._looking.release()

    def _is_due(self) -> bool:
        return self._next is None or self._monotonic() >= self._next
