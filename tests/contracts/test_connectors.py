"""The recorded calls of every shipped connector come out as they once did."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskhand.worker.connectors import Connectors, contradictions

CONNECTORS = Connectors(Path(__file__).parents[2] / "connectors", {})


@pytest.mark.parametrize("name", CONNECTORS.names)
def test_what_was_recorded_of_another_system_still_holds(name: str) -> None:
    assert contradictions(CONNECTORS.read(name)) == []


def test_there_is_an_example() -> None:
    assert "scales" in CONNECTORS.names
