"""What of an order's lines is open, what is in its parcels, and what leaves with them. Pure arithmetic on one order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from deskhand.orders.commands import SomeOf
from deskhand.orders.errors import InvalidQuantity, MoreThanThere, UnknownLine, UnknownUnit
from deskhand.orders.model import Order, OrderLine, Packed, Product, Shipment
from deskhand.orders.money import round_amount

Quantities = dict[int, Decimal]
"""By the number of the line, in the line's unit."""


def open_of(line: OrderLine) -> Decimal:
    """What is still to be shipped of it."""
    return Decimal(0) if line.cancelled else line.quantity - line.shipped


def ready_of(line: OrderLine) -> Decimal:
    """What is still to be shipped of it and has come in."""
    return max(open_of(line) - line.back_ordered, Decimal(0))


def with_customer(order: Order) -> Quantities:
    """What was shipped and has not come back."""
    there = {line.number: line.shipped - line.returned for line in order.lines}
    return {number: quantity for number, quantity in there.items() if quantity}


def in_base(line: OrderLine, quantity: Decimal) -> Decimal:
    return quantity * line.base_quantity / line.quantity


def open_shipment(order: Order) -> Shipment | None:
    """The one that has not left; an order has one at most."""
    return next((each for each in order.shipments if each.completed_at is None), None)


def packed(order: Order) -> Quantities:
    """What is in the parcels that have not left; a parcel without contents holds whatever else can leave."""
    shipment = open_shipment(order)
    parcels = shipment.parcels if shipment else ()
    ready = {line.number: ready_of(line) for line in order.lines}
    if any(not parcel.contents for parcel in parcels):
        return {number: quantity for number, quantity in ready.items() if quantity}
    said = sums(each for parcel in parcels for each in parcel.contents)
    return {number: min(quantity, ready.get(number, Decimal(0))) for number, quantity in said.items()}


def leaving(order: Order) -> Quantities:
    """What leaves when the shipment is completed: what is packed; all that can, where the customer collects it."""
    shipment = open_shipment(order)
    if shipment is not None and shipment.parcels:
        return {number: quantity for number, quantity in packed(order).items() if quantity}
    return {line.number: ready_of(line) for line in order.lines if ready_of(line)}


def rest_after(order: Order, gone: Mapping[int, Decimal]) -> bool:
    """Whether anything would still have to be shipped."""
    return any(open_of(line) > gone.get(line.number, Decimal(0)) for line in order.lines)


def shipped(order: Order, gone: Mapping[int, Decimal]) -> tuple[OrderLine, ...]:
    """The lines when so much of them has left."""
    return tuple(
        replace(line, shipped=line.shipped + gone[line.number]) if line.number in gone else line for line in order.lines
    )


def without_rest(line: OrderLine, currency: str) -> OrderLine:
    """A line whose open part is cancelled: the whole line, or what was shipped of it stays as all that was ordered."""
    if not line.shipped:
        return replace(line, cancelled=True, back_ordered=Decimal(0))
    return replace(
        line,
        quantity=line.shipped,
        base_quantity=in_base(line, line.shipped),
        amount=round_amount(line.unit_price * line.shipped, currency),
        back_ordered=Decimal(0),
    )


def returned_value(order: Order) -> Decimal:
    """What the goods that came back had cost."""
    return sum((round_amount(line.unit_price * line.returned, order.currency) for line in order.lines), Decimal(0))


def taken(
    order: Order, wanted: Sequence[SomeOf], there: Mapping[int, Decimal], products: Mapping[str, Product]
) -> Quantities:
    """What is wanted, spread over the lines that have it.

    Args:
        there: how much each line has of what is asked for, in its unit.

    Raises:
        UnknownLine: the order has no such line.
        UnknownUnit, InvalidQuantity: naming the goods.
        MoreThanThere: naming the goods, what there is and what is wanted.
    """
    left, found = dict(there), Quantities()
    for some in wanted:
        lines = _lines_of(order, some)
        asked = _in_unit_of(lines[0], some, products)
        rest = asked
        for line in lines:
            part = min(rest, left.get(line.number, Decimal(0))) if line.unit == lines[0].unit else Decimal(0)
            if part > 0:
                found[line.number] = found.get(line.number, Decimal(0)) + part
                left[line.number] -= part
                rest -= part
        if rest:
            raise MoreThanThere(
                number=order.number, product=lines[0].sku, available=_said(asked - rest), wanted=_said(asked)
            )
    return found


def sums(contents: Iterable[Packed]) -> Quantities:
    """By line."""
    found = Quantities()
    for each in contents:
        found[each.line] = found.get(each.line, Decimal(0)) + each.quantity
    return found


def contents_of(quantities: Mapping[int, Decimal]) -> tuple[Packed, ...]:
    return tuple(Packed(number, quantity) for number, quantity in sorted(quantities.items()))


def _lines_of(order: Order, some: SomeOf) -> list[OrderLine]:
    lines = [line for line in order.lines if some.line in (None, line.number) and some.sku in (None, line.sku)]
    if not lines or (some.line is None and some.sku is None):
        raise UnknownLine(number=order.number, line=some.line if some.line is not None else some.sku or "?")
    return lines


def _in_unit_of(line: OrderLine, some: SomeOf, products: Mapping[str, Product]) -> Decimal:
    """The quantity in the unit of the line; half a box is as good as five packs where a box has ten."""
    quantity = some.quantity
    if not quantity.is_finite() or quantity <= 0 or quantity != round(quantity, 4):
        raise InvalidQuantity(quantity=str(quantity), product=line.sku)
    if some.unit in (None, line.unit):
        return quantity
    product = products.get(line.sku)
    size = product.units.get(some.unit or "") if product else None
    if size is None:
        units = ", ".join(product.units) if product else line.unit
        raise UnknownUnit(product=line.sku, unit=some.unit, units=units)
    found = quantity * size * line.quantity / line.base_quantity
    if found != round(found, 4):
        raise InvalidQuantity(quantity=f"{quantity} {some.unit}", product=line.sku)
    return found


def _said(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
