"""`deskhand knowledge`: which texts count for a company, what is wrong in them, what would be answered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deskhand.cli.main import main
from tests.support.desks import ROOT

OWN = "---\ntitle: {zh: 送货, en: Delivery}\nlanguage: en\n---\n\n## Lead time\n> when will it arrive\nTen days.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the texts beside a copy of the processes, and an empty database."""
    for name in ("knowledge", "processes"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "permissions.yml", tmp_path)
    monkeypatch.setenv("DESKHAND_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DESKHAND_TENANTS_DIR", str(tmp_path / "tenants"))
    monkeypatch.setenv("DESKHAND_PROCESSES_DIR", str(tmp_path / "processes"))
    (tmp_path / "tenants").mkdir()
    for tenant in ("demo", "acme"):
        (tmp_path / "tenants" / f"{tenant}.yml").write_text(f"name: {tenant}\n", encoding="utf-8")
    (tmp_path / "knowledge" / "acme").mkdir()
    (tmp_path / "knowledge" / "acme" / "delivery.en.md").write_text(OWN, encoding="utf-8")
    return tmp_path / "knowledge"


def answer(*arguments: str, exit_code: int = 0) -> Any:
    result = CliRunner().invoke(main, ["--format", "json", "knowledge", *arguments])
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


def test_the_files_that_count_for_a_company_are_listed(folder: Path) -> None:
    shared = {row["file"]: row["passages"] for row in answer("list")}
    own = {row["file"] for row in answer("list", "--tenant", "acme")}

    assert shared["delivery.zh.md"] == 10 and "acme/delivery.en.md" not in shared
    assert "acme/delivery.en.md" in own and not {"delivery.zh.md", "delivery.en.md"} & own and "returns.zh.md" in own


def test_what_is_wrong_is_told_to_the_company_whose_file_it_is(folder: Path) -> None:
    assert answer("check") == [] and answer("check", "--tenant", "acme") == []

    (folder / "acme" / "returns.zh.md").write_text("---\nlanguage: zh\n---\n## A\nx\n", encoding="utf-8")

    faults = answer("check", "--tenant", "acme", exit_code=1)
    assert [(row["file"], row["line"], row["setting"]) for row in faults] == [("acme/returns.zh.md", 2, "title")]
    assert answer("check") == []


def test_a_question_can_be_tried(folder: Path) -> None:
    (shared, *_), (own, *_) = (answer("search", "when will it arrive?", "--tenant", each) for each in ("demo", "acme"))

    assert (shared["answers"], shared["topic"]) == ("yes", "Delivery and freight")
    assert (own["answers"], own["quote"]) == ("yes", "Ten days.")
    assert {row["answers"] for row in answer("search", "do you sell gift cards")} <= {"no"}
