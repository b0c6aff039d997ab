"""One decision table -> a closure. Knows the hit policies, nothing of files or of requirement graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deskhand.engine import feel_values
from deskhand.engine.errors import DecisionFailed
from deskhand.engine.feel import Expression, Test, compile_expression, compile_tests
from deskhand.engine.xmlfile import Element, child, children, text_of

TABLE_FAULTS = (ValueError,)
_AGGREGATES: Mapping[str, Callable[..., Any]] = {
    "SUM": feel_values.total,
    "COUNT": feel_values.count,
    "MIN": feel_values.least,
    "MAX": feel_values.greatest,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """The tests of the columns that are not `-`, and the entries that the rule gives."""

    tests: tuple[tuple[int, Test], ...]
    outputs: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; `values` are the allowed ones, the best first."""

    name: str
    values: tuple[Any, ...]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table, ready to be asked."""

    inputs: tuple[Expression, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    policy: str
    aggregate: str | None

    def __call__(self, values: Mapping[str, Any]) -> Any:
        return _POLICIES[self.policy](self, values)

    def hits(self, values: Mapping[str, Any], *, first: bool = False) -> list[Any]:
        """The results of the rules that apply, in the order of the rules."""
        given = [each.evaluate(values) for each in self.inputs]
        found = []
        for rule in self.rules:
            for column, test in rule.tests:
                if test(given[column], values) is not True:
                    break
            else:
                found.append(self.result([each(values) for each in rule.outputs]))
                if first:
                    break
        return found

    def result(self, entries: Sequence[Any]) -> Any:
        if len(self.outputs) == 1:
            return entries[0]
        return {output.name: entry for output, entry in zip(self.outputs, entries, strict=True)}

    def default(self, values: Mapping[str, Any]) -> Any:
        if not any(output.default for output in self.outputs):
            return None
        return self.result([output.default(values) if output.default else None for output in self.outputs])

    def ranked(self, hits: list[Any]) -> list[Any]:
        """By the order of the allowed values, the first column before the second."""
        return sorted(hits, key=lambda hit: [_rank(output, self.entry(hit, output)) for output in self.outputs])

    def entry(self, hit: Any, output: Output) -> Any:
        return hit[output.name] if len(self.outputs) > 1 else hit


def read_table(element: Element, names: Sequence[str]) -> DecisionTable:
    """Raises ExpressionInvalid, and ValueError for a table that does not fit together."""
    policy = element.get("hitPolicy") or "UNIQUE"
    aggregate = element.get("aggregation")
    inputs = children(element, "input")
    outputs = tuple(_output(each, names) for each in children(element, "output"))
    rules = tuple(_rule(each, len(inputs), len(outputs), names) for each in children(element, "rule"))
    if policy not in _POLICIES:
        raise ValueError(f"hit policy {policy!r} is not known")
    if aggregate and (aggregate not in _AGGREGATES or len(outputs) != 1):
        raise ValueError(f"aggregation {aggregate!r} needs one output and is one of {', '.join(_AGGREGATES)}")
    if not outputs or (len(outputs) > 1 and not all(output.name for output in outputs)):
        raise ValueError("a table has an output, and several outputs have names")
    expressions = tuple(_expression(_text(each, "inputExpression"), names) for each in inputs)
    return DecisionTable(expressions, outputs, rules, policy, aggregate)


def _text(element: Element, tag: str) -> str:
    holder = child(element, tag)
    return text_of(child(holder, "text")) if holder is not None else ""


def _expression(text: str, names: Sequence[str]) -> Expression:
    return compile_expression(text or "null", names)


def _output(element: Element, names: Sequence[str]) -> Output:
    allowed, default = _text(element, "outputValues"), _text(element, "defaultOutputEntry")
    values = _expression(f"[{allowed}]", names)({}) if allowed else ()
    return Output(element.get("name") or "", tuple(values), _expression(default, names) if default else None)


def _rule(element: Element, inputs: int, outputs: int, names: Sequence[str]) -> Rule:
    tests = [text_of(child(each, "text")) or "-" for each in children(element, "inputEntry")]
    entries = [text_of(child(each, "text")) for each in children(element, "outputEntry")]
    if (len(tests), len(entries)) != (inputs, outputs):
        raise ValueError(f"rule {element.get('id') or ''!r} has not as many entries as the table has columns")
    return Rule(
        tuple((column, compile_tests(text, names).test) for column, text in enumerate(tests) if text != "-"),
        tuple(_expression(text, names) for text in entries),
    )


def _rank(output: Output, entry: Any) -> int:
    return output.values.index(entry) if entry in output.values else len(output.values)


def _unique(table: DecisionTable, values: Mapping[str, Any]) -> Any:
    hits = table.hits(values)
    if len(hits) > 1:
        raise DecisionFailed(f"{len(hits)} rules apply where only one may")
    return hits[0] if hits else table.default(values)


def _any(table: DecisionTable, values: Mapping[str, Any]) -> Any:
    hits = table.hits(values)
    if any(hit != hits[0] for hit in hits):
        raise DecisionFailed("the rules that apply do not agree")
    return hits[0] if hits else table.default(values)


def _first(table: DecisionTable, values: Mapping[str, Any]) -> Any:
    hits = table.hits(values, first=True)
    return hits[0] if hits else table.default(values)


def _priority(table: DecisionTable, values: Mapping[str, Any]) -> Any:
    hits = table.ranked(table.hits(values))
    return hits[0] if hits else table.default(values)


def _rule_order(table: DecisionTable, values: Mapping[str, Any]) -> Any:
    return table.hits(values)


def _output_order(table: DecisionTable, values: Mapping[str, Any]) -> Any:
    return table.ranked(table.hits(values))


def _collect(table: DecisionTable, values: Mapping[str, Any]) -> Any:
    hits = table.hits(values)
    return _AGGREGATES[table.aggregate](hits) if table.aggregate else hits


_POLICIES: Mapping[str, Callable[[DecisionTable, Mapping[str, Any]], Any]] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "FIRST": _first,
    "PRIORITY": _priority,
    "RULE ORDER": _rule_order,
    "OUTPUT ORDER": _output_order,
    "COLLECT": _collect,
}
