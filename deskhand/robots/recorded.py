"""A robot that was recorded: it does what was done once, and looks before and after as soon as somebody has said how.

Until then a person has to attend: the recorder knows not what is there already. Knows no screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from deskhand.robots.outcome import NotReady
from deskhand.robots.robot import Robot, refuse
from deskhand.robots.work_item import WorkItem


class RecordedRobot(Robot):
    """Authors fill in `look_up` and `read_back`, then set `filled_in`."""

    filled_in: ClassVar[bool] = False

    def process(self, item: WorkItem) -> Mapping[str, Any]:
        """
        Raises:
            NotReady: `not_filled_in`, where nobody attends.
            BusinessException: not there after it was saved; trying again would save it again.
        """
        if not self.filled_in:
            if self.session.confirm is None and not self.session.dry_run:
                raise NotReady("not_filled_in", "look_up and read_back", robot=self.name)
            self.carry_out(item)
            return {"checked": False}
        there = self.look_up(item)
        entered = there is None
        if entered:
            self.carry_out(item)
            there = self.look_up(item)
        if there is None:
            raise refuse("not_found_after_posting", reference=item.reference)
        return {"document": there, "entered_now": entered, "read_back": self.read_back(item)}

    def carry_out(self, item: WorkItem) -> None:
        """What was recorded."""
        raise NotImplementedError

    def look_up(self, item: WorkItem) -> str | None:
        """What the item is called there, opened; None when it is not there."""
        raise NotImplementedError

    def read_back(self, item: WorkItem) -> Any:
        """Raises BusinessException: a field shows something other than was entered."""
        raise NotImplementedError
