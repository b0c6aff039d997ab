"""What is outside the profile is refused when loading, with element id, name and line, several faults at once."""

from __future__ import annotations

import pytest

from deskhand.engine import ProcessRefused, compile_bpmn, load_process
from tests.engine.diagrams import (
    END,
    ERROR,
    MESSAGE,
    START,
    TIMER,
    boundary,
    diagram,
    extended,
    flow,
    path,
    rule,
    service,
    user,
)

ROW = [START, user("ask"), END, *path("start", "ask", "end")]


def faults(xml: bytes, **options: object) -> list[tuple[str, int, str]]:
    with pytest.raises(ProcessRefused) as refused:
        compile_bpmn(xml, "p.bpmn", **options)  # type: ignore[arg-type]
    return [(fault.element_id, fault.line, fault.message) for fault in refused.value.faults]


@pytest.mark.parametrize(
    "tag",
    [
        "task",
        "scriptTask",
        "sendTask",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
        "transaction",
        "adHocSubProcess",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "dataObject",
        "callChoreography",
    ],
)
def test_an_element_outside_the_profile_is_refused_with_its_line(tag: str) -> None:
    found = faults(diagram(START, f'<bpmn:{tag} id="odd" name="Odd"/>', END, *path("start", "odd", "end")))

    assert found == [("odd", 4, f"{tag} is outside the profile")]


@pytest.mark.parametrize("definition", ["signal", "escalation", "compensate", "conditional", "link", "cancel", "error"])
def test_a_start_event_with_another_trigger_is_refused(definition: str) -> None:
    start = f'<bpmn:startEvent id="start"><bpmn:{definition}EventDefinition/></bpmn:startEvent>'

    (found,) = faults(diagram(start, END, flow("start", "end")))

    assert found == ("start", 3, f"startEvent with {definition}EventDefinition is outside the profile")


def test_a_script_in_a_diagram_is_refused_wherever_it_hides() -> None:
    script = '<bpmn:scriptTask id="script"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>'
    python = '<bpmn:sequenceFlow id="f" sourceRef="start" targetRef="end"><bpmn:conditionExpression language="python">x'
    closing = "</bpmn:conditionExpression></bpmn:sequenceFlow>"

    found = faults(diagram(START, script, END, python + closing, *path("start", "script", "end")))

    assert ("script", 4, "scriptTask is outside the profile") in found
    assert ("f", 6, "conditions are FEEL, not python") in found


def test_several_faults_are_told_at_once() -> None:
    found = faults(
        diagram(
            START, '<bpmn:task id="one"/>', '<bpmn:scriptTask id="two"/>', END, *path("start", "one", "two", "nowhere")
        )
    )

    assert [(element, line) for element, line, _ in found] == [("one", 4), ("two", 5), ("two_nowhere", 9)]


LOOP = "<bpmn:standardLoopCharacteristics/>"
SUB = '<bpmn:subProcess id="sub">{}</bpmn:subProcess>'
INNER = '<bpmn:startEvent id="in"/><bpmn:endEvent id="out"/>' + flow("in", "out")
GATE = '<bpmn:exclusiveGateway id="gate"/>'


