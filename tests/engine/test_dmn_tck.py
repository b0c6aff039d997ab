"""The Technology Compatibility Kit of DMN, compliance level 2. The last test prints passed/total."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from deskhand.engine import load_decisions

KIT = Path(__file__).resolve().parents[3] / "shared" / "data" / "dmn-tck-level-2"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
PLACES = Decimal("1e-8")


def suites() -> list[Any]:
    found = []
    for file in sorted(KIT.glob("*/*-test-*.xml")):
        for case in etree.parse(file).getroot().iterfind("{*}testCase"):
            found.append(pytest.param(file, case, id=f"{file.parent.name}:{case.get('id')}"))
    return found or [pytest.param(None, None, marks=pytest.mark.skip(reason=f"{KIT} is not there"), id="missing")]


def value_of(element: Any) -> Any:
    items = element.find("{*}list")
    if items is not None:
        return [value_of(each) for each in items.iterfind("{*}item")]
    components = element.findall("{*}component")
    if components:
        return {each.get("name"): value_of(each) for each in components}
    value = element.find("{*}value")
    if value is None or value.get(f"{XSI}nil") == "true":
        return None
    return typed(value.get(f"{XSI}type", "").rpartition(":")[2], value.text or "")


def typed(kind: str, text: str) -> Any:
    if kind in ("decimal", "integer", "double"):
        return Decimal(text)
    return text == "true" if kind == "boolean" else text


def same(one: Any, other: Any) -> bool:
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return abs(one - other) < PLACES
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def results(file: Path, case: Any) -> list[tuple[str, Any, Any]]:
    model = file.parent / case.getparent().findtext("{*}modelName")
    decisions = load_decisions(model.read_bytes(), model.name)
    inputs = {each.get("name"): value_of(each) for each in case.iterfind("{*}inputNode")}
    asked = [(node.get("name"), value_of(node.find("{*}expected"))) for node in case.iterfind("{*}resultNode")]
    return [(name, decisions.evaluate(name, inputs), expected) for name, expected in asked]


@pytest.mark.parametrize(("file", "case"), suites())
def test_the_kit_agrees(file: Path, case: Any) -> None:
    for name, result, expected in results(file, case):
        assert same(result, expected), f"{name}: {result!r}, not {expected!r}"


@pytest.mark.skipif(not KIT.is_dir(), reason=f"{KIT} is not there")
def test_every_case_of_the_kit_passes(tell: Callable[[str], None]) -> None:
    verdicts = [all(same(got, wanted) for _, got, wanted in results(*each.values)) for each in suites()]

    tell(f"DMN TCK level 2: {sum(verdicts)}/{len(verdicts)} passed")
    assert all(verdicts)
