"""`deskhand misunderstood`: from what was not understood to training data, by label and without personal data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from deskhand.cli.main import main
from deskhand.cli.teaching import NotFit, append, as_yaml, examples, fit, known_intents
from deskhand.cli.utterances import Taught, problems
from deskhand.store import Misread, new_id
from tests.support.deskhand import ROOT
from tests.support.desks import TENANT, open_desk


@pytest.fixture
def heard(run: CliRunner, tmp_path: Path) -> list[str]:
    """Three messages that were not understood; their ids."""
    desk = open_desk(f"sqlite:///{tmp_path / 'var' / 'deskhand.db'}")
    ids = []
    with desk.unit_of_work(TENANT) as uow:
        talk = uow.conversations.open("clerk", "chat")
        assert talk is not None
        for text, how in (
            ("quux the 1001 for 华星科技有限公司", Misread.ASKED),
            ("what about 13812345678", Misread.DECLINED),
            ("quux the 1002 for 华星科技有限公司", Misread.ASKED),
        ):
            message, _ = uow.messages.add_inbound(talk.id, new_id(), text)
            uow.misunderstood.note(message.id, how, {"intent": "nlu_fallback", "confidence": 0.4})
            ids.append(message.id)
        uow.commit()
    desk.close()
    return ids


def asked(run: CliRunner, *arguments: str) -> Any:
    result = run.invoke(main, ["--format", "json", "misunderstood", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_what_is_alike_is_one_line_and_nobody_is_named(run: CliRunner, heard: list[str]) -> None:
    listed = asked(run, "list")

    assert [(row["text"], row["times"], row["how"]) for row in listed] == [
        ("quux the 1002 for <name>", 2, "asked"),
        ("what about <phone>", 1, "declined"),
    ]
    assert asked(run, "list", "--how", "declined") == listed[1:] and asked(run, "list", "--labelled") == []
    assert asked(run, "list", "--limit", "1") == listed[:1] and asked(run, "list", "--since", "2100-01-01") == []


def test_a_table_shows_the_ids_that_a_label_is_given_to(run: CliRunner, heard: list[str]) -> None:
    shown = run.invoke(main, ["misunderstood", "list"])

    assert shown.exit_code == 0 and heard[2] in shown.stdout and "<phone>" in shown.stdout


def test_a_label_goes_to_all_alike_and_is_taken_away_again(run: CliRunner, heard: list[str]) -> None:
    assert asked(run, "label", heard[0], "confirm_order")["messages"] == 2
    assert [row["label"] for row in asked(run, "list", "--labelled")] == ["confirm_order"]

    asked(run, "label", heard[2], "-")

    assert asked(run, "list", "--labelled") == []
    rows = json.loads(run.invoke(main, ["--format", "json", "audit", "show", "--action", "label_misunderstood"]).stdout)
    assert len(rows) == 2 and {row["actor"] for row in rows} == {"cli"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["label", "nobody", "confirm_order"], "no message nobody was misunderstood"),
        (["label", "x", "order_pizza"], "order_pizza is no intent; known are "),
        (["label", "x", "choose"], "choose is no intent"),
        (["export", "--to", "x.yml", "--apply"], "choose one"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(run: CliRunner, arguments: list[str], complaint: str) -> None:
    result = run.invoke(main, ["misunderstood", *arguments])

    assert result.exit_code == 2 and complaint in result.output


def test_what_was_labelled_is_exported_as_the_training_data_is_written(
    run: CliRunner, heard: list[str], tmp_path: Path
) -> None:
    asked(run, "label", heard[0], "confirm_order")

    printed = run.invoke(main, ["misunderstood", "export"]).stdout
    asked(run, "export", "--to", str(tmp_path / "new.yml"))

    assert (tmp_path / "new.yml").read_text() == printed
    assert yaml.safe_load(printed) == {
        "version": "3.1",
        "nlu": [{"intent": "confirm_order", "examples": "- quux the 1002 for Acme Ltd\n"}],
    }
    assert yaml.safe_load(run.invoke(main, ["misunderstood", "export", "--intent", "deny"]).stdout)["nlu"] is None
    assert run.invoke(main, ["misunderstood", "export", "--to", str(tmp_path / "new.yml")]).exit_code == 1


# --- teaching


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "domain.yml", tmp_path)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path


def test_new_utterances_go_to_the_end_of_their_intents_block(project: Path) -> None:
    made = {"give_shipment": ["quux goes out by frob"], "change_shipment": ["quux was frob"], "greet": ["quux 👋"]}
    before = Taught.read(project)

    changed = append(project, made)

    after = Taught.read(project)
    for intent, utterances in before.utterances.items():
        assert after.utterances[intent] == (*utterances, *made.get(intent, ())), intent
    assert {file.name for file in changed} <= {"give_shipment.yml", "greet.yml"}
    assert set(problems(after)) <= set(problems(before))


def test_what_would_be_said_for_two_changes_no_file(project: Path) -> None:
    files = {file: file.read_bytes() for file in (project / "data").rglob("*.yml")}

    with pytest.raises(NotFit, match="is an utterance of"):
        append(project, {"deny": ["quux"], "affirm": ["quux"]})

    assert {file: file.read_bytes() for file in (project / "data").rglob("*.yml")} == files


def test_what_is_taught_already_is_left_out_and_what_contradicts_it_is_said(project: Path) -> None:
    taught = Taught.read(project)
    known = taught.utterances["thank"][0]

    made, left_out = examples(
        [(known, "thank"), (known.upper() + "!", "deny"), ("quux", "deny"), ("Quux.", "deny")], taught
    )

    assert made == {"deny": ["quux"]} and len(left_out) == 1 and "is taught as thank, not deny" in left_out[0]


@pytest.mark.parametrize(
    ("text", "utterance"),
    [
        ("给<name>发货\n快点", "给华星发货 快点"),
        ("ship to <address> for <name>", "ship to 1 Main Street for Acme Ltd"),
        ("/restart", None),
        ("", None),
        ("x" * 301, None),
        ("[SO-1](order_number) please", None),
        ("a\x1bb", None),
    ],
)
def test_an_utterance_is_one_line_without_masks_and_markup(text: str, utterance: str | None) -> None:
    assert fit(text) == utterance


def test_what_is_exported_reads_back_as_it_is() -> None:
    made = {"deny": ["no: not #this", "- nor 'that'", '"quoted" {x}'], "affirm": ["好 👍"]}

    blocks = yaml.safe_load(as_yaml(made))["nlu"]

    read = {block["intent"]: [line[2:] for line in block["examples"].splitlines()] for block in blocks}
    assert read == made


def test_the_gateways_own_intents_are_no_labels() -> None:
    intents = known_intents(Taught.read(ROOT))

    assert "show_report" in intents and "choose" not in intents
