"""What people and processes ask of robots: an item, once for each reference; another attempt; an end; a switch.

Every door (chat, HTTP, the command line, the worker) comes through here. Knows the queue, no screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.cases import DecideTask
from deskhand.orders.actions import QUERY_ROBOTS, RUN_ROBOTS, SWITCH_ROBOTS
from deskhand.orders.errors import UnknownOrder
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import DeliveryMode
from deskhand.robots.errors import ItemNotStopped, ItemNotTriedAgain, RobotNotKnown, UnknownItem
from deskhand.robots.robots_file import ORDER, RobotInvalid, Robots, RobotSpec
from deskhand.robots.settling import SWITCH
from deskhand.store import Desk, UnitOfWork
from deskhand.store.repositories.robots import Mode
from deskhand.store.work_item import ItemState, WorkItem

ADD, RETRY, STOP = "AddRobotItem", "RetryRobotItem", "StopRobotItem"
MOST_PRIORITY = 9
AGAIN = "resubmit"  # what a person decides at a task of a process so that the robot tries again


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a robot, besides which one."""

    reference: str
    input: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    not_before: datetime | None = None
    deadline: datetime | None = None
    attended: bool | None = None  # None: as the robot's file says
    dry_run: bool = False
    conversation: str | None = None
    language: str = "zh"
    case_id: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class RobotQueue:
    """Thread-safe; one for each service."""

    desk: Desk
    robots: Robots

    def spec(self, robot: str) -> RobotSpec:
        """Raises RobotNotKnown: there is none, or its file is not in order."""
        try:
            return self.robots.read(robot)
        except RobotInvalid as error:
            raise RobotNotKnown(robot=robot[:80]) from error

    def add(self, uow: UnitOfWork, actor: Actor, robot: str, wish: Wish, owner: str | None = None) -> WorkItem:
        """A new item that leaves the house when the undo window is over; the one that is there for its reference.

        Raises:
            RoleNotAllowed, RobotNotKnown, UnknownOrder.
        """
        self.desk.acting(uow, RUN_ROBOTS, actor)
        spec = self.spec(robot)
        window = uow.now + timedelta(seconds=uow.tenant.undo_window_seconds)
        due = max(wish.not_before or window, window) if wish.case_id is None else wish.not_before or uow.now
        item, fresh = uow.work_items.add(
            spec.name, wish.reference, self.input_of(uow, spec, wish),
            priority=wish.priority, not_before=due, deadline=wish.deadline, owner=owner or actor.user_id,
            attended=spec.attended if wish.attended is None else wish.attended, dry_run=wish.dry_run,
            conversation_id=wish.conversation, language=wish.language, case_id=wish.case_id, node=wish.node,
            actor={"user_id": actor.user_id, "role": str(actor.role), "channel": actor.channel},
        )  # fmt: skip
        if fresh:
            said = {"robot": spec.name, "item": item.id, "attended": item.attended, "dry_run": item.dry_run}
            uow.audit.add(actor, ADD, item.reference, "done", said)
        return item

    def input_of(self, uow: UnitOfWork, spec: RobotSpec, wish: Wish) -> dict[str, Any]:
        """What is handed over; of an order its facts as they are now."""
        if spec.input != ORDER:
            return dict(wish.input)
        number = str(wish.input.get("order") or wish.reference)
        found = uow.orders.by_numbers([number])
        if not found:
            raise UnknownOrder(number=number[:80])
        return {**wish.input, **facts_of(uow, found[0])}

    def again(self, uow: UnitOfWork, actor: Actor, item_id: str) -> WorkItem:
        """One that did not succeed, with the order as it is now; the task of its case that waits is decided so.

        Raises:
            RoleNotAllowed, UnknownItem, RobotNotKnown, UnknownOrder; what deciding the task raises.
            ItemNotTriedAgain: it is done, or still to be done.
        """
        self.desk.acting(uow, RUN_ROBOTS, actor)
        item = self.item(uow, item_id)
        fresh = self.input_of(uow, self.spec(item.robot), Wish(item.reference, item.input))
        task = self._task_of(uow, item)
        due = uow.now + timedelta(seconds=uow.tenant.undo_window_seconds) if task is not None else None
        if not uow.work_items.again(item.id, due, input=fresh):
            raise ItemNotTriedAgain(reference=item.reference, state=str(item.state))
        if task is not None:
            self.desk.handle_in(uow, task, actor)
        uow.audit.add(actor, RETRY, item.reference, "done", {"robot": item.robot, "item": item.id})
        return self.item(uow, item_id)

    def _task_of(self, uow: UnitOfWork, item: WorkItem) -> DecideTask | None:
        files = uow.case_files.by_ids([item.case_id]) if item.case_id else []
        definition = self.desk.definitions(uow.tenant.id).get(files[0].process) if files else None
        rules = definition.tasks if definition is not None else {}
        waiting = (node for node, rule in rules.items() if node in files[0].case.marking and AGAIN in rule.decisions)
        node = next(waiting, None)
        return DecideTask(files[0].number, node, AGAIN) if node is not None else None

    def stop(self, uow: UnitOfWork, actor: Actor, item_id: str) -> WorkItem:
        """Abandoned at once, which the case that waits is told, or before the robot's next step.

        Raises:
            RoleNotAllowed, UnknownItem.
            ItemNotStopped: it is over.
        """
        self.desk.acting(uow, RUN_ROBOTS, actor)
        item = self.item(uow, item_id)
        found = uow.work_items.stop(item.id, actor.user_id)
        if found is None:
            raise ItemNotStopped(reference=item.reference, state=str(item.state))
        uow.audit.add(actor, STOP, item.reference, "done", {"robot": item.robot, "item": item.id})
        if found.is_over and found.case_id is not None:  # no robot will say so
            uow.outbox.publish(DomainEvent(EventName.ROBOT_OUTCOME, found.case_id, {"item": found.id}), actor)
        return found

    def switch(self, uow: UnitOfWork, actor: Actor, robot: str, mode: Mode) -> None:
        """For everybody, until somebody switches it again.

        Raises:
            RoleNotAllowed, RobotNotKnown.
        """
        self.desk.acting(uow, SWITCH_ROBOTS, actor)
        spec = self.spec(robot)
        before = uow.robots.mode(spec.name)
        uow.robots.switch(spec.name, mode, actor.user_id)
        uow.audit.add(
            actor, SWITCH, spec.name, "done", {}, before={"mode": str(before)}, after={"mode": str(mode)}
        )  # fmt: skip

    def item(self, uow: UnitOfWork, item_id: str) -> WorkItem:
        """Raises UnknownItem."""
        found = uow.work_items.get(item_id)
        if found is None:
            raise UnknownItem(item=item_id[:80])
        return found

    def look(self, uow: UnitOfWork, actor: Actor) -> None:
        """Raises RoleNotAllowed."""
        self.desk.acting(uow, QUERY_ROBOTS, actor)


def facts_of(uow: UnitOfWork, order: Order) -> dict[str, Any]:
    """An order as a robot is handed it: texts, so that what is typed is what is compared."""
    day = order.created_at.astimezone(ZoneInfo(uow.tenant.time_zone)).date()
    return {
        "number": order.number,
        "customer": order.customer_name,
        "customer_code": order.customer_id,
        "address": order.address or "",
        "date": day.isoformat(),
        "ordered_on": day.isoformat(),
        "deliver_on": order.delivery_date.isoformat() if order.delivery_date else "",
        "delivery": _DELIVERY.get(order.delivery_mode, "") if order.delivery_mode else "",
        "currency": order.currency,
        "total": f"{order.total:.2f}",
        "note": "",
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "quantity": f"{line.quantity:f}",
                "unit": line.unit,
                "price": f"{line.unit_price:.2f}",
                "amount": f"{line.amount:.2f}",
            }
            for line in order.lines
            if not line.cancelled
        ],
    }


_DELIVERY = {DeliveryMode.COURIER: "courier", DeliveryMode.OWN: "own", DeliveryMode.PICKUP: "pick_up"}


def is_open(item: WorkItem) -> bool:
    return item.state in (ItemState.NEW, ItemState.IN_PROGRESS)
