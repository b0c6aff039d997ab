"""Names beside events, gateways and flows cover neither each other nor a shape."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from lxml import etree

from deskhand.engine import compile_bpmn
from deskhand.engine.diagram import Box, read_diagram
from deskhand.engine.svg import NAMESPACE, picture
from deskhand.engine.svg_labels import Labels
from deskhand.engine.svg_text import width_of

SHIPPED = sorted((Path(__file__).parents[2] / "processes").glob("*/process.bpmn"))
TEXT, SPAN = f"{{{NAMESPACE}}}text", f"{{{NAMESPACE}}}tspan"


def labels_of(svg: str) -> list[Box]:
    """The texts that have a halo: those that stand beside what they name."""
    found = []
    for text in etree.fromstring(svg.encode()).iter(TEXT):
        spans = [each for each in text.iter(SPAN) if each.text]
        if text.get("paint-order") and spans:
            sizes = [float(each.get("font-size") or 0) for each in spans]
            wide = max(width_of(each.text or "", size) for each, size in zip(spans, sizes, strict=True))
            x, top = float(spans[0].get("x") or 0), float(spans[0].get("y") or 0) - sizes[0]
            found.append(Box(x - wide / 2, top, wide, float(spans[-1].get("y") or 0) - top))
    return found


def shared(one: Box, other: Box) -> float:
    wide = min(one.right, other.right) - max(one.x, other.x)
    high = min(one.bottom, other.bottom) - max(one.y, other.y)
    return wide * high if wide > 0 and high > 0 else 0.0


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.parent.name)
def test_no_name_covers_another_in_the_shipped_processes(file: Path) -> None:
    table = compile_bpmn(file.read_bytes(), file.name)
    diagram = read_diagram(file.read_bytes(), table)
    assert diagram is not None

    labels = labels_of(picture(table, diagram, {}, "", "", ""))

    assert len(labels) > 5
    covered = [
        (one, other) for one, other in combinations(labels, 2) if shared(one, other) > 0.1 * one.width * one.height
    ]
    assert covered == []


def test_a_label_stays_where_it_is_wanted_unless_something_is_there() -> None:
    shape, lines = Box(100, 100, 36, 36), [("Held", False)]
    labels = Labels([shape], [])

    first = labels.at_shape(lines, 11, (118, 150), shape)
    second = labels.at_shape(lines, 11, (118, 150), shape)
    over = labels.at_shape(lines, 11, shape.centre, shape)

    assert first == (118, 150)
    assert second != first
    assert not shape.y < over[1] < shape.bottom or not shape.x < over[0] < shape.right


def test_a_flows_name_is_beside_its_line() -> None:
    points = ((0.0, 0.0), (200.0, 0.0))
    labels = Labels([Box(60, -30, 80, 28)], [points])

    x, y = labels.at_line([("yes", False)], 11, (100, -10), points)

    assert y > 0 or not 60 < x < 140
