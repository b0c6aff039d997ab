"""What a BPMN file allows, read a second time and in another way than the engine reads it: nothing here comes from it.

At a gateway with conditions a token may take any way: this reading says what is possible, not what is decided.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
OURS = "{urn:deskhand:bpmn:1}"
ASKED = {f"{BPMN}{each}" for each in ("userTask", "manualTask", "receiveTask")}
TIMER_EVENT = "timer"
Marking = frozenset[str]


@dataclass(frozen=True)
class Way:
    """One thing that may happen while a token is at a place: through which node, to whom it is allowed, and if what."""

    event: str
    node: str
    roles: frozenset[str]
    requires: tuple[str, ...]


class Reading:
    """A file's only process."""

    def __init__(self, xml: bytes, awaited: Collection[str] = ()) -> None:
        self.root = ElementTree.fromstring(xml)
        process = self.root.find(f"{BPMN}process")
        assert process is not None
        self.awaited = set(awaited)
        self.scope: dict[str, str] = {}
        self.nodes: dict[str, ElementTree.Element] = {}
        self.flows: dict[str, ElementTree.Element] = {}
        self._ways: dict[Marking, list[Way]] = {}
        self._after: dict[tuple[Marking, str], set[Marking]] = {}
        self._collect(process, "")

    def _collect(self, holder: ElementTree.Element, scope: str) -> None:
        for each in holder:
            name = each.get("id", "")
            if each.tag == f"{BPMN}sequenceFlow":
                self.flows[name] = each
            elif each.tag.startswith(BPMN) and name and each.tag not in (f"{BPMN}laneSet", f"{BPMN}textAnnotation"):
                self.nodes[name], self.scope[name] = each, scope
                if each.tag == f"{BPMN}subProcess":
                    self._collect(each, name)

    @cached_property
    def lane_roles(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for lane in self.root.iter(f"{BPMN}lane"):
            said = lane.find(f"{BPMN}extensionElements/{OURS}lane")
            role = (said.get("role") if said is not None else None) or lane.get("name", "")
            found.update({(each.text or "").strip(): frozenset({role}) for each in lane.iter(f"{BPMN}flowNodeRef")})
        return found

    def said(self, node: str, tag: str, attribute: str) -> str:
        element = self.nodes[node].find(f"{BPMN}extensionElements/{OURS}{tag}")
        return "" if element is None else element.get(attribute, "").strip()

    def kind(self, node: str) -> str:
        return self.nodes[node].tag.removeprefix(BPMN)

    def boundaries(self, host: str) -> list[str]:
        return [each for each, element in self.nodes.items() if element.get("attachedToRef") == host and host]

    def has(self, node: str, definition: str) -> bool:
        return self.nodes[node].find(f"{BPMN}{definition}EventDefinition") is not None

    def rests(self, node: str) -> bool:
        kind = self.kind(node)
        if kind == "serviceTask":
            caught = any(self.has(each, "error") for each in self.boundaries(node))
            return caught or self.said(node, "effect", "name") in self.awaited
        return self.nodes[node].tag in ASKED or kind == "callActivity"

    def roles(self, node: str) -> frozenset[str]:
        return frozenset(self.said(node, "wait", "roles").split()) or self.lane_roles.get(node, frozenset())

    def named(self, node: str, what: str) -> str:
        """The name of the message or error that a node refers to."""
        for holder in (self.nodes[node], self.nodes[node].find(f"{BPMN}{what}EventDefinition")):
            reference = holder.get(f"{what}Ref") if holder is not None else None
            for each in self.root.findall(f"{BPMN}{what}"):
                if reference and each.get("id") == reference:
                    return each.get("errorCode") or each.get("name") or ""
        return ""

    def ways(self, marking: Marking) -> list[Way]:
        """Everything that may happen to a case there."""
        if marking not in self._ways:
            self._ways[marking] = list(self._found(marking))
        return self._ways[marking]

    def _found(self, marking: Marking) -> Iterator[Way]:
        hosts = {host for each in marking & self.nodes.keys() for host in (each, self.scope[each])}
        # A token that waits before a join is within the sub-process of the join.
        hosts |= {self.scope[self.flows[each].get("targetRef", "")] for each in marking & self.flows.keys()}
        for node in self.nodes:
            if node in marking:
                yield self._own(node)
            elif self.kind(node) == "boundaryEvent" and self.nodes[node].get("attachedToRef") in hosts - {""}:
                host = self.nodes[node].get("attachedToRef", "")
                if self.kind(host) != "businessRuleTask":
                    yield self._caught(node)

    def _own(self, node: str) -> Way:
        if self.nodes[node].tag in ASKED:
            event = self.said(node, "wait", "event") or self.named(node, "message") or node
            return Way(event, node, self.roles(node), tuple(self.said(node, "wait", "requires").split()))
        event = self.said(node, "wait", "event") or f"{node}_done"
        return Way(event, node, frozenset({"system"}), ())

    def _caught(self, node: str) -> Way:
        requires = tuple(self.said(node, "wait", "requires").split())
        if self.has(node, "timer"):
            return Way(TIMER_EVENT, node, frozenset({"system"}), requires)
        what = "message" if self.has(node, "message") else "error"
        other = node if what == "message" else f"{self.nodes[node].get('attachedToRef')}_failed"
        event = self.said(node, "wait", "event") or self.named(node, what) or other
        return Way(event, node, self.roles(node) if what == "message" else frozenset({"system"}), requires)

    def within(self, scope: str) -> set[str]:
        """Every place of a sub-process: its nodes, and the flows on which tokens wait for a join."""
        inner = {each for each in self.nodes if self.scope[each] == scope}
        return inner | {each for each, flow in self.flows.items() if flow.get("targetRef") in inner}

    def after(self, marking: Marking, node: str) -> set[Marking]:
        """Where a case can be once that has happened; none: it can't happen, as a place holds one token."""
        if (marking, node) not in self._after:
            self._after[marking, node] = self._then(marking, node)
        return self._after[marking, node]

    def _then(self, marking: Marking, node: str) -> set[Marking]:
        rest = set(marking)
        if self.kind(node) != "boundaryEvent":
            rest.discard(node)
        elif self.nodes[node].get("cancelActivity", "true") == "true":
            host = self.nodes[node].get("attachedToRef", "")
            rest -= self.within(host) if self.kind(host) == "subProcess" else {host}
        return {frozenset(each) for each in self._spread(rest, self.leaving(node), frozenset())}

    def begun(self) -> set[Marking]:
        """Where a case can be at first, whatever starts it."""
        starts = [each for each in self.nodes if self.kind(each) == "startEvent" and not self.scope[each]]
        return {frozenset(each) for node in starts for each in self._spread(set(), self.leaving(node), frozenset())}

    def leaving(self, node: str) -> tuple[str, ...]:
        return tuple(each for each, flow in self.flows.items() if flow.get("sourceRef") == node)

    def entering(self, node: str) -> tuple[str, ...]:
        return tuple(each for each, flow in self.flows.items() if flow.get("targetRef") == node)

    def _spread(self, marking: set[str], ahead: tuple[str, ...], over: frozenset[str]) -> Iterator[set[str]]:
        """All that can become of the tokens on the flows `ahead`; `over`: sub-processes in which a token has ended."""
        if not ahead:
            yield from self._settled(marking, over)
            return
        flow, rest = ahead[0], ahead[1:]
        node = self.flows[flow].get("targetRef", "")
        if self.kind(node) == "parallelGateway":
            yield from self._joined(marking, node, flow, rest, over)
        elif self.kind(node) == "endEvent":
            yield from self._ended(marking, node, rest, over)
        elif self.rests(node):
            if node not in marking:
                yield from self._spread(marking | {node}, rest, over)
        else:
            for onward in self._ways_on(node):
                yield from self._spread(marking, (*rest, *onward), over)
            if self.kind(node) == "businessRuleTask":
                yield from self._undecided(marking, node, rest, over)

    def _settled(self, marking: set[str], over: frozenset[str]) -> Iterator[set[str]]:
        done = next((each for each in sorted(over) if not marking & self.within(each)), None)
        if done is None:
            yield marking
        else:
            yield from self._spread(marking, self.leaving(done), over - {done})

    def _ways_on(self, node: str) -> list[tuple[str, ...]]:
        """The flows that a token takes where it does not rest: one of several at a gateway that chooses."""
        if self.kind(node) == "exclusiveGateway":
            return [(each,) for each in self.leaving(node)]
        if self.kind(node) == "subProcess":
            inner = [each for each in self.nodes if self.scope[each] == node and self.kind(each) == "startEvent"]
            return [self.leaving(inner[0])]
        return [self.leaving(node)]

    def _joined(
        self, marking: set[str], node: str, flow: str, rest: tuple[str, ...], over: frozenset[str]
    ) -> Iterator[set[str]]:
        entering = set(self.entering(node))
        if entering <= marking | {flow}:
            yield from self._spread(marking - entering, (*rest, *self.leaving(node)), over)
        elif flow not in marking:
            yield from self._spread(marking | {flow}, rest, over)

    def _ended(self, marking: set[str], node: str, rest: tuple[str, ...], over: frozenset[str]) -> Iterator[set[str]]:
        scope = self.scope[node]
        if self.has(node, "terminate"):
            if not scope:
                yield set()
                return
            marking = marking - self.within(scope)
            rest = tuple(e for e in rest if self.scope[self.flows[e].get("targetRef", "")] != scope)
        yield from self._spread(marking, rest, over | {scope} if scope else over)

    def _undecided(
        self, marking: set[str], node: str, rest: tuple[str, ...], over: frozenset[str]
    ) -> Iterator[set[str]]:
        """A rule that gives no result takes the path of its error, else of that of the sub-process around it."""
        for host in (node, self.scope[node]):
            caught = [each for each in self.boundaries(host) if self.has(each, "error")]
            if caught:
                if host != node:
                    marking = marking - self.within(host)
                    rest = tuple(e for e in rest if self.scope[self.flows[e].get("targetRef", "")] != host)
                    over -= {host}
                yield from self._spread(marking, (*rest, *self.leaving(caught[0])), over)
                return

    def reachable(self, most: int = 5_000) -> set[Marking]:
        """Every marking that a case of this file can have."""
        seen = set(self.begun())
        ahead = list(seen)
        while ahead:
            marking = ahead.pop()
            for way in self.ways(marking):
                for each in self.after(marking, way.node) - seen:
                    seen.add(each)
                    ahead.append(each)
                    assert len(seen) <= most, "too many markings to look at each"
        return {each for each in seen if each}

    def status(self, marking: Marking) -> str | None:
        waiting = [each for each in self.nodes if each in marking and self.rests(each)]
        return next(filter(None, (self.said(each, "wait", "status") for each in waiting)), None)
