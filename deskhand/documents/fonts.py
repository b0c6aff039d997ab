"""The Chinese font for PDF files: a small TrueType font made for the characters of one document.

The packaged font is a variable OpenType collection (CFF2), which no PDF may hold. So the glyphs that a
document needs are drawn once more at the wanted weight as TrueType outlines. Knows nothing of documents.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.cu2quPen import Cu2QuPen  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FAMILY = "Noto Sans CJK SC"
REGULAR, BOLD = 400, 700

_FILE = "NotoSansCJK-VF.otf.ttc"
_SIMPLIFIED = 2  # the collection's face: 0 JP, 1 KR, 2 SC, 3 TC, 4 HK
_ERROR = 1.0  # units of 1000: how far a quadratic curve may lie from the cubic one
_lock = threading.Lock()  # the opened font reads from one file handle


@lru_cache(maxsize=1)
def _source() -> tuple[TTFont, dict[int, str]]:
    font = TTFont(str(files("manimgx_fonts_cjk") / _FILE), fontNumber=_SIMPLIFIED, lazy=True)
    return font, dict(font.getBestCmap())


@lru_cache(maxsize=2)
def _glyphs(weight: int) -> Any:
    return _source()[0].getGlyphSet(location={"wght": weight})


def write_font(characters: Iterable[str], weight: int, path: Path) -> None:
    """Writes a TrueType file with these characters; those that the font lacks are left to .notdef."""
    with _lock:
        _, known = _source()
        names = {ord(char): known[ord(char)] for char in sorted(set(characters)) if ord(char) in known}
        order = list(dict.fromkeys((".notdef", *names.values())))
        drawn = {name: _draw(weight, name) for name in order}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: glyph for name, (glyph, _) in drawn.items()})
    builder.setupHorizontalMetrics({name: (width, 0) for name, (_, width) in drawn.items()})
    _describe(builder, weight)
    builder.font.recalcTimestamp = False  # the same characters give the same bytes
    builder.updateHead(created=0, modified=0)
    builder.save(path)


def _draw(weight: int, name: str) -> tuple[Any, int]:
    glyph = _glyphs(weight)[name]
    pen = TTGlyphPen(None)
    glyph.draw(Cu2QuPen(pen, _ERROR, reverse_direction=True))
    return pen.glyph(), round(glyph.width)


def _describe(builder: Any, weight: int) -> None:
    source = _source()[0]
    ascent, descent = source["hhea"].ascent, source["hhea"].descent
    style = "Bold" if weight == BOLD else "Regular"
    builder.setupHorizontalHeader(ascent=ascent, descent=descent)
    builder.setupNameTable(
        {
            "familyName": FAMILY,
            "styleName": style,
            "fullName": f"{FAMILY} {style}",
            "psName": f"NotoSansCJKsc-{style}",
            "uniqueFontIdentifier": f"NotoSansCJKsc-{style}",
        }
    )
    builder.setupOS2(sTypoAscender=ascent, sTypoDescender=descent, usWinAscent=ascent, usWinDescent=-descent,
                     usWeightClass=weight, sCapHeight=733)  # fmt: skip
    builder.setupPost(keepGlyphNames=False)
