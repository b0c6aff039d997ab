"""Times of day in Chinese: 下午三点半, 早上8点一刻, 晚上九点零五分, 差五分八点, 15:30, 凌晨."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time

from deskhand.language.values.chinese import value_of
from deskhand.language.values.pieces import Piece

_HOUR = r"(?:\d{1,2}|二十[一二三四]?|十[一二三四五六七八九]?|[零〇一二两三四五六七八九])"
_MINUTE = r"(?:\d{1,2}|[二三四五]?十[一二三四五六七八九]?|[零〇]?[一二三四五六七八九])"
_SURE_MINUTE = (
    r"(?:\d{2}(?![\d.]|[个箱人])|[二三四五]十[一二三四五六七八九]?|十[一二三四五六七八九]?|[零〇][一二三四五六七八九])"
)
_QUARTERS = {"一": 15, "1": 15, "两": 30, "二": 30, "2": 30, "三": 45, "3": 45}
_CLOCK = re.compile(
    rf"(?<![\d.第:])(?P<h>{_HOUR})(?:点钟?|(?<!小)时(?![间候期代差尚装速刻常]))(?:"
    rf"(?P<half>过?半)|(?P<sharp>整)|过?(?P<q>[一两二三123])刻钟?|过?(?P<m>{_MINUTE})分(?!之)钟?(?:(?P<s>{_MINUTE})秒)?"
    rf"|差(?P<less>{_MINUTE})分|过?(?P<bare>{_SURE_MINUTE}))?"
)
_SHORT_OF = re.compile(rf"差(?:(?P<m>{_MINUTE})分钟?|(?P<q>一)刻钟?)(?:钟)?(?:到)?(?P<h>{_HOUR})点")
_FIGURES = re.compile(r"(?<![\d:.])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:])")
_PARTS = {
    "dawn": "凌晨", "morning": "清晨|早晨|早上|早间|上午|清早", "noon": "中午|晌午", "afternoon": "下午|午后",
    "evening": "傍晚|晚上|晚间|夜晚", "night": "夜里|夜间|半夜|深夜|午夜|后半夜",
}  # fmt: skip
_PART = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _PARTS.items()))
_EXACT = re.compile("(?P<noon>正午)|(?P<midnight>午夜|子夜)(?!.{0,2}点)")


def pieces_in(text: str) -> Iterator[Piece]:
    """Every clock time and part of the day of a plain text."""
    for match in _CLOCK.finditer(text):
        if _is_clock(text, match):
            yield from _clock(match)
    for match in _SHORT_OF.finditer(text):
        yield from _at(match, _int(match["h"]) * 60 - (15 if match["q"] else _int(match["m"])))
    for match in _FIGURES.finditer(text):
        yield from _figures(match)
    for match in _PART.finditer(text):
        yield Piece(*match.span(), part=match.lastgroup or "")
    for match in _EXACT.finditer(text):
        yield Piece(*match.span(), clock=time(12 if match["noon"] else 0), settled=True)


def _int(said: str) -> int:
    return int(value_of(said) or 0)


def _is_clock(text: str, match: re.Match[str]) -> bool:
    """三点五米 and 三点要求 tell no time."""
    after = text[match.end() : match.end() + 1]
    if match[0].endswith("点") and re.search(r"[这那有提说讲列几]$", text[: match.start()]):
        return False
    return not re.match(
        r"[零一二三四五六七八九\d]" + ("|[建要意原说注看想儿也都不问小]" if match[0].endswith("点") else ""), after
    )


def _clock(match: re.Match[str]) -> Iterator[Piece]:
    minute = 30 if match["half"] else _QUARTERS[match["q"]] if match["q"] else _int(match["m"] or match["bare"] or "零")
    if minute > 59:
        return
    total = _int(match["h"]) * 60 + minute - (_int(match["less"]) if match["less"] else 0)
    yield from _at(match, total, _int(match["s"]) if match["s"] else 0, weak=match[0] == "一点")


def _at(match: re.Match[str], minutes: int, second: int = 0, *, weak: bool = False) -> Iterator[Piece]:
    hour, minute = divmod(minutes, 60)
    if 0 <= hour <= 24 and second < 60 and (hour < 24 or not minute):
        yield Piece(*match.span(), clock=time(hour % 24, minute, second), settled=not 1 <= hour <= 12, weak=weak)


def _figures(match: re.Match[str]) -> Iterator[Piece]:
    yield from _at(match, int(match["h"]) * 60 + int(match["m"]), int(match["s"] or 0))
