"""In which language a text is, by its script: zh, en (any Latin script), other. Knows no words."""

from __future__ import annotations

import re

_HAN = re.compile(r"[㐀-鿿豈-﫿]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
_OTHER = re.compile(r"[Ͱ-῿぀-ヿ가-힣]")


def language_of(text: str) -> str:
    """A Chinese character counts as much as a Latin word. Text without letters is `other`."""
    sample = text[:4000]
    han, latin, other = (len(signs.findall(sample)) for signs in (_HAN, _LATIN, _OTHER))
    if not han and not latin and not other or other > han + latin:
        return "other"
    return "zh" if han >= latin else "en"
