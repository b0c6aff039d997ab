"""Cards as the channels show them: labels from cards.yml, values said in the turn's language. Knows no skill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from actions.order_money import money_facts, went
from actions.turn import Turn
from actions.wording import number
from deskhand.orders.credit import in_language
from deskhand.orders.model import Order, OrderLine, Parcel
from deskhand.orders.status import DeliveryMode, OrderStatus
from deskhand.orders.terms import MONTH_END, PAYMENT_DAYS, terms_of
from deskhand.orders.units import unit_label
from deskhand.store import Card

_BOOKS = frozenset({OrderStatus.IN_ACCOUNT_PERIOD, OrderStatus.SETTLED})

CONFIRM, REJECT = "confirm", "reject"
MOST_ITEMS = 10

Fact = tuple[str, str]  # key of a label, value in words


@dataclass(frozen=True)
class Option:
    """One of several to choose from; `value` is what the choice stands for."""

    value: str
    title: str
    subtitle: str = ""
    order: str | None = None


def face(turn: Turn, kind: str, title: str, facts: Iterable[Fact] = (), **parts: Any) -> dict[str, Any]:
    """A card without buttons."""
    say, language = turn.wording.say, turn.language
    blank: dict[str, Any] = {
        "id": None, "kind": kind, "language": language, "title": title, "order": None, "status": None, "facts": [],
        "lines": [], "total": None, "items": [], "actions": [], "expires_at": None, "state": "open", "outcome": None,
    }  # fmt: skip
    told = [{"key": key, "label": say("labels", key, language), "value": value} for key, value in facts if value]
    return {**blank, "facts": told, **parts}


def issue(
    turn: Turn, card: Mapping[str, Any], payload: Mapping[str, Any], actions: Sequence[Mapping[str, str]]
) -> Card:
    """Give a card its buttons: it is kept, works once, for this user, until it expires. Replaces the one before."""
    turn.uow.cards.supersede_open(turn.user_id)
    expires = turn.uow.now + timedelta(minutes=turn.uow.tenant.card_minutes)
    ids = [action["id"] for action in actions]
    kept_with = {**payload, "actions": [*actions]}  # the channels say what was pressed by the label
    kept = turn.uow.cards.issue(card["kind"], turn.user_id, turn.claims.conversation, kept_with, ids, expires)
    turn.changed = True
    turn.show({**card, "id": kept.id, "actions": [*actions], "expires_at": expires.isoformat()})
    return kept


def yes_or_no(turn: Turn, yes: str = "confirm", no: str = "reject", danger: bool = False) -> list[dict[str, str]]:
    """The two buttons of a card that asks."""
    say, language = turn.wording.say, turn.language
    return [
        {"id": CONFIRM, "label": say("actions", yes, language), "style": "danger" if danger else "primary"},
        {"id": REJECT, "label": say("actions", no, language), "style": "default"},
    ]


def ask_which(turn: Turn, title: str, options: Sequence[Option], payload: Mapping[str, Any]) -> Card:
    """A short list to pick from; `payload["options"]` holds what each choice stands for."""
    shown = list(options)[:MOST_ITEMS]
    items = [{"order": one.order, "title": one.title, "subtitle": one.subtitle} for one in shown]
    buttons = [{"id": f"choose:{n}", "label": one.title, "style": "default"} for n, one in enumerate(shown, 1)]
    card = face(turn, "choices", title, items=items)
    return issue(turn, card, {**payload, "options": [one.value for one in shown]}, buttons)


def options_of(card: Card | None) -> list[str]:
    """What the choices of a card stand for, in their order; none where it is no list."""
    payload: Any = card.payload if card else {}
    return list(payload.get("options") or ())


def reject_waiting(turn: Turn) -> bool:
    """Say no to the command that waits for its yes; False when there is none."""
    card = turn.uow.cards.open_of(turn.user_id)
    if card is None or card.kind != "command":
        return False
    turn.uow.cards.consume(card.id, turn.user_id, REJECT, turn.uow.now)
    turn.changed = True
    turn.say("utter_command_rejected")
    return True


def title(turn: Turn, key: str, **values: object) -> str:
    return turn.wording.say("titles", key, turn.language, **values)


def status(turn: Turn, order: Order) -> dict[str, str]:
    """The state as the reader knows it: to a customer, goods in the books' hands have shipped."""
    code = str(OrderStatus.SHIPPED if turn.is_customer and order.status in _BOOKS else order.status)
    return {"code": code, "label": turn.wording.say("statuses", code, turn.language)}


def total(turn: Turn, order: Order) -> dict[str, str]:
    label = turn.wording.say("labels", "total", turn.language)
    return {"label": label, "value": turn.wording.money(order.total, order.currency, turn.language)}


def order_facts(turn: Turn, order: Order) -> list[Fact]:
    """Customer and delivery in words; what an order lacks is left out."""
    words, language = turn.wording, turn.language
    mode = order.delivery_mode
    return [
        ("customer", order.customer_name),
        ("address", order.address if order.address and mode is not DeliveryMode.PICKUP else ""),
        ("delivery_mode", words.delivery_mode(str(mode), order.appointment, language) if mode else ""),
        ("delivery_date", _wanted(turn, order)),
        ("contact", " ".join(str(order.data[name]) for name in ("contact", "phone") if order.data.get(name))),
        ("terms", _terms(turn, order)),
        ("note", str(order.data.get("note") or "")),
    ]


