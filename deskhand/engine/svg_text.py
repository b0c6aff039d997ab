"""Text inside the shapes of a picture: broken into lines by how wide it is likely to be. Knows no process."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from lxml import etree

from deskhand.engine.xmlfile import Element

LINES = 5  # more do not fit into a task
_SLASH = re.compile(r"\s+/\s+")
_PIECES = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+")

Line = tuple[str, bool]
"""A line, and whether it belongs to the second language."""


def width_of(text: str, size: float) -> float:
    """A Chinese character is as wide as it is high, a Latin letter a little more than half."""
    return sum(size if unicodedata.east_asian_width(each) in "WF" else size * 0.56 for each in text)


def wrapped(name: str, width: float, size: float) -> list[Line]:
    """`确认订单 / Confirm order`: each language begins on a line of its own."""
    lines: list[Line] = []
    for number, part in enumerate(_SLASH.split(name.strip(), maxsplit=1)):
        small = size - 1 if number else size
        lines += [(line, number > 0) for line in _broken(part, width, small)]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], (f"{lines[LINES - 1][0]}…", lines[LINES - 1][1])]
    return lines


def _broken(text: str, width: float, size: float) -> list[str]:
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        if line.strip() and width_of((line + piece).rstrip(), size) > width:
            lines.append(line.strip())
            line = ""
        line += piece
    return [*lines, line.strip()] if line.strip() else lines


def written(
    parent: Element,
    lines: Sequence[Line],
    x: float,
    y: float,
    ink: str,
    faint: str,
    size: float = 12,
    halo: bool = False,
) -> None:
    """The lines, one under the other, their middle at this point; with a halo they are read on top of lines too."""
    namespace = etree.QName(parent).namespace
    made = etree.SubElement(parent, f"{{{namespace}}}text", attrib={"text-anchor": "middle"})
    if halo:
        for name, value in (("stroke", "#ffffff"), ("stroke-width", "3"), ("paint-order", "stroke")):
            made.set(name, value)
    height = size * 1.25
    top = y - (len(lines) - 1) * height / 2
    for number, (line, second) in enumerate(lines):
        part = etree.SubElement(made, f"{{{namespace}}}tspan", attrib={
            "x": f"{x:g}", "y": f"{top + number * height:g}", "fill": faint if second else ink,
            "font-size": f"{size - 1 if second else size:g}",
        })  # fmt: skip
        part.text = line
