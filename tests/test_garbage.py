"""Garbage is collected seldom, and what a service was started with is left alone."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from deskhand.garbage import ALLOCATIONS, collect_seldom


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


class _Circle:
    def __init__(self) -> None:
        self.me = self


def test_what_is_there_is_not_looked_at_again_and_what_comes_later_is_collected_still() -> None:
    collect_seldom()
    later = weakref.ref(_Circle())

    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == ALLOCATIONS
    gc.collect()
    assert later() is None
