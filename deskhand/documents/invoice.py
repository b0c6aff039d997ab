"""The invoice of an order as a sheet, in the customer's language. Knows nothing of layout or sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from deskhand.documents.capitals import capital_amount
from deskhand.documents.sheet import Column, Sheet
from deskhand.documents.words import Letterhead, Stationery, Words
from deskhand.orders.model import CreditedLine, CreditKind, CreditNote, Customer, Invoice, Order, OrderLine, Product
from deskhand.orders.tenant import Tenant
from deskhand.orders.terms import Terms, terms_of
from deskhand.orders.units import unit_label
from deskhand.writing import facts

Products = Mapping[str, Product]


def invoice_sheet(
    order: Order,
    invoice: Invoice,
    customer: Customer,
    products: Products,
    tenant: Tenant,
    stationery: Stationery,
    credited: Sequence[CreditNote] = (),
) -> Sheet:
    """All lines that were billed; an order without lines gets one that names the order.

    Args:
        credited: what was taken back since it was sent; it stays on the invoice, and is taken off below the total.
    """
    language = customer.language
    words = stationery.speak(language)
    head = stationery.letterhead(tenant.id, tenant.name, language)
    return Sheet(
        language=language,
        title=words.say("invoice"),
        number=invoice.number,
        letterhead=head,
        letterhead_labels=(words.say("phone"), words.say("tax_number")),
        to=(words.say("to"), recipient(order, customer)),
        details=_details(order, invoice, tenant, words, language),
        columns=goods_columns(words),
        rows=_rows(order, products, words, language) + _cancelled_rows(credited, products, language),
        totals=_totals(invoice, words) + _to_pay(invoice, credited, words),
        notes=_notes(terms_of(order.data, customer), head, words),
        page=words.say("page"),
    )


def recipient(order: Order, customer: Customer) -> tuple[str, ...]:
    address = order.address or customer.address
    return (customer.name, address) if address else (customer.name,)


def line_name(line: OrderLine, products: Products, language: str) -> str:
    """The catalogue's name in this language; what the order says when the catalogue has none."""
    product = products.get(line.sku)
    found = product and (product.name_zh if language == "zh" else product.name_en)
    return found or line.name


def line_unit(line: OrderLine, language: str) -> str:
    return unit_label(line.unit, language, one=line.quantity == 1)


def _details(
    order: Order, invoice: Invoice, tenant: Tenant, words: Words, language: str
) -> tuple[tuple[str, str], ...]:
    issued = tenant.today(invoice.issued_at)
    found = [
        (words.say("issued_on"), facts.day(issued).say(language)),
        (words.say("order"), order.number),
        (words.say("external"), order.external_number or ""),
        (words.say("due_on"), facts.day(order.payment_due_on).say(language) if order.payment_due_on else ""),
    ]
    return tuple((label, value) for label, value in found if value)


def goods_columns(words: Words) -> tuple[Column, ...]:
    return (
        Column(words.say("line"), 7),
        Column(words.say("sku"), 18),
        Column(words.say("name"), 36),
        Column(words.say("quantity"), 13, right=True),
        Column(words.say("unit"), 12),
        Column(words.say("unit_price"), 17, right=True),
        Column(words.say("amount"), 20, right=True),
    )


def _rows(order: Order, products: Products, words: Words, language: str) -> tuple[tuple[str, ...], ...]:
    lines = [line for line in order.lines if not line.cancelled]
    if not lines:
        return (("1", "", words.say("header_only", order=order.number), "", "", "", shown(order.total)),)
    return tuple(
        (
            str(line.number),
            line.sku,
            line_name(line, products, language),
            facts.plain(line.quantity),
            line_unit(line, language),
            shown(line.unit_price),
            shown(line.amount),
        )
        for line in lines
    )


def _totals(invoice: Invoice, words: Words) -> tuple[tuple[str, str], ...]:
    totals = [(words.say("total"), f"{invoice.currency} {shown(invoice.total)}")]
    if words.has("capital") and invoice.currency == "CNY" and invoice.total >= 0:
        totals.append((words.say("capital"), capital_amount(invoice.total)))
    return tuple(totals)


def _cancelled_rows(credited: Sequence[CreditNote], products: Products, language: str) -> tuple[tuple[str, ...], ...]:
    """Lines that were cancelled after it had been sent: they are part of its total."""
    notes = (note for note in credited if note.kind is CreditKind.LINES_CANCELLED)
    return tuple(credited_row(line, products, language) for note in notes for line in note.lines)


def credited_row(line: CreditedLine, products: Products, language: str) -> tuple[str, ...]:
    """Goods of a credit note, as they stand on an invoice."""
    product = products.get(line.sku)
    name = product and (product.name_zh if language == "zh" else product.name_en)
    return (
        str(line.number),
        line.sku,
        name or line.name,
        facts.plain(line.quantity),
        unit_label(line.unit, language, one=line.quantity == 1),
        shown(line.unit_price),
        shown(line.amount),
    )


def _to_pay(invoice: Invoice, credited: Sequence[CreditNote], words: Words) -> tuple[tuple[str, str], ...]:
    if not credited:
        return ()
    less = [(words.say("less", number=note.number), f"-{note.currency} {shown(note.amount)}") for note in credited]
    left = invoice.total - sum((note.amount for note in credited), Decimal(0))
    return (*less, (words.say("to_pay"), f"{invoice.currency} {shown(left)}"))


def _notes(terms: Terms, head: Letterhead, words: Words) -> tuple[tuple[str, str], ...]:
    notes = [(words.say("terms"), _in_words(terms, words))]
    if head.bank:
        notes.append((words.say("bank"), head.bank))
    return tuple(notes)


def _in_words(terms: Terms, words: Words) -> str:
    if terms.month_end:
        return words.say("terms_month_end", days=terms.days)
    return words.say("terms_days", days=terms.days) if terms.days else words.say("terms_at_once")


def shown(amount: Decimal) -> str:
    return f"{amount:,f}"
