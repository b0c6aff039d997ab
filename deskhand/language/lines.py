"""Order lines in a text: which product, how much of it, and what is wrong or missing.

A clause is a row of quantities and mentions of products; each quantity belongs to the mention beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from deskhand.language.catalogue import MAX_CHOICES, Catalogue, Resolved
from deskhand.language.fillers import starts, trimmed
from deskhand.language.quantities import Quantity, fitted, problem_of, quantities_in
from deskhand.language.readings import CatalogueProduct, LineReading, Span
from deskhand.language.text import is_han
from deskhand.language.units import factor_of, own_unit_of

_SEPARATOR = re.compile(
    r"[,;。!?\n\x1f、|/]|\.(?=\s|$)|(?:\b(?:and|plus|then|also|as well as|together with)\b|"
    r"&|\+)|还有|以及|另外|然后|再加|和|与|及|跟",
    re.IGNORECASE,
)
_BEFORE, _AFTER = re.compile(r" ?(?:[x×*]|of|of the)? ?", re.IGNORECASE), re.compile(r" ?[x×*:,]? ?", re.IGNORECASE)
_NO_LINES: list[LineReading] = []
_MONEY_TOO = frozenset({"块"})  # 共500块 is a price as often as not
_LACKS_QUANTITY = frozenset({"quantity_missing", "ambiguous_product"})


@dataclass(frozen=True)
class Mention:
    """Words that name a product, or seem to."""

    said: str
    found: Resolved
    span: Span
    by_name: bool = False


Item = Mention | Quantity


@dataclass(frozen=True)
class _Placed:
    item: Item
    clause: int
    alone: bool


def lines_in(text: str, catalogue: Catalogue) -> list[LineReading]:
    """The lines of a normalised text whose other parts are blanked out."""
    names = catalogue.product_spans(text)
    taken = [span for span, _ in names]
    quantities = quantities_in(text, taken, catalogue)
    placed: list[_Placed] = []
    for number, clause in enumerate(_clauses(text, [*taken, *(q.span for q in quantities)])):
        items = list(_items(text, clause, quantities, catalogue))
        placed += [_Placed(item, number, len(items) == 1) for item in items]
    return _paired(placed, catalogue)


def goods_in(text: str, catalogue: Catalogue) -> list[int]:
    """Where goods begin to be named together with their quantity, each apart from what stands before it."""
    names = [span for span, _ in catalogue.product_spans(text)]
    quantities = quantities_in(text, names, catalogue) if names else []
    found: list[int] = []
    for start, end in names:
        before = next((q for q in quantities if q.span[1] <= start and _BEFORE.fullmatch(text, q.span[1], start)), None)
        after = any(end <= q.span[0] and _AFTER.fullmatch(text, end, q.span[0]) for q in quantities)
        counts = before is not None and (before.unit is not None or not after)  # else it is a house's number
        first = before.span[0] if before and counts else start if after else 0
        found += [first] if first and not text[first - 1].isalnum() else []
    return found


def _clauses(text: str, kept: Sequence[Span]) -> Iterator[Span]:
    start = 0
    for match in _SEPARATOR.finditer(text):
        if any(s < match.end() and match.start() < e for s, e in kept):
            continue
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _items(text: str, clause: Span, quantities: Sequence[Quantity], catalogue: Catalogue) -> Iterator[Item]:
    at = clause[0]
    for quantity in quantities:
        if clause[0] <= quantity.span[0] < clause[1]:
            yield from _mentions(text, (at, quantity.span[0]), catalogue)
            yield quantity
            at = quantity.span[1]
    yield from _mentions(text, (at, clause[1]), catalogue)


def _mentions(text: str, span: Span, catalogue: Catalogue) -> Iterator[Mention]:
    start, end = trimmed(text, *span)
    if start >= end or not any(c.isalnum() for c in text[start:end]):
        return
    phrase = text[start:end]
    whole = catalogue.resolve_product(phrase)
    if whole.entries and whole.score >= 90:
        yield Mention(phrase, whole, (start, end), True)
        return
    names = catalogue.product_spans(phrase)
    if names:
        yield from _named(phrase, start, names)
        return
    yield _misspelt(text, span[0], (start, end), catalogue) or Mention(phrase, whole, (start, end))


def _misspelt(text: str, first: int, span: Span, catalogue: Catalogue) -> Mention | None:
    """Words that were taken for filler may begin a name: of 订书鸡, 订 is the stapler's."""
    for start in reversed(starts(text, first, span[1])[:-1][-2:]):
        said = text[start : span[1]]
        if not is_han(said[0]) or start == span[0]:
            continue
        found = catalogue.resolve_product(said)
        fit = [n for n in found.entries if any(name.startswith(said[0]) for name in catalogue.products[n].names)]
        if fit:
            return Mention(said, Resolved(tuple(fit), found.score), (start, span[1]))
    return None


