"""What can't be trained on is refused with a reason before hours are spent; what is cut off on its way goes on."""

from __future__ import annotations

import json
import logging
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest

from llm_server.data import prepare
from llm_server.data import reading as data_reading
from llm_server.data.__main__ import main as data_command
from llm_server.data.cleaning import Cleaner
from llm_server.data.errors import BrokenFile, DataChanged, DataUnusable
from llm_server.data.plan import _SCHEMA, Cleaning
from llm_server.data.records import Kind, Record
from llm_server.finetune.__main__ import main as training_command
from llm_server.finetune.errors import NotEnough, NothingToLearn, RunChanged, TrainingError
from llm_server.finetune.plan import _HYPER, _OWN, Run, run_of
from llm_server.finetune.room import told_when_full
from llm_server.finetune.running import run_stages
from llm_server.finetune.training import last_checkpoint
from llm_server.registry.errors import NotAModel

from .conftest import Make

QUICK = {"method": "head", "steps": 2, "batch": 2, "precision": "float32", "length": 64}


@pytest.fixture
def run(base: Path, learnt: Path, tmp_path: Path) -> Any:
    """run(stage, data=..., base=...)"""

    def make(stage: dict[str, Any] | None = None, **more: Any) -> Run:
        given = {"data": str(learnt), "base": str(base), "output": "run", "threads": 1, "samples": 0,
                 "stages": [QUICK | (stage or {})], **more}  # fmt: skip
        return run_of(given, tmp_path)

    return make


@pytest.mark.parametrize("name", ["train.jsonl", "dev.jsonl", "train.blocks.npy"])
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_data_that_is_not_what_its_card_says_is_refused(
    name: str, harm: str, run: Any, learnt: Path, tmp_path: Path
) -> None:
    changed = shutil.copytree(learnt, tmp_path / "changed")
    whole = (changed / name).read_bytes()
    (changed / name).unlink()
    if harm == "cut":
        (changed / name).write_bytes(whole[:-20])

    with pytest.raises(DataChanged, match=f"{name} is not the file that card.json tells of"):
        run_stages(run(data=str(changed)))

    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (b"PK\x03\x04" + b"x" * 99, "a pickle, which can run any program"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (struct.pack("<Q", 2) + b"{}" + b"x" * 9, "is not whole"),
        (b"", "is not a safetensors file"),
    ],
)  # fmt: skip
def test_a_base_that_is_no_model_is_refused(weights: bytes, said: str, run: Any, base: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(base, tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(weights)

    with pytest.raises(NotAModel, match=said):
        run_stages(run(base=str(broken)))


def test_another_base_is_another_run(run: Any, base: Path, tmp_path: Path) -> None:
    other = shutil.copytree(base, tmp_path / "other")
    moved = shutil.copytree(base, tmp_path / "moved")
    run_stages(run())
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"rms_norm_eps": 1e-3}))

    run_stages(run(base=str(moved)))
    with pytest.raises(RunChanged, match="other stages, data or base"):
        run_stages(run(base=str(other)))


def test_a_missing_tokenizer_unknown_targets_and_blocks_of_another_tokenizer_are_told(
    run: Any, base: Path, learnt: Path, tmp_path: Path
) -> None:
    mute = shutil.copytree(base, tmp_path / "mute")
    for path in mute.glob("tokenizer*"):
        path.unlink()
    few = shutil.copytree(base, tmp_path / "few")
    tokens = json.loads((few / "tokenizer.json").read_text())
    kept = dict(sorted(tokens["model"]["vocab"].items(), key=lambda each: each[1])[:257])
    tokens["model"] |= {"vocab": kept, "merges": []}
    (few / "tokenizer.json").write_text(json.dumps(tokens))

    with pytest.raises(TrainingError, match=r"The tokenizer in .*mute can't be read"):
        run_stages(run(base=str(mute)))
    with pytest.raises(TrainingError, match=r"`targets: \['nothing'\]`"):
        run_stages(run({"method": "adapter", "targets": ["nothing"]}, output="b"))
    with pytest.raises(NothingToLearn, match="packed for another tokenizer: token .*, of 257 here"):
        run_stages(run({"method": "pretrain"}, base=str(few), output="c"))


