"""Undo: the actor's own last change of an order, inside the grace window, is compensated by an event of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from deskhand import engine
from deskhand.engine import Change, Effect
from deskhand.orders.amending import AMEND, order_from, put_amendment, with_personal
from deskhand.orders.cancelling import CANCEL_LINE
from deskhand.orders.commands import UndoLastChange
from deskhand.orders.crediting import take_back_credit
from deskhand.orders.effects import ask_for_invoice
from deskhand.orders.errors import NothingToUndo, NotPossibleNow, UndoWindowOver
from deskhand.orders.events import CREDIT_NOTE, EventName
from deskhand.orders.model import HistoryRow, Order, OrderLine
from deskhand.orders.moving import expect_version
from deskhand.orders.reserving import adjust_reservation, release_stock, reserve_stock
from deskhand.orders.returning import RETURN
from deskhand.orders.shipping import CHANGE, GIVE, parcel_from, put_parcel, said_of, without_parcel
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.orders.stock import RECEIVE, RESTOCK, TAKE_BACK, StockMove
from deskhand.orders.work import Outcome, Reaction, Step, Work, fire, let_happen, outcome_of, step_of, store, take

UNDO = "undo"
_AT = "at"  # when the step was taken, beside what its row says


def undo_last_change(work: Work, command: UndoLastChange) -> Outcome:
    """Takes back what the actor did last.

    Raises:
        NothingToUndo: nothing of the actor's, or somebody has changed the order since.
        UndoWindowOver: too late, or the effect has already left the house.
        NotPossibleNow: that change can't be taken back.
        VersionConflict: the order has been changed since the asker saw it.
    """
    order, row = _last(work, command)
    expect_version(order, command.expected_version)
    _in_time(work, order, row)
    if row.event not in _WAYS:
        raise NotPossibleNow(number=order.number, status=str(order.status), event=f"undo_{row.event}", next="")
    step = _WAYS[row.event](work, order, row)
    step.detail |= {"undone": row.event, "undone_seq": row.seq}
    step.tell(EventName.CHANGE_UNDONE, **step.detail)
    store(work, [step], UNDO)
    return outcome_of([step])


def _last(work: Work, command: UndoLastChange) -> tuple[Order, HistoryRow]:
    if command.number is not None:
        order = work.uow.orders.get(command.number)
    else:
        found = work.uow.orders.last_changed_by(work.actor.user_id)
        if found is None:
            raise NothingToUndo()
        order = found
    rows = work.uow.orders.history(order.id)
    if not rows or rows[-1].actor != work.actor.user_id or rows[-1].event == UNDO:
        raise NothingToUndo(number=order.number)
    return order, rows[-1]


def _in_time(work: Work, order: Order, row: HistoryRow) -> None:
    seconds = work.tenant.undo_window_seconds
    late = work.now >= row.at + timedelta(seconds=seconds)
    if late or work.uow.outbox.left_since(order.id, row.at):
        raise UndoWindowOver(number=order.number, seconds=seconds, status=str(order.status))


def _take_back(work: Work, order: Order, row: HistoryRow) -> Step:
    """The case goes back, and what followed is compensated in reverse."""
    case = work.uow.cases.many([order.id])[order.id]
    back = engine.undo(work.process_of(case.version).table, change_from(row, order.id, case.row_version))
    if back.before != case.marking:
        raise NothingToUndo(number=order.number)
    take(work, [back], {order.id: order})
    step = step_of(order, back, {**row.detail, _AT: row.at})
    step.alter(status=OrderStatus(row.before or order.status), hold_reason=_hold_reason(row))
    _put_back(work, step)
    if row.event == "receive_goods":
        _send_goods_back(work, step)
    let_happen(work, [step], _COMPENSATIONS)
    return step


def _take_back_placing(work: Work, order: Order, row: HistoryRow) -> Step:
    """An order that was placed by mistake is cancelled: its number is not given again."""
    steps, refused = fire(work, [order], "cancel_order", {"reason": "undone"})
    if refused:
        raise NotPossibleNow(number=order.number, status=str(order.status), event="undo_place_order", next="")
    return steps[0]


def _take_back_parcel(work: Work, order: Order, row: HistoryRow) -> Step:
    parcel = next(each for each in order.parcels if each.id == row.detail["parcel"])
    work.uow.shipments.remove_parcel(parcel.id)
    work.uow.outbox.withdraw_of([order.id], row.at)
    step = Step(order, without_parcel(order, parcel.id), None)
    step.detail |= {"old": said_of(parcel), "new": {}}
    return step


def _take_back_correction(work: Work, order: Order, row: HistoryRow) -> Step:
    now = next(each for each in order.parcels if each.id == row.detail["parcel"])
    old = dict(row.detail["old"]) if isinstance(row.detail["old"], Mapping) else {}
    work.uow.outbox.withdraw_of([order.id], row.at)
    was = parcel_from(now.id, {**old, "address": row.detail["old_address"]})
    return put_parcel(work, order, now, replace(was, contents=now.contents))


def _take_back_return(work: Work, order: Order, row: HistoryRow) -> Step:
    """One that was taken when the process was over has no step of the diagram to go back."""
    if "case" in row.detail:
        return _take_back(work, order, row)
    step = Step(order, order, None, {**row.detail, _AT: row.at})
    _put_back(work, step)
    _take_back_credit(work, [step])
    _send_goods_back(work, step)
    return step


def _take_back_amendment(work: Work, order: Order, row: HistoryRow) -> Step:
    """Lines, fields and reservation are what they were; people who heard of the amendment hear of this as well.

    Raises:
        InsufficientStock: if goods that it gave up are promised to others by now.
    """
    said: Any = row.detail
    restored = with_personal(order_from(order, said["old"]), said)
    work.uow.outbox.withdraw_of([order.id], row.at)
    step = Step(order, order, None)
    put_amendment(work, step, restored)
    if "adjust_reservation" in said["case"]["effects"]:
        adjust_reservation(work, [step])
    if order.invoice is not None and order.invoice.sent_count > said.get("invoice_sent", 0):
        ask_for_invoice(step, again=True)  # an earlier sending has carried the amendment out of the house
    return step


def change_from(row: HistoryRow, case_id: str, row_version: int) -> Change:
    """The engine's change as the history kept it."""
    kept: Any = row.detail["case"]
    data: Any = row.detail.get("case_data") or {}
    return Change(
        case_id=case_id,
        row_version=row_version - 1,
        before=frozenset(kept["before"]),
        after=frozenset(kept["after"]),
        node=kept["node"],
        event=kept["event"],
        status=row.after,
        due_at=None,
        data={},
        effects=tuple(Effect(name, kept["node"]) for name in kept["effects"]),
        ended=not kept["after"],
        due_before=datetime.fromisoformat(kept["due_before"]) if kept["due_before"] else None,
        data_before={**kept["data_before"], **data},
    )


