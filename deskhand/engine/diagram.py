"""How a process is drawn: where its editor has put each element (BPMN's diagram interchange). Pure.

Knows nothing of colours; a file in which an element has no place is laid out by `deskhand.engine.layout`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deskhand.engine.errors import ProcessRefused
from deskhand.engine.table import TransitionTable
from deskhand.engine.xmlfile import Element, child, children, root_of, tag_of

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Band:
    """A pool or a lane."""

    name: str
    box: Box


@dataclass(frozen=True)
class Diagram:
    """Boxes and labels by node, points and labels by flow; lanes and pools around them."""

    boxes: Mapping[str, Box]
    lines: Mapping[str, tuple[Point, ...]]
    labels: Mapping[str, Box] = field(default_factory=dict)
    lanes: tuple[Band, ...] = ()
    pools: tuple[Band, ...] = ()

    @property
    def frame(self) -> Box:
        """Around everything that is drawn."""
        boxes = [*self.boxes.values(), *self.labels.values(), *(band.box for band in (*self.lanes, *self.pools))]
        points = [point for line in self.lines.values() for point in line]
        left = min([box.x for box in boxes] + [x for x, _ in points])
        top = min([box.y for box in boxes] + [y for _, y in points])
        right = max([box.right for box in boxes] + [x for x, _ in points])
        bottom = max([box.bottom for box in boxes] + [y for _, y in points])
        return Box(left, top, right - left, bottom - top)


def read_diagram(xml: bytes, table: TransitionTable) -> Diagram | None:
    """Where everything was drawn; None where a node or a flow of the process has no place in the file."""
    root = root_of(xml, table.source, ProcessRefused)
    plane = child(child(root, "BPMNDiagram"), "BPMNPlane")
    if plane is None:
        return None
    shapes = {each.get("bpmnElement") or "": each for each in children(plane, "BPMNShape")}
    edges = {each.get("bpmnElement") or "": each for each in children(plane, "BPMNEdge")}
    if not shapes.keys() >= table.nodes.keys() or not edges.keys() >= table.flows.keys():
        return None
    placed = {name: box for name, each in shapes.items() if (box := _box(child(each, "Bounds"))) is not None}
    lines = {name: _points(edges[name]) for name in table.flows}
    if not placed.keys() >= table.nodes.keys() or any(len(line) < 2 for line in lines.values()):
        return None
    labels = {
        name: box
        for name, each in (*shapes.items(), *edges.items())
        if (box := _box(child(child(each, "BPMNLabel"), "Bounds"))) is not None
        if name in table.nodes or name in table.flows
    }
    names = {each.get("id") or "": (tag_of(each), each.get("name") or "") for each in root.iter() if each.get("id")}
    return Diagram(
        {name: placed[name] for name in table.nodes},
        lines,
        labels,
        tuple(Band(names[name][1], box) for name, box in placed.items() if names.get(name, ("", ""))[0] == "lane"),
        tuple(
            Band(names[name][1], box) for name, box in placed.items() if names.get(name, ("", ""))[0] == "participant"
        ),
    )


def _box(bounds: Element | None) -> Box | None:
    if bounds is None:
        return None
    try:
        return Box(*(float(bounds.get(name) or "nan") for name in ("x", "y", "width", "height")))
    except ValueError:
        return None


def _points(edge: Element) -> tuple[Point, ...]:
    try:
        return tuple((float(each.get("x") or "nan"), float(each.get("y") or "nan"))
                     for each in children(edge, "waypoint"))  # fmt: skip
    except ValueError:
        return ()