@pytest.mark.parametrize(
    ("elements", "element", "line", "message"),
    [
        ([user("ask"), END], "p", 2, "no start event"),
        ([START, *ROW[1:3], flow("start", "ask")], "ask", 4, "exactly one sequence flow leaves a user, not 0"),
        ([*ROW, flow("ask", "start")], "start", 3, "no sequence flow enters a start event"),
        ([*ROW, flow("end", "ask")], "end", 5, "no sequence flow leaves an end event"),
        ([*ROW, user("island"), flow("island", "end")], "island", 8, "no path leads here"),
        ([START, service("send"), END, *path("start", "send", "end")], "send", 4, "'send' is not one of those allowed"),
        (
            [START, '<bpmn:serviceTask id="send"/>', END, *path("start", "send", "end")],
            "send",
            4,
            "names no effect",
        ),
        (
            [START, rule("rate", "secret"), END, *path("start", "rate", "end")],
            "rate",
            4,
            "'secret' is not one of those",
        ),
        ([START, '<bpmn:callActivity id="call"/>', END, *path("start", "call", "end")], "call", 4, "no calledElement"),
        ([START, '<bpmn:userTask id="ask"/>', END, *path("start", "ask", "end")], "ask", 4, "nobody may act here"),
        ([*ROW, user("ask")], "ask", 8, "used twice"),
        (
            [START, f'<bpmn:userTask id="ask">{LOOP}</bpmn:userTask>', END, *path("start", "ask", "end")],
            "ask",
            4,
            "Loop",
        ),
        ([*ROW, boundary("b", "end", MESSAGE), flow("b", "end")], "b", 8, "sits on a task or sub-process"),
        ([*ROW, boundary("b", "ask", ERROR), flow("b", "end")], "b", 8, "throws no error"),
        ([*ROW, boundary("b", "ask", MESSAGE), flow("b", "end")], "b", 8, "nobody may act here"),
        ([*ROW, boundary("b", "ask", ""), flow("b", "end")], "b", 8, "with no definition"),
        (
            [*ROW, boundary("b", "ask", TIMER.replace("PT2H", "P1M")), flow("b", "end")],
            "b",
            8,
            "'P1M' is not a duration",
        ),
        (
            [
                *ROW,
                boundary("b", "ask", MESSAGE, inner=extended('<deskhand:wait event="ask" roles="x"/>')),
                flow("b", "end"),
            ],
            "ask",
            4,
            "event 'ask' has two meanings here",
        ),
        (
            [START, service("ok"), boundary("b", "ok", TIMER), END, *path("start", "ok", "end"), flow("b", "end")],
            "b",
            5,
            "over at once",
        ),
        ([*ROW[:1], user("ask", more='/><deskhand:param value="1"'), *ROW[2:]], "ask", 4, "deskhand:param has no name"),
        (
            [*ROW[:1], user("ask", more='/><deskhand:param name="a" value="1"'), *ROW[2:]],
            "ask",
            4,
            "only a service task has deskhand:param",
        ),
        ([*ROW, user("x", more='requries="a"')], "x", 8, "deskhand:wait has no attribute 'requries'"),
        (
            [START, SUB.format(SUB.format("").replace('"sub"', '"deep"')), END, *path("start", "sub", "end")],
            "deep",
            4,
            "a sub-process within a sub-process",
        ),
        ([START, SUB.format(""), END, *path("start", "sub", "end")], "sub", 4, "exactly one start event"),
        (
            [START, SUB.replace(">{", ' triggeredByEvent="true">{').format(INNER), END, *path("start", "sub", "end")],
            "sub",
            4,
            "an event sub-process",
        ),
        (
            [START, GATE, END, user("ask"), *path("start", "gate", "ask", "end"), flow("gate", "end")],
            "gate",
            4,
            "condition",
        ),
        ([START, GATE, END, flow("start", "gate"), flow("gate", "end", "a >")], "gate_end", 7, "cannot be read"),
        ([START, user("ask"), END, flow("start", "ask", "yes"), flow("ask", "end")], "start", 3, "only an exclusive"),
        ([START, SUB.format(INNER), END, flow("start", "in"), *path("start", "sub", "end")], "start_in", 6, "crosses"),
        (
            [START, GATE, service("ok"), END, *path("start", "gate", "ok", "gate"), flow("gate", "end", "done")],
            "gate",
            4,
            "condition or be the default",
        ),
        (
            [
                START,
                GATE,
                service("ok"),
                END,
                *path("start", "gate"),
                flow("ok", "gate"),
                flow("gate", "ok", "a"),
                flow("gate", "end", "b"),
            ],
            "gate",
            4,
            "would never end",
        ),
        (
            [*ROW[:1], user("ask").replace("</bpmn:ext", '<deskhand:raci accountable="a b"/></bpmn:ext'), *ROW[2:]],
            "ask",
            4,
            "exactly one role as accountable",
        ),
    ],
)
def test_a_faulty_graph_is_refused_with_id_and_line(elements: list[str], element: str, line: int, message: str) -> None:
    found = faults(diagram(*elements), effects={"ok"}, decisions=set())

    assert any(at == element and on == line and message in text for at, on, text in found), found


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"", "not well-formed"),
        (b"<a>", "not well-formed"),
        (b"\xff\xfe\x00", "not well-formed"),
        (b"<a/>", "not a BPMN 2.0 file"),
        (
            diagram().replace(b"bpmn:process ", b"bpmn:nothing ").replace(b"/bpmn:process", b"/bpmn:nothing"),
            "no process",
        ),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "document type"),
    ],
)
def test_what_is_no_diagram_is_refused_and_reads_no_other_file(xml: bytes, message: str) -> None:
    with pytest.raises(ProcessRefused, match=message):
        load_process(xml, "p.bpmn")


def test_a_second_process_in_the_file_is_refused() -> None:
    found = faults(diagram(*ROW, roots='<bpmn:process id="q"/>'))

    assert [(element, message) for element, _, message in found] == [
        ("q", "a file holds one process; draw the others as empty pools")
    ]


def test_the_refusal_reads_as_a_list_for_people() -> None:
    with pytest.raises(ProcessRefused) as refused:
        load_process(diagram(START, '<bpmn:task id="t" name="Do it"/>', END), "buy.bpmn")

    assert str(refused.value) == ("buy.bpmn is refused, 1 fault(s):\nline 4: t (Do it): task is outside the profile")
