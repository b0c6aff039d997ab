"""An order is amended before its first parcel is given: other lines, address, date, delivery, contact or terms.

What was agreed stays agreed: goods that the order has already keep their unit price, new ones take the catalogue's.
Where an amendment is possible the diagram says; what it does to stock and invoice too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from deskhand.orders.commands import AmendOrder, NewLine
from deskhand.orders.crediting import billed_besides
from deskhand.orders.effects import EFFECTS
from deskhand.orders.errors import NothingAmended, NothingOrdered
from deskhand.orders.events import EventName
from deskhand.orders.model import Order, OrderLine, Product
from deskhand.orders.moving import refusal_error
from deskhand.orders.placing import TOLD, check_date, check_terms, priced, total_of
from deskhand.orders.status import DeliveryMode, PaymentStatus
from deskhand.orders.terms import MONTH_END, PAYMENT_DAYS
from deskhand.orders.work import Outcome, Step, Work, fire, let_happen, outcome_of, store

AMEND = "amend_order"
BY_APPOINTMENT, AT_ONCE = "by_appointment", "at_once"
PERSONAL = ("address", "contact", "phone", "note")
_NUMBERS = ("quantity", "base_quantity", "unit_price", "amount", "shipped", "returned", "back_ordered")
_IN_DATA = ("delivery_time", PAYMENT_DAYS, MONTH_END)  # of an order, and not personal


def amend_order(work: Work, command: AmendOrder, order: Order) -> Outcome:
    """The order as it is wanted now, priced; its status stays.

    Goods that are in stock for it already limit what it may grow to: an order that awaits shipment is refused what
    is not on hand or was promised to others, and does not go back to wait for more.

    Raises:
        NotPossibleNow, ParcelAlreadyGiven, RoleNotAllowed: the diagram does not allow it here.
        NothingAmended: it is like that already.
        OrderError: as for a new order, naming what is wrong.
        InsufficientStock: naming the goods, how many the order could have, and how many it wants.
    """
    steps, refused = fire(work, [order], AMEND)
    if refused:
        raise refusal_error(work, refused[0], order, AMEND)
    step = steps[0]
    wanted = amended(work, command, step.order)
    if wanted == step.order:
        raise NothingAmended(number=order.number, status=str(order.status))
    put_amendment(work, step, wanted)
    let_happen(work, steps, EFFECTS)
    store(work, steps, AMEND)
    return outcome_of(steps)


def amended(work: Work, command: AmendOrder, order: Order) -> Order:
    """The order with the command's values in it; nothing is stored. A header-only order gets lines by being given them.

    Raises:
        OrderError: naming what is wrong.
    """
    if command.delivery_date != order.delivery_date:
        check_date(work, command.delivery_date)
    check_terms(command.payment_days)
    address = (command.address or "").strip() or order.address
    changed = replace(
        order,
        address=address,
        delivery_date=command.delivery_date or order.delivery_date,
        delivery_mode=command.delivery_mode or order.delivery_mode,
        appointment=order.appointment if command.appointment is None else command.appointment,
        data=_besides(order.data, {name: getattr(command, name) for name in (*TOLD, PAYMENT_DAYS, MONTH_END)}),
    )
    lines = None if command.lines is None else _lines(work, command.lines, order)
    if lines is None or lines == order.lines:
        return changed
    total = total_of(tuple(line for line in lines if not line.cancelled), None, order.currency)
    return _with_payment(work, replace(changed, lines=lines, total=total, header_only=False))


def put_amendment(work: Work, step: Step, wanted: Order) -> None:
    """Writes lines and invoice, and what history and people are told; the order itself is for `store`."""
    before = step.before
    if wanted.lines != before.lines:
        work.uow.orders.replace_lines(wanted)
    billed = wanted.total + billed_besides(work, wanted)
    if wanted.invoice is not None and wanted.invoice.total != billed:
        work.uow.invoices.change_total(wanted.invoice.number, billed)
        wanted = replace(wanted, invoice=replace(wanted.invoice, total=billed))
    step.order = wanted
    old, new = _differing(said_of(before), said_of(wanted))
    step.detail |= {"old": old, "new": new}
    if before.invoice is not None:
        step.detail["invoice_sent"] = before.invoice.sent_count
    step.personal = _personal(before, wanted) or None
    step.tell(EventName.ORDER_AMENDED, **_told(work, before, wanted))


def said_of(order: Order) -> dict[str, object]:
    """What the history keeps of all that an amendment can change; what is personal lies apart."""
    return {
        "lines": [_said_of_line(line) for line in order.lines],
        "total": str(order.total),
        "header_only": order.header_only,
        "delivery_date": order.delivery_date.isoformat() if order.delivery_date else None,
        "delivery_mode": str(order.delivery_mode) if order.delivery_mode else None,
        "appointment": order.appointment,
        "payment_status": str(order.payment_status),
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        **{name: order.data.get(name) for name in _IN_DATA},
    }


def order_from(order: Order, said: Mapping[str, Any]) -> Order:
    """The inverse of `said_of`: the order with those values in it; what is not said stays."""
    read = {name: _READ[name](value) for name, value in said.items() if name in _READ}
    besides = {name: said[name] for name in _IN_DATA if name in said}
    return replace(order, data=_without_nothing({**order.data, **besides}), **read)


def with_personal(order: Order, said: Mapping[str, Any]) -> Order:
    """The order with what is personal as it was before; what has been erased since stays away."""
    old = {name: said[f"old_{name}"] for name in PERSONAL if f"old_{name}" in said}
    address = old.pop("address", order.address)
    return replace(order, address=address, data=_without_nothing({**order.data, **old}))


def _besides(known: Mapping[str, object], wanted: Mapping[str, object]) -> Mapping[str, object]:
    """What lies in an order's data, with what is wanted of it; an empty text takes away what there was."""
    said = {name: value.strip() if isinstance(value, str) else value for name, value in wanted.items()}
    return _without_nothing({**known, **{name: value for name, value in said.items() if value is not None}})


