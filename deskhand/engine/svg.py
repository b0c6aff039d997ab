"""A drawn process as an SVG picture, with what stands at each node. Pure; one file, no script, no style sheet.

Colours are attributes, so that it looks the same wherever it is shown. Names are as the file has them, both languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot
from typing import Any

from lxml import etree

from deskhand.engine.diagram import Band, Box, Diagram, Point
from deskhand.engine.model import Flow, Kind, Node, Trigger
from deskhand.engine.svg_labels import Labels
from deskhand.engine.svg_text import width_of, wrapped, written
from deskhand.engine.table import TransitionTable
from deskhand.engine.xmlfile import Element

NAMESPACE = "http://www.w3.org/2000/svg"
FONT = "system-ui, 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
INK, FAINT, LINE, PAPER = "#1f2933", "#64748b", "#52606d", "#ffffff"
FILLS: Mapping[Kind, tuple[str, str]] = {
    Kind.USER: ("#e8f1fd", "#2f6fbd"),
    Kind.MANUAL: ("#e8f1fd", "#2f6fbd"),
    Kind.RECEIVE: ("#e8f1fd", "#2f6fbd"),
    Kind.SERVICE: ("#f1f3f5", "#7b8794"),
    Kind.RULE: ("#f3ecfb", "#7e57c2"),
    Kind.CALL: ("#f1f3f5", "#52606d"),
    Kind.START: ("#e6f6ec", "#2f855a"),
    Kind.END: ("#fdecec", "#c53030"),
    Kind.TERMINATE: ("#fdecec", "#c53030"),
    Kind.EXCLUSIVE: ("#fff8e6", "#b7791f"),
    Kind.PARALLEL: ("#fff8e6", "#b7791f"),
    Kind.BOUNDARY: ("#ffffff", "#52606d"),
    Kind.SUBPROCESS: ("#ffffff", "#9aa5b1"),
}
BUSY = ("#fff3c4", "#de911d")  # where cases are
BADGE = "#d64545"
HEADING = 30.0  # how much of a lane or pool its name takes
MARGIN, HEAD, FOOT = 24.0, 64.0, 24.0  # below, for the names of events at the edge


def picture(
    table: TransitionTable, diagram: Diagram, counts: Mapping[str, int], title: str, subtitle: str, description: str
) -> str:
    """The whole picture.

    Args:
        counts: tokens by place: a node, or a flow before a join.
    """
    frame = diagram.frame
    width, height = frame.width + 2 * MARGIN, frame.height + 2 * MARGIN + HEAD + FOOT
    box = f"{frame.x - MARGIN:g} {frame.y - MARGIN - HEAD:g} {width:g} {height:g}"
    spaces: Mapping[Any, str] = {None: NAMESPACE}  # the one without a prefix
    root = etree.Element(f"{{{NAMESPACE}}}svg", nsmap=dict(spaces), attrib={
        "viewBox": box, "width": f"{width:g}", "height": f"{height:g}", "role": "img",
        "aria-labelledby": "title desc", "font-family": FONT, "font-size": "12",
    })  # fmt: skip
    _add(root, "title", title, id="title")
    _add(root, "desc", description, id="desc")
    _arrow(root)
    _add(root, "rect", x=frame.x - MARGIN, y=frame.y - MARGIN - HEAD, width=width, height=height, fill=PAPER)
    top = frame.y - HEAD - MARGIN / 2
    _add(root, "text", title, x=frame.x, y=top + 26, font_size=20, font_weight="bold", fill=INK)
    _add(root, "text", subtitle, x=frame.x, y=top + 48, font_size=13, fill=FAINT)
    painter = _Painter(root, table, diagram, counts)
    painter.paint()
    return etree.tostring(root, encoding="unicode", pretty_print=True)


class _Painter:
    """From the back to the front: lanes, sub-processes, flows, nodes, counts."""

    def __init__(self, root: Element, table: TransitionTable, diagram: Diagram, counts: Mapping[str, int]) -> None:
        self.root, self.table, self.diagram, self.counts = root, table, diagram, counts
        around = [node.id for node in table.nodes.values() if node.kind is Kind.SUBPROCESS]
        shapes = [box for name, box in diagram.boxes.items() if name not in around]
        heads = [Box(band.box.x, band.box.y, HEADING, band.box.height) for band in (*diagram.pools, *diagram.lanes)]
        names = [Box(diagram.boxes[each].x + 12, diagram.boxes[each].y + 6,
                     width_of(table.nodes[each].name, 12), 18) for each in around]  # fmt: skip
        self.labels = Labels([*shapes, *heads, *names], list(diagram.lines.values()))

    def paint(self) -> None:
        for band in self.diagram.pools:
            self.band(band, "#f8fafc", "#9aa5b1")
        for number, band in enumerate(self.diagram.lanes):
            self.band(band, "#fbfcfe" if number % 2 else "#f4f7fb", "#cbd2d9")
        around = [node for node in self.table.nodes.values() if node.kind is Kind.SUBPROCESS]
        for node in around:
            self.subprocess(node)
        for flow in self.table.flows.values():
            self.flow(flow)
        for node in (each for each in self.table.nodes.values() if each not in around):
            self.node(node)
        for flow in self.table.flows.values():
            self.flow_name(flow)
        for place, count in self.counts.items():
            self.badge(place, count)

    def band(self, band: Band, fill: str, stroke: str) -> None:
        box = band.box
        _add(self.root, "rect", x=box.x, y=box.y, width=box.width, height=box.height, fill=fill, stroke=stroke)
        x, y = box.x + 16, box.y + box.height / 2
        turned = _add(self.root, "g", transform=f"rotate(-90 {x:g} {y:g})", font_weight="600")
        fits = width_of(band.name, 13) < box.height - 16
        lines = [(band.name, False)] if fits else wrapped(band.name, box.height - 16, 13)
        written(turned, lines, x, y + 5, LINE, FAINT, size=13)

    def subprocess(self, node: Node) -> None:
        box, (fill, stroke) = self.diagram.boxes[node.id], FILLS[node.kind]
        group = self.group(node)
        _rectangle(group, box, fill, stroke, radius=12, dash=None, opacity=0.65)
        _add(group, "text", node.name, x=box.x + 14, y=box.y + 20, fill=LINE, font_weight="600")

    def node(self, node: Node) -> None:
        box = self.diagram.boxes[node.id]
        fill, stroke = FILLS.get(node.kind, (PAPER, INK))
        if self.counts.get(node.id):
            fill, stroke = BUSY
        group = self.group(node)
        if node.kind in (Kind.START, Kind.END, Kind.TERMINATE, Kind.BOUNDARY):
            self.event(group, node, box, fill, stroke)
        elif node.kind in (Kind.EXCLUSIVE, Kind.PARALLEL):
            self.gateway(group, node, box, fill, stroke)
        else:
            _rectangle(group, box, fill, stroke, radius=10)
            _sign(group, node.kind, box, stroke)
            self.inside(group, node.name, box)

    def group(self, node: Node) -> Element:
        group = _add(self.root, "g", id=f"node-{node.id}")
        count = self.counts.get(node.id, 0)
        _add(group, "title", f"{node.name or node.id}: {count}" if count else node.name or node.id)
        return group

    def event(self, group: Element, node: Node, box: Box, fill: str, stroke: str) -> None:
        (x, y), radius = box.centre, box.width / 2
        dash = "4 3" if node.kind is Kind.BOUNDARY and not node.interrupting else None
        thick = 3.5 if node.kind in (Kind.END, Kind.TERMINATE) else 1.5
        _add(group, "circle", cx=x, cy=y, r=radius, fill=fill, stroke=stroke, stroke_width=thick, stroke_dasharray=dash)
        if node.kind is Kind.BOUNDARY:
            _add(group, "circle", cx=x, cy=y, r=radius - 4, fill="none", stroke=stroke, stroke_dasharray=dash)
        if node.kind is Kind.TERMINATE:
            _add(group, "circle", cx=x, cy=y, r=radius - 8, fill=stroke)
        _trigger(group, node.trigger, x, y, stroke)
        self.label(group, node, box)

    def gateway(self, group: Element, node: Node, box: Box, fill: str, stroke: str) -> None:
        x, y = box.centre
        corners = f"{x:g},{box.y:g} {box.right:g},{y:g} {x:g},{box.bottom:g} {box.x:g},{y:g}"
        _add(group, "polygon", points=corners, fill=fill, stroke=stroke, stroke_width=1.5)
        cross = (7, 7, 7, -7) if node.kind is Kind.EXCLUSIVE else (10, 0, 0, 10)
        for dx, dy in (cross[:2], cross[2:]):
            _add(group, "line", x1=x - dx, y1=y - dy, x2=x + dx, y2=y + dy, stroke=stroke, stroke_width=3)
        self.label(group, node, box)

    def inside(self, group: Element, name: str, box: Box) -> None:
        lines = wrapped(name, box.width - 12, 12)
        written(group, lines, box.centre[0], box.centre[1] + 4, INK, FAINT)

    def label(self, group: Element, node: Node, box: Box) -> None:
        """Where the editor put it, else under the shape."""
        if not node.name:
            return
        given = self.diagram.labels.get(node.id)
        x = given.centre[0] if given else box.centre[0]
        lines = wrapped(node.name, max(given.width if given else 0, 104), 11)
        top = given.y if given else box.bottom + 4
        x, y = self.labels.at_shape(lines, 11, (x, top + len(lines) * 13 / 2), box)
        written(group, lines, x, y + 4, INK, FAINT, size=11, halo=True)

    def flow(self, flow: Flow) -> None:
        points = self.diagram.lines[flow.id]
        group = _add(self.root, "g", id=f"flow-{flow.id}")
        _add(group, "path", d=_rounded(points), fill="none", stroke=LINE, stroke_width=1.4, marker_end="url(#arrow)")
        source = self.table.nodes[flow.source]
        if source.default == flow.id and len(source.outgoing) > 1:
            self.default_mark(group, points)

    def flow_name(self, flow: Flow) -> None:
        """Its name, else its condition; beside the line, where nothing else stands."""
        name, points = flow.name or flow.condition or "", self.diagram.lines[flow.id]
        if name:
            given = self.diagram.labels.get(flow.id)
            lines = wrapped(name, max(given.width if given else 0, 120), 11)
            x, y = self.labels.at_line(lines, 11, given.centre if given else _beside(points), points)
            written(_add(self.root, "g"), lines, x, y + 4, INK, FAINT, 11, halo=True)

    def default_mark(self, group: Element, points: Sequence[Point]) -> None:
        (x1, y1), (x2, y2) = points[0], points[1]
        length = hypot(x2 - x1, y2 - y1) or 1
        x, y = x1 + (x2 - x1) / length * 12, y1 + (y2 - y1) / length * 12
        _add(group, "line", x1=x - 5, y1=y - 5, x2=x + 5, y2=y + 5, stroke=LINE, stroke_width=1.4)

    def badge(self, place: str, count: int) -> None:
        """A number at the upper right corner; on a flow, in its middle."""
        box = self.diagram.boxes.get(place)
        if box is None and place not in self.diagram.lines:
            return
        x, y = (box.right - 4, box.y + 2) if box is not None else _middle(self.diagram.lines[place])
        said = f"{count:,}"
        width = max(26.0, 8.0 * len(said) + 12)
        group = _add(self.root, "g")
        _add(group, "rect", x=x - width / 2, y=y - 12, width=width, height=24, rx=12, fill=BADGE, stroke=PAPER,
             stroke_width=2)  # fmt: skip
        _add(group, "text", said, x=x, y=y + 5, fill=PAPER, font_size=13, font_weight="bold", text_anchor="middle")


def _rectangle(
    group: Element, box: Box, fill: str, stroke: str, radius: float, dash: str | None = None, opacity: float = 1
) -> None:
    _add(group, "rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=radius, fill=fill, stroke=stroke,
         stroke_width=1.5, stroke_dasharray=dash, fill_opacity=opacity if opacity < 1 else None)  # fmt: skip


def _sign(group: Element, kind: Kind, box: Box, stroke: str) -> None:
    """The little sign of a task's kind, in its upper left corner: a person, a wheel, a table."""
    x, y = box.x + 13, box.y + 13
    if kind in (Kind.USER, Kind.MANUAL, Kind.RECEIVE):
        _add(group, "circle", cx=x, cy=y - 3, r=3.2, fill="none", stroke=stroke)
        _add(group, "path", d=f"M{x - 6:g} {y + 7:g} a6 6 0 0 1 12 0", fill="none", stroke=stroke)
    elif kind is Kind.SERVICE:
        _add(
            group, "circle", cx=x, cy=y, r=4.5, fill="none", stroke=stroke, stroke_width=3, stroke_dasharray="2.35 1.2"
        )
        _add(group, "circle", cx=x, cy=y, r=2, fill="none", stroke=stroke)
    elif kind is Kind.RULE:
        _add(group, "rect", x=x - 7, y=y - 6, width=14, height=11, fill="none", stroke=stroke)
        _add(group, "path", d=f"M{x - 7:g} {y - 2:g} h14 M{x - 2:g} {y - 6:g} v11", fill="none", stroke=stroke)


