"""Text that another system decoded wrongly, put right where it can only have been that: CafÃ© -> Café, æ–‡ -> 文.

Certain means: every sign goes back into bytes, the bytes are UTF-8 throughout, and what they say is in letters that
people write. Anything less stays as it is.
"""

from __future__ import annotations

import re

_LATIN_LEAD = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")
_WRITTEN = re.compile(
    r"[\t\n\r\x20-\x7e\u00a0-\u024f\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e"
    r"\u20a0-\u20bf\u2100-\u214f\u2160-\u217f\u2190-\u21ff\u2200-\u22ff\u2460-\u24ff\u25a0-\u27bf\u3000-\u30ff"
    r"\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U0001f300-\U0001faff]+"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TIMES = 3  # some systems did it again and again


def repaired(text: str) -> str:
    """The text as it was meant, or the very same text."""
    for _ in range(_TIMES):
        better = _from_latin(text) or _from_gbk(text)
        if not better:
            return text
        text = better
    return text


def _from_latin(text: str) -> str:
    """UTF-8 that was read as cp1252; its five holes are the control characters of Latin 1."""
    if not _LATIN_LEAD.search(text):
        return ""
    try:
        better = b"".join(map(_byte, text)).decode("utf-8")
    except UnicodeError:
        return ""
    return better if _WRITTEN.fullmatch(better) else ""


def _byte(character: str) -> bytes:
    return character.encode("latin-1" if character < "\u0100" else "cp1252")


def _from_gbk(text: str) -> str:
    """UTF-8 that was read as GBK. Two signs in a row can be chance; four that all turn into Chinese can't."""
    if len(_HAN.findall(text)) < 4:
        return ""
    try:
        better = text.encode("gbk").decode("utf-8")
    except UnicodeError:
        return ""
    return better if len(_HAN.findall(better)) >= 2 and _WRITTEN.fullmatch(better) else ""
