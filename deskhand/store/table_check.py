"""Looks for holes in decision tables: values for which no rule applies, or several where one may.

Every value that the rules name is tried, with one on each side of a number and one text that no rule names, in all
combinations: what the engine itself answers is the finding. Columns that compute something are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from deskhand.engine import DecisionFailed, Decisions, load_decisions
from deskhand.engine.errors import DecisionsRefused
from deskhand.engine.xmlfile import Element, child, children, line_of, root_of, tag_of, text_of
from deskhand.store.process_files import ProcessFiles

MOST = 20_000  # combinations of one table; a larger one is not tried
TOLD = 3  # examples of one table
COLLECTING = frozenset({"COLLECT", "RULE ORDER", "OUTPUT ORDER"})
_NAME = re.compile(r"[A-Za-z_]\w*")
_TEXT = re.compile(r'"([^"]*)"')
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
_STRANGE = "?"

Hole = tuple[bool, str, int, str, str, str]


def holes(files: ProcessFiles) -> Iterator[Hole]:
    """Of all tables of a process: is it an error, file, line, id, name, what is wrong."""
    for name, text in files.tables.items():
        decisions = load_decisions(text.encode(), name)
        for element in children(root_of(text.encode(), name, DecisionsRefused), "decision"):
            table = child(element, "decisionTable")
            if table is not None and not children(element, "knowledgeRequirement") and not _needs(element):
                for is_error, problem in _of_table(decisions, element, table):
                    yield is_error, name, line_of(table), element.get("id") or "", element.get("name") or "", problem


def _of_table(decisions: Decisions, element: Element, table: Element) -> Iterator[tuple[bool, str]]:
    columns = {text_of(child(child(each, "inputExpression"), "text")): each for each in children(table, "input")}
    if not all(map(_NAME.fullmatch, columns)) or len(columns) != len(children(table, "input")):
        return
    tried = {name: _values(table, position, each) for position, (name, each) in enumerate(columns.items())}
    if prod(map(len, tried.values())) > MOST:
        return
    policy, several, none = table.get("hitPolicy") or "UNIQUE", list[str](), list[str]()
    for combination in product(*tried.values()):
        values = dict(zip(tried, combination, strict=True))
        hits = _hits(decisions, element.get("id") or "", values)
        if len(hits) > 1 and policy == "UNIQUE":
            several.append(f"{_said(values)} (rules {', '.join(map(str, hits))})")
        elif not hits and policy not in COLLECTING:
            none.append(_said(values))
    if several:
        yield True, f"several rules apply where one may: {_some(several)}"
    if none and not any(child(each, "defaultOutputEntry") is not None for each in children(table, "output")):
        yield False, f"no rule applies: {_some(none)}"


def _hits(decisions: Decisions, name: str, values: Mapping[str, Any]) -> list[int]:
    """The numbers of the rules that apply."""
    logic: Any = decisions.by_id[name].logic
    try:
        return [hit.rule.number for hit in logic.hits(values)]
    except DecisionFailed:
        return []


def _values(table: Element, position: int, column: Element) -> list[Any]:
    """What is worth trying in a column."""
    entries = [text_of(child(children(rule, "inputEntry")[position], "text")) for rule in children(table, "rule")]
    allowed = text_of(child(child(column, "inputValues"), "text"))
    expression = child(column, "inputExpression")
    kind = "" if expression is None else expression.get("typeRef") or ""
    if kind == "boolean" or {"true", "false"} & set(entries):
        return [True, False]
    texts = dict.fromkeys(each for entry in (*entries, allowed) for each in _TEXT.findall(entry))
    if texts or kind == "string":
        return [*texts] if allowed else [*texts, _STRANGE]
    return _numbers([entry for entry in entries if entry != "-"])


def _numbers(entries: Sequence[str]) -> list[Decimal]:
    """Each number of the rules, and one on each side of it."""
    named = sorted({Decimal(each) for entry in entries for each in _NUMBER.findall(entry)})
    if not named:
        return [Decimal(1)]
    between = [(low + high) / 2 for low, high in zip(named, named[1:], strict=False)]
    lowest = [Decimal(0)] if named[0] > 0 else []
    return sorted({*lowest, *named, *between, named[-1] + 1})


def _needs(element: Element) -> bool:
    """Whether it asks another decision first: then its inputs are not free."""
    return any(
        tag_of(each) == "requiredDecision" for part in children(element, "informationRequirement") for each in part
    )


def _said(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {'any other' if value is _STRANGE else value}" for name, value in values.items())


def _some(found: Sequence[str]) -> str:
    more = f"; and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return "; ".join(found[:TOLD]) + more
