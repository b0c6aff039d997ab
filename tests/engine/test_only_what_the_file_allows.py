"""For every marking, every event and every role of every shipped process only what its file allows happens."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from deskhand.engine import DecisionFailed, compile_bpmn, load_decisions
from tests.engine.allowed import Checker
from tests.engine.blocks import grown
from tests.engine.drawing import AWAITED, Drawing
from tests.engine.reading import Reading

FOLDERS = sorted(file.parent for file in (Path(__file__).resolve().parents[2] / "processes").glob("*/process.bpmn"))
BRINGING_BACK = {"call_connector"}


def checker(folder: Path) -> Checker:
    files = [load_decisions(each.read_bytes(), each.name) for each in sorted(folder.glob("*.dmn"))]

    def decide(name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        for each in files:
            if name in (*each.names, *each.by_id):
                return each.decide(name, values)
        raise DecisionFailed(name)

    xml = (folder / "process.bpmn").read_bytes()
    table = compile_bpmn(xml, "process.bpmn", awaited=BRINGING_BACK)
    return Checker(table, Reading(xml, BRINGING_BACK), decide, everything=True)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_in_every_state_every_role_can_do_what_the_file_allows_and_nothing_else(
    folder: Path, tell: Callable[[str], None]
) -> None:
    check = checker(folder)
    markings = check.reading.reachable()

    differences = list(check.differences(markings))

    tell(f"{folder.name}: {check.markings} states, {check.asked} attempts, {len(differences)} that the file forbids")
    assert differences == []
    assert {each for marking in markings for each in marking} >= {node.id for node in check.table.waiting}
    assert check.happened > len(check.table.waiting)


def test_every_shipped_process_is_looked_at() -> None:
    assert {folder.name for folder in FOLDERS} >= {
        *("order_to_cash", "purchase_approval", "credit_application", "quality_report", "contract_signing"),
    }


@pytest.mark.parametrize("seed", range(15))
def test_the_same_holds_for_generated_diagrams(seed: int) -> None:
    drawing = Drawing(grown(random.Random(seed), 6))
    table = compile_bpmn(drawing.xml, "generated.bpmn")
    check = Checker(table, Reading(drawing.xml, {AWAITED}), lambda name, values: {name: 1})

    assert list(check.differences(check.reading.reachable())) == []
    assert check.happened
