"""The `deskhand` command in a folder of its own, with the demo's database."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.desks import demo_database


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    var = tmp_path / "var"
    var.mkdir()
    demo_database(var)
    monkeypatch.setenv("DESKHAND_VAR", str(var))
    return CliRunner()
