"""A placed order as a draft that words can correct, the command that amends it so, and the card with both versions.

Knows nothing of forms or of which order is meant.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions import cards
from actions.draft_editor import DraftEditor
from actions.order_draft import Line, OrderDraft
from actions.turn import Turn
from deskhand.language import ChangeReading, DraftLine
from deskhand.orders.commands import AmendOrder
from deskhand.orders.model import Order


def draft_of(order: Order) -> OrderDraft:
    return OrderDraft(
        customer=order.customer_id,
        lines=[Line(line.sku, str(line.quantity), line.unit) for line in order.lines if not line.cancelled],
        address=order.address,
        delivery_mode=str(order.delivery_mode) if order.delivery_mode else None,
        appointment=order.appointment,
        delivery_date=order.delivery_date.isoformat() if order.delivery_date else None,
        contact=_besides(order, "contact"),
        phone=_besides(order, "phone"),
    )


def _besides(order: Order, name: str) -> str | None:
    said = order.data.get(name)
    return str(said) if said else None


def command_of(order: Order, draft: OrderDraft) -> AmendOrder | None:
    """The command that makes the order like the draft; None when it is like that already."""
    now, wanted = draft_of(order), draft.command()
    nothing = AmendOrder(order.number, expected_version=order.row_version)
    command = replace(
        nothing,
        lines=wanted.lines if draft.lines != now.lines else None,
        address=draft.address if draft.address != now.address else None,
        delivery_date=wanted.delivery_date if draft.delivery_date != now.delivery_date else None,
        delivery_mode=wanted.delivery_mode if draft.delivery_mode != now.delivery_mode else None,
        appointment=draft.appointment if draft.appointment != now.appointment else None,
    )
    return None if command == nothing else command


def known_lines(order: Order, editor: DraftEditor) -> tuple[DraftLine, ...]:
    """As corrections are read against them; goods that the catalogue has no more keep the order's name."""
    return editor.draft_lines({line.sku: line.name for line in order.lines})


def without_customer(change: ChangeReading, order: Order, editor: DraftEditor) -> ChangeReading:
    """Whose order it is can't be amended, nor what was agreed besides goods and delivery; saying whose it is, is no
    change.
    """
    said = change.fields
    if said.contact or said.phone or said.note or said.delivery_time or said.payment_days is not None:
        editor.problem("amend_not_besides", number=order.number)
        said = replace(said, contact=None, phone=None, note=None, delivery_time=None, payment_days=None)
    meant = {each.id for each in (said.customer, *said.customer_candidates) if each}
    if meant and order.customer_id not in meant:
        editor.problem("amend_not_customer", number=order.number)
    return replace(change, fields=said.without_customer())


def before_and_after(turn: Turn, order: Order, after: Order) -> tuple[list[cards.Fact], dict[str, Any]]:
    """What the card says: each value that changes with what it was, the lines as they will be, and what goes."""
    before = dict(cards.order_facts(turn, order))
    facts = [
        (key, f"{before[key]} → {value}" if before.get(key) and before[key] != value else value)
        for key, value in cards.order_facts(turn, after)
    ]
    facts.append(("taken_out", _taken_out(turn, order, after)))
    if order.total != after.total:
        facts.append(("total_before", cards.total(turn, order)["value"]))
    return facts, {
        "lines": cards.order_lines(turn, after, _notes(turn, order, after)),
        "total": cards.total(turn, after),
    }


def _counts(turn: Turn, order: Order) -> dict[str, str]:
    """sku -> "20箱" of each live line; the same goods in two units are one text."""
    found: dict[str, str] = {}
    for line in order.lines:
        if not line.cancelled:
            said = turn.wording.quantity(line.quantity, line.unit, turn.language)
            found[line.sku] = f"{found[line.sku]} + {said}" if line.sku in found else said
    return found


def _notes(turn: Turn, order: Order, after: Order) -> dict[str, str]:
    say, language = turn.wording.say, turn.language
    old, new = _counts(turn, order), _counts(turn, after)
    return {
        line.sku: cards.with_packs(
            turn,
            line,
            say("line_changes", "was", language, before=old[line.sku])
            if line.sku in old
            else say("line_changes", "new", language),
        )
        for line in after.lines
        if not line.cancelled and old.get(line.sku) != new[line.sku]
    }


def _taken_out(turn: Turn, order: Order, after: Order) -> str:
    left = {line.sku for line in after.lines if not line.cancelled}
    called = {line.sku: line.name for line in order.lines}
    gone = {sku: count for sku, count in _counts(turn, order).items() if sku not in left}
    named = turn.catalogue.product_name
    return "; ".join(f"{named(sku, turn.language, called[sku])} {count}" for sku, count in gone.items())
