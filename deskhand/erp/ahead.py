"""One piece of work at a time in a thread beside the caller: a chunk is written while the next is made ready.

What the database does while it writes needs no Python, so the two really run side by side. Knows no orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """`with Ahead() as ahead: ahead.begin(chunk, steps)`; at the end of the block nothing is under way any more."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: tuple[T, Future[None]] | None = None

    def __enter__(self) -> Ahead[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=True)

    def begin(self, what: T, steps: Iterator[None]) -> None:
        """Takes the first step here and starts the others; what was begun before must have been ended."""
        if self._under_way is not None:
            raise RuntimeError("one piece of work at a time: end the one before first")
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="import-writes")
        try:
            next(steps, None)
        except Exception as error:  # told by `end`, as what goes wrong later is
            failed = Future[None]()
            failed.set_exception(error)
            self._under_way = what, failed
            return
        self._under_way = what, self._thread.submit(_go_on, steps)

    def end(self) -> tuple[T | None, BaseException | None]:
        """Waits for what is under way; gives it, and what it raised."""
        if self._under_way is None:
            return None, None
        what, future = self._under_way
        error = future.exception()
        self._under_way = None
        return what, error


def _go_on(steps: Iterator[None]) -> None:
    for _ in steps:
        pass
