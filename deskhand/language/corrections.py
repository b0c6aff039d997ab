"""The clauses of a correction, read one after the other into changes of a draft's lines.

Knows the draft's own lines and the catalogue; what is said of address, day and the like is not for here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from deskhand.language.catalogue import Catalogue
from deskhand.language.change_words import (
    ADD,
    ADD_X,
    FIELD_WORDS,
    INSTEAD,
    KEEP,
    LESS,
    MORE,
    NEGATED,
    POLITE,
    REFUSES,
    REMOVE,
    REPLACES,
    SET,
    TIMES,
    WANTS,
)
from deskhand.language.choice import ordinal_in
from deskhand.language.draft import Draft
from deskhand.language.fillers import trimmed
from deskhand.language.lines import lines_in, settle_line
from deskhand.language.quantities import Quantity, quantities_in
from deskhand.language.readings import CatalogueProduct, DraftLine, LineReading
from deskhand.language.units import COUNTERS, own_unit_of
from deskhand.numerals import parse_chinese, tidy

AND = re.compile(r"\band\b|&|和|与|、|跟|以及|,")
Between = tuple[Decimal, Decimal] | None


@dataclass
class Changes:
    """What has been gathered so far."""

    sets: list[LineReading] = field(default_factory=list)
    adds: list[LineReading] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    verb: str = ""

    def __bool__(self) -> bool:
        return bool(self.sets or self.adds or self.removed or self.unknown or self.problems or self.remarks)


def _kept(unit: str | None, product: CatalogueProduct) -> str | None:
    """The unit of the goods that are replaced, if the new ones are sold by it."""
    return unit if unit and own_unit_of(product, unit) else None


class Editor:
    """Reads clause after clause into changes of one draft."""

    def __init__(self, catalogue: Catalogue, draft: Draft) -> None:
        self.catalogue = catalogue
        self.draft = draft
        self.found = Changes()

    def read(self, clause: str) -> None:
        """Read one clause; a clause without a verb goes on with the verb before it."""
        if self._keep(clause.strip(" ,.:")):
            return
        words = POLITE.sub("", clause).strip(" ,.:吧") if not NEGATED.match(clause) or "不是" not in clause else clause
        words = re.sub(r"^\s*不是.*?(?:而是|是)", "是", words).strip()
        if not words or NEGATED.match(words):
            return
        words = INSTEAD.sub("", words)
        readers: tuple[Callable[[str], bool], ...] = (
            self._times,
            self._less,
            self._at_place,
            self._set,
            self._add,
            self._remove,
        )
        if not any(reader(words) for reader in readers):
            self._plain(words)

    def _keep(self, words: str) -> bool:
        """只要打印机: all the others go."""
        match = next((found for pattern in KEEP if (found := pattern.match(words))), None)
        if match is None or self._quantity(match["x"]):
            return False
        kept = {line.sku for thing in AND.split(match["x"]) if thing for line in self.draft.pointed_at(thing)}
        self.found.removed += [line.sku for line in self.draft.lines if kept and line.sku not in kept]
        return bool(kept)

    def _times(self, words: str) -> bool:
        for pattern, factor in TIMES:
            match = pattern.match(words)
            if match and self._multiply(match["x"] or "", Decimal(factor or parse_chinese(match["n"]) or 1)):
                return True
        return False

    def _multiply(self, thing: str, factor: Decimal) -> bool:
        lines = self.draft.pointed_at(thing)
        if self._quantity(thing) or not (lines or self.draft.is_it(thing)):
            return False
        for line in lines:
            self._set_line(line, tidy(line.quantity * factor), line.unit, line.name)
        self.found.problems += [] if lines else ["line_unclear"]
        return True

    def _at_place(self, words: str) -> bool:
        """The second one: 5."""
        ordinal = ordinal_in(words)
        if ordinal is None or words[: ordinal[1][0]].strip():
            return False
        value = re.fullmatch(r" ?(?:[:=]|->)+ ?(?P<y>[^ ].*)", words[ordinal[1][1] :])
        return value is not None and self._set_to(words[slice(*ordinal[1])], value["y"])

    def _less(self, words: str) -> bool:
        for pattern in LESS:
            match = pattern.match(words)
            if match and self._take_off(match["x"], match["y"]):
                return True
        return False

    def _take_off(self, thing: str, amount: str) -> bool:
        """Less of a line; the thing may be said before or after the amount (减少5箱A4纸)."""
        quantity = self._quantity(amount)
        if quantity is None or quantity.value is None:
            return False
        line = self._line_for(thing.strip() or amount[quantity.span[1] :], quantity.unit)
        if line is None:
            return False
        self._set_line(line, line.quantity - quantity.value, line.unit, line.name)
        return True

    def _set(self, words: str) -> bool:
        for pattern in SET:
            match = pattern.match(words)
            thing = match["x"] if match and "x" in pattern.groupindex else ""
            if match and self._set_to(thing, match["y"].strip(" ."), replaces=bool(REPLACES.match(words))):
                self.found.verb = "set"
                return True
        return False

    def _set_to(self, thing: str, value: str, *, replaces: bool = False) -> bool:
        lines = lines_in(value, self.catalogue)
        named = [line for line in lines if line.product or line.candidates]
        bare = [line for line in lines if not line.said and line.quantity is not None]
        if named:
            amounts = [self._put_bare(thing, line) for line in bare]
            return self._swap("" if any(amounts) else thing, named, replaces=replaces and not any(amounts))
        quantity = self._quantity(value)
        if quantity is None or quantity.value is None:
            return self._unit_to(thing, value) or self._unheard(thing, value)
        targets = self._each_of(thing)
        if not targets and (line := self._line_for(thing, quantity.unit)):
            targets = (line,)
        if not targets:
            return self._unclear(thing, value)
        between = None if quantity.high is None else (quantity.value, quantity.high)
        for target in targets:
            self._set_line(target, None if between else quantity.value, quantity.unit, value, between)
        return True

    def _each_of(self, things: str) -> tuple[DraftLine, ...]:
        """All lines that are named one by one (A4纸和打印机), or all there are (都)."""
        if self.draft.is_all(things):
            return self.draft.lines
        parts = [self.draft.pointed_at(thing) for thing in AND.split(re.sub("都$", "", things)) if thing.strip()]
        return tuple(part[0] for part in parts) if len(parts) > 1 and all(len(part) == 1 for part in parts) else ()

    def _unit_to(self, thing: str, value: str) -> bool:
        """改成包: the same number of another unit."""
        line = self._line_for(thing, None)
        if line is None or own_unit_of(self.draft.product(line), value) is None:
            return False
        self._set_line(line, line.quantity, value, line.name)
        return True

    def _put_bare(self, thing: str, amount: LineReading) -> bool:
        """The amount without goods of "make that 15 boxes and 2 printers" is of what was spoken about."""
        line = self._line_for(thing, amount.unit)
        if line is None or amount.quantity is None:
            return False
        self._set_line(line, amount.quantity, amount.unit, line.name)
        return True

    def _swap(self, thing: str, named: list[LineReading], *, replaces: bool) -> bool:
        """打印机换成椅子: the new product in the place and quantity of the old one."""
        old = self.draft.pointed_at(thing) if thing.strip() else self._replaced() if replaces else ()
        if replaces and not thing.strip() and not old and all(line.quantity is None for line in named):
            self.found.problems.append("line_unclear")
            return True
        for line in named:
            product = line.product or self.draft.chosen(line)
            same = product and any(o.sku == product.sku for o in old)
            if len(old) != 1 or same:
                self._put(line, absolute=True)
                continue
            self.found.removed.append(old[0].sku)
            if line.quantity is None and line.problem in {"quantity_missing", "ambiguous_product"}:
                line = replace(line, quantity=old[0].quantity)
                unit = _kept(old[0].unit, line.product) if line.product else None
                line = settle_line(replace(line, unit=unit), line.product) if line.product else line
            self.found.adds.append(line)
        return True

    def _replaced(self) -> tuple[DraftLine, ...]:
        """What 换成椅子 replaces when it does not say it: what was just taken off, or the only line."""
        gone = self.draft.line_of(self.found.removed[-1]) if self.found.removed else None
        return (gone,) if gone else self.draft.lines if len(self.draft.lines) == 1 else ()

    def _unheard(self, thing: str, value: str) -> bool:
        start, end = trimmed(value, 0, len(value))
        if start == end or FIELD_WORDS.search(f"{thing} {value}") or not self.draft.pointed_at(thing):
            return False
        self.found.unknown.append(value[start:end])
        return True

    def _unclear(self, thing: str, value: str) -> bool:
        start, end = trimmed(thing, 0, len(thing))
        if FIELD_WORDS.search(thing):
            return True
        self.found.unknown += [thing[start:end]] if start < end else []
        self.found.problems.append(
            "line_unclear" if start == end or self.draft.pointed_at(thing) else "unknown_product"
        )
        return True

    def _add(self, words: str) -> bool:
        more = MORE.match(words)
        match = ADD.match(words)
        if more and self._quantity(more["n"]):
            match, thing = more, re.sub(r"\b(?:add|and|also|with)\b", "", f"{more['n']} {more['rest']}")
        elif match:
            thing = match["x"]
        else:
            return self._add_to(words)
        self.found.verb = "add"
        return self._increase(thing)

    def _add_to(self, words: str) -> bool:
        match = ADD_X.match(words)
        lines = self.draft.pointed_at(match["x"]) if match else ()
        lines = lines if len(lines) == 1 else self._each_of(match["x"]) if match else ()
        quantity = self._quantity(match["y"]) if match and lines else None
        if quantity is None or quantity.value is None:
            return False
        self.found.adds += [self._reading(line, quantity.value, quantity.unit, words) for line in lines]
        return True

    def _increase(self, thing: str) -> bool:
        lines = [line for line in lines_in(thing, self.catalogue) if line.said or line.product]
        if not lines:
            return self._increase_it(thing)
        for line in lines:
            self._put(line, absolute=False)
        return True

    def _increase_it(self, thing: str) -> bool:
        quantity = self._quantity(thing)
        line = self._line_for("", quantity.unit) if quantity else None
        if quantity is None or quantity.value is None:
            return False
        if line is None:
            rest = thing[: quantity.span[0]] + thing[quantity.span[1] :]
            self.found.problems += ["line_unclear"] if self.draft.is_it(rest) else []
            return self.draft.is_it(rest)
        self.found.adds.append(self._reading(line, quantity.value, quantity.unit, thing))
        return True

    def _remove(self, words: str) -> bool:
        for pattern in REMOVE:
            match = pattern.match(words)
            if match and REFUSES.match(words) and self._is_remark(match["x"]):
                self.found.remarks.append(words)
                return True
            if match and self._remove_all(match["x"]):
                self.found.verb = "remove"
                return True
        return False

    def _is_remark(self, thing: str) -> bool:
        """不要发票 is about no goods."""
        named = self.draft.pointed_at(thing) or self.catalogue.resolve_product(thing).entries
        start, end = trimmed(thing, 0, len(thing))
        return not (named or start == end or self._quantity(thing) or FIELD_WORDS.search(thing))

    def _remove_all(self, things: str) -> bool:
        quantity = self._quantity(things)
        if quantity and quantity.value and self._take_off(things[: quantity.span[0]], things[quantity.span[0] :]):
            return True
        handled = [self._remove_one(thing) for thing in AND.split(things) if thing.strip()]
        return any(handled)

    def _remove_one(self, thing: str) -> bool:
        lines = self.draft.pointed_at(thing)
        every = bool(re.fullmatch(r"\s*(?:all.*|everything|全部.*|所有.*)", thing, re.IGNORECASE))
        if len(lines) == 1 or (lines and every):
            self.found.removed += [line.sku for line in lines]
            return True
        start, end = trimmed(thing, 0, len(thing))
        if start == end or FIELD_WORDS.search(thing):
            return False
        self.found.unknown.append(thing[start:end])
        self.found.problems.append("ambiguous_product" if lines else "unknown_product")
        return True

    def _plain(self, words: str) -> None:
        if self._want(words):
            return
        if self.found.verb == "remove" and self._quantity(words) is None:
            if self.draft.pointed_at(words) and trimmed(words, 0, len(words)) != (0, 0):
                self._remove_all(words)
            return
        lines = lines_in(words, self.catalogue)
        if len(lines) == 1 and not lines[0].said and lines[0].quantity is not None:
            self._set_to("", words)
            return
        for line in lines:
            if line.quantity is not None or line.quantity_range:
                self._put(line, absolute=self.found.verb != "add")

    def _want(self, words: str) -> bool:
        """要椅子: how many is asked next."""
        lines = lines_in(words, self.catalogue) if WANTS.match(words) else []
        wanted = [line for line in lines if line.product and not self.draft.line_of(line.product.sku)]
        if not wanted or any(line.problem != "quantity_missing" for line in lines):
            return False
        for line in wanted:
            self._put(line, absolute=False)
        return True

    def _put(self, line: LineReading, *, absolute: bool) -> None:
        """A line that names its product: set when the draft has it, added when not."""
        chosen = None if line.product else self.draft.chosen(line)
        line = settle_line(line, chosen) if chosen else line
        if line.product is None and not line.candidates and line.said and (own := self.draft.named(line.said)):
            line = settle_line(line, self.draft.product(own[0])) if len(own) == 1 else line
        drafted = self.draft.line_of(line.product.sku) if line.product else None
        if drafted and line.product and line.unit is None and drafted.unit:
            line = settle_line(replace(line, unit=drafted.unit), line.product)
        (self.found.sets if drafted and absolute else self.found.adds).append(line)
        if line.problem:
            self.found.problems.append(line.problem)
            self.found.unknown += [line.said] if line.problem == "unknown_product" and line.said else []

    def _quantity(self, words: str) -> Quantity | None:
        names = [span for span, _ in self.catalogue.product_spans(words)]
        return next(iter(quantities_in(words, names, self.catalogue)), None)

    def _line_for(self, thing: str, unit: str | None) -> DraftLine | None:
        lines = self.draft.pointed_at(thing)
        if not lines and self.draft.is_it(thing):
            lines = self.draft.of_unit(unit)
        return lines[0] if len(lines) == 1 else None

    def _reading(
        self, line: DraftLine, quantity: Decimal | None, unit: str | None, said: str, between: Between = None
    ) -> LineReading:
        product = self.draft.product(line)
        if unit and unit.lower() in COUNTERS and own_unit_of(product, unit) is None:
            unit = None  # "another 5" of what is ordered by the box are 5 boxes
        reading = LineReading(None, (), said, quantity, unit or line.unit, (0, 0), None, between)
        return settle_line(reading, product)

    def _set_line(
        self, line: DraftLine, quantity: Decimal | None, unit: str | None, said: str, between: Between = None
    ) -> None:
        reading = self._reading(line, quantity, unit, said, between)
        self.found.sets.append(reading)
        self.found.verb = "set"
        if reading.problem:
            self.found.problems.append(reading.problem)