def _named(phrase: str, offset: int, names: Sequence[tuple[Span, Resolved]]) -> Iterator[Mention]:
    """Names inside a phrase. Words after a name change what it is (打印机墨盒 is no 打印机): it is asked about."""
    at = 0
    names = _compounded(phrase, names)
    for index, ((_, end), found) in enumerate(names):
        stop = names[index + 1][0][0] if index + 1 < len(names) else len(phrase)
        tail = trimmed(phrase, end, stop)
        goes_on = index + 1 == len(names) and tail[0] < tail[1] and _continues(phrase, end)
        last = tail[1] if goes_on else end
        yield Mention(
            phrase[at:last].strip(),
            Resolved(found.entries, 50.0 if goes_on else found.score),
            (offset + at, offset + last),
            True,
        )
        at = stop


def _compounded(phrase: str, names: Sequence[tuple[Span, Resolved]]) -> list[tuple[Span, Resolved]]:
    """打印机墨粉, two names in one word: which is meant is asked about, the last one first."""
    found: list[tuple[Span, Resolved]] = []
    for (start, end), entry in names:
        if found and found[-1][0][1] == start and is_han(phrase[start]):
            (first, _), before = found.pop()
            both = tuple(dict.fromkeys((*entry.entries, *before.entries)))
            found.append(((first, end), Resolved(both, 50.0 if len(both) > 1 else 100.0)))
        else:
            found.append(((start, end), entry))
    return found


def _continues(phrase: str, end: int) -> bool:
    after = phrase[end:]
    following = re.match(r" ?([A-Za-z0-9]+|[\u4e00-\u9fff])", after)
    if not following:
        return False
    return not re.match(
        r" ?(?:(?:for|to|from|with|without|in|at|on|by|per|via|as|if|when|because|but)\b|[到给往送寄从])",
        after,
        re.IGNORECASE,
    )


def _paired(placed: Sequence[_Placed], catalogue: Catalogue) -> list[LineReading]:
    lines: list[LineReading] = []
    spread: LineReading | None = None
    index = 0
    while index < len(placed):
        here = placed[index]
        following = placed[index + 1] if index + 1 < len(placed) else None
        belong = following is not None and _belong(here, following) and not _steals(placed, index)
        items = (here.item, following.item) if belong and following else (here.item,)
        found = _line(catalogue, items[0], items[-1] if belong else None)
        if spread and found and found[0].quantity is None and found[0].problem in _LACKS_QUANTITY:
            found = [_with_quantity(found[0], spread)]
        elif found:
            spread = None
        lines += found
        if any(isinstance(item, Quantity) and item.each for item in items) and lines and not _share(lines):
            spread = lines[-1]
        index += len(items)
    return lines


def _belong(left: _Placed, right: _Placed) -> bool:
    if isinstance(left.item, Quantity) == isinstance(right.item, Quantity):
        return False
    mention = left.item if isinstance(left.item, Mention) else right.item
    named = isinstance(mention, Mention) and mention.by_name
    return left.clause == right.clause or (left.alone and right.alone and named and right.clause == left.clause + 1)


def _steals(placed: Sequence[_Placed], index: int) -> bool:
    """Unknown words before a quantity give way to a known product after it."""
    row = placed[index : index + 4]
    first = row[0].item
    if not isinstance(first, Mention) or first.found.entries or len(row) < 3 or row[2].clause != row[0].clause:
        return False
    second_quantity = len(row) == 4 and isinstance(row[3].item, Quantity) and row[3].clause == row[0].clause
    return isinstance(row[2].item, Mention) and not second_quantity and bool(row[2].item.found.entries)


