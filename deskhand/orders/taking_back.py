"""The command that takes goods back: see `returning` for what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deskhand.orders.commands import ReturnGoods
from deskhand.orders.effects import EFFECTS
from deskhand.orders.events import EventName
from deskhand.orders.goods import goods_said
from deskhand.orders.model import Order
from deskhand.orders.moving import refusal_error
from deskhand.orders.returning import CAME_BACK, RETURN, TO_STOCK, note_returned, said_to_come_back
from deskhand.orders.status import OrderStatus
from deskhand.orders.work import Outcome, Step, Work, fire, let_happen, outcome_of, store

_WHEN_OVER = ("restock_goods", "issue_credit_note")  # nothing in the diagram says what follows then


def return_goods(work: Work, command: ReturnGoods, order: Order) -> Outcome:
    """What came back is in the lines, in stock if it can be sold, and on a credit note; also when the process is over.

    Raises:
        NotPossibleNow, RoleNotAllowed: the diagram does not allow it here.
        OrderError: naming what is wrong.
    """
    back = said_to_come_back(work, command, order)
    facts = {CAME_BACK: back, TO_STOCK: command.restock}
    steps = _steps(work, order, facts)
    note_returned(work, steps)
    for step in steps:
        step.detail["reason"] = command.reason.strip()
        step.tell(EventName.GOODS_RETURNED, goods=goods_said(work, order, back), reason=command.reason.strip())
    let_happen(work, steps, EFFECTS)
    for effect in () if steps[0].change else _WHEN_OVER:
        EFFECTS[effect](work, steps)
    store(work, steps, RETURN)
    return outcome_of(steps)


def _steps(work: Work, order: Order, facts: Mapping[str, Any]) -> list[Step]:
    case = work.uow.cases.many([order.id]).get(order.id)
    if case is not None and not case.marking and order.status is not OrderStatus.CANCELLED:
        return [Step(order, order, None, facts)]
    steps, refused = fire(work, [order], RETURN, {}, facts)
    if refused:
        raise refusal_error(work, refused[0], order, RETURN)
    return steps
