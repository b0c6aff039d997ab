"""When the dialogue model counts as up to date."""

from __future__ import annotations

from pathlib import Path

from deskhand.cli.train import fingerprint, inputs
from tests.support.deskhand import ROOT


def make_project(root: Path) -> None:
    for name in ("requirements/dialogue.lock", "config.yml", "domain.yml", "data/nlu/a.yml", "rasa_components/x.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def test_a_changed_added_or_renamed_file_asks_for_training(tmp_path: Path) -> None:
    make_project(tmp_path)
    seen = {fingerprint(tmp_path)}

    (tmp_path / "data/nlu/a.yml").write_text("changed")
    seen.add(fingerprint(tmp_path))
    (tmp_path / "data/nlu/b.yml").write_text("added")
    seen.add(fingerprint(tmp_path))
    (tmp_path / "data/nlu/b.yml").rename(tmp_path / "data/nlu/c.yml")
    seen.add(fingerprint(tmp_path))

    assert len(seen) == 4


def test_the_model_depends_on_all_that_rasa_reads() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in inputs(ROOT)}

    assert names == {"requirements", "config.yml", "domain.yml", "data", "rasa_components"}