def test_a_checkpoint_that_was_being_written_is_left_out(tmp_path: Path) -> None:
    for step, state in ((8, "{}"), (16, "{}"), (100, '{"log_hist'), (120, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if state is not None:
            (folder / "trainer_state.json").write_text(state)

    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-16")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-16", "checkpoint-8"]
    assert last_checkpoint(tmp_path / "nowhere") is None


def test_whatever_a_library_says_of_a_full_disk_it_is_told_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for problem in (OSError(28, "No space left on device"), OSError(27, "File too large")):
        with pytest.raises(NotEnough, match=r"is full\. Make room; the same command goes on"), told_when_full(tmp_path):
            raise problem
    with pytest.raises(RuntimeError, match="of its own"), told_when_full(tmp_path):
        raise RuntimeError("of its own")
    monkeypatch.setattr("llm_server.finetune.room._LEAST_FREE", 1 << 60)
    with pytest.raises(NotEnough), told_when_full(tmp_path):
        raise RuntimeError("PytorchStreamWriter failed writing file")


def test_a_stage_says_what_came_of_it(run: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    run_stages(run())

    assert "head, 2 steps in" in caplog.text and "perplexity of answers" in caplog.text


def test_labels_out_of_range_are_left_out_and_many_of_them_refused(plan: Make) -> None:
    rows = [{"text": f"where is order {number}", "label": "status"} for number in range(60)]
    rows += [{"text": f"the bill of {number}", "label": "bill"} for number in range(60)]
    few = [{"text": f"sentence {number}", "label": "7"} for number in range(5)]

    account = prepare(plan({"a.jsonl": rows + few}, kind="label", labels=["status", "bill"]))

    assert account.left_out == {"a label that `labels` doesn't have (7)": 5}
    more = [{"text": f"what of {number}", "label": "praise"} for number in range(40)]
    with pytest.raises(DataUnusable, match=r"45 of 165 sentences .*: praise \(40\), 7 \(5\)\. Name them there"):
        prepare(plan({"a.jsonl": rows + few + more}, kind="label", labels=["status", "bill"]))


def test_a_table_of_other_columns_is_refused_and_says_which_it_has(plan: Make) -> None:
    with pytest.raises(BrokenFile, match=r"`text` is missing or no text; it has words, class"):
        prepare(plan({"a.csv": "words,class\nwhere is it,1\n"}, kind="label"))


def test_a_list_that_is_too_long_says_how_it_is_read(plan: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_reading, "LONGEST_LIST", 200)

    with pytest.raises(BrokenFile, match="a JSON list of more than 200 characters; write a row a line"):
        prepare(plan({"a.json": json.dumps([{"prompt": "p", "text": "t" * 300}])}, kind="pair"))


@pytest.mark.parametrize(
    "said",
    ["+86 21 5555 1234", "+8613800001111", "+1 (212) 555-0100", "+44 20 7946 0958", "(021) 5555 1234", "13800001111"],
)
def test_a_telephone_number_is_masked_however_it_is_written(said: str) -> None:
    cleaner = Cleaner(Cleaning(mask=True))

    cleaned = cleaner.clean(Record(Kind.TEXT, f"Please call {said} about the paper."))

    assert cleaned is not None and cleaned.text == "Please call [phone] about the paper."


@pytest.mark.parametrize("said", ["SO-1001", "a+b", "+12 per cent", "2026-03-04", "3 + 40 boxes", "1,234.50"])
def test_other_numbers_stay(said: str) -> None:
    cleaned = Cleaner(Cleaning(mask=True)).clean(Record(Kind.TEXT, f"We note {said} for the paper."))

    assert cleaned is not None and said in cleaned.text


def test_help_names_all_that_can_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (data_command, training_command):
        with pytest.raises(SystemExit):
            command(["--help"])
    shown = capsys.readouterr().out

    options = {*_HYPER, *(name for own in _OWN.values() for name in own)} | _keys(_SCHEMA)
    assert [name for name in sorted(options) if name not in shown] == []


def _keys(schema: dict[str, Any]) -> set[str]:
    found = set(schema.get("properties", {}))
    for inner in [*schema.get("properties", {}).values(), schema.get("items")]:
        found |= _keys(inner) if inner else set()
    return found
