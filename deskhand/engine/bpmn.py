"""A BPMN 2.0 file -> `ProcessModel`. Collects every element that is outside the profile; knows nothing of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deskhand.engine.errors import Fault, ProcessRefused
from deskhand.engine.extensions import Extensions, timer_of
from deskhand.engine.model import ENDS, PERSON_TASKS, Flow, Kind, Node, ProcessModel, Timer, Trigger
from deskhand.engine.xmlfile import Element, child, children, line_of, namespace_of, root_of, tag_of, text_of

NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"
KINDS: Mapping[str, Kind] = {
    "startEvent": Kind.START,
    "endEvent": Kind.END,
    "userTask": Kind.USER,
    "manualTask": Kind.MANUAL,
    "receiveTask": Kind.RECEIVE,
    "serviceTask": Kind.SERVICE,
    "businessRuleTask": Kind.RULE,
    "callActivity": Kind.CALL,
    "subProcess": Kind.SUBPROCESS,
    "exclusiveGateway": Kind.EXCLUSIVE,
    "parallelGateway": Kind.PARALLEL,
    "boundaryEvent": Kind.BOUNDARY,
}
TRIGGERS: Mapping[str, Trigger] = {
    "messageEventDefinition": Trigger.MESSAGE,
    "timerEventDefinition": Trigger.TIMER,
    "errorEventDefinition": Trigger.ERROR,
}
ALLOWED_TRIGGERS: Mapping[Kind, frozenset[Trigger]] = {
    Kind.START: frozenset({Trigger.NONE, Trigger.MESSAGE, Trigger.TIMER}),
    Kind.BOUNDARY: frozenset({Trigger.MESSAGE, Trigger.TIMER, Trigger.ERROR}),
    Kind.END: frozenset({Trigger.NONE}),
}
DRAWING_ONLY = frozenset({"documentation", "extensionElements", "textAnnotation", "association", "group"})
WITHIN_NODE = frozenset({"documentation", "extensionElements", "incoming", "outgoing"})
SUBPROCESS = "subProcess"


def read(xml: bytes, source: str) -> tuple[ProcessModel, list[Fault]]:
    """The model and the faults of its elements; raises ProcessRefused where there is no process to speak of."""
    root = root_of(xml, source, ProcessRefused)
    if tag_of(root) != "definitions" or namespace_of(root) != NAMESPACE:
        raise ProcessRefused(source, (Fault("", "", line_of(root), "this is not a BPMN 2.0 file"),))
    processes = children(root, "process")
    if not processes:
        raise ProcessRefused(source, (Fault("", "", line_of(root), "the file holds no process"),))
    reader = _Reader(root, processes[0])
    for extra in processes[1:]:
        reader.fault(extra, "a file holds one process; draw the others as empty pools")
    reader.read()
    process = processes[0]
    model = ProcessModel(_id(process), process.get("name", ""), source, line_of(process), reader.nodes(), reader.flows)
    return model, reader.faults


def load_process(xml: bytes, source: str) -> ProcessModel:
    """The model of a file whose elements are all within the profile; raises ProcessRefused."""
    model, faults = read(xml, source)
    if faults:
        raise ProcessRefused(source, tuple(faults))
    return model


class _Reader:
    def __init__(self, root: Element, process: Element) -> None:
        self.process = process
        self.faults: list[Fault] = []
        self.flows: dict[str, Flow] = {}
        self.found: dict[str, dict[str, Any]] = {}
        self.lanes: dict[str, tuple[str, str]] = {}
        self.messages = {_id(each): each.get("name") or "" for each in children(root, "message")}
        self.errors = {_id(each): each.get("errorCode") or each.get("name") or "" for each in children(root, "error")}

    def fault(self, element: Element, message: str) -> None:
        named = element if _id(element) else next(filter(_id, element.iterancestors()), element)
        self.faults.append(Fault(_id(named), named.get("name", ""), line_of(element), message))

    def read(self) -> None:
        self.container(self.process, "")

    def nodes(self) -> dict[str, Node]:
        """The nodes with their flows, in document order."""
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        for flow in self.flows.values():
            incoming.setdefault(flow.target, []).append(flow.id)
            outgoing.setdefault(flow.source, []).append(flow.id)
        return {
            each: Node(**known, incoming=tuple(incoming.get(each, ())), outgoing=tuple(outgoing.get(each, ())))
            for each, known in self.found.items()
        }

    def container(self, container: Element, scope: str) -> None:
        for lane_set in children(container, "laneSet"):
            self.lane_set(lane_set)
        for element in container:
            self.element(element, scope)

    def lane_set(self, lane_set: Element) -> None:
        for lane in children(lane_set, "lane"):
            extensions = self.extensions(lane)
            name = lane.get("name", "")
            role = extensions.text("lane", "role") or name
            for reference in children(lane, "flowNodeRef"):
                self.lanes[text_of(reference)] = (name, role)
            for inner in children(lane, "childLaneSet"):
                self.lane_set(inner)

    def extensions(self, element: Element) -> Extensions:
        extensions = Extensions(element)
        for message in extensions.faults:
            self.fault(element, message)
        return extensions

    def element(self, element: Element, scope: str) -> None:
        tag = tag_of(element)
        if namespace_of(element) != NAMESPACE or tag in DRAWING_ONLY or tag == "laneSet":
            return
        if scope and tag in WITHIN_NODE:
            return
        if not _id(element):
            self.fault(element, f"{tag} without an id" + ("" if tag in KINDS else " is outside the profile"))
        elif element.get("id") in self.found or element.get("id") in self.flows:
            self.fault(element, "the id is used twice")
        elif tag == "sequenceFlow":
            self.flow(element)
        else:
            self.node(element, scope)

    def flow(self, element: Element) -> None:
        expression = child(element, "conditionExpression")
        language = expression.get("language", "") if expression is not None else ""
        if language and "feel" not in language.lower():
            self.fault(element, f"conditions are FEEL, not {language}")
        self.flows[_id(element)] = Flow(
            _id(element), element.get("name", ""), line_of(element),
            element.get("sourceRef", ""), element.get("targetRef", ""), text_of(expression) or None,
        )  # fmt: skip

    def node(self, element: Element, scope: str) -> None:
        tag = tag_of(element)
        kind = KINDS.get(tag, Kind.OTHER)
        if kind is Kind.OTHER:
            self.fault(element, f"{tag} is outside the profile")
        elif kind is Kind.SUBPROCESS:
            self.subprocess(element, scope)
        self.found[_id(element)] = self.described(element, kind, scope)
        if kind is Kind.SUBPROCESS:
            self.container(element, _id(element))

    def subprocess(self, element: Element, scope: str) -> None:
        if scope:
            self.fault(element, "a sub-process within a sub-process is outside the profile")
        if element.get("triggeredByEvent") == "true":
            self.fault(element, "an event sub-process is outside the profile")

    def described(self, element: Element, kind: Kind, scope: str) -> dict[str, Any]:
        extensions = self.extensions(element)
        kind, trigger, timer = self.trigger(element, kind, extensions)
        lane, role = self.lanes.get(_id(element), ("", ""))
        roles = extensions.words("wait", "roles") or ((role,) if role else ())
        return {
            "id": _id(element), "name": element.get("name", ""), "kind": kind, "line": line_of(element),
            "scope": scope, "lane": lane, "roles": frozenset(roles), "trigger": trigger, "timer": timer,
            "event": extensions.text("wait", "event") or self.event(element, kind, trigger),
            "status": extensions.text("end" if kind in ENDS else "wait", "status"),
            "requires": extensions.words("wait", "requires"), "fields": extensions.words("wait", "fields"),
            "effect": extensions.text("effect", "name"), "decision": extensions.text("decision", "name"),
            "parameters": tuple(extensions.parameters.items()),
            "called": element.get("calledElement"), "raci": extensions.raci,
            "gives": tuple(extensions.handed["give"].items()), "takes": tuple(extensions.handed["take"].items()),
            "host": element.get("attachedToRef", ""), "default": element.get("default"),
            "interrupting": element.get("cancelActivity", "true") != "false",
        }  # fmt: skip

    def trigger(self, element: Element, kind: Kind, extensions: Extensions) -> tuple[Kind, Trigger, Timer | None]:
        """What makes an event happen, and whether an end is one that terminates."""
        definitions = list(self.definitions(element, kind))
        if len(definitions) > 1:
            self.fault(element, "an event has one definition")
        definition = definitions[0] if definitions else None
        if kind is Kind.END and definition is not None and tag_of(definition) == "terminateEventDefinition":
            return Kind.TERMINATE, Trigger.NONE, None
        trigger = Trigger.NONE if definition is None else TRIGGERS.get(tag_of(definition))
        if kind in ALLOWED_TRIGGERS and trigger not in ALLOWED_TRIGGERS[kind]:
            tag = "no definition" if definition is None else tag_of(definition)
            self.fault(element, f"{tag_of(element)} with {tag} is outside the profile")
        timer = None
        if definition is not None and trigger is Trigger.TIMER:
            timer = self.timer(element, definition, extensions)
        return kind, trigger or Trigger.NONE, timer

    def definitions(self, element: Element, kind: Kind) -> Iterator[Element]:
        for part in element:
            tag = tag_of(part)
            if tag.endswith("EventDefinition") and kind in ALLOWED_TRIGGERS:
                yield part
            elif kind not in (Kind.OTHER, Kind.SUBPROCESS) and tag not in WITHIN_NODE:
                self.fault(element, f"{tag} of {tag_of(element)} is outside the profile")
            elif kind is Kind.SUBPROCESS and tag.endswith("LoopCharacteristics"):
                self.fault(element, f"{tag} of {tag_of(element)} is outside the profile")

    def timer(self, element: Element, definition: Element, extensions: Extensions) -> Timer | None:
        try:
            return timer_of(definition, extensions, start=tag_of(element) == "startEvent")
        except ValueError as error:
            self.fault(element, str(error))
            return None

    def event(self, element: Element, kind: Kind, trigger: Trigger) -> str:
        """The name of the event where the file gives none: the message or error, else made of the id."""
        if kind in PERSON_TASKS or trigger is Trigger.MESSAGE:
            definition = child(element, "messageEventDefinition")
            reference = (element if definition is None else definition).get("messageRef", "")
            return self.messages.get(reference) or _id(element)
        if trigger is Trigger.ERROR:
            definition = child(element, "errorEventDefinition")
            reference = definition.get("errorRef", "") if definition is not None else ""
            return self.errors.get(reference) or f"{element.get('attachedToRef', '')}_failed"
        return f"{_id(element)}_done" if kind in (Kind.SERVICE, Kind.CALL) else ""


def _id(element: Element) -> str:
    return element.get("id") or ""
