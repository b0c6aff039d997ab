"""Measured quantities in a text: a value, its unit, what it measures, and its span.

    >>> [(str(q.value), q.unit) for q in read_quantities("两斤半苹果，20平方米, 5 feet 10 inches and half a mile")]
    [('2.5', 'jin'), ('20', 'square meter'), ('5', 'foot'), ('10', 'inch'), ('0.5', 'mile')]
    >>> [(str(q.value), q.unit) for q in read_quantities("20箱, three weeks", kinds=("count", "time"))]
    [('20', '箱'), ('3', 'week')]

Lengths, areas, volumes, weights, speeds, temperatures, angles and amounts of data or power are read; counted things
(箱, boxes), spans of time and ages only when they are asked for by `kinds`. Units are named as in units.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import lru_cache

from deskhand.language.readings import QuantityReading
from deskhand.language.values import currencies
from deskhand.language.values.numbers import articles_in, numerals_in
from deskhand.language.values.numeral import Numeral, apart
from deskhand.language.values.plain import plain
from deskhand.language.values.units import MEASURES, is_loose, units
from deskhand.numerals import digit_of, tidy

_TRAPS = re.compile(
    r"里(?:[面边头程外]|的|有|还)|度(?:假|过|数|量|日)|两(?:[个只条张台件块本箱年天次人位种名家])|位(?!系统|处理器|操作系统|整数|的?宽)|码(?:头|字|农)"
    r"|克(?:服|隆|制|扣|朗|郎)|升(?:级|学|降|职|值|温|旗)|斤(?:斤|两)|米(?:饭|粉|线|色|黄|酒|面|老|其)|分(?:钟)|寸(?:步)|瓦(?:片|房|解)|兆(?:头)"
    r"|平方(?:根|差)|立方(?:体|根)|年(?:级|代|纪|轮|月|[前后底初])|周(?:[一二三四五六日天年])|天(?:气|线|[前后])|秒(?:杀|表)|顷(?:刻)|安培表|帕(?:子)"
)
_TAIL = re.compile(
    r"(?P<half>半)(?![个小天年月斤公米径])|(?P<digits>[\d一二三四五六七八九]{1,3})(?=$|[^\w.]|[的左高长宽深])"
)
_DEGREES_BEFORE = re.compile(r"(?:零下|负|minus )$", re.IGNORECASE)
_HUNDREDTHS = {"米", "公尺"}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"[多余]?[ -]?(?: ?of an? )?(?P<u>{currencies.pattern(set(units()))})", re.IGNORECASE)


def read_quantities(
    text: str, language: str | None = None, *, kinds: Collection[str] = MEASURES
) -> tuple[QuantityReading, ...]:
    """Every number with a unit, from left to right; spans are places in the text as it was given.

    Args:
        text: Whatever was written.
        language: Taken for the sake of the other readers' form; both languages are always read.
        kinds: What is wanted, of `MEASURES` and "count", "time", "age".
    """
    said = plain(text)
    found: list[QuantityReading] = []
    for numeral in apart([*numerals_in(said), *articles_in(said)]):
        if numeral.shape != "barred" and (not found or numeral.start >= found[-1].span[1]):
            found += _quantity(said, numeral)
    return tuple(reading for reading in found if reading.kind in kinds)


def _quantity(text: str, numeral: Numeral) -> Iterator[QuantityReading]:
    match = _pattern().match(text, numeral.end)
    if not match or _TRAPS.match(text, match.start("u")):
        return
    name = match["u"]
    if name.isascii() and not _is_written_so(text, match, name):
        return
    unit, kind = units().get(name) or units()[name.lower()]
    value, end = _with_tail(text, numeral.value, name, match.end())
    start = numeral.start
    if kind == "temperature" and value > 0 and (sign := _DEGREES_BEFORE.search(text[:start])):
        start, value = sign.start(), -value
    yield QuantityReading(tidy(value), unit, kind, text[start:end], (start, end), numeral.high)


def _is_written_so(text: str, match: re.Match[str], name: str) -> bool:
    """A single capital is no unit (5 M, 3 G); a short word is one only right behind the figures (5in, not 5 in)."""
    if len(name) == 1 and name in "MGTSHWK" or name == '"' and text[: match.start()].count('"') % 2:
        return False
    return not is_loose(name.lower()) or text[match.start("u") - 1].isdigit() and name.islower()


def _with_tail(text: str, value: Decimal, name: str, end: int) -> tuple[Decimal, int]:
    """两斤半, 一米八, 1米75."""
    tail = _TAIL.match(text, end) if not name.isascii() else None
    if tail and tail["half"]:
        return value + Decimal("0.5"), tail.end()
    if tail and name in _HUNDREDTHS:
        digits = "".join(str(digit_of(c)) for c in tail["digits"])
        return value + Decimal(f"0.{digits}"), tail.end()
    return value, end
