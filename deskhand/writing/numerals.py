"""Numbers written in words, as a text of ours may state them: 二十, 壹仟贰佰, twenty-three.

Knows nothing of what they count.
"""

from __future__ import annotations

from decimal import Decimal

from deskhand.numerals import DIGITS, MYRIADS, SCALES, SMALL, TENS, ZH_DIGITS, parse_chinese

CHINESE_NUMERAL = f"[{ZH_DIGITS}○{''.join([*TENS, *MYRIADS])}]+(?:点[{ZH_DIGITS}○]+)?"

_WORD = "|".join(sorted(["zero", "hundred", "dozen", *SMALL, *SCALES], key=len, reverse=True))
ENGLISH_NUMERAL = rf"\b(?:{_WORD})(?:(?:[\s-]+(?:and\s+)?)(?:{_WORD}))*\b"


def chinese_number(text: str) -> Decimal | None:
    """二十 -> 20, 二〇二六 -> 2026, 一千二百三十四点五 -> 1234.5; None for what is no number (百, 万)."""
    return parse_chinese(text) if text[:1] in DIGITS or text[:1] in {"十", "拾"} else None
