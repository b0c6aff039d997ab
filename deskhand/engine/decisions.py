"""Decisions as they are asked: requirement graphs, business knowledge, which rules led to a result. Knows no XML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.engine.decision_table import DecisionTable
from deskhand.engine.errors import DecisionFailed
from deskhand.engine.explained import Applied, Explained
from deskhand.engine.feel import Expression
from deskhand.engine.feel_values import Function

DEEPEST_CALL = 20


@dataclass(frozen=True, slots=True)
class Formula:
    """A literal expression."""

    expression: Expression

    def __call__(self, values: Mapping[str, Any]) -> Any:
        return self.expression.evaluate(values)


Logic = DecisionTable | Formula


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: what it is called, what it needs first, and how it decides."""

    id: str
    name: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    needs: tuple[str, ...]
    logic: Logic

    @property
    def reads(self) -> frozenset[str]:
        """The names on which it depends, as far as they stand in inputs, columns and formulas."""
        logic = self.logic
        expressions = (logic.expression,) if isinstance(logic, Formula) else logic.inputs
        return frozenset(self.inputs).union(*(each.names for each in expressions))

    def named(self, result: Any) -> dict[str, Any]:
        """A result by output name; a decision that gives one value gives it under its output's or its own name."""
        if isinstance(result, dict):
            return result
        return {self.outputs[0] if len(self.outputs) == 1 else self.name: result}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: a function that expressions may call."""

    name: str
    parameters: tuple[str, ...]
    logic: Logic


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions of a file, by id, and its business knowledge by name."""

    source: str
    by_id: Mapping[str, Decision]
    knowledge: Mapping[str, Knowledge]

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
        decision = self.find(name)
        if not decision.needs and not self.knowledge:
            return decision.logic(inputs)
        return _Asking(self, inputs).result(decision)

    def decide(self, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The result by output name. Raises DecisionFailed."""
        return self.find(name).named(self.evaluate(name, inputs))

    def explain(self, name: str, inputs: Mapping[str, Any]) -> Explained:
        """The result together with every rule that led to it, those of required decisions first. Raises DecisionFailed.

        `decide` for a process whose cases keep their reasons: what the walk is given it hands on with the change.
        """
        decision = self.find(name)
        asking = _Asking(self, inputs, explaining=True)
        result = asking.result(decision)
        return Explained(decision.name, result, decision.named(result), tuple(asking.applied))


class _Asking:
    """One question: every decision on the way is asked once. `applied` is filled only where it explains."""

    def __init__(self, decisions: Decisions, inputs: Mapping[str, Any], *, explaining: bool = False) -> None:
        self.decisions, self.explaining = decisions, explaining
        self.results: dict[str, Any] = {}
        self.applied: list[Applied] = []
        self.depth = 0
        self.functions = {each.name: self.function(each) for each in decisions.knowledge.values()}
        self.inputs = {**inputs, **self.functions} if self.functions else inputs

    def result(self, decision: Decision) -> Any:
        if decision.id not in self.results:
            by_id = self.decisions.by_id
            needed = {by_id[each].name: self.result(by_id[each]) for each in decision.needs}
            values = {**self.inputs, **needed} if needed else self.inputs
            self.results[decision.id] = self.asked(decision.name, decision.logic, values)
        return self.results[decision.id]

    def function(self, knowledge: Knowledge) -> Function:
        def call(*given: Any) -> Any:
            self.depth += 1
            if self.depth > DEEPEST_CALL:
                raise DecisionFailed(f"{knowledge.name} calls itself without an end")
            known = {**self.functions, **dict(zip(knowledge.parameters, given, strict=True))}
            result = self.asked(knowledge.name, knowledge.logic, known)
            self.depth -= 1
            return result

        return Function(knowledge.name, len(knowledge.parameters), call)

    def asked(self, name: str, logic: Logic, values: Mapping[str, Any]) -> Any:
        if not self.explaining:
            return logic(values)
        if isinstance(logic, DecisionTable):
            return self.by_rules(name, logic, values)
        result = logic(values)
        read = {each: values.get(each) for each in sorted(logic.expression.names - self.functions.keys())}
        self.applied.append(Applied(name, "", 0, "", read, {name: result}))
        return result

    def by_rules(self, name: str, table: DecisionTable, values: Mapping[str, Any]) -> Any:
        given = table.given(values)
        counting = table.counting(values)
        result = table.result_of(counting, values)

        def by_name(entries: Any) -> dict[str, Any]:
            return entries if len(table.outputs) > 1 else {table.outputs[0].name or name: entries}

        self.applied += [
            Applied(name, hit.rule.id, hit.rule.number, hit.rule.annotation, given, by_name(hit.result))
            for hit in counting
        ]
        if not counting:
            defaults = result if isinstance(result, dict) else {table.outputs[0].name or name: result}
            self.applied.append(Applied(name, "", 0, "", given, defaults))
        return result
