"""One piece of work for a robot, as the robot sees it: the row of the queue, or one made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deskhand.store.work_item import ItemState, WorkItem

__all__ = ["ItemState", "WorkItem", "made_by_hand"]


def made_by_hand(reference: str, input: Mapping[str, Any], robot: str = "", dry_run: bool = False) -> WorkItem:
    """An item that is in no queue, for `robot run --input` and for tests of a robot alone."""
    return WorkItem(id=reference, robot=robot, reference=reference, input=input, attempts=1, dry_run=dry_run)
