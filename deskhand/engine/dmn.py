"""A DMN 1.1 to 1.5 file -> `Decisions`, compiled to closures. Knows nothing of processes or orders.

Decision tables with every hit policy, literal expressions, business knowledge models with their invocation, and
requirement graphs. Anything else is refused when loading, with id, name and line; several faults are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from deskhand.engine.decision_table import DecisionTable, read_table
from deskhand.engine.decisions import Decision, Decisions, Formula, Knowledge, Logic
from deskhand.engine.errors import DecisionsRefused, ExpressionInvalid, Fault
from deskhand.engine.feel import Expression, compile_expression
from deskhand.engine.xmlfile import Element, child, children, line_of, namespace_of, root_of, tag_of, text_of

NAMESPACES = ("/DMN/", "/dmn")
_NOTHING = compile_expression("null")


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
        named = children(root, "decision", "inputData", "businessKnowledgeModel")
        self.names = {_attribute(each, "id"): _attribute(each, "name") for each in named}

    def decisions(self) -> Decisions:
        self.known_twice()
        models = [self.knowledge(each) for each in children(self.root, "businessKnowledgeModel")]
        found = {_attribute(each, "id"): self.decision(each) for each in children(self.root, "decision")}
        self.check(found)
        if self.faults:
            raise DecisionsRefused(self.source, tuple(sorted(self.faults, key=lambda fault: fault.line)))
        return Decisions(self.source, found, {each.name: each for each in models})

    def fault(self, element: Element, message: str) -> None:
        """Under the id of the element, or of the nearest one around it that has an id."""
        named = element if element.get("id") else next((e for e in element.iterancestors() if e.get("id")), element)
        name = _attribute(named, "name") or _attribute(named, "label")
        self.faults.append(Fault(_attribute(named, "id"), name, line_of(element), message))

    def known_twice(self) -> None:
        seen: set[str] = set()
        for element in children(self.root, "decision", "inputData", "businessKnowledgeModel"):
            for what in ("id", "name"):
                if not _attribute(element, what):
                    self.fault(element, f"{tag_of(element)} without {'an id' if what == 'id' else 'a name'}")
            if element.get("id") in seen:
                self.fault(element, "the id is used twice")
            seen.add(_attribute(element, "id"))

    def decision(self, element: Element) -> Decision:
        table = child(element, "decisionTable")
        outputs = () if table is None else tuple(_attribute(each, "name") for each in children(table, "output"))
        return Decision(
            _attribute(element, "id"), _attribute(element, "name"), tuple(filter(None, outputs)),
            tuple(self.names.get(each, each) for each in _required(element, "requiredInput")),
            _required(element, "requiredDecision"), self.logic(element, list(self.names.values())),
        )  # fmt: skip

    def knowledge(self, element: Element) -> Knowledge:
        body = child(element, "encapsulatedLogic")
        holder = element if body is None else body
        parameters = tuple(_attribute(each, "name") for each in children(holder, "formalParameter"))
        logic = self.logic(holder, [*parameters, *self.names.values()])
        return Knowledge(_attribute(element, "name"), parameters, logic)

    def logic(self, element: Element, names: list[str]) -> Logic:
        table, literal, invocation = (child(element, e) for e in ("decisionTable", "literalExpression", "invocation"))
        if table is not None:
            return self.table(table, names)
        if literal is not None:
            return self.formula(literal, text_of(child(literal, "text")), names)
        if invocation is not None:
            return self.invocation(invocation, names)
        self.fault(element, "only decision tables, literal expressions and invocations are within the profile")
        return Formula(_NOTHING)

    def table(self, element: Element, names: list[str]) -> DecisionTable:
        return read_table(element, names, self.fault)

    def formula(self, element: Element, text: str, names: list[str]) -> Formula:
        language = _attribute(element, "expressionLanguage")
        if language and "feel" not in language.lower():
            self.fault(element, f"expressions are FEEL, not {language}")
        return Formula(self.expression(element, text, names))

    def expression(self, element: Element, text: str, names: list[str]) -> Expression:
        try:
            return compile_expression(text, names)
        except ExpressionInvalid as error:
            self.fault(element, str(error))
            return _NOTHING

    def invocation(self, element: Element, names: list[str]) -> Formula:
        """A call of business knowledge by the names of its parameters, as the formula that says the same."""
        called = text_of(child(child(element, "literalExpression"), "text"))
        models = {_attribute(each, "name"): each for each in children(self.root, "businessKnowledgeModel")}
        model = models.get(called)
        if model is None:
            self.fault(element, f"there is no business knowledge model {called!r} to call")
            return Formula(_NOTHING)
        given = {}
        for binding in children(element, "binding"):
            literal = child(binding, "literalExpression")
            given[_attribute(child(binding, "parameter"), "name")] = text_of(child(literal, "text")) or "null"
        logic = child(model, "encapsulatedLogic")
        parameters = [_attribute(each, "name") for each in children(logic, "formalParameter")]
        for name in given.keys() - set(parameters):
            self.fault(element, f"{called!r} has no parameter {name!r}")
        for text in given.values():
            self.expression(element, text, names)  # each by itself, so that none can run over into the next
        arguments = ", ".join(f"({given.get(each, 'null')})" for each in parameters)
        return Formula(self.expression(element, f"{called}({arguments})", names))

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


def _attribute(element: Element | None, name: str) -> str:
    return (element.get(name) or "") if element is not None else ""
