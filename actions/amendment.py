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
from deskhand.orders.terms import MONTH_END, PAYMENT_DAYS


def draft_of(order: Order) -> OrderDraft:
    return OrderDraft(
        customer=order.customer_id,
        lines=[Line(line.sku, str(line.quantity), line.unit) for line in order.lines if not line.cancelled],
        address=order.address,
        delivery_mode=str(order.delivery_mode) if order.delivery_mode else None,
        appointment=order.appointment,
        delivery_date=order.delivery_date.isoformat() if order.delivery_date else None,
        delivery_time=_told(order, "delivery_time"),
        note=_told(order, "note"),
        contact=_told(order, "contact"),
        phone=_told(order, "phone"),
        payment_days=days_of(order),
        payment_month_end=bool(order.data.get(MONTH_END)),
    )


def _told(order: Order, name: str) -> str | None:
    said = order.data.get(name)
    return str(said) if said else None


def days_of(order: Order) -> int | None:
    """The days to pay that were agreed for this order alone."""
    days = order.data.get(PAYMENT_DAYS)
    return days if isinstance(days, int) else None


def terms_agreed(order: Order) -> tuple[int | None, bool]:
    """Days and whether they count from the end of the month, as they were agreed for this order alone."""
    return days_of(order), bool(order.data.get(MONTH_END))


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
        delivery_time=_other(draft.delivery_time, now.delivery_time),
        contact=_other(draft.contact, now.contact),
        phone=_other(draft.phone, now.phone),
        note=_other(draft.note, now.note),
        payment_days=draft.payment_days if draft.payment_days != now.payment_days else None,
        payment_month_end=draft.payment_month_end if draft.payment_month_end != now.payment_month_end else None,
    )
    return None if command == nothing else command


def _other(wanted: str | None, now: str | None) -> str | None:
    """What a text is to become; an empty one takes it away, None leaves it."""
    return None if wanted == now else wanted or ""


def known_lines(order: Order, editor: DraftEditor) -> tuple[DraftLine, ...]:
    """As corrections are read against them; goods that the catalogue has no more keep the order's name."""
    return editor.draft_lines({line.sku: line.name for line in order.lines})


def without_customer(change: ChangeReading, order: Order, editor: DraftEditor) -> ChangeReading:
    """Whose order it is can't be amended; saying whose it is, is no change."""
    said = change.fields
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
