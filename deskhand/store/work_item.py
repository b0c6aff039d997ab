"""What a work item is: plain values, as they stand in the queue. Knows no SQL and no screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]


class ItemState(StrEnum):
    """Where a work item is."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    SUCCESSFUL = "successful"
    FAILED = "failed"  # a business exception, or system exceptions until no attempt was left
    ABANDONED = "abandoned"  # somebody stopped it, or its deadline passed


OVER = (ItemState.SUCCESSFUL, ItemState.FAILED, ItemState.ABANDONED)

BUSINESS, SYSTEM = "business", "system"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """`reference` is unique for each robot: what it names is never done twice.

    Attributes:
        owner: who asked for it.
        problem: why it did not succeed: `kind` (business or system), `code`, `detail`, `data`.
        attempts: how often a robot has begun it; 1 in the first attempt.
        attended: a person is asked before the last click.
        dry_run: everything up to the last click, and not that.
        case_id, node: the case that waits for the outcome, and where in it.
        question: what the person is asked before the last click, and what they have said.
    """

    id: str
    robot: str
    reference: str
    input: Json
    state: ItemState = ItemState.NEW
    output: Json | None = None
    problem: Json | None = None
    priority: int = 0
    not_before: datetime | None = None
    deadline: datetime | None = None
    attempts: int = 0
    owner: str = ""
    attended: bool = False
    dry_run: bool = False
    case_id: str | None = None
    node: str | None = None
    conversation_id: str | None = None
    language: str = "zh"
    step: str | None = None  # the one that it is at
    wish: str | None = None  # what somebody wants of the robot that is at it: `stop`
    question: Json | None = None
    holder: str | None = None
    claimed_until: datetime | None = None
    told: str | None = None
    actor: Json = field(default_factory=dict)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_business(self) -> bool:
        """It failed by its data: a person has to look at them."""
        return self.state is ItemState.FAILED and (self.problem or {}).get("kind") == BUSINESS