def _without_nothing(data: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in data.items() if value is not None and value != ""}


def _personal(before: Order, wanted: Order) -> dict[str, object]:
    old, new = _personal_of(before), _personal_of(wanted)
    changed = [name for name in PERSONAL if old[name] != new[name]]
    return {f"{when}_{name}": values[name] for name in changed for when, values in (("old", old), ("new", new))}


def _personal_of(order: Order) -> dict[str, object]:
    return {"address": order.address, **{name: order.data.get(name) for name in PERSONAL if name != "address"}}


def _lines(work: Work, wanted: Sequence[NewLine], order: Order) -> tuple[OrderLine, ...]:
    """Numbered anew; a line that is wanted as it stands is kept to the letter, a cancelled one stays at the end."""
    if not wanted:
        raise NothingOrdered(number=order.number)
    products = work.uow.products.many({line.sku for line in wanted})
    agreed = [line for line in order.lines if not line.cancelled]
    made = [_line(line, _taken(line, agreed, products), products, order.currency) for line in wanted]
    made += [line for line in order.lines if line.cancelled]
    return tuple(replace(line, number=number) for number, line in enumerate(made, start=1))


def _taken(wanted: NewLine, agreed: list[OrderLine], products: Mapping[str, Product]) -> OrderLine | None:
    """The line of the order that this one continues, taken out of `agreed`: same goods and unit, best same quantity."""
    product = products.get(wanted.sku)
    unit = wanted.unit or (product.base_unit if product else None)
    same = [line for line in agreed if (line.sku, line.unit) == (wanted.sku, unit)]
    if not same:
        return None
    found = next((line for line in same if line.quantity == wanted.quantity), same[0])
    agreed.remove(found)
    return found


def _line(wanted: NewLine, known: OrderLine | None, products: Mapping[str, Product], currency: str) -> OrderLine:
    if known is not None and known.quantity == wanted.quantity:
        return known
    price = None if known is None else known.unit_price
    made = priced((replace(wanted, unit_price=price),), products, currency, own_prices=True)[0]
    return made if known is None else replace(made, back_ordered=min(known.back_ordered, made.quantity))


def _with_payment(work: Work, order: Order) -> Order:
    """Paid is what the recorded payments cover; an order that costs more than they do is open again."""
    paid = work.uow.payments.paid([order.id]).get(order.id, Decimal(0))
    if order.payment_status is PaymentStatus.PAID and paid < order.total:
        return replace(order, payment_status=PaymentStatus.UNPAID, paid_at=None)
    if order.payment_status is PaymentStatus.UNPAID and 0 < paid >= order.total:
        return replace(order, payment_status=PaymentStatus.PAID, paid_at=work.now)
    return order


def _told(work: Work, before: Order, order: Order) -> dict[str, object]:
    """Old and new of what people hear of, and line by line what became of the goods."""
    old, new = _differing(_shown(before), _shown(order))
    return {"old": old, "new": new, "changed_lines": _changed_lines(work, before, order)}


def _shown(order: Order) -> dict[str, object]:
    return {
        "total": str(order.total),
        "address": order.address,
        "delivery_date": order.delivery_date.isoformat() if order.delivery_date else None,
        "delivery_mode": str(order.delivery_mode) if order.delivery_mode else None,
        "appointment": BY_APPOINTMENT if order.appointment else AT_ONCE,
        **{name: order.data.get(name) for name in (*TOLD, PAYMENT_DAYS, MONTH_END)},
    }


def _changed_lines(work: Work, before: Order, order: Order) -> list[dict[str, object]]:
    """One for each product whose quantities differ: its names, and what was and is ordered."""
    old, new = _quantities(before), _quantities(order)
    skus = [sku for sku in dict.fromkeys([*old, *new]) if old.get(sku) != new.get(sku)]
    products = work.uow.products.many(skus)
    called = {line.sku: line.name for line in (*before.lines, *order.lines)}
    return [
        {
            "sku": sku,
            "zh": products[sku].name_zh if sku in products else called[sku],
            "en": products[sku].name_en if sku in products else called[sku],
            "before": old.get(sku, []),
            "after": new.get(sku, []),
        }
        for sku in skus
    ]


def _quantities(order: Order) -> dict[str, list[list[str]]]:
    """sku -> [quantity, unit] of each of its live lines."""
    found: dict[str, list[list[str]]] = {}
    for line in order.lines:
        if not line.cancelled:
            found.setdefault(line.sku, []).append([f"{line.quantity.normalize():f}", line.unit])
    return found


def _differing(old: dict[str, object], new: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    names = [name for name in old if old[name] != new[name]]
    return {name: old[name] for name in names}, {name: new[name] for name in names}


def _said_of_line(line: OrderLine) -> dict[str, object]:
    return {name: str(value) if name in _NUMBERS else value for name, value in asdict(line).items()}


def _line_from(said: Mapping[str, Any]) -> OrderLine:
    read: dict[str, Any] = {name: Decimal(value) if name in _NUMBERS else value for name, value in said.items()}
    return OrderLine(**read)


_READ: Mapping[str, Any] = {
    "lines": lambda value: tuple(_line_from(line) for line in value),
    "total": Decimal,
    "header_only": bool,
    "delivery_date": lambda value: date.fromisoformat(value) if value else None,
    "delivery_mode": lambda value: DeliveryMode(value) if value else None,
    "appointment": bool,
    "payment_status": PaymentStatus,
    "paid_at": lambda value: datetime.fromisoformat(value) if value else None,
}
