"""One spelling for every text: width, script, control characters; and which language it is in."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

MAX_CHARACTERS = 2000
_SIMPLIFIED = OpenCC("t2s")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
_CODE = re.compile(r"(?=\S*\d)[A-Za-z0-9][A-Za-z0-9\-_/.#]*")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63"), "-")
_QUOTES = {ord("\u2018"): "'", ord("\u2019"): "'", ord("\u201c"): '"', ord("\u201d"): '"'}
_CHARACTERS = {**_DASHES, **_QUOTES, ord("\u3000"): " ", ord("\u3002"): "。", ord("\u2044"): "/"}
_WIDE_COMMA = re.compile(r"(?<=\d)\uff0c(?=\d)(?!000(?!\d))")  # parts what it stands between, also thousands
_FRACTION = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e])")  # 1½ is 1 1/2, not 11/2


@lru_cache(maxsize=256)
def normalise(text: str) -> str:
    """NFKC, half width, simplified characters, without zero-width and control characters; at most 2,000 characters."""
    apart = _FRACTION.sub(" ", _WIDE_COMMA.sub(", ", text[:MAX_CHARACTERS]))
    plain = unicodedata.normalize("NFKC", apart).translate(_CHARACTERS)
    visible = "".join(_visible(character) for character in plain)
    simplified: str = _SIMPLIFIED.convert(visible) if _HAN.search(visible) else visible
    return re.sub(r"[ \t]+", " ", simplified).strip()[:MAX_CHARACTERS]


def _visible(character: str) -> str:
    if character in "\n\r\t\v\f\u2028\u2029":
        return " " if character == "\t" else "\n"
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} else character


def fold(text: str) -> str:
    """Lower case without a change of length, so that spans stay true."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def detect_language(text: str, default: str = "en") -> str:
    """'zh' or 'en', by what most of the words are in; a text of numbers and codes only is `default`.

    A Chinese character weighs as much as half an English word; SKUs and model names weigh nothing.
    """
    words = _CODE.sub(" ", normalise(text))
    han = len(_HAN.findall(words))
    latin = sum(1 for word in _LATIN_WORD.findall(words) if len(word) > 1 or word in "aI")
    if not han and not latin:
        return "zh" if _HAN.search(normalise(text)) else default
    return "zh" if han >= latin * 1.5 or (han and han >= latin) else "en"


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one."""
    return bool(_HAN.match(character))


def blank(text: str, span: tuple[int, int], with_: str = "\x1f") -> str:
    """The text with a span overwritten by separators of the same length."""
    return text[: span[0]] + with_ * (span[1] - span[0]) + text[span[1] :]
