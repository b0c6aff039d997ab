"""One card for several commands: what each does, in order; and what its one yes carries out.

All of it is one commit with the card's use: a command that is refused on the way stops those after it, and those
before it stay done. Knows nothing of how the requests were read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from actions import cards
from actions.amendment import before_and_after
from actions.command_done import Shipment, parcel_said, say_done
from actions.order_command import DANGEROUS
from actions.order_step import from_payload, to_payload
from actions.requested_steps import Step, Wanted
from actions.turn import Turn
from deskhand.orders.commands import (
    AmendOrder,
    CompleteShipment,
    RecordPayment,
    SendInvoiceAgain,
    SettleFreight,
    SettlePayments,
    StartAccountPeriod,
    UndoLastChange,
)
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Order
from deskhand.orders.work import Outcome
from deskhand.store import Card, number_in

KIND = "several_requests"
_NOT_UNDONE = (
    CompleteShipment, StartAccountPeriod, SettlePayments, SettleFreight, RecordPayment, SendInvoiceAgain,
    UndoLastChange,
)  # fmt: skip


def name_of(turn: Turn, wanted: Wanted, order: Order | None = None) -> str:
    """Confirm order SO-1042."""
    number = order.number if order else number_in({"number": wanted.number})
    return cards.title(turn, wanted.kind, number=number)


def show(turn: Turn, steps: Sequence[Step]) -> None:
    """The card with one yes for all; nothing is done before it."""
    say, language = turn.wording.say, turn.language
    items = [_item(turn, place, step) for place, step in enumerate(steps, 1)]
    facts = [("effect", say("effects", KIND, language))]
    card = cards.face(turn, "command", cards.title(turn, KIND, count=len(steps)), facts, items=items)
    turn.say("utter_several_check", count=len(steps))
    danger = any(step.wanted.kind in DANGEROUS for step in steps)
    kept = [
        {**to_payload(step.command), "kind": step.wanted.kind, "order": step.before.number, "name": item["title"]}
        for step, item in zip(steps, items, strict=True)
    ]
    orders = list(dict.fromkeys(step.before.number for step in steps))
    cards.issue(turn, card, {"kind": KIND, "orders": orders, "steps": kept}, cards.yes_or_no(turn, danger=danger))


def _item(turn: Turn, place: int, step: Step) -> dict[str, str | None]:
    """A row of its own, no button: nothing on this card is answered one by one."""
    name = name_of(turn, step.wanted, step.before)
    return {"order": None, "title": f"{place}. {name}", "subtitle": " · ".join(_parts(turn, step))}


def _parts(turn: Turn, step: Step) -> Iterator[str]:
    """Whose order it is, what changes of it, and what else happens."""
    before, after = (cards.status(turn, order) for order in (step.before, step.after))
    yield step.before.customer_name
    yield f"{before['label']} → {after['label']}" if before != after else before["label"]
    yield from _details(turn, step)
    totals = [cards.total(turn, order)["value"] for order in (step.before, step.after)]
    yield " → ".join(dict.fromkeys(totals))
    if step.wanted.reason:
        yield _fact(turn, "reason", step.wanted.reason)
    if step.outcome.on_behalf_of:
        yield _fact(turn, "on_behalf_of", turn.name_of(step.outcome.on_behalf_of))
    yield turn.wording.say("effects", step.wanted.kind, turn.language)


def _details(turn: Turn, step: Step) -> Iterator[str]:
    if isinstance(step.command, Shipment):
        yield " ".join(parcel_said(turn, step.command, step.after))
    if isinstance(step.command, RecordPayment):
        yield turn.wording.money(step.command.amount, step.before.currency, turn.language)
        yield step.command.reference
    if not isinstance(step.command, AmendOrder):
        return
    facts, parts = before_and_after(turn, step.before, step.after)
    for line in parts["lines"]:
        if line["note"]:
            yield f"{line['name']} {line['quantity']} {line['unit']} ({line['note']})"
    for key, value in facts:
        if value and (key == "taken_out" or " → " in value):
            yield _fact(turn, key, value)


def _fact(turn: Turn, key: str, value: str) -> str:
    say, language = turn.wording.say, turn.language
    return say("several", "fact", language, label=say("labels", key, language), value=value)


def carry_out(turn: Turn, card: Card) -> None:
    """Each command in its order; what was refused is said, what stays done and what was not begun."""
    payload: Any = card.payload
    steps: list[dict[str, Any]] = payload["steps"]
    done: list[Outcome] = []
    turn.uow.orders.hold(payload["orders"])
    for step in steps:
        try:
            done.append(_carried_out(turn, step))
        except DeskhandError as error:
            turn.attempted = None  # it stands in the audit already
            turn.refuse(error)
            _say_stopped(turn, [str(each["name"]) for each in steps], len(done))
            break
    _show_done(turn, steps, done)


def _carried_out(turn: Turn, step: dict[str, Any]) -> Outcome:
    command = from_payload(step)
    outcome = turn.do(command)
    assert outcome.order is not None
    say_done(turn, command, outcome.order)
    return outcome


def _say_stopped(turn: Turn, names: list[str], place: int) -> None:
    none = turn.wording.say("several", "none", turn.language)
    done, left = ("; ".join(each) or none for each in (names[:place], names[place + 1 :]))
    turn.say("utter_several_stopped", part=names[place], done=done, left=left)


def _show_done(turn: Turn, steps: list[dict[str, Any]], done: list[Outcome]) -> None:
    """For whom it was done, how each is taken back, and the orders as they are now."""
    lent = {outcome.on_behalf_of: outcome for outcome in done if outcome.on_behalf_of}
    for outcome in lent.values():
        turn.say_for_whom(outcome)
    undone = dict.fromkeys(
        step["order"] for step, _ in zip(steps, done, strict=False) if not isinstance(from_payload(step), _NOT_UNDONE)
    )
    if undone:
        turn.say("utter_several_undo", numbers=list(undone), number=next(iter(undone)))
    orders = {outcome.order.number: outcome.order for outcome in done if outcome.order is not None}
    if orders:
        found = list(orders.values())
        turn.show(cards.order_card(turn, found[0]) if len(found) == 1 else cards.orders_card(turn, found))
