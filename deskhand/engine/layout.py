"""Places for a process that was never drawn: layers from left to right, a row for each lane. Pure.

Plain on purpose: nodes of a layer stand under each other in their lane, flows go round corners. Whoever wants it
prettier opens the file in a BPMN editor and saves it with a diagram.
"""

from __future__ import annotations

from collections import defaultdict

from deskhand.engine.diagram import Band, Box, Diagram, Point
from deskhand.engine.model import Kind, Node
from deskhand.engine.table import TransitionTable

TASK = (120.0, 80.0)
ROUND = (36.0, 36.0)
DIAMOND = (50.0, 50.0)
STEP_X, STEP_Y = 190.0, 120.0
LEFT, TOP = 90.0, 40.0


def laid_out(table: TransitionTable) -> Diagram:
    """Every node and flow of the process."""
    free = {name: node for name, node in table.nodes.items() if node.kind is not Kind.BOUNDARY}
    layers = _layers(table, free)
    rows = _rows(free, layers)
    boxes = {
        name: _box(node, layers[name], rows[name]) for name, node in free.items() if node.kind is not Kind.SUBPROCESS
    }
    for name, node in free.items():
        if node.kind is Kind.SUBPROCESS:
            boxes[name] = _around([boxes[each.id] for each in free.values() if each.scope == name])
    hosted: dict[str, int] = defaultdict(int)
    for name, node in table.nodes.items():
        if node.kind is Kind.BOUNDARY:
            host = boxes[node.host]
            boxes[name] = Box(host.x + 12 + 46 * hosted[node.host], host.bottom - 18, *ROUND)
            hosted[node.host] += 1
    lines = {name: _line(boxes[flow.source], boxes[flow.target]) for name, flow in table.flows.items()}
    return Diagram(boxes, lines, lanes=_lanes(free, boxes))


def _layers(table: TransitionTable, free: dict[str, Node]) -> dict[str, int]:
    """How many steps from the start, by the longest way that does not go back."""
    ahead = {name: _after(table, node) for name, node in table.nodes.items()}
    layers: dict[str, int] = {}
    on_the_way: set[str] = set()

    def reach(name: str, layer: int) -> None:
        if name in on_the_way or layers.get(name, -1) >= layer:
            return
        layers[name] = layer
        on_the_way.add(name)
        for each in ahead[name]:
            reach(each, layer + 1)
        on_the_way.discard(name)

    for node in table.starts:
        reach(node.id, 0)
    return {name: layers.get(name, 0) for name in free}


def _after(table: TransitionTable, node: Node) -> list[str]:
    found = [table.flows[each].target for each in node.outgoing]
    if node.kind is Kind.SUBPROCESS:
        found = [each.id for each in table.nodes.values() if each.scope == node.id and each.kind is Kind.START] + found
    found += [each.id for each in table.nodes.values() if each.host == node.id]
    if node.scope and not node.outgoing:
        found += [table.flows[each].target for each in table.nodes[node.scope].outgoing]
    return found


def _rows(free: dict[str, Node], layers: dict[str, int]) -> dict[str, int]:
    """A row of its own for each node of a layer and lane; a lane is as high as its fullest layer."""
    lanes = list(dict.fromkeys(node.lane for node in free.values()))
    places: dict[str, int] = {}
    height: dict[str, int] = {lane: 1 for lane in lanes}
    taken: dict[tuple[str, int], int] = defaultdict(int)
    for name, node in free.items():
        if node.kind is Kind.SUBPROCESS:
            continue
        places[name] = taken[node.lane, layers[name]]
        taken[node.lane, layers[name]] += 1
        height[node.lane] = max(height[node.lane], taken[node.lane, layers[name]])
    first = {lane: sum(height[each] for each in lanes[:position]) for position, lane in enumerate(lanes)}
    return {name: first[free[name].lane] + place for name, place in places.items()}


def _box(node: Node, layer: int, row: int) -> Box:
    kinds = {Kind.START: ROUND, Kind.END: ROUND, Kind.TERMINATE: ROUND, Kind.EXCLUSIVE: DIAMOND, Kind.PARALLEL: DIAMOND}
    width, height = kinds.get(node.kind, TASK)
    return Box(
        LEFT + layer * STEP_X + (TASK[0] - width) / 2, TOP + row * STEP_Y + (TASK[1] - height) / 2, width, height
    )


def _around(boxes: list[Box]) -> Box:
    left, top = min(box.x for box in boxes) - 24, min(box.y for box in boxes) - 34
    return Box(left, top, max(box.right for box in boxes) + 24 - left, max(box.bottom for box in boxes) + 30 - top)


def _lanes(free: dict[str, Node], boxes: dict[str, Box]) -> tuple[Band, ...]:
    names = [name for name in dict.fromkeys(node.lane for node in free.values()) if name]
    right = max(box.right for box in boxes.values()) + 40
    found = []
    for name in names:
        inside = [boxes[node.id] for node in free.values() if node.lane == name and node.kind is not Kind.SUBPROCESS]
        if not inside:
            continue
        top, bottom = (
            min(box.centre[1] for box in inside) - STEP_Y / 2,
            max(box.centre[1] for box in inside) + STEP_Y / 2,
        )
        found.append(Band(name, Box(LEFT - 60, top, right - LEFT + 60, bottom - top)))
    return tuple(found)


def _line(source: Box, target: Box) -> tuple[Point, ...]:
    """To the right by a corner half-way; back underneath both."""
    (x1, y1), (x2, y2) = (source.right, source.centre[1]), (target.x, target.centre[1])
    if source.width == ROUND[0] and source.height == ROUND[1] and target.y > source.bottom:
        return (source.centre[0], source.bottom), (source.centre[0], y2), (x2, y2)
    if x2 > x1:
        middle = (x1 + x2) / 2
        return ((x1, y1), (x2, y2)) if y1 == y2 else ((x1, y1), (middle, y1), (middle, y2), (x2, y2))
    under = max(source.bottom, target.bottom) + 24
    return (
        (source.centre[0], source.bottom),
        (source.centre[0], under),
        (target.centre[0], under),
        (target.centre[0], target.bottom),
    )