def _share(lines: list[LineReading]) -> bool:
    """各10箱 and "10 boxes each" count for the products named just before, too; whether there were any."""
    last = lines[-1]
    shared = False
    for index in range(len(lines) - 2, -1, -1):
        if lines[index].quantity is not None or lines[index].problem not in _LACKS_QUANTITY:
            break
        lines[index] = _with_quantity(lines[index], last)
        shared = True
    return shared or last.quantity is None


def _with_quantity(line: LineReading, last: LineReading) -> LineReading:
    shared = replace(line, quantity=last.quantity, unit=last.unit)
    if line.product is None:
        return shared
    quantity, unit, _ = fitted(line.product, last.quantity, last.unit)
    return replace(shared, quantity=quantity, unit=unit, problem=problem_of(line.product, quantity, unit))


def _line(catalogue: Catalogue, left: Item, right: Item | None) -> list[LineReading]:
    mention = next((item for item in (left, right) if isinstance(item, Mention)), None)
    quantity = next((item for item in (left, right) if isinstance(item, Quantity)), None)
    if mention and quantity is None:
        return [line_of(catalogue, mention, None)] if _is_named_alone(mention) else _NO_LINES
    if quantity and mention is None:
        of_goods = quantity.unit and quantity.unit not in _MONEY_TOO and quantity.value is not None
        return [_productless(quantity)] if of_goods else _NO_LINES
    if mention and quantity and not mention.found.entries and not _is_product_like(mention, quantity):
        return _NO_LINES
    return [line_of(catalogue, mention, quantity)] if mention else _NO_LINES


def _is_named_alone(mention: Mention) -> bool:
    return bool(mention.found.entries) and mention.by_name and (len(mention.said) > 1 or not is_han(mention.said[0]))


def _is_product_like(mention: Mention, quantity: Quantity) -> bool:
    """Unknown words count as a product beside a unit, or right after a bare number."""
    if quantity.value is None:
        return quantity.unit is not None
    return quantity.unit is not None or quantity.span[0] < mention.span[0] or quantity.value <= 0


def _productless(quantity: Quantity) -> LineReading:
    return LineReading(None, (), "", quantity.value, quantity.unit, quantity.span, "unknown_product", _range(quantity))


def _range(quantity: Quantity | None) -> tuple[Decimal, Decimal] | None:
    if quantity is None or quantity.high is None or quantity.value is None:
        return None
    return quantity.value, quantity.high


def line_of(catalogue: Catalogue, mention: Mention, quantity: Quantity | None) -> LineReading:
    """The line that a mention and a quantity make together."""
    products = tuple(catalogue.products[n] for n in mention.found.entries[:MAX_CHOICES])
    span = mention.span
    if quantity:
        span = min(span[0], quantity.span[0]), max(span[1], quantity.span[1])
    value = quantity.value if quantity and quantity.high is None else None
    line = LineReading(None, (), mention.said, value, quantity.unit if quantity else None, span, None, _range(quantity))
    if not products:
        return replace(line, problem="unknown_product")
    if len(products) > 1 or mention.found.score < 60:
        return replace(line, candidates=products, problem="ambiguous_product")
    if quantity and quantity.rest:
        line = _summed(line, quantity.rest, products[0])
    return settle_line(line, products[0])


def _summed(line: LineReading, rest: Quantity, product: CatalogueProduct) -> LineReading:
    """Both amounts in the base unit; a unit that the product does not have is what is wrong with the line."""
    units = own_unit_of(product, line.unit or ""), own_unit_of(product, rest.unit or "")
    if None in units or line.quantity is None or rest.value is None:
        return line if units[0] is None else replace(line, unit=rest.unit)
    total = line.quantity * factor_of(product, units[0]) + rest.value * factor_of(product, units[1])
    return replace(line, quantity=total, unit=product.base_unit or None)


def settle_line(line: LineReading, product: CatalogueProduct) -> LineReading:
    """The line once its product is certain, its unit in the product's words and checked."""
    quantity, unit, known = fitted(product, line.quantity, line.unit)
    problem = "unit_unknown" if not known and quantity and quantity > 0 else problem_of(product, quantity, unit)
    if line.quantity_range:
        problem = "quantity_range"
    return replace(line, product=product, candidates=(), quantity=quantity, unit=unit, problem=problem)


def mention_of(phrase: str, catalogue: Catalogue) -> Mention | None:
    """The one thing a phrase names, when it is nothing but a name."""
    return next(_mentions(phrase, (0, len(phrase)), catalogue), None)
