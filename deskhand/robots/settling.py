"""What is written when an attempt has ended: the item's state, its evidence, the audit, and who has to hear of it.

One transaction, and only while the item is its holder's still. Knows no screen.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from deskhand.orders.events import POSTED_TO, DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import LANGUAGES
from deskhand.robots import heart
from deskhand.robots.evidence import Evidence, Piece
from deskhand.robots.outcome import BusinessException, NotReady, RobotError, Stopped, Successful
from deskhand.robots.robots_file import RobotSpec
from deskhand.robots.rows import FOR_IMPORT
from deskhand.robots.words import problem_said, said_of
from deskhand.store import UnitOfWork
from deskhand.store.repositories.robots import Mode
from deskhand.store.work_item import BUSINESS, SYSTEM, ItemState, WorkItem

ACTION = "WorkRobotItem"
SWITCH = "SwitchRobot"
CHANNEL = "robot"
FIRST_SECONDS, LONGEST_SECONDS = 5.0, 900.0
MOST_DATA = 4000  # characters of what is told of a problem
_BACK = frozenset({heart.SWITCHED, heart.HALTED})  # the item waits for the robot to run again
UNCERTAIN = "uncertain"  # in a problem's data: the target may still be at it


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt has ended, and what was kept of it."""

    outcome: Successful | RobotError
    evidence: Evidence | None = None
    settles: float = 0.0


def settle(uow: UnitOfWork, spec: RobotSpec, item: WorkItem, ended: Ended) -> bool:
    """Writes it in the caller's transaction; False: the item is somebody else's by now, and nothing is written."""
    problem = problem_of(ended.outcome)
    if not _moved(uow, spec, item, ended, problem):
        return False
    keep(uow, item.id, item.attempts, ended.evidence.finished() if ended.evidence is not None else ())
    found = uow.work_items.get(item.id)
    assert found is not None
    tell(uow, spec, found, item.attempts)
    if isinstance(ended.outcome, NotReady):
        _pause(uow, spec, found)
    return True


def tell(uow: UnitOfWork, spec: RobotSpec, item: WorkItem, attempt: int) -> None:
    """The audit, the case that waits or the person who has to decide, and those who look after the robot."""
    actor = worker_of(uow, item)
    said = {"robot": item.robot, "attempt": attempt, "state": str(item.state)}
    said |= {"code": item.problem["code"]} if item.problem else {}
    uow.audit.add(actor, ACTION, item.reference, "done" if item.state is ItemState.SUCCESSFUL else "failed", said)
    if not item.is_over:
        return
    read = item.state is ItemState.SUCCESSFUL and (spec.feeds is not None or FOR_IMPORT in item.input)
    if item.case_id is not None or item.is_business or read:
        uow.outbox.publish(DomainEvent(EventName.ROBOT_OUTCOME, item.case_id, {"item": item.id}), actor)
    if item.state is ItemState.FAILED and not item.is_business:
        uow.outbox.publish([_alert(spec, item, role) for role in (Role.SALES, Role.ADMIN)], actor)


def _pause(uow: UnitOfWork, spec: RobotSpec, item: WorkItem) -> None:
    """Nothing more fails for the same reason; whoever can mend it hears of it once."""
    before, actor = uow.robots.mode(spec.name), worker_of(uow, item)
    if before is not Mode.RUNNING:
        return
    uow.robots.switch(spec.name, Mode.PAUSED, actor.user_id)
    said: dict[str, Any] = {"before": {"mode": str(before)}, "after": {"mode": str(Mode.PAUSED)}}
    uow.audit.add(actor, SWITCH, spec.name, "done", {"code": (item.problem or {}).get("code")}, **said)
    uow.outbox.publish(_alert(spec, item, Role.ADMIN, "not_ready"), actor)


def keep(uow: UnitOfWork, item_id: str, attempt: int, pieces: Sequence[Piece]) -> None:
    """Rows of the files that lie there."""
    rows = [
        {"kind": str(piece.kind), "name": piece.name, "file": piece.file, "size": piece.size,
         "digest": piece.digest, "at": piece.at}
        for piece in pieces
    ]  # fmt: skip
    uow.robots.keep_evidence(item_id, attempt, rows)


def problem_of(outcome: Successful | RobotError) -> dict[str, Any] | None:
    """Plain values, bounded; None after a success."""
    if isinstance(outcome, Successful):
        return None
    kind = BUSINESS if isinstance(outcome, BusinessException) else SYSTEM
    data = {name: value if len(str(value)) <= MOST_DATA else str(value)[:MOST_DATA] for name, value in _plain(outcome)}
    return {"kind": kind, "code": outcome.code, "detail": outcome.detail[:MOST_DATA], "data": data}


def _plain(error: RobotError) -> list[tuple[str, Any]]:
    return [
        (name, value if isinstance(value, str | int | bool | list | dict | None) else str(value))
        for name, value in error.data.items()
    ]


def _moved(uow: UnitOfWork, spec: RobotSpec, item: WorkItem, ended: Ended, problem: Mapping[str, Any] | None) -> bool:
    items, outcome = uow.work_items, ended.outcome
    if isinstance(outcome, Successful):
        return items.finish(item, ItemState.SUCCESSFUL, dict(outcome.output))
    if isinstance(outcome, BusinessException):
        return items.finish(item, ItemState.FAILED, problem=problem)
    if isinstance(outcome, NotReady):
        return items.put_back(item, uow.now, problem, counts=False)
    if isinstance(outcome, Stopped) and outcome.code != heart.TOO_LONG:
        return _stopped(uow, item, ended, problem)
    if item.attempts >= spec.attempts:
        return items.finish(item, ItemState.FAILED, problem=problem)
    pause = delay(item.attempts)
    if outcome.data.get(UNCERTAIN) or outcome.code == heart.TOO_LONG:
        pause = max(pause, ended.settles)
    return items.put_back(item, uow.now + timedelta(seconds=pause), problem)


def _stopped(uow: UnitOfWork, item: WorkItem, ended: Ended, problem: Mapping[str, Any] | None) -> bool:
    code = problem["code"] if problem else ""
    if code == heart.LOST:
        return False
    if code in _BACK:
        return uow.work_items.put_back(item, uow.now + timedelta(seconds=ended.settles), problem, counts=False)
    return uow.work_items.finish(item, ItemState.ABANDONED, problem=problem)


def delay(attempt: int) -> float:
    """Seconds before the next attempt: doubled each time, half of it chance, so that many don't come back together."""
    full = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt - 1, 16))
    return full / 2 + random.uniform(0, full / 2)


def worker_of(uow: UnitOfWork, item: WorkItem) -> Actor:
    return Actor("system", Role.SYSTEM, uow.tenant.id, CHANNEL, item.id)


def _alert(spec: RobotSpec, item: WorkItem, role: Role, sentence: str = "given_up") -> DomainEvent:
    texts = {
        language: said_of(
            sentence,
            language,
            robot=spec.title.get(language, spec.name),
            name=spec.name,
            reference=item.reference,
            problem=problem_said(item.problem, language),
        )
        for language in LANGUAGES
    }
    return DomainEvent(
        EventName.ROBOT_FAILED,
        item.case_id,
        {POSTED_TO: f"role:{role}", "text": texts, "item": item.id, "robot": item.robot, "number": item.reference},
    )
