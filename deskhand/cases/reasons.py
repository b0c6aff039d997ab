"""Why a case went where it went: every rule of its decisions that applied, kept so that it can be told. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from deskhand.cases.fields import plain
from deskhand.engine import DecisionFailed
from deskhand.orders.process import Process

CASE = "_case"


class Reasons:
    """Decides for the engine, and remembers for which case by which rules."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._applied: dict[str, list[dict[str, object]]] = defaultdict(list)

    def decide(self, name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """
        Raises:
            DecisionFailed: if no file has the decision, or no rule applies.
        """
        for decisions in self._process.decisions:
            if name in decisions.names or name in decisions.by_id:
                explained = decisions.explain(name, values)
                self._applied[str(values.get(CASE))] += [
                    {
                        "decision": each.decision,
                        "rule": each.rule_number,
                        "annotation": each.annotation,
                        "inputs": json_of(each.inputs),
                        "outputs": json_of(each.outputs),
                    }
                    for each in explained.applied
                ]
                return explained.outputs
        raise DecisionFailed(f"there is no decision {name!r}")

    def said(self, case_id: str) -> tuple[dict[str, object], dict[str, object]]:
        """For the history: decision and number of each rule are hashed; what was put in and came out may be erased."""
        rules = self._applied.get(case_id)
        if not rules:
            return {}, {}
        hashed = [{"decision": each["decision"], "rule": each["rule"]} for each in rules]
        beside = [{name: each[name] for name in ("annotation", "inputs", "outputs")} for each in rules]
        return {"rules": hashed}, {"rules": beside}


def json_of(value: Any) -> Any:
    """Decisions' values as JSON."""
    if isinstance(value, Mapping):
        return {str(name): json_of(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_of(each) for each in value]
    known = plain(value)
    return known if known is None or isinstance(known, str | int | bool) else str(known)


def told(detail: Mapping[str, Any], personal: Mapping[str, Any] | None) -> list[dict[str, object]]:
    """The rules of one step, put together again."""
    beside = (personal or {}).get("rules", [])
    rules = detail.get("rules", [])
    return [{**each, **(beside[at] if at < len(beside) else {})} for at, each in enumerate(rules)]
