"""A process is drawn: where its editor placed it, with counts, and laid out in layers where nobody drew it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from deskhand.engine import TransitionTable, compile_bpmn
from deskhand.engine.diagram import Box, Diagram, read_diagram
from deskhand.engine.layout import laid_out
from deskhand.engine.model import Kind
from deskhand.engine.svg import picture
from deskhand.engine.svg_text import width_of, wrapped

PROCESSES = Path(__file__).parents[2] / "processes"
NAMES = sorted(file.parent.name for file in PROCESSES.glob("*/process.bpmn"))
SVG = "{http://www.w3.org/2000/svg}"


def compiled(name: str) -> tuple[bytes, TransitionTable]:
    xml = (PROCESSES / name / "process.bpmn").read_bytes()
    return xml, compile_bpmn(xml, name)


def drawn(table: TransitionTable, diagram: Diagram, counts: dict[str, int] | None = None) -> etree._Element:
    svg = picture(table, diagram, counts or {}, "Title & more", "v1", "What it shows")
    return etree.fromstring(svg.encode())


def texts(element: etree._Element) -> str:
    return "".join(element.itertext())


def overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_process_is_drawn_where_its_editor_placed_it(name: str) -> None:
    xml, table = compiled(name)
    diagram = read_diagram(xml, table)
    assert diagram is not None

    root = drawn(table, diagram)

    ids = {each.get("id") for each in root.iter() if each.get("id")}
    assert {f"node-{node}" for node in table.nodes} | {f"flow-{flow}" for flow in table.flows} <= ids
    left, top, width, height = map(float, str(root.get("viewBox")).split())
    for box in diagram.boxes.values():
        assert left <= box.x and top <= box.y and box.right <= left + width and box.bottom <= top + height
    assert len(diagram.lanes) >= 2


def test_each_count_stands_at_its_node_and_is_said_for_those_who_cannot_see() -> None:
    xml, table = compiled("order_to_cash")
    diagram = read_diagram(xml, table)
    assert diagram is not None

    root = drawn(table, diagram, {"receive_goods": 1234})

    node = next(each for each in root.iter(f"{SVG}g") if each.get("id") == "node-receive_goods")
    assert texts(node[0]) == "收货入库 / Receive goods into stock: 1234"
    badge = next(each for each in root.iter(f"{SVG}text") if each.text == "1,234")
    box = diagram.boxes["receive_goods"]
    assert abs(float(str(badge.get("x"))) - box.right) < 10
    assert root.get("role") == "img"
    assert [texts(each) for each in root[:2]] == ["Title & more", "What it shows"]


def test_the_picture_needs_no_script_and_no_style_sheet() -> None:
    xml, table = compiled("order_to_cash")

    root = drawn(table, read_diagram(xml, table) or laid_out(table))

    assert not {each.tag for each in root.iter()} & {f"{SVG}style", f"{SVG}script", f"{SVG}image", f"{SVG}use"}
    assert not any(name.startswith("on") or name == "style" for each in root.iter() for name in each.attrib)


def test_names_from_a_file_are_text_and_nothing_else() -> None:
    xml, _ = compiled("order_to_cash")
    evil = xml.replace("发送发票 / Send invoice".encode(), b"&lt;script&gt;alert(1)&lt;/script&gt;")
    table = compile_bpmn(evil, "p")

    svg = picture(table, laid_out(table), {}, "t", "s", "d")

    assert "<script" not in svg


@pytest.mark.parametrize("name", NAMES)
def test_a_process_without_a_drawing_is_laid_out_without_tasks_on_top_of_each_other(name: str) -> None:
    xml, _ = compiled(name)
    plain = re.sub(rb"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", b"", xml, flags=re.DOTALL)
    table = compile_bpmn(plain, name)
    assert read_diagram(plain, table) is None

    diagram = laid_out(table)

    solid = [
        diagram.boxes[node.id] for node in table.nodes.values() if node.kind not in (Kind.BOUNDARY, Kind.SUBPROCESS)
    ]
    assert not any(overlap(one, other) for n, one in enumerate(solid) for other in solid[n + 1 :])
    assert diagram.boxes.keys() == table.nodes.keys()
    assert diagram.lines.keys() == table.flows.keys()
    drawn(table, diagram)


def test_a_drawing_that_lacks_a_node_is_not_half_used() -> None:
    xml, table = compiled("order_to_cash")
    lacking = re.sub(rb'<bpmndi:BPMNShape id="receive_goods_shape".*?</bpmndi:BPMNShape>', b"", xml, flags=re.DOTALL)
    assert lacking != xml

    assert read_diagram(lacking, table) is None


def test_text_is_broken_to_fit_each_language_on_lines_of_its_own() -> None:
    lines = wrapped("释放到期的库存预留 / Release what was reserved for too long", 108, 12)

    assert [text for text, second in lines if not second] == ["释放到期的库存预留"]
    assert len([text for text, second in lines if second]) >= 2
    assert all(width_of(text, 12) <= 108 for text, _ in lines)
    assert wrapped("", 108, 12) == []
    assert len(wrapped("one " * 100, 60, 12)) == 5
