"""The tenant's products and customers as words can find them.

A phrase is tried as a whole name, then as a part of names, then as a whole name inside it, then as a misspelling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from deskhand.language.index import NameIndex
from deskhand.language.readings import CatalogueCustomer, CatalogueProduct, Match, Span
from deskhand.language.text import is_han, normalise
from deskhand.language.words import Token, stems, tokens

MAX_CHOICES = 5
_ARTICLES = frozenset(["the", "a", "an", "of", "some", "our", "your", "my", "that", "this", "those", "these", "more"])


@dataclass(frozen=True)
class Resolved:
    """What a phrase names: one entry, several to choose from, or none."""

    entries: tuple[int, ...]
    score: float = 100.0

    @property
    def certain(self) -> bool:
        """Whether there is nothing to ask."""
        return len(self.entries) == 1


NOTHING = Resolved(())


class Catalogue:
    """Products and customers with prebuilt indexes; immutable once built, safe to share."""

    def __init__(self, products: Iterable[CatalogueProduct], customers: Iterable[CatalogueCustomer]) -> None:
        self.products = tuple(products)
        self.customers = tuple(customers)
        self._product_names = NameIndex(
            (n, name) for n, product in enumerate(self.products) for name in (product.sku, *product.names)
        )
        self._skus = {"".join(stems(normalise(p.sku))): n for n, p in enumerate(self.products)}
        self._customer_names = NameIndex(
            (n, name) for n, c in enumerate(self.customers) for spoken in (c.id, *c.names) for name in _short(spoken)
        )
        self.unit_names = frozenset(
            normalise(unit).lower() for p in self.products for unit in (*p.units, p.base_unit) if unit
        )

    def find_products(self, text: str) -> list[Match]:
        """Every product named in a text: whole names first, else what the whole text could mean."""
        plain = normalise(text)
        return self._matches(plain, self._product_names, self.products) or [
            Match(self.products[n], plain, (0, len(plain)), found.score)
            for found in (self.resolve_product(plain),)
            for n in found.entries
        ]

    def find_customers(self, text: str) -> list[Match]:
        """Every customer named in a text: whole names first, else what the whole text could mean."""
        plain = normalise(text)
        return self._matches(plain, self._customer_names, self.customers) or [
            Match(self.customers[n], plain, (0, len(plain)), found.score)
            for found in (self.resolve_customer(plain),)
            for n in found.entries
        ]

    def _matches(
        self, text: str, names: NameIndex, items: Sequence[CatalogueProduct | CatalogueCustomer]
    ) -> list[Match]:
        words = tokens(text)
        return [
            Match(items[n], text[span[0] : span[1]], span, 100.0)
            for found in names.whole_names(words)
            for span in (_span(words, found.first, found.last),)
            for n in found.entries[:MAX_CHOICES]
        ]

    def product_spans(self, text: str) -> list[tuple[Span, Resolved]]:
        """Whole product names in a normalised text."""
        words = tokens(text)
        return [
            (_span(words, f.first, f.last), Resolved(f.entries[:MAX_CHOICES]))
            for f in self._product_names.whole_names(words)
        ]

    def customer_spans(self, text: str) -> list[tuple[Span, Resolved]]:
        """Whole customer names in a normalised text."""
        words = tokens(text)
        return [
            (_span(words, f.first, f.last), Resolved(f.entries[:MAX_CHOICES]))
            for f in self._customer_names.whole_names(words)
        ]

    def product(self, sku: str) -> CatalogueProduct | None:
        """The product of an SKU."""
        number = self._skus.get("".join(stems(normalise(sku))))
        return self.products[number] if number is not None else None

    def knows_product_word(self, word: str) -> bool:
        """Whether a word is part of any product's name."""
        return self._product_names.knows(word)

    def resolve_product(self, phrase: str) -> Resolved:
        """What product a phrase names."""
        words = tuple(word for word in stems(normalise(phrase)) if word not in _ARTICLES)
        sku = self._skus.get("".join(words))
        return Resolved((sku,)) if sku is not None else _resolve(self._product_names, words)

    def resolve_customer(self, phrase: str) -> Resolved:
        """What customer a phrase names."""
        return _resolve(self._customer_names, stems(normalise(phrase)))


def _span(words: Sequence[Token], first: int, last: int) -> Span:
    return words[first].start, words[last - 1].end


def _short(name: str) -> tuple[str, ...]:
    """A company's name as people say it: with and without 有限公司."""
    for tail in ("股份有限公司", "有限责任公司", "有限公司", "公司"):
        if name.endswith(tail) and len(name) > len(tail) + 1:
            return name, name.removesuffix(tail)
    return (name,)


def _resolve(names: NameIndex, words: tuple[str, ...]) -> Resolved:
    if not words or len(words) > 40:
        return NOTHING
    exact = names.exactly(words)
    if exact:
        return Resolved(exact[:MAX_CHOICES])
    part = names.containing(words, MAX_CHOICES)
    if part:
        return Resolved(part, 90.0)
    return _misspelt(names, words)


def _misspelt(names: NameIndex, words: tuple[str, ...]) -> Resolved:
    fixed = tuple(w if names.knows(w) else names.corrected(w) or w for w in words)
    if fixed != words:
        found = names.exactly(fixed) or names.containing(fixed, MAX_CHOICES)
        if found:
            return Resolved(found[:MAX_CHOICES], 85.0)
    cutoff = 60.0 if is_han(words[0][0]) and len(words) >= 3 else 84.0
    near = names.alike(fixed, MAX_CHOICES, cutoff)
    if not near:
        return NOTHING
    best = near[0][1]
    return Resolved(tuple(entry for entry, score in near if score > best - 4), best)


@lru_cache(maxsize=1)
def empty_catalogue() -> Catalogue:
    """A catalogue of nothing."""
    return Catalogue((), ())
