"""Chinese numerals in a text: 一百二, 1万2, 三分之一, 半打, 廿五, 三五 (a range).

Says where numerals stand, not whether a word such as 一起 counts anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from deskhand.language.numerals import next_round
from deskhand.language.values.numeral import Numeral
from deskhand.numerals import ZH_DIGITS, neighbours, parse_chinese

_SCALE = "十百千万亿兆拾佰仟廿卅"
_UNIT_LED_BY_SCALE = r"(?!克|米|字节|瓦|卡|赫|比特|帕)"
_SCALED = rf"(?:[十百万亿拾佰仟廿卅]|[千兆]{_UNIT_LED_BY_SCALE})"
_SPLIT_LIANG = r"(?<=[一二三四五六七八九十半])两(?![百千万亿]|[张个台件块万天年只条箱])"
_WORD = rf"(?:(?!{_SPLIT_LIANG})[{ZH_DIGITS}]|{_SCALED}|(?<=[十百千万])[多余几](?=[万亿]))"
_RUN = rf"(?:[{ZH_DIGITS}]|[{_SCALE}]{_UNIT_LED_BY_SCALE}){_WORD}*"
_ARABIC = r"(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?"
_MIXED = rf"(?<![\d.,A-Za-z]){_ARABIC} ?{_SCALED.replace('十', '')}(?:[{ZH_DIGITS}{_SCALE}]|\d{{1,4}}(?![\d.]))*"
_EITHER = rf"(?:\d+|{_RUN})"
_DECIMALS = r"点[零〇一二三四五六七八九](?:[零〇一二三四五六七八九])*(?![十刻分时])"
_PATTERN = re.compile(
    rf"(?P<percent>百分之(?:{_ARABIC}|{_RUN}(?:{_DECIMALS})?)|(?:{_ARABIC}|{_RUN}(?:{_DECIMALS})?)个百分点)"
    rf"|(?:(?P<whole>{_EITHER})又)?(?P<bottom>{_EITHER})分之(?P<top>{_EITHER})"
    rf"|(?P<mixed>{_MIXED})"
    rf"|(?P<dozen>半|{_RUN})打(?![印孔字包火卡标断开扰听])"
    rf"|(?P<float>{_RUN}{_DECIMALS}|(?<![一-鿿])点[零一二三四五六七八九]+(?=$|[ ,，。;]))"
    rf"|(?P<few>{_RUN})(?P<some>[几余多])(?=[^万亿])"
    rf"|(?P<run>{_RUN})"
    r"|(?P<half>半)"
)
_NEGATIVE = re.compile(r"(?:负|零下 ?)$")


def numerals_in(text: str) -> Iterator[Numeral]:
    """Every Chinese numeral of a plain text, 百分之五 as barred."""
    for match in _PATTERN.finditer(text):
        found = _read(match)
        if found:
            yield _signed(text, found)


def _read(match: re.Match[str]) -> Numeral | None:
    kind = match.lastgroup or "run"
    start, end = match.span()
    if kind == "half":
        return Numeral(start, end, Decimal("0.5"), "half")
    if match["percent"]:
        return Numeral(start, end, Decimal(0), "barred")
    if match["bottom"]:
        return _fraction(match)
    if kind == "some":
        return _few(match["few"], start, end, match["some"] == "几")
    said = match[kind]
    between = neighbours(said) if kind in {"run", "dozen"} else None
    value, high = between or (value_of(said), None)
    if value is None:
        return None
    times = 12 if match["dozen"] else 1
    return Numeral(start, end, value * times, "digits" if match["mixed"] else "zh", high * times if high else None)


def _fraction(match: re.Match[str]) -> Numeral | None:
    top, bottom = value_of(match["top"]), value_of(match["bottom"])
    whole = value_of(match["whole"]) if match["whole"] else Decimal(0)
    if top is None or whole is None or not bottom:
        return None
    return Numeral(*match.span(), whole + top / bottom, "fraction")


def _few(said: str, start: int, end: int, open_ended: bool) -> Numeral | None:
    """十几 is 11 to 19, counted as ten; 三十多 is thirty."""
    value = value_of(said)
    if value is None:
        return None
    high = next_round(value) - 1 if value else value
    return Numeral(start, end, value, "zh", high if open_ended and high > value else None)


def value_of(said: str) -> Decimal | None:
    """The worth of one Chinese or mixed numeral; None for what is none."""
    said = re.sub(r"[多余几 ,，]", "", said).replace("廿", "二十").replace("卅", "三十")
    return parse_chinese("零" + said if said.startswith("点") else said)


def _signed(text: str, found: Numeral) -> Numeral:
    sign = _NEGATIVE.search(text[max(0, found.start - 4) : found.start])
    if not sign or found.shape == "barred" or found.value < 0:
        return found
    high = None if found.high is None else -found.high
    return Numeral(found.start - len(sign[0]), found.end, -found.value, found.shape, high)
