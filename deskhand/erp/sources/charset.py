"""In which encoding a text is, from the bytes of its lines that are not plain ASCII. Knows no file.

The encodings that shops use are few, and the lines that tell them apart short: a name, a header. Detectors of a hundred
encodings guess wrong on those, so each of our few is tried, and what it makes of the bytes is weighed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

UTF8 = "utf-8"
GB18030 = "gb18030"
BIG5 = "cp950"
SHIFT_JIS = "cp932"
WESTERN = "cp1252"
MAC_ROMAN = "mac-roman"
BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
)  # fmt: skip
LEAST = 0.1  # below it, what an encoding makes of the bytes is no text
_FAULT = -4.0
_WESTERN_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœšžÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒŠŽ")
_WESTERN_SIGNS = frozenset("€£¥°–—‘’“”•…®™©«»º½²³§·\xa0")
_HIGH = re.compile(rb"[\x80-\xff]+")
_LINE_END = re.compile(rb"[\r\n]")
_UTF8_SIGN = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|\xc2[\xa0-\xbf]")


def bom_encoding(start: bytes) -> str | None:
    """What the first bytes say themselves."""
    return next((encoding for bom, encoding in BOMS if start.startswith(bom)), None)


def wide_encoding(start: bytes) -> str | None:
    """UTF-16 without its mark: the zero bytes of its ASCII signs all stand on one side."""
    pairs = len(start) // 2
    even, odd = start[0 : pairs * 2 : 2].count(0), start[1 : pairs * 2 : 2].count(0)
    if pairs == 0 or max(even, odd) < pairs * 0.05 or min(even, odd) > max(even, odd) * 0.05:
        return None
    little = odd > even
    ends = [found.start() for found in _LINE_END.finditer(start[: pairs * 2 - 1])]
    wide = sum(start[place + 1 : place + 2] == b"\0" if little else start[place - 1 : place] == b"\0" for place in ends)
    if wide < len(ends) * 0.9 or (not ends and max(even, odd) < pairs * 0.3):
        return None
    return "utf-16-le" if little else "utf-16-be"


def mostly_utf8(lines: bytes) -> bool:
    """Whether UTF-8 with some broken bytes is likelier than another encoding."""
    high = sum(map(len, _HIGH.findall(lines)))
    valid = sum(map(len, _UTF8_SIGN.findall(lines)))
    return high > 0 and valid >= high * 0.6


def narrow_encoding(lines: bytes) -> str | None:
    """Which of the encodings of one or two bytes makes the best text of these lines; None: none of them does."""
    weighed = [(_weight(lines, encoding, judge), encoding) for encoding, judge in _JUDGES]
    best, encoding = max(weighed, key=lambda each: each[0])
    return encoding if best >= LEAST else None


def _weight(lines: bytes, encoding: str, judge: Callable[[str, int], float]) -> float:
    """The mean of what each sign that is not ASCII is worth in a text of that encoding; at most 1."""
    text = lines.decode(encoding, errors="replace")
    places = [place for place, sign in enumerate(text) if sign > "\x7f"]
    if not places:
        return 0.0
    return sum(_FAULT if text[place] == "\ufffd" else judge(text, place) for place in places) / len(places)


def _chinese(common: frozenset[str], text: str, place: int) -> float:
    sign = text[place]
    if sign in common:
        return 1.0
    if sign in "，。：；（）、《》【】“”！？￥　—…·‘’×℃①②③④⑤":
        return 0.8
    if "\uff01" <= sign <= "\uff5e":
        return 0.7
    return 0.15 if "\u4e00" <= sign <= "\u9fff" else -0.6


def _simplified(text: str, place: int) -> float:
    """Of GB18030's signs, those of its second byte among the letters are rare; between letters they are another's."""
    worth = _chinese(_common()[0], text, place)
    return worth if worth >= 0.7 else worth - 0.5 * _beside_letters(text, place)


def _traditional(text: str, place: int) -> float:
    worth = _chinese(_common()[1], text, place)
    return worth if worth >= 0.7 else worth - 0.5 * _beside_letters(text, place)


def _japanese(text: str, place: int) -> float:
    sign = text[place]
    if "\u3041" <= sign <= "\u30fe":
        return 1.0
    if "\uff61" <= sign <= "\uff9f":  # half-width: what stray bytes become
        return -0.3
    return min(_chinese(_common()[1] | _common()[0], text, place), 0.6)


def _western(text: str, place: int) -> float:
    sign = text[place]
    alone = not any(near > "\x7f" for near in text[max(0, place - 1) : place] + text[place + 1 : place + 2])
    if sign in _WESTERN_LETTERS:
        if sign.isupper() and text[place - 1 : place].islower():  # JosŽ
            return -0.5
        return 0.9 if alone else 0.4 if _beside_letters(text, place) else -0.5
    return (0.75 if alone else 0.1) if sign in _WESTERN_SIGNS else -0.5


def _mac_roman(text: str, place: int) -> float:
    """Weighed lower: what is an apostrophe in the other one (Men’s) is a letter here."""
    return _western(text, place) - 0.4


def _beside_letters(text: str, place: int) -> bool:
    """Whether a Latin letter stands right before or after."""
    near = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
    return any(each.isascii() and each.isalpha() for each in near)


@cache
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """The signs that trade and everyday texts consist of: simplified, traditional."""
    simplified, traditional = Path(__file__).with_name("common_hanzi.txt").read_text(encoding="utf-8").split()
    return frozenset(simplified), frozenset(traditional)


_JUDGES: tuple[tuple[str, Callable[[str, int], float]], ...] = (
    (GB18030, _simplified), (BIG5, _traditional), (WESTERN, _western), (SHIFT_JIS, _japanese),
    (MAC_ROMAN, _mac_roman),
)  # fmt: skip
