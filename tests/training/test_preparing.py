"""From a plan to a folder of training data: whole or not at all, and the same each time."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from llm_server.data import DataUnusable, PlanInvalid, prepare, read_plan
from llm_server.data.errors import NoRoom, OutputInUse
from llm_server.data.plan import plan_of

from .conftest import Make, rows

PAIRS = [{"prompt": f"please confirm order SO-{n} soon", "text": f"Order SO-{n} is confirmed.", "group": f"SO-{n}"}
         for n in range(1000, 1080)]  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_plan_makes_the_same_bytes_and_the_card_says_what_they_are(plan: Make) -> None:
    made = plan({"p.jsonl": PAIRS}, "pair", augment={"copies": 1}, leaks={"shared": 1})

    prepare(made)
    first = contents(made.output)
    account = prepare(made)

    assert contents(made.output) == first
    card = json.loads(first["card.json"])
    assert card["parts"]["train"]["pair"] == len(rows(made, "train"))
    assert card["augmented"] and account.digests == card["files"]
    assert {"card.md", "train.jsonl", "dev.jsonl", "test.jsonl"} <= set(first)


def test_only_the_training_part_is_augmented_and_no_group_is_in_two_parts(plan: Make) -> None:
    made = plan({"p.jsonl": PAIRS}, "pair", augment={"copies": 2}, leaks={"shared": 1})
    prepare(made)

    parts = {part: rows(made, part) for part in ("train", "dev", "test")}

    assert any(row.get("made") for row in parts["train"])
    assert not any(row.get("made") for part in ("dev", "test") for row in parts[part])
    groups = [{row["group"] for row in part} for part in parts.values()]
    assert sum(map(len, groups)) == len(set().union(*groups)) == 80


def test_what_was_in_a_part_stays_there_when_more_comes_in(plan: Make) -> None:
    few = plan({"p.jsonl": PAIRS[:60]}, "pair", leaks={"shared": 1})
    prepare(few)
    before = {row["group"] for row in rows(few, "test")}
    more = plan({"p.jsonl": PAIRS}, "pair", leaks={"shared": 1})
    prepare(more)

    assert before and before <= {row["group"] for row in rows(more, "test")}


def test_a_text_in_two_places_is_learnt_once_and_never_examined(plan: Make) -> None:
    same = "The quality manual asks for a sample of 125 sheets out of each batch, drawn by two persons. "
    texts = {f"{n}.txt": f"Number {n} of the manual. " + same * 3 for n in range(40)}
    made = plan(texts, leaks={"shared": 0.6}, split=[1, 1, 1])

    with pytest.raises(DataUnusable, match="The dev part is empty"):
        prepare(made)
    with pytest.raises(DataUnusable, match="stand nearly whole in the training part"):
        prepare(plan(texts, leaks={"shared": 0.6, "action": "refuse"}, split=[1, 1, 1]))


def test_blocks_hold_every_token_once_in_order(plan: Make, tokenizer: Path) -> None:
    from transformers import AutoTokenizer

    texts = {f"{n}.txt": f"Text {n} says that machine {n * 7} stands in hall {n % 3}." for n in range(30)}
    made = plan(texts, split=[1, 0, 0], tokens={"tokenizer": str(tokenizer), "block": 16})
    account = prepare(made)

    blocks = np.load(made.output / "train.blocks.npy", mmap_mode="r")
    model = AutoTokenizer.from_pretrained(tokenizer)
    expected = [
        token for row in rows(made, "train") for token in [*model(row["text"])["input_ids"], model.eos_token_id]
    ]

    assert blocks.shape == (account.blocks["train"], 16)
    flat = blocks.reshape(-1).tolist()
    assert flat[: len(expected)] == expected
    assert set(flat[len(expected) :]) <= {model.eos_token_id}
    assert account.tokens is not None and account.tokens.documents == 30


def test_a_label_that_nobody_asked_for_is_left_out_and_one_without_sentences_refused(plan: Make) -> None:
    sentences = [{"text": f"where is order number {n}", "label": "status"} for n in range(30)]
    sentences += [{"text": f"I would like the bill of {n}", "label": "invoice"} for n in range(30)]
    sentences += [{"text": "strange thing", "label": "sttus"}]
    more = {"split": [1, 0, 0], "labels": ["status", "invoice"]}

    account = prepare(plan({"l.jsonl": sentences}, "label", **more))
    assert account.left_out == {"a label that `labels` doesn't have (sttus)": 1}

    with pytest.raises(DataUnusable, match="has the label refund"):
        prepare(plan({"l.jsonl": sentences}, "label", **more | {"labels": ["status", "invoice", "refund"]}))


def test_personal_data_can_be_masked(plan: Make) -> None:
    made = plan({"a.txt": "Call 13812345678 or write to li.na@example.com, see https://x.example/y about it."},
                clean={"mask": True}, split=[1, 0, 0])  # fmt: skip
    prepare(made)

    assert rows(made, "train")[0]["text"] == "Call [phone] or write to [email], see [link] about it."


def test_nothing_of_somebody_elses_is_overwritten(plan: Make) -> None:
    made = plan({"a.txt": "some words"}, split=[1, 0, 0])
    made.output.mkdir()
    (made.output / "thesis.txt").write_text("dear to me")

    with pytest.raises(OutputInUse, match="is left alone"):
        prepare(made)
    assert (made.output / "thesis.txt").read_text() == "dear to me"


def test_a_full_disk_leaves_what_was_there_and_says_so(plan: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan({"a.txt": "some words"}, split=[1, 0, 0])
    prepare(made)
    before = contents(made.output)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("llm_server.data.preparing.write_card", full)
    with pytest.raises(NoRoom, match="no room left"):
        prepare(made)
    assert contents(made.output) == before
    assert not list(made.output.parent.glob(".*partial"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "'sources' is a required property"),
        ({"sources": [{"kind": "poem", "path": "x"}], "output": "o"}, r"sources\.0\.kind: 'poem' is not one of"),
        ({"sources": [{"kind": "text", "path": "nowhere"}], "output": "o"}, r"sources\.0\.path: .* is not there"),
        ({"sources": [{"kind": "text", "path": "."}], "output": "o", "split": [0, 1, 1]}, "split: the first share"),
        ({"sources": [{"kind": "text", "path": ".", "encoding": "latin-9000"}], "output": "o"}, "is no encoding"),
        ({"sources": [{"kind": "text", "path": "."}], "output": "o", "sed": 4}, "'sed' was unexpected"),
        ("nothing", "is not of type 'object'"),
    ],
)  # fmt: skip
def test_a_wrong_plan_is_refused_at_the_place(tmp_path: Path, given: object, said: str) -> None:
    with pytest.raises(PlanInvalid, match=said):
        plan_of(given, tmp_path)


def test_a_plan_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "DATA.yml").write_text("sources: [")

    with pytest.raises(PlanInvalid, match=r"DATA\.yml"):
        read_plan(tmp_path / "DATA.yml")


def test_the_command_says_what_came_of_it_and_a_wrong_tokenizer_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "a.txt").write_text("Dear customer, your goods have shipped.")
    head = "sources: [{kind: text, path: mail}]\noutput: out\nsplit: [1, 0, 0]\n"
    (tmp_path / "DATA.yml").write_text(head)
    (tmp_path / "WRONG.yml").write_text(head + "tokens: {tokenizer: mail}\n")

    def command(name: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "llm_server.data", str(tmp_path / name)]
        return subprocess.run(call, capture_output=True, text=True, check=False)

    wrong, right = command("WRONG.yml"), command("DATA.yml")

    assert wrong.returncode == 1 and "There is no tokenizer in" in wrong.stderr
    assert right.returncode == 0 and right.stderr.startswith("data: train 1, dev 0, test 0")
    assert (tmp_path / "out" / "card.md").read_text().startswith("# Data card")


def test_a_source_with_nothing_in_it_is_named(plan: Make) -> None:
    with pytest.raises(DataUnusable, match=r"train part is empty \(nothing in in; 1 shorter than"):
        prepare(plan({"a.txt": "a"}))
