"""A DMN 1.3 file -> `Decisions`, compiled to closures. Knows nothing of processes or orders.

Decision tables with every hit policy, literal expressions, business knowledge models and requirement graphs.
Anything else is refused when loading, with id, name and line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.engine.decision_table import TABLE_FAULTS, read_table
from deskhand.engine.errors import DecisionFailed, DecisionsRefused, ExpressionInvalid, Fault
from deskhand.engine.feel import compile_expression
from deskhand.engine.feel_values import Function
from deskhand.engine.xmlfile import Element, child, children, line_of, namespace_of, root_of, tag_of, text_of

Logic = Callable[[Mapping[str, Any]], Any]
NAMESPACES = ("/DMN/", "/dmn")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: what it is called, what it needs first, and how it decides."""

    id: str
    name: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    needs: tuple[str, ...]
    logic: Logic


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions of a file, by id and by name."""

    source: str
    by_id: Mapping[str, Decision]
    functions: Mapping[str, Function]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.by_id.values())

    def find(self, name: str) -> Decision:
        for each in self.by_id.values():
            if name in (each.name, each.id):
                return each
        raise DecisionFailed(f"{self.source} holds no decision {name!r}")

    def evaluate(self, name: str, inputs: Mapping[str, Any]) -> Any:
        """The result as FEEL has it: a value, a context, or a list of either. Raises DecisionFailed."""
        return self._value(self.find(name), inputs)

    def decide(self, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The result by output name; a decision that gives one value gives it under its output's or its own name."""
        decision = self.find(name)
        result = self.evaluate(name, inputs)
        if isinstance(result, dict):
            return result
        return {decision.outputs[0] if len(decision.outputs) == 1 else decision.name: result}

    def _value(self, decision: Decision, values: Mapping[str, Any]) -> Any:
        if not decision.needs and not self.functions:
            return decision.logic(values)
        needed = {self.by_id[each].name: self._value(self.by_id[each], values) for each in decision.needs}
        return decision.logic({**values, **needed, **self.functions})


def load_decisions(xml: bytes, source: str) -> Decisions:
    """The decisions of a file; raises DecisionsRefused with every fault."""
    root = root_of(xml, source, DecisionsRefused)
    if tag_of(root) != "definitions" or not any(part in namespace_of(root) for part in NAMESPACES):
        raise DecisionsRefused(source, (Fault("", "", line_of(root), "this is not a DMN file"),))
    return _Reader(root, source).decisions()


class _Reader:
    def __init__(self, root: Element, source: str) -> None:
        self.root = root
        self.source = source
        self.faults: list[Fault] = []
        self.functions: dict[str, Function] = {}
        named = children(root, "decision", "inputData", "businessKnowledgeModel")
        self.names = {_attribute(each, "id"): _attribute(each, "name") for each in named}

    def decisions(self) -> Decisions:
        for each in children(self.root, "businessKnowledgeModel"):
            self.functions[_attribute(each, "name")] = self.function(each)
        found = {_attribute(each, "id"): self.decision(each) for each in children(self.root, "decision")}
        self.check(found)
        if self.faults:
            raise DecisionsRefused(self.source, tuple(self.faults))
        return Decisions(self.source, found, self.functions)

    def fault(self, element: Element, message: str) -> None:
        self.faults.append(Fault(_attribute(element, "id"), _attribute(element, "name"), line_of(element), message))

    def decision(self, element: Element) -> Decision:
        table = child(element, "decisionTable")
        outputs = () if table is None else tuple(_attribute(each, "name") for each in children(table, "output"))
        return Decision(
            _attribute(element, "id"), _attribute(element, "name"), tuple(filter(None, outputs)),
            tuple(self.names.get(each, each) for each in _required(element, "requiredInput")),
            _required(element, "requiredDecision"), self.logic(element, list(self.names.values())),
        )  # fmt: skip

    def function(self, element: Element) -> Function:
        body = child(element, "encapsulatedLogic")
        holder = element if body is None else body
        parameters = [_attribute(each, "name") for each in children(holder, "formalParameter")]
        logic = self.logic(holder, parameters)

        def call(*given: Any) -> Any:
            return logic({**self.functions, **dict(zip(parameters, given, strict=True))})

        return Function(_attribute(element, "name"), len(parameters), call)

    def logic(self, element: Element, names: list[str]) -> Logic:
        literal, table = child(element, "literalExpression"), child(element, "decisionTable")
        try:
            if literal is not None:
                return compile_expression(text_of(child(literal, "text")), names)
            if table is not None:
                return read_table(table, names)
            self.fault(element, "only decision tables and literal expressions are within the profile")
        except ExpressionInvalid as error:
            self.fault(element, str(error))
        except TABLE_FAULTS as error:
            self.fault(table if table is not None else element, str(error))
        return lambda values: None

    def check(self, found: Mapping[str, Decision]) -> None:
        """Requirements that are not there, and decisions that need themselves."""
        elements = {_attribute(each, "id"): each for each in children(self.root, "decision")}
        for decision in found.values():
            element = elements[decision.id]
            known = {"requiredDecision": found, "requiredInput": self.names, "requiredKnowledge": self.names}
            missing = [each for tag, ids in known.items() for each in _required(element, tag) if each not in ids]
            if missing:
                self.fault(element, f"{missing[0]!r} is required, but is not there")
            elif _needs_itself(decision, found):
                self.fault(element, "the decision needs its own result")


def _needs_itself(decision: Decision, found: Mapping[str, Decision]) -> bool:
    seen: set[str] = set()
    ahead = list(decision.needs)
    while ahead:
        each = ahead.pop()
        if each not in seen and each in found:
            seen.add(each)
            ahead.extend(found[each].needs)
    return decision.id in seen


def _required(element: Element, tag: str) -> tuple[str, ...]:
    requirements = children(element, "informationRequirement", "knowledgeRequirement")
    return tuple(
        _attribute(each, "href").rpartition("#")[2]
        for requirement in requirements
        for each in children(requirement, tag)
    )


def _attribute(element: Element, name: str) -> str:
    return element.get(name) or ""
