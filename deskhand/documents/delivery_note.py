"""The delivery notes (货单) of an order as sheets: one for each parcel, never a price. Knows nothing of layout."""

from __future__ import annotations

from decimal import Decimal

from deskhand.documents.invoice import Products, line_name, recipient
from deskhand.documents.sheet import Column, Sheet
from deskhand.documents.words import Stationery, Words
from deskhand.orders.model import Customer, Order, OrderLine, Parcel, Shipment
from deskhand.orders.packing import sums
from deskhand.orders.tenant import Tenant
from deskhand.orders.units import unit_label
from deskhand.writing import facts

_Part = tuple[Shipment | None, Parcel | None]


def delivery_note_number(order: Order, position: int) -> str:
    """DN-1001-2: the second parcel of SO-1001."""
    return f"DN-{order.number.removeprefix('SO-')}-{position}"


def delivery_note_numbers(order: Order, shipment: str | None = None) -> list[str]:
    """Of the notes that one shipment takes with it; None: of them all."""
    return [
        delivery_note_number(order, place) for place, (left, _) in enumerate(_parts(order), 1) if _is(left, shipment)
    ]


def delivery_note_sheets(
    order: Order,
    customer: Customer,
    products: Products,
    tenant: Tenant,
    stationery: Stationery,
    shipment: str | None = None,
) -> list[Sheet]:
    """One for each parcel of a shipment; goods that left without a parcel (collected, own van) get one all the same."""
    parts = _parts(order)
    return [
        _sheet(order, customer, products, tenant, stationery, part, (place, len(parts)))
        for place, part in enumerate(parts, 1)
        if _is(part[0], shipment)
    ]


def _parts(order: Order) -> list[_Part]:
    """Every parcel with its shipment; a shipment without parcels is one part of its own."""
    parts: list[_Part] = []
    for shipment in order.shipments:
        parts += [(shipment, parcel) for parcel in shipment.parcels or (None,)]
    return parts or [(None, None)]


def _is(shipment: Shipment | None, wanted: str | None) -> bool:
    return wanted is None or shipment is None or shipment.id == wanted


def _contents(order: Order, part: _Part) -> list[tuple[OrderLine, Decimal]]:
    """What is in a parcel: as it was said, else what left with its shipment and is in no other; else the order."""
    shipment, parcel = part
    if parcel is not None and parcel.contents:
        inside = sums(parcel.contents)
    elif shipment is not None and shipment.contents:
        others = sums(each for one in shipment.parcels for each in one.contents)
        left = sums(shipment.contents)
        inside = {number: quantity - others.get(number, Decimal(0)) for number, quantity in left.items()}
    else:
        inside = {line.number: line.shipped or line.quantity for line in order.lines if not line.cancelled}
    return [(line, inside[line.number]) for line in order.lines if inside.get(line.number)]


def _sheet(
    order: Order,
    customer: Customer,
    products: Products,
    tenant: Tenant,
    stationery: Stationery,
    part: _Part,
    place: tuple[int, int],
) -> Sheet:
    language, parcel = customer.language, part[1]
    words = stationery.speak(language)
    to = (customer.name, parcel.address) if parcel and parcel.address else recipient(order, customer)
    return Sheet(
        language=language,
        title=words.say("delivery_note"),
        number=delivery_note_number(order, place[0]),
        letterhead=stationery.letterhead(tenant.id, tenant.name, language),
        letterhead_labels=(words.say("phone"), words.say("tax_number")),
        to=(words.say("ship_to"), to),
        details=_details(order, parcel, place, words, language),
        columns=(
            Column(words.say("line"), 8),
            Column(words.say("sku"), 24),
            Column(words.say("name"), 60),
            Column(words.say("quantity"), 18, right=True),
            Column(words.say("unit"), 16),
        ),
        rows=tuple(_row(line, quantity, products, language) for line, quantity in _contents(order, part)),
        page=words.say("page"),
        signatures=(words.say("received"), words.say("received_on")),
    )


def _row(line: OrderLine, quantity: Decimal, products: Products, language: str) -> tuple[str, ...]:
    unit = unit_label(line.unit, language, one=quantity == 1)
    return (str(line.number), line.sku, line_name(line, products, language), facts.plain(quantity), unit)


def _details(
    order: Order, parcel: Parcel | None, place: tuple[int, int], words: Words, language: str
) -> tuple[tuple[str, str], ...]:
    found = [(words.say("order"), order.number), (words.say("external"), order.external_number or "")]
    if parcel is not None:
        found += [
            (words.say("ship_date"), facts.day(parcel.ship_date).say(language)),
            (words.say("carrier"), words.carrier(parcel.carrier)),
            (words.say("tracking_number"), parcel.tracking_number),
            (words.say("parcel"), words.say("parcel_of", position=place[0], count=place[1])),
        ]
    contact = " ".join(str(order.data[name]) for name in ("contact", "phone") if order.data.get(name))
    found += [(words.say("contact"), contact), (words.say("warehouse"), order.warehouse)]  # a remark might name a price
    return tuple((label, value) for label, value in found if value)