def _wanted(turn: Turn, order: Order) -> str:
    """The day in full, and the time of it where one was said: 2026年12月4日 星期五 15:00."""
    if order.delivery_date is None:
        return ""
    words, language = turn.wording, turn.language
    day, clock = words.day(order.delivery_date, language), order.data.get("delivery_time")
    if not clock:
        return day
    said = words.say("parts", str(clock), language) if words.has("parts", str(clock)) else str(clock)
    return words.say("parts", "of_day", language, day=day, time=said)


def _terms(turn: Turn, order: Order) -> str:
    """Terms of payment that were agreed for this order alone."""
    agreed = [order.data.get(name) for name in (PAYMENT_DAYS, MONTH_END)]
    if agreed == [None, None]:
        return ""
    terms = terms_of(order.data, turn.catalogue.customers.get(order.customer_id))
    key = "month_end" if terms.month_end else "days" if terms.days else "at_once"
    return turn.wording.say("terms", key, turn.language, days=terms.days)


def parcel_facts(turn: Turn, parcel: Parcel) -> list[Fact]:
    return [
        ("carrier", turn.wording.carrier(parcel.carrier, turn.language)),
        ("tracking_number", parcel.tracking_number),
        ("ship_date", turn.wording.day(parcel.ship_date, turn.language)),
    ]


def order_lines(turn: Turn, order: Order, notes: Mapping[str, str] | None = None) -> list[dict[str, str]]:
    """The lines with names and units in the turn's language."""
    return [_line(turn, line, (notes or {}).get(line.sku, "")) for line in order.lines if not line.cancelled]


def _line(turn: Turn, line: OrderLine, note: str) -> dict[str, str]:
    known = line.sku in turn.catalogue.products
    return {
        "sku": line.sku,
        "name": turn.catalogue.product_name(line.sku, turn.language) if known else line.name,
        "quantity": number(line.quantity),
        "unit": unit_label(line.unit, turn.language, line.quantity == 1),
        "unit_price": f"{line.unit_price:,}",
        "amount": f"{line.amount:,}",
        "note": note,
    }


def with_packs(turn: Turn, line: OrderLine, note: str) -> str:
    """The note, after how many of the base unit the packs of the line hold: 共200包 · 有货."""
    product = turn.catalogue.products.get(line.sku)
    if product is None or line.base_quantity == line.quantity:
        return note
    count = turn.wording.quantity(line.base_quantity, product.base_unit, turn.language)
    return f"{turn.wording.say('packs', 'holds', turn.language, count=count)} · {note}"


def goods_said(turn: Turn, order: Order, quantities: Mapping[int, Decimal]) -> str:
    """A4纸 20箱; so much of each line, in the turn's language."""
    named, language = turn.catalogue.product_name, turn.language
    return "; ".join(
        f"{named(line.sku, language, line.name)} {turn.wording.quantity(quantities[line.number], line.unit, language)}"
        for line in order.lines
        if quantities.get(line.number)
    )


def order_card(turn: Turn, order: Order) -> dict[str, Any]:
    """An order as it is now."""
    why = "" if turn.is_customer else in_language(order.hold_reason or "", turn.language)
    facts = [*order_facts(turn, order), ("reason", why), *money_facts(turn, order)]
    for parcel in order.parcels:
        facts += parcel_facts(turn, parcel)
    if order.invoice:
        facts.append(("invoice", order.invoice.number))
    facts.append(("back_ordered", goods_said(turn, order, {line.number: line.back_ordered for line in order.lines})))
    if order.reservation_lapsed:
        facts.append(("reservation", turn.wording.say("reservation", "lapsed", turn.language)))
    return face(
        turn, "order", title(turn, "order", number=order.number), facts, order=order.number,
        status=status(turn, order), total=total(turn, order),
        lines=[_line(turn, line, went(turn, line)) for line in order.lines if not line.cancelled],
    )  # fmt: skip


def orders_card(turn: Turn, orders: Sequence[Order], notes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Several orders, one line each; `notes` by number follow what is said of each."""
    noted = notes or {}
    items = [
        {
            "order": o.number,
            "title": o.number,
            "subtitle": " · ".join(filter(None, (summary(turn, o), noted.get(o.number)))),
        }
        for o in orders[:MOST_ITEMS]
    ]
    return face(turn, "orders", title(turn, "orders"), items=items)


def summary(turn: Turn, order: Order) -> str:
    """华星科技有限公司 · 5,000.00 元 · 待确认."""
    amount = turn.wording.money(order.total, order.currency, turn.language)
    return " · ".join((order.customer_name, amount, status(turn, order)["label"]))


def stock_note(turn: Turn, line: OrderLine, available: Decimal) -> str:
    """What the warehouse has, `available` in base units, said in the unit of the line; rounded down."""
    size = line.base_quantity / line.quantity
    left = (available / size).quantize(Decimal("0.1"), ROUND_DOWN)
    key = "enough" if available >= line.base_quantity else "short" if left > 0 else "none"
    said = turn.wording.quantity(left, line.unit, turn.language)
    return turn.wording.say("stock", key, turn.language, available=said)
