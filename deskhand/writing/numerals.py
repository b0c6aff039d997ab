"""Numbers written in words: 二十, 壹仟贰佰, twenty-three. Knows nothing of what they count."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {
    **{char: value for value, char in enumerate("零一二三四五六七八九")},
    **{char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "〇": 0, "○": 0, "两": 2, "俩": 2,
}  # fmt: skip
_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8}

CHINESE_NUMERAL = f"[{''.join([*_DIGITS, *_SCALES, *_MYRIADS])}]+(?:点[{''.join(_DIGITS)}]+)?"

_ENGLISH = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
} | {word: value * 10 for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_ENGLISH_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "dozen": 12}

_WORD = "|".join(sorted([*_ENGLISH, *_ENGLISH_SCALES], key=len, reverse=True))
ENGLISH_NUMERAL = rf"\b(?:{_WORD})(?:(?:[\s-]+(?:and\s+)?)(?:{_WORD}))*\b"


def chinese_number(text: str) -> Decimal | None:
    """二十 -> 20, 二〇二六 -> 2026, 一千二百三十四点五 -> 1234.5; None for what is no number (百, 万)."""
    whole, _, fraction = text.partition("点")
    if not whole or (whole[0] not in _DIGITS and whole[0] not in "十拾"):
        return None
    if all(char in _DIGITS for char in whole):
        value = Decimal("".join(str(_DIGITS[char]) for char in whole))
    else:
        value = Decimal(_positional(whole))
    return value + Decimal("0." + "".join(str(_DIGITS[char]) for char in fraction)) if fraction else value


def _positional(whole: str) -> int:
    total, section, digit = 0, 0, 0
    for char in whole:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _SCALES:
            section += (digit or 1) * _SCALES[char]
            digit = 0
        else:
            total = (total + section + digit) * _MYRIADS[char]
            section = digit = 0
    return total + section + digit


def english_number(text: str) -> Decimal | None:
    """twenty-three -> 23, one hundred and five -> 105, two thousand -> 2000."""
    total, section = 0, 0
    for word in re.split(r"[\s-]+", text.lower()):
        if word in _ENGLISH:
            section += _ENGLISH[word]
        elif word in ("hundred", "dozen"):
            section = max(section, 1) * _ENGLISH_SCALES[word]
        elif word in _ENGLISH_SCALES:
            total, section = total + max(section, 1) * _ENGLISH_SCALES[word], 0
    return Decimal(total + section)
