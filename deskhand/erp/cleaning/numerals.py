"""Numbers in Chinese and English words: 一千二百, 1.2万, 壹仟元整, 12元5角, 1.2k. Knows no decimal sign."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from deskhand.numerals import GROUPS, SCALES, SMALL, neighbours, parse_chinese, parse_english

_HAN_DIGITS = "零〇○一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟萬廿卅点"
_CHINESE = re.compile(rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?)?[{_HAN_DIGITS}][{_HAN_DIGITS}\d.]*")
_COINS = re.compile(
    r"(?P<whole>[^元圆块角毛分整正]*)[元圆块](?:(?P<jiao>[^元圆块角毛分]+)[角毛])?(?:零?(?P<fen>[^元圆块角毛分]+)分)?[整正]?"
    r"|(?P<round>[^元圆块角毛分整正]+)[元圆块](?P<tenth>[1-9一二三四五六七八九])"
)
_WORDS = frozenset(SMALL) | frozenset(GROUPS) | frozenset(SCALES) | {"zero", "and", "a"}
_BEFORE = re.compile(r"^(?:人民币|rmb|cny|¥)\s*[:：]?\s*", re.IGNORECASE)
_PLAIN = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SHORT = re.compile(r"(?P<number>\d+(?:\.\d+)?) ?(?P<scale>[kK]|mn|mio|bn)")
_SHORT_SCALES = {"k": 10**3, "mn": 10**6, "mio": 10**6, "bn": 10**9}


def in_words(text: str) -> Decimal | None:
    """The number that words and characters make; None for what is no such number. `text` is narrow."""
    bare = _BEFORE.sub("", text)
    negative = bare[:1] == "负" or bare[:1] == "-"
    value = _spoken(bare[1:].strip() if negative else bare)
    return -value if negative and value is not None else value


def named_coin(text: str) -> str:
    """The name of the money that it says, "" for none: 人民币壹仟元 is renminbi, 12元 any money called so."""
    if _BEFORE.match(text):
        return "cny"
    return "元" if re.search("[元圆块]", text) else ""


def _spoken(text: str) -> Decimal | None:
    short = _SHORT.fullmatch(text)
    if short:
        return Decimal(short["number"]) * _SHORT_SCALES[short["scale"].lower()]
    coins = _COINS.fullmatch(text)
    if coins:
        return _coins(coins)
    return _chinese(text) if _CHINESE.fullmatch(text) else _english(text)


def _coins(match: re.Match[str]) -> Decimal | None:
    whole, tenths = match["whole"] or match["round"], match["jiao"] or match["tenth"]  # 十二块五
    parts = [(whole, 1), (tenths, 10), (match["fen"], 100)]
    values = [(_part(said), worth) for said, worth in parts if said]
    if not values or any(value is None for value, _ in values):
        return None
    return sum((value / worth for value, worth in values if value is not None), Decimal(0))


def _part(said: str) -> Decimal | None:
    said = said.strip()
    return Decimal(said.replace(",", "")) if _PLAIN.fullmatch(said) else _chinese(said)


def _chinese(text: str) -> Decimal | None:
    if not _CHINESE.fullmatch(text) or neighbours(text):  # 三五 is three to five
        return None
    try:
        return parse_chinese(text.replace(",", "").replace("圆", "元"))
    except (InvalidOperation, ValueError):
        return None


def _english(text: str) -> Decimal | None:
    words = re.sub("[-,]", " ", text.lower()).split()
    if not words or not set(words) <= _WORDS or words[0] == "and" or len(words) > 20:
        return None
    return Decimal(0) if words == ["zero"] else (parse_english(text) if set(words) - {"a", "and", "zero"} else None)
