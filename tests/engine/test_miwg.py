"""Diagrams as real editors write them either compile or are refused with element and line."""

from __future__ import annotations

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
