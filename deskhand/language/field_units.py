"""Units that a number field may declare: which words stand for it, which other units can be turned into it exactly.

What can't (30天 of a field in months) is told apart, so that the form asks again. Knows no field and no process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

OTHER_UNIT = "other_unit"

_DAYS, _WEEKS, _MONTHS = r"天|日(?!期)|days?", r"周|个?星期|个?礼拜|weeks?", r"个?月|months?|mths?|mos?"
_QUARTERS, _YEARS = r"个?季度?|quarters?", r"年|years?|yrs?"
_TIME = (_DAYS, _WEEKS, _MONTHS, _QUARTERS, _YEARS)
_LENGTH = (
    r"毫米|mm|millimet(?:er|re)s?",
    r"厘米|公分|cm|centimet(?:er|re)s?",
    r"米|m|met(?:er|re)s?",
    r"英寸|吋|inch(?:es)?",
)
_WEIGHT = (r"毫克|mg", r"克|g|grams?", r"公斤|千克|kg|kilos?|kilograms?", r"吨|t|tons?|tonnes?", r"斤")

# By unit: words, and how much of the unit one of it is; None: not to be turned into it exactly.
UNITS: Mapping[str, tuple[tuple[str, str | None], ...]] = {
    "days": tuple(zip(_TIME, ("1", "7", None, None, None), strict=True)),
    "months": tuple(zip(_TIME, (None, None, "1", "3", "12"), strict=True)),
    "years": tuple(zip(_TIME, (None, None, None, None, "1"), strict=True)),
    "hours": ((r"小时|个钟头|hours?|hrs?|h", "1"), (_DAYS, "24"), (_WEEKS, "168"), (r"分钟|minutes?|mins?", None)),
    "percent": ((r"%|个百分点|per ?cent(?:age points?)?", "1"), (r"‰", "0.1")),
    "mm": tuple(zip(_LENGTH, ("1", "10", "1000", "25.4"), strict=True)),
    "cm": tuple(zip(_LENGTH, ("0.1", "1", "100", "2.54"), strict=True)),
    "g_m2": ((r"g ?/ ?m(?:2|²)|gsm|克每平方米|克/平方米|克重?|g", "1"),),
    "kg": tuple(zip(_WEIGHT, ("0.000001", "0.001", "1", "1000", "0.5"), strict=True)),
}
_PATTERNS: Mapping[str, tuple[tuple[re.Pattern[str], Decimal | None], ...]] = {
    unit: tuple(
        (re.compile(rf" ?(?:{words})(?![A-Za-z])", re.IGNORECASE), None if factor is None else Decimal(factor))
        for words, factor in known
    )
    for unit, known in UNITS.items()
}


def unit_at(text: str, place: int, unit: str | None) -> tuple[int, Decimal | None] | None:
    """Where the unit behind a number ends, and how much of the field's unit it is; None where no unit stands there.

    Args:
        unit: the one that the field declares.
    """
    for pattern, factor in _PATTERNS.get(unit or "", ()):
        if match := pattern.match(text, place):
            return match.end(), factor
    return None
