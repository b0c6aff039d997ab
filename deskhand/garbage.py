"""Garbage collection as every service does it: seldom, and not through what was there from the start.

Most of what lives for long is code and catalogues. With Python's own figures every few hundred new rows had all of it
walked through again, a quarter of the time of a command on ten thousand orders. Knows no service.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

ALLOCATIONS = 10_000  # between two collections of the youngest; Python's own: 700


def collect_seldom() -> None:
    """For a service's `main`, once everything is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, *gc.get_threshold()[1:])


_lock = Lock()
_waiting = 0


@contextmanager
def put_off() -> Iterator[None]:
    """While a mass of rows is made, none of which refers back to another: walking through them finds nothing.

    Whoever ends last lets the collector go on.
    """
    global _waiting
    with _lock:
        _waiting += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _waiting -= 1
            if not _waiting:
                gc.enable()
