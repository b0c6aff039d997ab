"""The queue of robots: what is to be done once for each reference, who is at it, and what came of it.

At least once for each taker that dies, and never by two at a time: an item is its holder's while the lease lasts, and
whoever has lost it can write nothing of it any more. Knows no screen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, delete, func, or_, select

from deskhand.store.ids import new_id
from deskhand.store.repositories.base import Repository
from deskhand.store.robot_jobs import defer
from deskhand.store.schema import work_item
from deskhand.store.work_item import BUSINESS, OVER, SYSTEM, ItemState, Json, WorkItem

STOP = "stop"
DIED, TOO_LATE = "robot_died", "deadline_passed"
TOLD_OF_END = "over"

_OPEN = (str(ItemState.NEW), str(ItemState.IN_PROGRESS))
_OVER = tuple(map(str, OVER))


class WorkItems(Repository):
    """Rows are never taken out but by retention: a reference that was done stays done."""

    def add(self, robot: str, reference: str, input: Json, **values: Any) -> tuple[WorkItem, bool]:
        """A new item, and True; the one that is there already for the same reference, and False."""
        now = self.clock()
        row = {**_BLANK, "id": new_id(), "robot": robot, "reference": reference, "input": dict(input)}
        row |= {"created_at": now, "updated_at": now, "not_before": now}
        row |= {name: value for name, value in values.items() if value is not None}
        fresh = self.add_missing(work_item, [row]) > 0
        found = self.of_reference(robot, reference)
        assert found is not None
        if fresh:
            self._waits(found.id)
        return found, fresh

    def get(self, item_id: str) -> WorkItem | None:
        return self._one(work_item.c.id == item_id)

    def of_reference(self, robot: str, reference: str) -> WorkItem | None:
        return self._one(work_item.c.robot == robot, work_item.c.reference == reference)

    def of_case(self, case_id: str) -> list[WorkItem]:
        return self._many(work_item.c.case_id == case_id)

    def newest(
        self,
        robot: str | None = None,
        states: Collection[ItemState] = (),
        owner: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[WorkItem]:
        """Newest first; `before`: the id of the last one of the page before."""
        conditions = [work_item.c.robot == robot] if robot is not None else []
        conditions += [work_item.c.state.in_([*map(str, states)])] if states else []
        conditions += [work_item.c.owner == owner] if owner is not None else []
        conditions += [work_item.c.id < before] if before is not None else []
        return self._many(*conditions, order=(work_item.c.id.desc(),), limit=limit)

    def count(self) -> dict[tuple[str, str], int]:
        """How many, by robot and state."""
        columns = (work_item.c.robot, work_item.c.state)
        query = select(*columns, func.count().label("count")).where(self.own(work_item)).group_by(*columns)
        return {(row["robot"], row["state"]): int(row["count"]) for row in self.rows(query)}

    def is_waiting(self, robots: Collection[str]) -> bool:
        """Whether one of these has something to do, without taking a lock."""
        query = select(work_item.c.id).where(self.own(work_item), work_item.c.robot.in_(sorted(robots)))
        return self.value(query.where(self._free()).limit(1)) is not None

    def is_free(self, item_id: str) -> bool:
        """Whether it may be taken now."""
        return self._one(work_item.c.id == item_id, self._free()) is not None

    def claim(self, robot: str, holder: str, seconds: float, most_attempts: int) -> WorkItem | None:
        """The most urgent one that may be done now, or that was left by a robot that died; it is the holder's.

        One that robots die of again and again is given up: it comes back failed, and nobody works on it.
        """
        now = self.clock()
        urgent = (work_item.c.priority.desc(), work_item.c.not_before, work_item.c.id)
        query = select(work_item).where(self.own(work_item), work_item.c.robot == robot, self._free())
        row = self.row(query.order_by(*urgent).limit(1).with_for_update(skip_locked=True))
        if row is None:
            return None
        if row["wish"] == STOP:
            return self._given_up(row, ItemState.ABANDONED, {"kind": SYSTEM, "code": "stopped", "detail": ""})
        if row["attempts"] >= most_attempts:
            return self._given_up(row, ItemState.FAILED, {"kind": SYSTEM, "code": DIED, "detail": ""})
        taken = {"state": str(ItemState.IN_PROGRESS), "attempts": row["attempts"] + 1, "holder": holder}
        taken |= {"claimed_until": now + timedelta(seconds=seconds), "updated_at": now, "step": None, "question": None}
        self.change(work_item, work_item.c.id == row["id"], **taken)
        return self.get(row["id"])

    def renew(self, item: WorkItem, seconds: float) -> WorkItem | None:
        """It stays the holder's, and how it stands; None: it is somebody else's by now, or over."""
        until = self.clock() + timedelta(seconds=seconds)
        return self.get(item.id) if self.change(work_item, *self._mine(item), claimed_until=until) else None

    def hand_over(self, item: WorkItem, input: Json) -> bool:
        """What the robot is given, in place of what was said when it was asked for."""
        return self.change(work_item, *self._mine(item), input=dict(input)) > 0

    def at_step(self, item: WorkItem, step: str) -> bool:
        return self.change(work_item, *self._mine(item), step=step[:200], updated_at=self.clock()) > 0

    def ask(self, item: WorkItem, question: Json | None) -> bool:
        """What the person is asked before the last click; False: the item is somebody else's."""
        return self.change(work_item, *self._mine(item), question=question, updated_at=self.clock()) > 0

    def answer(self, item_id: str, question_id: str, yes: bool, by: str) -> bool:
        """Once, while the robot waits for it; says whether it did."""
        found = self.get(item_id)
        question = dict((found.question if found else None) or {})
        if found is None or question.get("id") != question_id or question.get("answer") is not None:
            return False
        mine = (work_item.c.id == item_id, work_item.c.state == str(ItemState.IN_PROGRESS))
        same = work_item.c.attempts == found.attempts
        told = {**question, "answer": "yes" if yes else "no", "by": by}
        return self.change(work_item, *mine, same, question=told, updated_at=self.clock()) > 0

    def finish(self, item: WorkItem, state: ItemState, output: Json | None = None, problem: Json | None = None) -> bool:
        """Over; False: whoever has it by now will say so."""
        now = self.clock()
        values = {"state": str(state), "output": output, "problem": problem, "finished_at": now, "updated_at": now}
        return self.change(work_item, *self._mine(item), **values, **_LET_GO) > 0

    def put_back(self, item: WorkItem, due_at: datetime, problem: Json | None = None, counts: bool = True) -> bool:
        """To be tried again at `due_at`; without `counts` it is as if it had not been begun."""
        attempts = work_item.c.attempts - (0 if counts else 1)
        values = {"state": str(ItemState.NEW), "problem": problem, "not_before": due_at, "updated_at": self.clock()}
        back = self.change(work_item, *self._mine(item), attempts=attempts, **values, **_LET_GO) > 0
        return self._waits(item.id) if back else False

    def stop(self, item_id: str, by: str) -> WorkItem | None:
        """Abandons it: at once if nobody is at it, else before the robot's next step. None: it was over already."""
        now = self.clock()
        problem = {"kind": SYSTEM, "code": "stopped", "detail": "", "by": by}
        values = {"state": str(ItemState.ABANDONED), "problem": problem, "finished_at": now, "updated_at": now}
        waiting = (work_item.c.id == item_id, work_item.c.state == str(ItemState.NEW))
        if not self.change(work_item, *waiting, **values, **_LET_GO):
            at_it = (work_item.c.id == item_id, work_item.c.state == str(ItemState.IN_PROGRESS))
            if not self.change(work_item, *at_it, wish=STOP, updated_at=now):
                return None
        return self.get(item_id)

    def again(self, item_id: str, due_at: datetime | None = None, **values: Any) -> bool:
        """One that did not succeed is tried anew, with as many attempts as a new one; `values`: what has changed."""
        lost = work_item.c.state.in_([str(ItemState.FAILED), str(ItemState.ABANDONED)])
        anew = {"state": str(ItemState.NEW), "attempts": 0, "problem": None, "finished_at": None, "told": None}
        times = {"not_before": due_at or self.clock(), "updated_at": self.clock(), "deadline": None}
        done = self.change(work_item, work_item.c.id == item_id, lost, **{**anew, **_LET_GO, **times, **values}) > 0
        return self._waits(item_id) if done else False

    def waits_for(self, item: WorkItem, case_id: str, node: str) -> None:
        """The case that goes on with its outcome."""
        self.change(work_item, work_item.c.id == item.id, case_id=case_id, node=node)

    def too_late(self) -> Sequence[WorkItem]:
        """Those whose deadline has passed before anybody began them."""
        late = and_(work_item.c.state == str(ItemState.NEW), work_item.c.deadline <= self.clock())
        return self._many(late, limit=100)

    def abandon(self, item: WorkItem, code: str) -> bool:
        """One that nobody is at."""
        now = self.clock()
        values = {"state": str(ItemState.ABANDONED), "problem": {"kind": SYSTEM, "code": code, "detail": ""}}
        waiting = (work_item.c.id == item.id, work_item.c.state == str(ItemState.NEW))
        return self.change(work_item, *waiting, **values, finished_at=now, updated_at=now) > 0

    def untold(self) -> list[WorkItem]:
        """Those of conversations that may not have heard of the newest step."""
        at_it = work_item.c.state == str(ItemState.IN_PROGRESS)
        over = and_(work_item.c.state.in_(_OVER), or_(work_item.c.told.is_(None), work_item.c.told != TOLD_OF_END))
        back = and_(work_item.c.state == str(ItemState.NEW), work_item.c.told.is_not(None))
        return self._many(work_item.c.conversation_id.is_not(None), or_(at_it, over, back), limit=100)

    def tell(self, item: WorkItem, told: str) -> bool:
        """Notes what its conversation was told; False when another gateway has told it."""
        before = work_item.c.told.is_(None) if item.told is None else work_item.c.told == item.told
        return self.change(work_item, work_item.c.id == item.id, before, told=told) > 0

    def remove(self, ids: Sequence[str]) -> int:
        gone = delete(work_item).where(self.own(work_item), work_item.c.id.in_(ids))
        return self.connection.execute(gone).rowcount

    def _waits(self, item_id: str) -> bool:
        """Somebody is woken when it is due, where the database can do that."""
        item = self.get(item_id)
        assert item is not None
        due = item.not_before if item.not_before and item.not_before > self.clock() else None
        defer(self.connection, self.tenant, item.robot, item.id, due, item.priority)
        return True

    def _given_up(self, row: RowMapping, state: ItemState, problem: Json) -> WorkItem | None:
        now = self.clock()
        over = {"state": str(state), "problem": problem, "finished_at": now, "updated_at": now, **_LET_GO}
        self.change(work_item, work_item.c.id == row["id"], **over)
        return self.get(row["id"])

    def _free(self) -> ColumnElement[bool]:
        now = self.clock()
        in_time = or_(work_item.c.deadline.is_(None), work_item.c.deadline > now)
        due = and_(work_item.c.state == str(ItemState.NEW), work_item.c.not_before <= now, in_time)
        left = and_(work_item.c.state == str(ItemState.IN_PROGRESS), work_item.c.claimed_until <= now)
        return or_(due, left)

    def _mine(self, item: WorkItem) -> tuple[ColumnElement[bool], ...]:
        return (
            work_item.c.id == item.id,
            work_item.c.holder == item.holder,
            work_item.c.attempts == item.attempts,
            work_item.c.state == str(ItemState.IN_PROGRESS),
        )

    def _one(self, *conditions: ColumnElement[bool]) -> WorkItem | None:
        row = self.row(select(work_item).where(self.own(work_item), *conditions))
        return None if row is None else _item(row)

    def _many(self, *conditions: Any, order: Sequence[Any] = (), limit: int | None = None) -> list[WorkItem]:
        query = select(work_item).where(self.own(work_item), *conditions)
        return [_item(row) for row in self.rows(query.order_by(*(order or (work_item.c.id,))).limit(limit))]


_LET_GO: Json = dict.fromkeys(("holder", "claimed_until", "step", "wish", "question"))
_BLANK: Json = {
    **dict.fromkeys(("output", "problem", "deadline", "case_id", "node", "conversation_id", "told", "finished_at")),
    **_LET_GO,
    **{"state": str(ItemState.NEW), "priority": 0, "attempts": 0, "owner": "system"},
    **{"attended": False, "dry_run": False, "language": "zh", "actor": {}},
}


def _item(row: RowMapping) -> WorkItem:
    values = {name: value for name, value in row.items() if name not in {"tenant", "state"}}
    return WorkItem(state=ItemState(row["state"]), **values)


__all__ = ["BUSINESS", "DIED", "STOP", "SYSTEM", "TOLD_OF_END", "TOO_LATE", "WorkItems"]
