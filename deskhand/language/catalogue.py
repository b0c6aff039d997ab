"""The tenant's products and customers as words can find them.

A phrase is tried as a whole name, then as a part of names, then as a whole name inside it, then as a misspelling.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy

from deskhand.language.entries import MAX_CHOICES, NOTHING, Entries, Resolved
from deskhand.language.readings import CatalogueCustomer, CatalogueProduct, Match, Span
from deskhand.language.text import normalise
from deskhand.language.words import stems

__all__ = ["MAX_CHOICES", "NOTHING", "Catalogue", "Resolved"]

_ARTICLES = frozenset(["the", "a", "an", "of", "some", "our", "your", "my", "that", "this", "those", "these", "more"])


class Catalogue:
    """Products and customers, each with a prebuilt index; immutable once built, safe to share."""

    def __init__(self, products: Iterable[CatalogueProduct], customers: Iterable[CatalogueCustomer]) -> None:
        self._goods = Entries(products, lambda product: (product.sku, *product.names))
        self._skus = {"".join(stems(normalise(p.sku))): n for n, p in enumerate(self.products)}
        self.unit_names = frozenset(
            normalise(unit).lower() for p in self.products for unit in (*p.units, p.base_unit) if unit
        )
        self._people = Entries(customers, _names_of)

    def with_customers(self, customers: Iterable[CatalogueCustomer]) -> Catalogue:
        """Other customers beside the same products, whose index is not built again."""
        other = copy(self)
        other._people = Entries(customers, _names_of)
        return other

    def with_products(self, products: Iterable[CatalogueProduct]) -> Catalogue:
        """Other products beside the same customers, whose index is not built again."""
        other = Catalogue(products, ())
        other._people = self._people
        return other

    @property
    def products(self) -> tuple[CatalogueProduct, ...]:
        """All of them; what a phrase resolves to is a place among them."""
        return self._goods.items

    @property
    def customers(self) -> tuple[CatalogueCustomer, ...]:
        """All of them; what a phrase resolves to is a place among them."""
        return self._people.items

    def find_products(self, text: str) -> list[Match]:
        """Every product named in a text: whole names first, else what the whole text could mean."""
        plain = normalise(text)
        named = [Match(self.products[n], plain[slice(*span)], span, 100.0) for span, n in _each(self._goods, plain)]
        found = self.resolve_product(plain) if not named else NOTHING
        return named + [Match(self.products[n], plain, (0, len(plain)), found.score) for n in found.entries]

    def find_customers(self, text: str) -> list[Match]:
        """Every customer named in a text: whole names first, else what the whole text could mean."""
        plain = normalise(text)
        named = [Match(self.customers[n], plain[slice(*span)], span, 100.0) for span, n in _each(self._people, plain)]
        found = self.resolve_customer(plain) if not named else NOTHING
        return named + [Match(self.customers[n], plain, (0, len(plain)), found.score) for n in found.entries]

    def product_spans(self, text: str) -> list[tuple[Span, Resolved]]:
        """Whole product names in a normalised text."""
        return self._goods.spans(text)

    def customer_spans(self, text: str) -> list[tuple[Span, Resolved]]:
        """Whole customer names in a normalised text."""
        return self._people.spans(text)

    def product(self, sku: str) -> CatalogueProduct | None:
        """The product of an SKU."""
        number = self._skus.get("".join(stems(normalise(sku))))
        return self.products[number] if number is not None else None

    def knows_product_word(self, word: str) -> bool:
        """Whether a word is part of any product's name."""
        return self._goods.knows(word)

    def resolve_product(self, phrase: str) -> Resolved:
        """What product a phrase names."""
        words = tuple(word for word in stems(normalise(phrase)) if word not in _ARTICLES)
        sku = self._skus.get("".join(words))
        return Resolved((sku,)) if sku is not None else self._goods.resolve(words)

    def resolve_customer(self, phrase: str) -> Resolved:
        """What customer a phrase names."""
        return self._people.resolve(stems(normalise(phrase)))


def _each(entries: Entries[CatalogueProduct] | Entries[CatalogueCustomer], text: str) -> Iterator[tuple[Span, int]]:
    for span, found in entries.spans(text):
        for number in found.entries:
            yield span, number


def _names_of(customer: CatalogueCustomer) -> Iterator[str]:
    for spoken in (customer.id, *customer.names):
        yield from _short(spoken)


def _short(name: str) -> tuple[str, ...]:
    """A company's name as people say it: with and without 有限公司."""
    for tail in ("股份有限公司", "有限责任公司", "有限公司", "公司"):
        if name.endswith(tail) and len(name) > len(tail) + 1:
            return name, name.removesuffix(tail)
    return (name,)
