"""Undo: the actor's own last change of an order, inside the grace window, is compensated by an event of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from deskhand import engine
from deskhand.engine import Change, Effect
from deskhand.orders.amending import AMEND, order_from, put_amendment, with_personal
from deskhand.orders.commands import UndoLastChange
from deskhand.orders.effects import adjust_reservation, ask_for_invoice, release_stock, reserve_stock
from deskhand.orders.errors import NothingToUndo, NotPossibleNow, UndoWindowOver
from deskhand.orders.events import EventName
from deskhand.orders.model import HistoryRow, Order
from deskhand.orders.moving import expect_version
from deskhand.orders.shipping import CHANGE, GIVE, parcel_from, put_parcel, said_of, without_parcel
from deskhand.orders.status import OrderStatus
from deskhand.orders.stock import RECEIVE, TAKE_BACK, StockMove
from deskhand.orders.work import Outcome, Reaction, Step, Work, fire, let_happen, outcome_of, step_of, store, take

UNDO = "undo"


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
    step = step_of(order, back, row.detail)
    step.alter(status=OrderStatus(row.before or order.status), hold_reason=_hold_reason(row))
    if row.event == "receive_goods":
        _send_goods_back(work, order)
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
    return put_parcel(work, order, now, parcel_from(now.id, {**old, "address": row.detail["old_address"]}))


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


def _send_goods_back(work: Work, order: Order) -> None:
    received = work.uow.stock.of_orders([order.id], (RECEIVE, TAKE_BACK))
    sums: dict[tuple[str, str], StockMove] = {}
    for move in received:
        place = (move.warehouse, move.sku)
        known = sums.get(place, StockMove(*place, TAKE_BACK, order.id))
        sums[place] = replace(known, on_hand=known.on_hand - move.on_hand)
    work.uow.stock.move([move for move in sums.values() if move.on_hand])


def _hold_reason(row: HistoryRow) -> str | None:
    """Undoing a release holds the order again, with the reason it had."""
    reason = row.detail.get("reason")
    return str(reason) if row.event == "release_order" and reason else None


def _withdraw(work: Work, steps: Sequence[Step]) -> None:
    work.uow.outbox.withdraw_of([step.order.id for step in steps])


def _reserve_again(work: Work, steps: Sequence[Step]) -> None:
    """Only what the cancellation had released."""
    reserve_stock(work, [step for step in steps if step.facts.get("released")])


def _nothing(work: Work, steps: Sequence[Step]) -> None:
    """The record stays as it is."""


_COMPENSATIONS: Mapping[str, Reaction] = {
    "reserve_stock": release_stock,
    "send_invoice": _withdraw,
    "release_stock": _reserve_again,
    "issue_credit_note": _nothing,
}

_WAYS: Mapping[str, Callable[[Work, Order, HistoryRow], Step]] = {
    "place_order": _take_back_placing,
    "confirm_order": _take_back,
    "receive_goods": _take_back,
    "hold_order": _take_back,
    "release_order": _take_back,
    "cancel_order": _take_back,
    AMEND: _take_back_amendment,
    GIVE: _take_back_parcel,
    CHANGE: _take_back_correction,
}