def _put_back(work: Work, step: Step) -> None:
    """Lines, sums and payment are what the step's row of the history says they were."""
    changed: Any = step.facts.get("changed") or {}
    head = {name: read(changed[name][0]) for name, read in _HEAD.items() if name in changed}
    lines = changed.get("lines") or {}
    step.alter(**head, lines=tuple(_line_before(line, lines.get(str(line.number), {})) for line in step.order.lines))
    if step.order.lines != step.before.lines:
        work.uow.orders.replace_lines(step.order)


def _line_before(line: OrderLine, pairs: Mapping[str, Any]) -> OrderLine:
    was: dict[str, Any] = {
        name: before if isinstance(before, bool) else Decimal(before) for name, (before, _) in pairs.items()
    }
    return replace(line, **was)


def _send_goods_back(work: Work, step: Step) -> None:
    """What the step brought into stock leaves it again."""
    moves: Any = step.facts.get("stock") or ()
    back = [
        StockMove(place, sku, TAKE_BACK, step.order.id, on_hand=-Decimal(on_hand))
        for place, sku, kind, on_hand, _ in moves
        if kind in (RECEIVE, RESTOCK)
    ]
    work.uow.stock.move(back)


def _send_all_back(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        _send_goods_back(work, step)


def _take_back_credit(work: Work, steps: Sequence[Step]) -> None:
    """The note never leaves, and counts for nothing. An invoice that was kept back or made less says the old total."""
    for step in steps:
        take_back_credit(work, step.order, step.facts.get("credit_note"))
        work.uow.outbox.withdraw_of([step.order.id], step.facts[_AT], (CREDIT_NOTE,))
        invoice = step.order.invoice
        if invoice is None or invoice.sent_count or step.facts.get("credit_note"):
            continue
        if invoice.total != step.order.total:
            work.uow.invoices.change_total(invoice.number, step.order.total)
            step.alter(invoice=replace(invoice, total=step.order.total))
        if step.before.status is OrderStatus.CANCELLED:
            ask_for_invoice(step, again=False)


def _hold_reason(row: HistoryRow) -> str | None:
    """Undoing a release holds the order again, with the reason it had."""
    reason = row.detail.get("reason")
    return str(reason) if row.event == "release_order" and reason else None


def _withdraw(work: Work, steps: Sequence[Step]) -> None:
    work.uow.outbox.withdraw_of([step.order.id for step in steps])


def _reserve_again(work: Work, steps: Sequence[Step]) -> None:
    """Only what the cancellation had released."""
    reserve_stock(work, [step for step in steps if step.facts.get("released")])


_COMPENSATIONS: Mapping[str, Reaction] = {
    "reserve_stock": release_stock,
    "send_invoice": _withdraw,
    "release_stock": _reserve_again,
    "issue_credit_note": _take_back_credit,
    "adjust_reservation": adjust_reservation,
    "restock_goods": _send_all_back,
}

_HEAD: Mapping[str, Callable[[Any], Any]] = {
    "total": Decimal,
    "payment_status": PaymentStatus,
    "paid_at": lambda said: datetime.fromisoformat(said) if said else None,
    "shipped_at": lambda said: datetime.fromisoformat(said) if said else None,
}

_WAYS: Mapping[str, Callable[[Work, Order, HistoryRow], Step]] = {
    "place_order": _take_back_placing,
    "confirm_order": _take_back,
    "approve_order": _take_back,
    "reject_order": _take_back,
    "receive_goods": _take_back,
    "hold_order": _take_back,
    "release_order": _take_back,
    "cancel_order": _take_back,
    CANCEL_LINE: _take_back,
    RETURN: _take_back_return,
    AMEND: _take_back_amendment,
    GIVE: _take_back_parcel,
    CHANGE: _take_back_correction,
}
