"""The delivery notes (货单) of an order as sheets: one for each parcel, never a price. Knows nothing of layout."""

from __future__ import annotations

from deskhand.orders.model import Customer, Order, OrderLine, Parcel
from deskhand.orders.tenant import Tenant
from deskhand.worker.documents.invoice import Products, line_name, line_unit, recipient
from deskhand.worker.documents.sheet import Column, Sheet
from deskhand.worker.documents.words import Stationery, Words
from deskhand.writing import facts


def delivery_note_number(order: Order, position: int) -> str:
    """DN-1001-2: the second parcel of SO-1001."""
    return f"DN-{order.number.removeprefix('SO-')}-{position}"


def delivery_note_sheets(
    order: Order, customer: Customer, products: Products, tenant: Tenant, stationery: Stationery
) -> list[Sheet]:
    """One for each parcel; goods that left without a parcel (collected, own van) get one all the same."""
    parcels: tuple[Parcel | None, ...] = order.parcels or (None,)
    return [
        _sheet(order, customer, products, tenant, stationery, parcel, (position, len(parcels)))
        for position, parcel in enumerate(parcels, 1)
    ]


def _sheet(
    order: Order,
    customer: Customer,
    products: Products,
    tenant: Tenant,
    stationery: Stationery,
    parcel: Parcel | None,
    place: tuple[int, int],
) -> Sheet:
    language = customer.language
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
        rows=tuple(_row(line, products, language) for line in order.lines if not line.cancelled),
        page=words.say("page"),
        signatures=(words.say("received"), words.say("received_on")),
    )


def _row(line: OrderLine, products: Products, language: str) -> tuple[str, ...]:
    quantity = facts.plain(line.shipped or line.quantity)
    return (str(line.number), line.sku, line_name(line, products, language), quantity, line_unit(line, language))


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
