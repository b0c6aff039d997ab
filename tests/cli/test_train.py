"""When the dialogue model counts as up to date."""

from __future__ import annotations

from pathlib import Path

import yaml

from deskhand.cli.process_words import training_data
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


PROCESS = """
title: {zh: 采购审批, en: Purchase approval}
words: {zh: [采购审批, 请购], en: [purchase request]}
"""


def test_new_words_of_a_process_ask_for_training_and_nothing_else_of_it_does(tmp_path: Path) -> None:
    make_project(tmp_path)
    folder = tmp_path / "processes" / "purchase_approval"
    folder.mkdir(parents=True)
    before = fingerprint(tmp_path)

    (folder / "process.yml").write_text(PROCESS)
    with_words = fingerprint(tmp_path)
    (folder / "process.yml").write_text(PROCESS + "fields: {amount: {type: money}}")
    (folder / "process.bpmn").write_text("<definitions/>")
    with_fields = fingerprint(tmp_path)
    (folder / "process.yml").write_text(PROCESS.replace("请购", "买东西"))

    assert before != with_words == with_fields != fingerprint(tmp_path)


def test_words_of_a_process_become_utterances_in_both_languages(tmp_path: Path) -> None:
    folder = tmp_path / "processes" / "purchase_approval"
    folder.mkdir(parents=True)
    (folder / "process.yml").write_text(PROCESS)

    taught = yaml.safe_load(training_data(tmp_path))["nlu"]
    blocks = {each["intent"]: each["examples"].splitlines() for each in taught if "intent" in each}

    assert {"- 采购审批", "- 我要请购", "- new purchase request"} <= set(blocks["start_process"])
    assert "- withdraw my purchase approval" in blocks["withdraw_case"]
    assert set(blocks) <= set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])


def test_a_process_that_cannot_be_read_teaches_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "processes" / "broken"
    folder.mkdir(parents=True)
    (folder / "process.yml").write_text("words: [")

    assert training_data(tmp_path) == ""


def test_words_and_case_numbers_become_look_up_tables(tmp_path: Path) -> None:
    folder = tmp_path / "processes" / "leave_request"
    folder.mkdir(parents=True)
    (folder / "process.yml").write_text(
        "title: {zh: 请假, en: Leave}\nwords: {zh: [请假申请], en: [leave request]}\n", encoding="utf-8"
    )

    taught = yaml.safe_load(training_data(tmp_path))["nlu"]

    tables = {block["lookup"]: block["examples"].split("\n")[:-1] for block in taught if "lookup" in block}
    assert tables == {
        "process_words": ["- 请假申请", "- leave request", "- 请假", "- Leave"], "case_prefixes": ["- LR"],
    }  # fmt: skip
