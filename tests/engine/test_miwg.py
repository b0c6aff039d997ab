"""Diagrams as real editors write them either compile or are refused with element and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from deskhand.engine import ProcessRefused, compile_bpmn

SUITE = Path(__file__).resolve().parents[3] / "shared" / "data" / "bpmn-miwg"
FILES = sorted(SUITE.glob("*.bpmn"))
MISSING = pytest.param(None, marks=pytest.mark.skip(reason=f"{SUITE} is not there"), id="missing")


@pytest.mark.parametrize("file", [pytest.param(each, id=each.stem) for each in FILES] or [MISSING])
def test_a_diagram_of_another_editor_compiles_or_is_refused_with_element_and_line(file: Path) -> None:
    try:
        table = compile_bpmn(file.read_bytes(), file.name)
    except ProcessRefused as refused:
        assert refused.faults
        assert all(fault.element_id and fault.line > 0 and fault.message for fault in refused.faults)
    else:
        assert table.starts


@pytest.mark.skipif(not FILES, reason=f"{SUITE} is not there")
def test_what_becomes_of_the_whole_suite_is_told(tell: Callable[[str], None]) -> None:
    became = Counter(map(_outcome, FILES))

    tell(f"BPMN MIWG: {len(FILES)} files, {became['compiles']} compile, {became['refused']} are refused with reasons")
    assert became.total() == 21
    assert set(became) <= {"compiles", "refused"}


def _outcome(file: Path) -> str:
    try:
        compile_bpmn(file.read_bytes(), file.name)
    except ProcessRefused:
        return "refused"
    return "compiles"
