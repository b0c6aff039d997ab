"""A credit note as a sheet, in the customer's language. Knows nothing of layout or sending."""

from __future__ import annotations

from deskhand.documents.invoice import Products, credited_row, goods_columns, recipient, shown
from deskhand.documents.sheet import Sheet
from deskhand.documents.words import Stationery, Words
from deskhand.orders.model import CreditNote, Customer, Order
from deskhand.orders.tenant import Tenant
from deskhand.writing import facts


def credit_note_sheet(
    order: Order, note: CreditNote, customer: Customer, products: Products, tenant: Tenant, stationery: Stationery
) -> Sheet:
    """The goods that it is for; of an order without lines, the order."""
    language = customer.language
    words = stationery.speak(language)
    return Sheet(
        language=language,
        title=words.say("credit_note"),
        number=note.number,
        letterhead=stationery.letterhead(tenant.id, tenant.name, language),
        letterhead_labels=(words.say("phone"), words.say("tax_number")),
        to=(words.say("to"), recipient(order, customer)),
        details=_details(order, note, tenant, words, language),
        columns=goods_columns(words),
        rows=_rows(order, note, products, words, language),
        totals=((words.say("credited_amount"), f"{note.currency} {shown(note.amount)}"),),
        notes=((words.say("terms"), words.say("credit_terms")),),
        page=words.say("page"),
    )


def _details(
    order: Order, note: CreditNote, tenant: Tenant, words: Words, language: str
) -> tuple[tuple[str, str], ...]:
    found = [
        (words.say("credited_on"), facts.day(tenant.today(note.issued_at)).say(language)),
        (words.say("credited_invoice"), note.invoice),
        (words.say("order"), order.number),
        (words.say("external"), order.external_number or ""),
        (words.say("credit_reason"), words.say(str(note.kind))),
    ]
    return tuple((label, value) for label, value in found if value)


def _rows(
    order: Order, note: CreditNote, products: Products, words: Words, language: str
) -> tuple[tuple[str, ...], ...]:
    if not note.lines:
        return (("1", "", words.say("credited_order", order=order.number), "", "", "", shown(note.amount)),)
    return tuple(credited_row(line, products, language) for line in note.lines)
