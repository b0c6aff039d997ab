"""A line is cancelled before it is shipped, or what is left of one. The last line is the whole order's to cancel."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from deskhand.orders.commands import CancelLine
from deskhand.orders.crediting import settle_against
from deskhand.orders.effects import EFFECTS
from deskhand.orders.errors import DataMissing, LastLine, UnknownLine
from deskhand.orders.events import EventName
from deskhand.orders.goods import goods_said
from deskhand.orders.model import Order
from deskhand.orders.money import round_amount
from deskhand.orders.moving import refusal_error
from deskhand.orders.packing import open_of, packed, rest_after, without_rest
from deskhand.orders.status import OrderStatus
from deskhand.orders.work import Outcome, Step, Work, fire, let_happen, outcome_of, store

CANCEL_LINE = "cancel_line"


def cancel_line(work: Work, command: CancelLine, order: Order) -> Outcome:
    """What has not left of it is taken out: stock is free again, the order costs less, the rest is credited.

    Raises:
        DataMissing: without a reason.
        UnknownLine: the order has no such line, or nothing of it is open.
        LastLine: nothing else is left of the order.
        ParcelAlreadyGiven: it is in a parcel.
        NotPossibleNow, RoleNotAllowed: the diagram does not allow it here.
    """
    if not command.reason.strip():
        raise DataMissing(number=order.number, missing="reason", status=str(order.status), next=CANCEL_LINE)
    chosen = _chosen(order, command)
    wanted = without_lines(order, chosen)
    facts = {
        "lines_not_packed": chosen.isdisjoint(packed(order)),
        "rest_to_ship": rest_after(wanted, {}),
    }
    steps, refused = fire(work, [order], CANCEL_LINE, {"reason": command.reason.strip()}, facts)
    if refused:
        raise refusal_error(work, refused[0], order, CANCEL_LINE)
    if all(line.cancelled for line in wanted.lines):
        raise LastLine(number=order.number, status=str(order.status), event=CANCEL_LINE, next="cancel_order")
    _put(work, steps[0], wanted, chosen, command.reason.strip())
    let_happen(work, steps, EFFECTS)
    store(work, steps, CANCEL_LINE)
    return outcome_of(steps)


def without_lines(order: Order, numbers: Collection[int]) -> Order:
    """The order without what is open of these lines, priced; nothing is stored."""
    lines = tuple(without_rest(line, order.currency) if line.number in numbers else line for line in order.lines)
    total = sum((line.amount for line in lines if not line.cancelled), Decimal(0))
    return replace(order, lines=lines, total=round_amount(total, order.currency))


def _chosen(order: Order, command: CancelLine) -> set[int]:
    live = {line.number: line for line in order.lines if open_of(line)}
    named = set(command.lines) | {line.number for line in live.values() if line.sku == command.sku}
    if not named or not named <= live.keys():
        unknown = sorted(named - live.keys())
        raise UnknownLine(number=order.number, line=", ".join(map(str, unknown)) or command.sku or "?")
    return named


def _put(work: Work, step: Step, wanted: Order, chosen: set[int], reason: str) -> None:
    before = step.before
    step.alter(lines=wanted.lines, total=wanted.total)
    if step.order.status is OrderStatus.SHIPPED:  # what was left of it is what was cancelled
        step.alter(shipped_at=work.now)
    work.uow.orders.replace_lines(step.order)
    settle_against(work, [step])
    step.detail |= {"reason": reason, "cancelled": sorted(chosen)}
    gone = {line.number: open_of(line) for line in before.lines if line.number in chosen}
    step.tell(EventName.LINE_CANCELLED, goods=goods_said(work, before, gone), reason=reason)
