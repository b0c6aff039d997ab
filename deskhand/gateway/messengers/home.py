"""What the Home tab shows: one's orders and what waits for one. Reads only; knows nothing of Slack."""

from __future__ import annotations

from deskhand.channels.messengers.face import DANGER, PRIMARY, Button
from deskhand.channels.sentences import sentence
from deskhand.gateway.messengers.decisions import APPROVAL, APPROVE, REJECT, TASK
from deskhand.gateway.messengers.people import Person
from deskhand.gateway.messengers.slack_views import Row
from deskhand.orders.actions import QUERY_ORDERS
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk, UnitOfWork
from deskhand.store.waiting import waiting_for

MOST = 10
_STYLES = {APPROVE: PRIMARY, "complete": PRIMARY, REJECT: DANGER}


def home_of(desk: Desk, person: Person) -> tuple[list[Row], list[Row]]:
    """Orders and tasks, as far as the person may see and decide them."""
    who = person.actor("home")
    with desk.unit_of_work(person.tenant.id, read_only=True) as uow:
        try:
            mine = desk.only_customer(uow, QUERY_ORDERS, who)
        except RoleNotAllowed:
            return [], _tasks(desk, uow, person, who)
        orders = uow.orders.list(mine, limit=MOST).items
        tasks = [*_approvals(desk, uow, person, who), *_tasks(desk, uow, person, who)]
        words = desk.shared_words(person.tenant.id)
        rows = [
            Row(" · ".join((
                each.number, each.customer_name, words.money(each.total, each.currency, person.language),
                words.status(str(each.status), person.language),
            )))
            for each in orders
        ]  # fmt: skip
    return rows, tasks


def _approvals(desk: Desk, uow: UnitOfWork, person: Person, who: Actor) -> list[Row]:
    if not all(desk.granted(uow, name, who) for name in ("ApproveOrder", "RejectOrder")):
        return []
    waiting = uow.orders.list(None, OrderStatus.PENDING_APPROVAL, limit=MOST).items
    return [_approval(desk, person, each) for each in waiting]


def _approval(desk: Desk, person: Person, order: Order) -> Row:
    total = desk.shared_words(person.tenant.id).money(order.total, order.currency, person.language)
    said = {"number": order.number, "customer": order.customer_name, "total": total}
    text = sentence("messenger_home_approve", person.language, **said)
    return Row(text, f"{APPROVAL}:{order.number}", buttons((APPROVE, REJECT), frozenset({REJECT}), person.language))


def _tasks(desk: Desk, uow: UnitOfWork, person: Person, who: Actor) -> list[Row]:
    found = waiting_for(desk, uow, who, orders=False, limit=MOST).items
    language = person.language
    return [
        Row(
            f"{each.case} · {each.process_title.get(language, '')} · {each.title.get(language, '')} · "
            f"{each.subject.get(language, '')}",
            f"{TASK}:{each.id}" if not each.fields else None,
            buttons(each.decisions, each.reason_for, language) if not each.fields else (),
        )
        for each in found
    ]


def buttons(decisions: tuple[str, ...], reason_for: frozenset[str], language: str) -> tuple[Button, ...]:
    """A rejection always needs its reason."""
    return tuple(
        Button(
            each,
            sentence(f"decision_{each}", language) if each in _STYLES else each,
            _STYLES.get(each, "default"),
            each in reason_for or each == REJECT,
        )
        for each in decisions
    )
