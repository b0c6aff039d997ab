"""Where the names beside events, gateways and flows stand, so that none covers another or a shape. Pure.

Each keeps the place that the editor gave it, or the usual one, unless something is there; else the nearest free one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot

from deskhand.engine.diagram import Box, Point
from deskhand.engine.svg_text import Line, width_of

LEADING = 1.25  # as `svg_text.written` sets lines
GAP = 4.0
_SHAPE, _LABEL, _LINE, _AWAY = 8.0, 10.0, 0.7, 9.0  # what it costs to cover one, or to stand further away


class Labels:
    """Places one label after another; whatever is placed is in the way of the next."""

    def __init__(self, shapes: Sequence[Box], lines: Sequence[Sequence[Point]]) -> None:
        self._shapes = list(shapes)
        self._segments = [pair for points in lines for pair in zip(points, points[1:], strict=False)]
        self._placed: list[Box] = []

    def at_shape(self, lines: Sequence[Line], size: float, wanted: Point, shape: Box) -> Point:
        """The middle of a label that belongs to a shape: where it is wanted, else around the shape."""
        width, height = extent(lines, size)
        return self._taken(width, height, [wanted, *_around(shape, width, height)])

    def at_line(self, lines: Sequence[Line], size: float, wanted: Point, points: Sequence[Point]) -> Point:
        """The middle of a label that belongs to a flow: where it is wanted, else along the flow."""
        width, height = extent(lines, size)
        return self._taken(width, height, [wanted, *_along(points, width, height)])

    def _taken(self, width: float, height: float, places: Sequence[Point]) -> Point:
        wanted = places[0]
        best = min(places, key=lambda place: self._cost(_box(place, width, height), place, wanted))
        self._placed.append(_box(best, width, height))
        return best

    def _cost(self, box: Box, place: Point, wanted: Point) -> float:
        shapes = sum(_SHAPE * _overlap(box, each) for each in self._shapes)
        labels = sum(_LABEL * _overlap(box, each) for each in self._placed)
        crossed = sum(_LINE * box.height * _crossed(box, *each) for each in self._segments)
        return shapes + labels + crossed + _AWAY * hypot(place[0] - wanted[0], place[1] - wanted[1])


def extent(lines: Sequence[Line], size: float) -> tuple[float, float]:
    """How wide and how high a label is."""
    width = max((width_of(text, size - 1 if second else size) for text, second in lines), default=0.0)
    return width + GAP, len(lines) * size * LEADING


def _box(middle: Point, width: float, height: float) -> Box:
    return Box(middle[0] - width / 2, middle[1] - height / 2, width, height)


def _around(shape: Box, width: float, height: float) -> Iterator[Point]:
    """Below, above and beside it, then over its corners, then the same further away."""
    (x, y), near = shape.centre, GAP
    for far in (near, near + 14, near + 30):
        down, up = shape.bottom + far + height / 2, shape.y - far - height / 2
        right, left = shape.right + far + width / 2, shape.x - far - width / 2
        yield from ((x, down), (x, up), (right, y), (left, y), (right, down), (right, up), (left, down), (left, up))


def _along(points: Sequence[Point], width: float, height: float) -> Iterator[Point]:
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        for part in (0.5, 0.3, 0.7, 0.15, 0.85):
            x, y = x1 + (x2 - x1) * part, y1 + (y2 - y1) * part
            if abs(x2 - x1) >= abs(y2 - y1):
                yield from ((x, y - height / 2 - GAP), (x, y + height / 2 + GAP))
            else:
                yield from ((x + width / 2 + GAP, y), (x - width / 2 - GAP, y))


def _overlap(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    wide = min(one.right, other.right) - max(one.x, other.x)
    high = min(one.bottom, other.bottom) - max(one.y, other.y)
    return wide * high if wide > 0 and high > 0 else 0.0


def _crossed(box: Box, start: Point, end: Point) -> float:
    """How much of a line, drawn across or down, lies inside the box."""
    line = Box(min(start[0], end[0]), min(start[1], end[1]), abs(end[0] - start[0]) or 1, abs(end[1] - start[1]) or 1)
    wide = min(box.right, line.right) - max(box.x, line.x)
    high = min(box.bottom, line.bottom) - max(box.y, line.y)
    return max(wide, high) if wide > 0 and high > 0 else 0.0
