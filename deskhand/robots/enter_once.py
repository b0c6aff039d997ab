"""A record that is entered once, however often its robot comes: looked up before, and after; then read back.

What every robot that writes does alike. Knows no screen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

from deskhand.robots.robot import refuse
from deskhand.robots.work_item import WorkItem


class Record(Protocol):
    """What is entered. `reference` is what it is looked up by, and never there twice."""

    @property
    def reference(self) -> str: ...


T = TypeVar("T", bound=Record)


class EnterOnce(ABC, Generic[T]):
    """Beside `Robot`: `class Entry(EnterOnce[Order], Robot)`."""

    def process(self, item: WorkItem) -> Mapping[str, Any]:
        """
        Raises:
            BusinessException: not there after it was posted; trying again would post it again.
        """
        record = self.record_of(item)
        there = self.look_up(record)
        entered = there is None
        if there is None:
            self.enter(record)
            there = self.look_up(record)
        if there is None:
            raise refuse("not_found_after_posting", reference=record.reference)
        return {"document": there, "entered_now": entered, "read_back": self.check_posted(record)}

    @abstractmethod
    def record_of(self, item: WorkItem) -> T:
        """Raises BusinessException: the item lacks something."""

    @abstractmethod
    def look_up(self, record: T) -> str | None:
        """Its document there, opened; None when it is not there."""

    @abstractmethod
    def enter(self, record: T) -> None:
        """Up to the last click, and past it."""

    @abstractmethod
    def check_posted(self, record: T) -> Any:
        """Every field as it stands in the open document.

        Raises:
            BusinessException: one differs.
        """