def _trigger(group: Element, trigger: Trigger, x: float, y: float, stroke: str) -> None:
    """What an event waits for: a letter, a clock, lightning."""
    if trigger is Trigger.MESSAGE:
        _add(group, "path", d=f"M{x - 8:g} {y - 5:g} h16 v11 h-16 z l8 6 l8 -6", fill="none", stroke=stroke)
    elif trigger is Trigger.TIMER:
        _add(group, "circle", cx=x, cy=y, r=8.5, fill="none", stroke=stroke)
        _add(group, "path", d=f"M{x:g} {y - 6:g} V{y:g} h5", fill="none", stroke=stroke)
    elif trigger is Trigger.ERROR:
        _add(group, "path", d=f"M{x - 7:g} {y + 6:g} l4 -12 l5 7 l5 -8 l-4 13 l-5 -7 z", fill="none", stroke=stroke)


def _arrow(root: Element) -> None:
    marker = _add(_add(root, "defs"), "marker", id="arrow", viewBox="0 0 10 10", refX=9, refY=5, markerWidth=8,
                  markerHeight=8, orient="auto-start-reverse")  # fmt: skip
    _add(marker, "path", d="M0 0 L10 5 L0 10 z", fill=LINE)


def _rounded(points: Sequence[Point], radius: float = 8) -> str:
    """A line through the points, its corners round."""
    said = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(corner, before, radius), _towards(corner, after, radius)
        said.append(f"L{near[0]:g} {near[1]:g} Q{corner[0]:g} {corner[1]:g} {far[0]:g} {far[1]:g}")
    return " ".join([*said, f"L{points[-1][0]:g} {points[-1][1]:g}"])


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = hypot(end[0] - start[0], end[1] - start[1]) or 1
    part = min(distance, length / 2) / length
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _middle(points: Sequence[Point]) -> Point:
    (x1, y1), (x2, y2) = max(zip(points, points[1:], strict=False), key=lambda pair: hypot(
        pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]))  # fmt: skip
    return (x1 + x2) / 2, (y1 + y2) / 2


def _beside(points: Sequence[Point]) -> Point:
    x, y = _middle(points)
    return x, y - 10


def _add(parent: Element, tag: str, said: str | None = None, **attributes: object) -> Element:
    """An element with its attributes; `_` in a name is written `-`, None is left out."""
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    camel = ("viewBox", "refX", "refY", "markerWidth", "markerHeight")
    for name, value in attributes.items():
        if value is not None:
            made.set(name if name in camel else name.replace("_", "-"), _plain(value))
    made.text = said
    return made


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
