"""Robots and cases in the worker: what a case asks for becomes an item, and the outcome goes back to the case.

Where items are worked on is `robot_floor`. Knows no screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from deskhand.cases import StartCase
from deskhand.orders.errors import DeskhandError, UnknownOrder
from deskhand.orders.events import ROBOT, ROBOT_OUTCOME
from deskhand.orders.tenant import Tenant
from deskhand.robots.errors import RobotNotKnown
from deskhand.robots.queue import RobotQueue, Wish
from deskhand.robots.words import problem_said
from deskhand.store import Delivery, Desk, UnitOfWork
from deskhand.store.case_running import service_answered, service_failed
from deskhand.store.work_item import ItemState, WorkItem
from deskhand.worker.consumer import StoredEffect, acting
from deskhand.worker.robot_rows import RobotRows

PROCESS = "screen_entry"  # whose task is a person's, of an item that no case has asked for
ENTERED, BUSINESS_EXCEPTION, FAILED = "entered", "business_exception", "failed"
CHAT = "chat"


class RobotConsumer(StoredEffect):
    """An item for a robot, once for each reference; what was done already is answered at once."""

    name = ROBOT

    def __init__(self, desk: Desk, queue: RobotQueue) -> None:
        super().__init__(desk)
        self._queue = queue

    def effect(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery) -> Mapping[str, object]:
        asked: Mapping[str, Any] = delivery.event.payload
        case_id, node, params = delivery.event.order_id or "", str(asked["node"]), dict(asked.get("params") or {})
        files = uow.case_files.by_ids([case_id])
        if not files or node not in files[0].case.marking:
            return {"outcome": "nobody_waits"}
        robot = str(asked.get("robot") or params.pop("robot", "") or "")
        wish = _wish(uow, delivery, params)
        try:
            item = self._queue.add(uow, acting(tenant, delivery), robot, wish, str(asked["owner"]))
        except (RobotNotKnown, UnknownOrder) as error:
            self._refused(uow, case_id, node, error)
            return {"outcome": error.code}
        return {"outcome": self._taken_up(uow, tenant, delivery, item, wish), "item": item.id}

    def _taken_up(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery, item: WorkItem, wish: Wish) -> str:
        """A new item waits for its robot; one that was there before goes on with this case."""
        is_its_own = (item.case_id, item.node) == (wish.case_id, wish.node)
        if is_its_own and item.state is ItemState.NEW:
            return "asked"
        if is_its_own and item.finished_at is not None and item.finished_at > delivery.at:
            return "over_meanwhile"  # stopped, say, before this was heard of; its outcome is on its way
        uow.work_items.waits_for(item, str(wish.case_id), str(wish.node))
        if item.state in (ItemState.FAILED, ItemState.ABANDONED):
            fresh = self._queue.input_of(uow, self._queue.spec(item.robot), wish)
            uow.work_items.again(item.id, wish.not_before, input=fresh, conversation_id=wish.conversation)
            return "again"
        if item.is_over:
            outcome_told(self._desk, uow, uow.work_items.get(item.id) or item)
            return "done_before"
        return "is_at_it"

    def _refused(self, uow: UnitOfWork, case_id: str, node: str, error: DeskhandError) -> None:
        service_failed(self._desk, uow, case_id, node, str(error), BUSINESS_EXCEPTION, {"problem": str(error)})


def _wish(uow: UnitOfWork, delivery: Delivery, params: Mapping[str, Any]) -> Wish:
    """The conversation is the one in which whoever began the case speaks with the bot.

    The item is there at once, so that it can be seen and stopped, and is not begun before the undo window is over.
    """
    asked: Mapping[str, Any] = delivery.event.payload
    talk = uow.conversations.open(str(asked["owner"]), CHAT, create=False)
    attended = params.get("attended")
    return Wish(
        reference=str(params.get("reference") or params.get("order") or asked["number"]),
        input={name: value for name, value in params.items() if name not in ("reference", "attended")},
        not_before=delivery.at + timedelta(seconds=uow.tenant.undo_window_seconds),
        attended=attended if isinstance(attended, bool) else None,
        conversation=talk.id if talk else None,
        language=talk.language if talk else uow.tenant.languages[0],
        case_id=delivery.event.order_id,
        node=str(asked["node"]),
    )


class OutcomeConsumer(StoredEffect):
    """How a robot's work has ended, said to the case that waits; without a case a person is asked."""

    name = ROBOT_OUTCOME

    def __init__(self, desk: Desk, rows: RobotRows | None = None) -> None:
        super().__init__(desk)
        self._rows = rows

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        """What was read is looked at before the transaction begins: it may take seconds."""
        if self._rows is not None:
            await asyncio.to_thread(self._rows.look, tenant.id, str(delivery.event.payload["item"]))
        await super().consume(tenant, delivery)

    def effect(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery) -> Mapping[str, object]:
        item = uow.work_items.get(str(delivery.event.payload["item"]))
        if item is None or not item.is_over:
            return {"outcome": "not_over"}  # it was tried again meanwhile, and will say so itself
        if self._rows is not None and (fed := self._rows.fed(uow, item)) is not None and item.case_id is None:
            return {"outcome": "imported", "import": fed}
        if item.case_id is not None:
            return {"outcome": "told" if outcome_told(self._desk, uow, item) else "nobody_waits"}
        if not item.is_business:
            return {"outcome": "nobody_waits"}
        return {"outcome": "person_asked", "case": self._ask_person(uow, tenant, delivery, item)}

    def _ask_person(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery, item: WorkItem) -> str:
        """A case whose robot has been there already: it goes straight to the person's task."""
        fields = {"order": item.reference[:80], "robot": item.robot}
        file = self._desk.handle_in(uow, StartCase(PROCESS, fields), acting(tenant, delivery)).case
        (node,) = file.case.marking
        uow.work_items.waits_for(item, file.id, node)
        uow.outbox.withdraw_of([file.id], consumers={ROBOT})
        outcome_told(self._desk, uow, uow.work_items.get(item.id) or item)
        return file.number


def outcome_told(desk: Desk, uow: UnitOfWork, item: WorkItem) -> bool:
    """By the event of its outcome: entered, business_exception or failed; says whether the case was waiting."""
    case_id, node = item.case_id or "", item.node or ""
    if item.state is ItemState.SUCCESSFUL:
        output = {name: value for name, value in (item.output or {}).items() if isinstance(value, str | int | bool)}
        return service_answered(desk, uow, case_id, node, {**output, "outcome": ENTERED})
    error = BUSINESS_EXCEPTION if item.is_business else FAILED
    said = {"outcome": error, "problem": problem_said(item.problem, item.language)[:2000]}
    return service_failed(desk, uow, case_id, node, said["problem"], error, said)
