"""In which encoding a text file is written. Reads its beginning only."""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

_SAMPLE = 200_000  # bytes
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(path: Path) -> str:
    """By its byte order mark; UTF-8 where that fits; GB18030 where it reads as Chinese; else the likeliest."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if _is_utf8(sample):
        return "utf-8"
    if _reads_as_chinese(sample):
        return "gb18030"
    best = from_bytes(sample).best()
    return best.encoding if best else "utf-8"


def _is_utf8(sample: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)  # not final: the sample may end within a character
    except UnicodeDecodeError:
        return False
    return True


def _reads_as_chinese(sample: bytes) -> bool:
    """Whether nearly all that is not ASCII are common Chinese characters (those of GB2312's first level)."""
    text = sample.decode("gb18030", errors="replace")
    foreign = [sign for sign in text if ord(sign) > 127]
    common = sum(_is_common(sign) for sign in foreign)
    return bool(foreign) and common / len(foreign) > 0.85


def _is_common(sign: str) -> bool:
    if sign in "，。：；、？！（）《》“”‘’￥…—　":
        return True
    try:
        first = sign.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= first <= 0xD7
