"""A random draft said as a sentence, in either language, reads back as the same draft."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, note, settings
from opencc import OpenCC

from deskhand.language import Catalogue, CatalogueProduct, OrderReading, read_order
from deskhand.language.units import factor_of, unit_of

from .conftest import CUSTOMERS, PRODUCTS
from .said_drafts import TODAY, SaidDraft, chinese_drafts, english_drafts

CATALOGUE = Catalogue(PRODUCTS, CUSTOMERS)
TRADITIONAL = OpenCC("s2t")


def expect_same(order: OrderReading, said: SaidDraft) -> None:
    note(said.sentence)
    lines = [(line.product and line.product.sku, _base(line.product, line.quantity, line.unit)) for line in order.lines]
    assert lines == [
        (line.goods.sku, _base(CATALOGUE.product(line.goods.sku), line.quantity, line.unit)) for line in said.lines
    ]
    assert all(line.problem is None for line in order.lines)
    assert order.customer == said.customer
    assert order.delivery_date == said.day
    assert order.delivery_mode == said.mode
    assert order.address == said.address
    assert order.contact == said.contact
    assert order.phone == (said.phone and said.phone.replace(" ", ""))
    assert order.payment_days == said.payment_days
    assert order.note is None


def _base(product: CatalogueProduct | None, quantity: Decimal | None, unit: str | None) -> tuple[Decimal | None, bool]:
    """How much it is whatever the unit is called, and whether one was said."""
    if product is None or quantity is None:
        return quantity, False
    return quantity * factor_of(product, unit_of(product, unit) if unit else None), unit is not None


@given(chinese_drafts())
@settings(max_examples=200, deadline=None)
def test_a_chinese_sentence_reads_back_as_its_draft(said: SaidDraft) -> None:
    expect_same(read_order(said.sentence, CATALOGUE, TODAY), said)


@given(english_drafts())
@settings(max_examples=200, deadline=None)
def test_an_english_sentence_reads_back_as_its_draft(said: SaidDraft) -> None:
    expect_same(read_order(said.sentence, CATALOGUE, TODAY), said)


@given(chinese_drafts())
@settings(max_examples=50, deadline=None)
def test_a_sentence_in_traditional_characters_reads_back_as_its_draft(said: SaidDraft) -> None:
    expect_same(read_order(TRADITIONAL.convert(said.sentence), CATALOGUE, TODAY), said)
