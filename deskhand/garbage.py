"""Garbage collection as every service does it: seldom, and not through what was there from the start.

Most of what lives for long is code and catalogues. With Python's own figures every few hundred new rows had all of it
walked through again, a quarter of the time of a command on ten thousand orders. Knows no service.
"""

from __future__ import annotations

import gc

ALLOCATIONS = 10_000  # between two collections of the youngest; Python's own: 700


def collect_seldom() -> None:
    """For a service's `main`, once everything is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, *gc.get_threshold()[1:])
