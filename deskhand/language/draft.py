"""The draft's own lines as words can point at them: by name, by part of a name, by place, or as "it"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.language.catalogue import Catalogue
from deskhand.language.choice import ordinal_in
from deskhand.language.fillers import trimmed
from deskhand.language.readings import CatalogueProduct, DraftLine, LineReading
from deskhand.language.units import own_unit_of, unit_of

_IT = re.compile(
    r"(?:it|that|this|them|those|these|that one|this one|the (?:quantity|number|"
    r"amount|line)|它|它们|这个|那个|数量|这些|那些|)",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"(?:all|everything|all of (?:them|it)|all lines|every line|(?:the )?(?:whole |entire )?(?:order|lot)|both|"
    r"each(?: one)?|"
    r"全部|所有的?都?|都|全都|各|每[样种个]都?|所有商品|全部商品|整单|(?:整个)?订单)",
    re.IGNORECASE,
)


class Draft:
    """A draft's lines with an index of their names alone, so that "the paper" is the paper that was ordered."""

    def __init__(self, lines: Sequence[DraftLine], catalogue: Catalogue) -> None:
        self.lines = tuple(lines)
        self._names = Catalogue([_product(line, catalogue) for line in lines], ())

    def product(self, line: DraftLine) -> CatalogueProduct:
        """The catalogue's product of a line."""
        return self._names.products[self.lines.index(line)]

    def line_of(self, sku: str) -> DraftLine | None:
        """The line of an SKU."""
        return next((line for line in self.lines if line.sku == sku), None)

    def pointed_at(self, words: str) -> tuple[DraftLine, ...]:
        """The lines that the words mean: one when certain, several when ambiguous, none when not of this draft."""
        ordinal = ordinal_in(words)
        if ordinal and not any(n.isalnum() for n in words[: ordinal[1][0]] + words[ordinal[1][1] :]):
            return self._at(ordinal[0])
        if ordinal and (at := self._at(ordinal[0])):
            return at
        start, end = trimmed(words, 0, len(words))
        phrase = words[start:end]
        if _ALL.fullmatch(words.strip()) or _ALL.fullmatch(phrase) and phrase:
            return self.lines
        if not phrase or _IT.fullmatch(phrase):
            return self.lines if len(self.lines) == 1 else ()
        return self.named(phrase)

    def is_all(self, words: str) -> bool:
        """Whether the words mean every line."""
        return bool(_ALL.fullmatch(words.strip()))

    def is_it(self, words: str) -> bool:
        """Whether the words name no goods at all: it, those, 这个, nothing."""
        start, end = trimmed(words, 0, len(words))
        return bool(_IT.fullmatch(words[start:end]))

    def named(self, phrase: str) -> tuple[DraftLine, ...]:
        """The lines whose product a phrase names."""
        found = self._names.product_spans(phrase)
        entries = self._names.resolve_product(phrase).entries or (found[-1][1].entries if found else ())
        return tuple(self.lines[n] for n in entries)

    def _at(self, place: int) -> tuple[DraftLine, ...]:
        index = place - 1 if place > 0 else len(self.lines) - 1
        return (self.lines[index],) if 0 <= index < len(self.lines) else ()

    def of_unit(self, unit: str | None) -> tuple[DraftLine, ...]:
        """The lines that are ordered in this unit, else all of them."""
        if unit is None:
            return self.lines
        own = tuple(line for line in self.lines if own_unit_of(self.product(line), unit) is not None)
        return own or tuple(line for line in self.lines if unit_of(self.product(line), unit) is not None)

    def chosen(self, line: LineReading) -> CatalogueProduct | None:
        """The one candidate of an ambiguous line that the draft already has."""
        own = [c for c in line.candidates if self.line_of(c.sku)]
        return own[0] if len(own) == 1 else None


def _product(line: DraftLine, catalogue: Catalogue) -> CatalogueProduct:
    known = catalogue.product(line.sku)
    if known is None:
        return CatalogueProduct(line.sku, (line.name,), line.unit or "", {})
    return CatalogueProduct(known.sku, (*known.names, line.name), known.base_unit, known.units)
