"""Chinese and English numerals as an order means them: 一百二十, 1万2, 半打, twenty-five, half a dozen, 2.5k.

What was said loosely (三五个, 十几箱, twenty-odd) is a range, to be asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from deskhand.language.readings import NumberReading
from deskhand.language.text import normalise
from deskhand.language.units import GENERAL_PATTERN
from deskhand.numerals import GROUPS, SCALES, SMALL, ZH_DIGITS, neighbours, parse_chinese, parse_english, tidy

_SCALES = {**SCALES, **GROUPS, "k": 10**3, "m": 10**6, "w": 10**4}
_ZH = f"[{ZH_DIGITS}十百千万亿拾佰仟廿卅]"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_EN_ONE = "|".join(sorted(["zero", *SMALL], key=len, reverse=True))
_EN_PART = rf"(?:{_EN_ONE}|hundred|thousand|million|billion)"
_EN_HALF = rf"(?:half an? (?:dozen|hundred|thousand|million)|half an?(?= {GENERAL_PATTERN})|half)"
_EN_LED = r"an? (?:dozen|hundred|thousand|million|couple(?: of)?)"
_EN_SCALED = "(?:(?<=hundred)|(?<=thousand)|(?<=million)|(?<=billion))"  # eighty and five are two numbers
_EN_RUN = rf"(?:{_EN_LED}|{_EN_PART})(?:(?:[ -]|{_EN_SCALED}(?:,? and |, )){_EN_PART})*(?: and a half)?(?: dozen)?"
NUMBER = re.compile(
    rf"(?P<half>{_EN_HALF})\b"
    rf"|(?P<parts>(?P<of>\d{{1,4}}|{_ZH}{{1,4}})分之(?P<top>\d{{1,4}}|{_ZH}{{1,4}}))"
    rf"|(?P<fraction>(?<![A-Za-z0-9_/.-])(?:\d{{1,4}} )?\d{{1,2}}/\d{{1,2}}(?![A-Za-z0-9/]))"
    rf"|(?P<arabic>(?:(?<![A-Za-z0-9_.#])|(?<=(?<![A-Za-z0-9])(?-i:x)))(?<![A-Za-z]-){_ARABIC})"
    r"(?P<suffix>(?:k|m|w)(?![A-Za-z0-9])| ?(?:dozen|hundred|thousand|million)\b|"
    r"(?:[万千百十亿]零?[一二三四五六七八九\d]?)+|半(?=[打]))?"
    rf"|(?P<en>\b{_EN_RUN}\b)"
    rf"|(?P<zh>(?:{_ZH}+(?:点[{ZH_DIGITS}]+)?|半)(?:个?半(?=打))?)",
    re.IGNORECASE,
)
_JOIN = re.compile(r" ?(?:-|~|到|至|to|or|或者?) ?", re.IGNORECASE)
_NOT_A_NUMBER_BEFORE = re.compile(
    r"(?:第|周|星期|礼拜|统|万$|唯|几|数|any|some|no|every|this|that|the|which|last|next)\s?$", re.IGNORECASE
)
_NOT_A_NUMBER_AFTER = re.compile(r"起|下(?!\d)|共|样|定|直|般|切|些|旦|边|会儿|点(?!\d)|分钟?钟|号|月|星期|致|路|楼")
_WHICH_ONE = re.compile(r"(?:最后|每|某|哪|这|同)$")  # 最后一个 is a place, not one of something
_SOME = re.compile(rf" ?[几多余来] ?(?={GENERAL_PATTERN})|[- ]odd\b", re.IGNORECASE)


def value_of(match: re.Match[str]) -> Decimal | None:
    """The value of a match of NUMBER."""
    if match["half"]:
        words = match["half"].lower().split()
        return Decimal("0.5") * _SCALES.get(words[-1], 1)
    if match["parts"]:
        of, parts = parse_chinese(match["of"]), parse_chinese(match["top"])
        return parts / of if of and parts is not None else None
    if match["fraction"]:
        whole, _, part = match["fraction"].rpartition(" ")
        top, bottom = part.split("/")
        return Decimal(whole or 0) + Decimal(top) / Decimal(bottom) if int(bottom) else None
    if match["arabic"]:
        return _suffixed(match["arabic"], (match["suffix"] or "").strip().lower())
    return parse_english(match["en"]) if match["en"] else parse_chinese(match["zh"])


def _suffixed(digits: str, suffix: str) -> Decimal | None:
    plain = digits.replace(",", "")
    if suffix == "半":
        return Decimal(plain) + Decimal("0.5")
    if suffix.isascii():
        return Decimal(plain) * _SCALES[suffix] if suffix else Decimal(plain)
    return parse_chinese(plain + suffix)


def number_matches(text: str) -> Iterator[NumberReading]:
    """Every number in a normalised text, ranges as one reading; ordinals and words such as 一起 are left out."""
    readings = [r for m in NUMBER.finditer(text) if _is_number(text, m) and (r := _reading(text, m)) is not None]
    index = 0
    while index < len(readings):
        first = readings[index]
        joined = _range(text, first, readings[index + 1]) if index + 1 < len(readings) else None
        yield joined or first
        index += 2 if joined else 1


def _is_number(text: str, match: re.Match[str]) -> bool:
    if match["arabic"] or match["fraction"] or match["parts"]:
        return True
    before = text[max(0, match.start() - 12) : match.start()]
    if match["en"] and match["en"].lower() in {"one", "second", "zero"}:
        return not re.search(
            r"\b(?:this|that|the|which|last|next|second|first|third|no|any|every|each)\s$", before, re.IGNORECASE
        )
    if match["zh"] is None:
        return True
    if match["zh"] in {"零", "〇"} and text[match.end() : match.end() + 1].isdigit():
        return False  # 3箱零5包
    if match["zh"] == "一" and _WHICH_ONE.search(before):
        return False
    return not _NOT_A_NUMBER_BEFORE.search(before) and not (
        len(match["zh"]) == 1 and _NOT_A_NUMBER_AFTER.match(text, match.end())
    )


def _reading(text: str, match: re.Match[str]) -> NumberReading | None:
    start, end = match.span()
    said = neighbours(match["zh"]) if match["zh"] else None
    value, high = said or (value_of(match), None)
    if value is None:
        return None
    some = _SOME.match(text, end)
    if some and high is None and value >= 10 and not value % 10:
        low, high, end = value + 1, next_round(value) - 1, some.end()
        return NumberReading(tidy(low), text[start:end], (start, end), tidy(high))
    sign = re.search(r"(?:(?<![A-Za-z0-9])-|\bminus |\bnegative |负)$", text[:start], re.IGNORECASE)
    if sign:
        start, value = sign.start(), -value
    return NumberReading(tidy(value), text[start:end], (start, end), high)


def next_round(value: Decimal) -> Decimal:
    """十几 stays below 20, 一百多 below 200."""
    digits = str(tidy(value))
    return value + Decimal(10) ** (len(digits) - len(digits.rstrip("0")))


def _range(text: str, first: NumberReading, second: NumberReading) -> NumberReading | None:
    between = text[first.span[1] : second.span[0]]
    low, high = first.value, abs(second.value) if second.text.startswith("-") else second.value
    if second.text.startswith("-") and not between:
        between = "-"
    led = between == " and " and text[: first.span[0]].lower().endswith("between ")
    if first.high is not None or not (led or _JOIN.fullmatch(between)) or not 0 < low < high:
        return None
    return NumberReading(low, text[first.span[0] : second.span[1]], (first.span[0], second.span[1]), high)


def read_counts(text: str) -> tuple[NumberReading, ...]:
    """Every number as an order means it, a range as one; digits inside codes (A4, SKU-1002) are not numbers."""
    plain = normalise(text)
    return tuple(r for r in number_matches(plain) if not _inside_code(plain, r))


def _inside_code(text: str, reading: NumberReading) -> bool:
    after = text[reading.span[1] : reading.span[1] + 2]
    return reading.text[-1:].isdigit() and bool(re.match(r"[A-Za-z]\d|[A-Z]{2}", after))
