"""The shipped files follow the schemas of OMG, so that any editor opens them."""

from __future__ import annotations

from pathlib import Path

import pytest
import SpiffWorkflow
from lxml import etree

SCHEMAS = Path(SpiffWorkflow.__file__).parent
PROCESSES = Path(__file__).resolve().parents[2] / "processes"
BPMN = etree.XMLSchema(etree.parse(SCHEMAS / "bpmn" / "parser" / "schema" / "BPMN20.xsd"))
DMN = etree.XMLSchema(etree.parse(SCHEMAS / "dmn" / "parser" / "schema" / "DMN13.xsd"))


FILES = sorted([*PROCESSES.glob("*/*.bpmn"), *PROCESSES.glob("*/*.dmn")])


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_shipped_file_is_valid_by_its_schema(file: Path) -> None:
    (BPMN if file.suffix == ".bpmn" else DMN).assertValid(etree.parse(file))


@pytest.mark.parametrize("file", sorted(PROCESSES.glob("*/*.bpmn")), ids=lambda file: file.parent.name)
def test_no_text_of_a_diagram_is_in_one_language_only(file: Path) -> None:
    for element in etree.parse(file).iterfind(".//{*}userTask"):
        assert " / " in element.get("name", "")
