"""Text as people wrote it, without what machines put in between: entities, wrong encodings, invisible signs, spaces.

Cleaning what is clean changes nothing. Knows nothing of what the text says.
"""

from __future__ import annotations

import html
import re
import unicodedata

from deskhand.erp.cleaning.model import Change
from deskhand.erp.cleaning.mojibake import repaired
from deskhand.erp.formulas import restored

LOST = "\N{REPLACEMENT CHARACTER}"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_NESTED = re.compile(r"&(?:amp;)+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|(?<![\u0600-\u0dff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"  # joiners mean something there alone
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDE = {n: n - 0xFEE0 for n in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_AS_FORMULA = re.compile(r'="(?P<text>(?:[^"]|"")*)"')
_AS_TEXT = re.compile(r"'(?=\d)")  # '00123: a spreadsheet's way to keep zeros
_ROUNDS = 20


def tidy(text: str) -> tuple[str, tuple[Change, ...]]:
    """The text put right, and in which ways. Chinese punctuation stays as it is, wide letters become narrow."""
    if text.isascii() and text.isprintable() and _is_plain(text):
        return text, ()
    changes: dict[Change, None] = {}
    for _ in range(_ROUNDS):
        better = _once(text, changes)
        if better == text:
            break
        text = better
    return text, tuple(changes)


def _is_plain(text: str) -> bool:
    """For what is ASCII and printable."""
    if not text:
        return True
    return text[0] not in " =+-@'" and text[-1] != " " and "  " not in text and "&" not in text


def _once(text: str, changes: dict[Change, None]) -> str:
    for change, step in _STEPS:
        better = step(text)
        if better != text:
            changes[change] = None
            text = better
    return text


def _without_entities(text: str) -> str:
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda match: html.unescape(match.group()), _NESTED.sub("&", text))


def _in_one_encoding(text: str) -> str:
    return text if text.isascii() else repaired(text)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_WIDE))


def _visible(text: str) -> str:
    return text if text.isascii() else _SURROGATE.sub(LOST, _INVISIBLE.sub("", text))


def _without_control(text: str) -> str:
    return text if text.isprintable() else _CONTROL.sub("", text)


def _unquoted(text: str) -> str:
    """Without what spreadsheets put around a text so that it is taken for one."""
    as_formula = _AS_FORMULA.fullmatch(text)
    if as_formula:
        return as_formula["text"].replace('""', '"')
    return _AS_TEXT.sub("", restored(text), count=1) if text.startswith("'") else text


def _spaced(text: str) -> str:
    return " ".join(text.split())


_STEPS = (
    (Change.ENTITY, _without_entities),
    (Change.MOJIBAKE, _in_one_encoding),
    (Change.FULL_WIDTH, _composed),
    (Change.INVISIBLE, _visible),
    (Change.CONTROL, _without_control),
    (Change.WHITESPACE, _spaced),
    (Change.SPREADSHEET_TEXT, _unquoted),
)


def narrow(text: str) -> str:
    """A code's or number's text in its narrow form: ＡＢ１２ -> AB12, （５） -> (5), thin spaces to spaces."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_DASHES)


_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
