"""One decision table -> something that can be asked. Knows the hit policies, nothing of requirement graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from deskhand.engine import feel_functions
from deskhand.engine.errors import DecisionFailed, ExpressionInvalid
from deskhand.engine.feel import Expression, Test, compile_expression, compile_tests
from deskhand.engine.xmlfile import Element, child, children, text_of

Report = Callable[[Element, str], None]
_Compiled = TypeVar("_Compiled")
_AGGREGATES: Mapping[str, Callable[..., Any]] = {
    "SUM": feel_functions.total,
    "COUNT": feel_functions.count,
    "MIN": feel_functions.least,
    "MAX": feel_functions.greatest,
}
_NULL = compile_expression("null")
_ANYTHING = compile_tests("-")


@dataclass(frozen=True, slots=True)
class Rule:
    """The tests of the columns that are not `-`, and the entries that the rule gives. `number` counts from 1."""

    number: int
    id: str
    annotation: str
    tests: tuple[tuple[int, Test], ...]
    outputs: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; `values` are the allowed ones, the best first."""

    name: str
    values: tuple[Any, ...]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that applies, and what it gives."""

    rule: Rule
    result: Any


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table, ready to be asked."""

    inputs: tuple[Expression, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    policy: str
    aggregate: str | None

    def __call__(self, values: Mapping[str, Any]) -> Any:
        return self.result_of(self.counting(values), values)

    def counting(self, values: Mapping[str, Any]) -> list[Hit]:
        """The rules that count by the hit policy, in the order of the result. Raises DecisionFailed."""
        return _COUNTING[self.policy](self, self.hits(values))

    def result_of(self, counting: Sequence[Hit], values: Mapping[str, Any]) -> Any:
        if self.policy in _SINGLE:
            return counting[0].result if counting else self.default(values)
        results = [hit.result for hit in counting]
        return _AGGREGATES[self.aggregate](results) if self.aggregate else results

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the columns see, by the text of their heads."""
        return {each.text: each.evaluate(values) for each in self.inputs}

    def hits(self, values: Mapping[str, Any]) -> list[Hit]:
        """The rules that apply, in their order; of a FIRST table none after the first."""
        given = [each.evaluate(values) for each in self.inputs]
        found = []
        for rule in self.rules:
            for column, test in rule.tests:
                if test(given[column], values) is not True:
                    break
            else:
                found.append(Hit(rule, self.entries([each(values) for each in rule.outputs])))
                if self.policy == "FIRST":
                    break
        return found

    def entries(self, entries: Sequence[Any]) -> Any:
        if len(self.outputs) == 1:
            return entries[0]
        return {output.name: entry for output, entry in zip(self.outputs, entries, strict=True)}

    def default(self, values: Mapping[str, Any]) -> Any:
        if not any(output.default for output in self.outputs):
            return None
        return self.entries([output.default(values) if output.default else None for output in self.outputs])

    def ranked(self, hits: list[Hit]) -> list[Hit]:
        """By the order of the allowed values, the first column before the second."""
        return sorted(hits, key=lambda hit: [_rank(output, self.entry(hit, output)) for output in self.outputs])

    def entry(self, hit: Hit, output: Output) -> Any:
        return hit.result[output.name] if len(self.outputs) > 1 else hit.result


def read_table(element: Element, names: Sequence[str], report: Report) -> DecisionTable:
    """The table; whatever is wrong with it is reported with its element, and stands for null or for anything."""
    reader = _Reader(element, names, report)
    policy, aggregate = element.get("hitPolicy") or "UNIQUE", element.get("aggregation")
    if policy not in _COUNTING:
        report(element, f"hit policy {policy!r} is not known; known are {', '.join(_COUNTING)}")
        policy = "UNIQUE"
    if aggregate and policy != "COLLECT":
        report(element, f"only a COLLECT table has an aggregation, not a {policy} one")
        aggregate = None
    return reader.table(policy, aggregate)


class _Reader:
    def __init__(self, element: Element, names: Sequence[str], report: Report) -> None:
        self.element, self.names, self.report = element, names, report
        self.inputs = children(element, "input")
        self.outputs = children(element, "output")

    def table(self, policy: str, aggregate: str | None) -> DecisionTable:
        if aggregate and (aggregate not in _AGGREGATES or len(self.outputs) != 1):
            said = f"aggregation {aggregate!r} needs one output and is one of {', '.join(_AGGREGATES)}"
            self.report(self.element, said)
            aggregate = None
        outputs = tuple(map(self.output, self.outputs))
        if not outputs or (len(outputs) > 1 and not all(output.name for output in outputs)):
            self.report(self.element, "a table has an output, and several outputs have names")
        rules = [self.rule(number, each) for number, each in enumerate(children(self.element, "rule"), 1)]
        return DecisionTable(tuple(map(self.input, self.inputs)), outputs, tuple(rules), policy, aggregate)

    def input(self, element: Element) -> Expression:
        text = _text(element, "inputExpression")
        if not text:
            self.report(element, "the column has no input expression")
        return self.expression(element, text)

    def output(self, element: Element) -> Output:
        allowed, default = _text(element, "outputValues"), _text(element, "defaultOutputEntry")
        values = self.expression(element, f"[{allowed}]")({}) if allowed else None
        return Output(
            element.get("name") or "", tuple(values or ()), self.expression(element, default) if default else None
        )

    def rule(self, number: int, element: Element) -> Rule:
        tests = [text_of(child(each, "text")) or "-" for each in children(element, "inputEntry")]
        entries = [text_of(child(each, "text")) for each in children(element, "outputEntry")]
        if (len(tests), len(entries)) != (len(self.inputs), len(self.outputs)):
            self.report(element, f"rule {number} has not as many entries as the table has columns")
        compiled = [(at, self.compiled(element, compile_tests, text, _ANYTHING)) for at, text in enumerate(tests)]
        return Rule(
            number, element.get("id") or "", _annotation(element),
            tuple((column, each.test) for column, each in compiled if each.text != "-"),
            tuple(self.expression(element, text) for text in entries),
        )  # fmt: skip

    def expression(self, element: Element, text: str) -> Expression:
        return self.compiled(element, compile_expression, text or "null", _NULL)

    def compiled(
        self, element: Element, compile_text: Callable[..., _Compiled], text: str, instead: _Compiled
    ) -> _Compiled:
        try:
            return compile_text(text, self.names)
        except ExpressionInvalid as error:
            self.report(element, str(error))
            return instead


def _text(element: Element, tag: str) -> str:
    holder = child(element, tag)
    return text_of(child(holder, "text")) if holder is not None else ""


def _annotation(rule: Element) -> str:
    """What the author says of a rule: the annotation columns, else its description."""
    said = [text_of(child(each, "text")) for each in children(rule, "annotationEntry")]
    return "; ".join(filter(None, said)) or text_of(child(rule, "description"))


def _rank(output: Output, entry: Any) -> int:
    return output.values.index(entry) if entry in output.values else len(output.values)


def _unique(table: DecisionTable, hits: list[Hit]) -> list[Hit]:
    if len(hits) > 1:
        numbers = ", ".join(str(hit.rule.number) for hit in hits)
        raise DecisionFailed(f"{len(hits)} rules apply where only one may: {numbers}")
    return hits


def _any(table: DecisionTable, hits: list[Hit]) -> list[Hit]:
    if any(hit.result != hits[0].result for hit in hits):
        numbers = ", ".join(str(hit.rule.number) for hit in hits)
        raise DecisionFailed(f"the rules that apply do not agree: {numbers}")
    return hits


def _as_they_are(table: DecisionTable, hits: list[Hit]) -> list[Hit]:
    return hits


def _best(table: DecisionTable, hits: list[Hit]) -> list[Hit]:
    return table.ranked(hits)[:1]


_COUNTING: Mapping[str, Callable[[DecisionTable, list[Hit]], list[Hit]]] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "FIRST": _as_they_are,
    "PRIORITY": _best,
    "RULE ORDER": _as_they_are,
    "OUTPUT ORDER": DecisionTable.ranked,
    "COLLECT": _as_they_are,
}
_SINGLE = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY"})
