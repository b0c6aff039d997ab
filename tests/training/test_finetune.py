"""Training: every way moves what it says and nothing else, and a run that is killed ends as if it had not been."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from llm_server.data.records import Kind, Record
from llm_server.finetune.errors import NotEnough, NothingToLearn, RunChanged, RunInvalid
from llm_server.finetune.examining import invented
from llm_server.finetune.examples import IGNORED, Padded, answers
from llm_server.finetune.models import layers_of, load_model, load_tokenizer, prepared, pruned
from llm_server.finetune.plan import Method, Run, Stage, run_of
from llm_server.finetune.report import page
from llm_server.finetune.room import check_room
from llm_server.finetune.running import run_stages
from llm_server.finetune.training import distance, keeps_some, loss_of_answers

QUICK = {"batch": 2, "evaluate_every": 2, "precision": "float32", "length": 64}


@pytest.fixture
def made(base: Path, learnt: Path, tmp_path: Path) -> Any:
    """run(stage, ..., seed=1)"""

    def make(*stages: dict[str, Any], **more: Any) -> Run:
        given = {"data": str(learnt), "base": str(base), "output": "run", "threads": 1, "samples": 1,
                 "stages": [{**QUICK, **stage} for stage in stages], **more}  # fmt: skip
        return run_of(given, tmp_path)

    return make


def weights(folder: Path) -> dict[str, torch.Tensor]:
    model: Any = load_model(folder)
    return dict(model.state_dict())


def done(run: Run, number: int = 1) -> dict[str, Any]:
    return json.loads((run.folder(number) / "done.json").read_text())


def test_stages_follow_one_another_and_each_moves_what_it_says(made: Any, base: Path) -> None:
    run = made(
        {"method": "pretrain", "steps": 2}, {"method": "head", "steps": 2},
        {"method": "adapter", "rank": 2, "steps": 2}, {"method": "whole", "steps": 2},
        {"method": "distil", "steps": 2, "student_layers": 2}, {"method": "prune", "layers": 1, "steps": 2},
    )  # fmt: skip

    last = run_stages(run)

    assert layers_in(last) == 1
    assert layers_in(run.folder(4) / "model") == 4 and layers_in(run.folder(5) / "model") == 2
    moved = changed(run.folder(1) / "model", run.folder(2) / "model")
    assert moved and all("layers.3." in name or name == "model.norm.weight" for name in moved)
    assert (run.folder(3) / "adapter" / "adapter_model.safetensors").is_file()
    assert done(run, 3)["trained"] < done(run, 3)["parameters"] / 4
    assert changed(base, run.folder(1) / "model")
    report = (run.output / "report.html").read_text()
    assert report.count("<svg") == 6 and "Side by side" in report
    assert not list(run.output.rglob("checkpoints")) and not list(run.output.rglob("*.bin"))


def layers_in(folder: Path) -> int:
    return int(json.loads((folder / "config.json").read_text())["num_hidden_layers"])


def changed(first: Path, second: Path) -> set[str]:
    one, other = weights(first), weights(second)
    return {name for name in one if not torch.equal(one[name], other[name])}


def test_it_learns(made: Any) -> None:
    run = made({"method": "whole", "steps": 60, "learning_rate": 5e-3, "evaluate_every": 20, "schedule": "constant"})

    run_stages(run)

    before, after = done(run)["before"], done(run)["after"]
    assert after["perplexity_answers"] < before["perplexity_answers"] / 20
    assert after["samples"][0]["said"].startswith("Order SO-1")


KILLED_AT_10 = """
import os, signal, sys
from pathlib import Path
from llm_server.finetune import read_run
from llm_server.finetune.running import run_stages
run_stages(read_run(Path(sys.argv[1])), lambda step, steps, logged: step < 10 or os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_run_that_is_killed_ends_as_if_it_had_not_been(made: Any, tmp_path: Path) -> None:
    stage = {"method": "adapter", "rank": 2, "steps": 20, "dropout": 0.1, "learning_rate": 1e-3, "evaluate_every": 4}
    whole, killed = made(stage, output="whole"), made(stage, output="killed")
    (tmp_path / "RUN.yml").write_text(said(killed, stage))
    run_stages(whole)

    ended = subprocess.run([sys.executable, "-c", KILLED_AT_10, str(tmp_path / "RUN.yml")], check=False)

    assert ended.returncode == -signal.SIGKILL
    assert (killed.folder(1) / "checkpoints" / "checkpoint-8").is_dir() and not (
        killed.folder(1) / "done.json"
    ).exists()
    run_stages(killed)
    assert not changed(whole.folder(1) / "model", killed.folder(1) / "model")


def said(run: Run, *stages: dict[str, Any]) -> str:
    """The run as a file says it."""
    return yaml.safe_dump({
        "data": str(run.data), "base": str(run.base), "output": run.output.name, "threads": 1, "samples": 1,
        "stages": [{**QUICK, **stage} for stage in stages],
    })  # fmt: skip


@pytest.mark.full
def test_two_processes_train_one_model(made: Any, tmp_path: Path) -> None:
    stage = {"method": "whole", "steps": 4}
    run = made(stage, stage)
    (tmp_path / "RUN.yml").write_text(said(run, stage, stage))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m",
               "llm_server.finetune", str(tmp_path / "RUN.yml")]  # fmt: skip

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr[-2000:]
    assert done(run)["log"][-1]["step"] == 4 and changed(run.base, run.folder(1) / "model")
    assert changed(run.folder(1) / "model", run.folder(2) / "model")  # the second began with what the first left


def test_a_done_stage_is_not_done_again_and_a_changed_run_is_refused(made: Any) -> None:
    stage = {"method": "head", "steps": 2}
    run_stages(made(stage))
    first = done(made(stage))

    run_stages(made(stage))
    assert done(made(stage)) == first
    with pytest.raises(RunChanged, match="Name another `output`"):
        run_stages(made({**stage, "steps": 3}))


def test_only_the_answer_is_learnt(base: Path, learnt: Path) -> None:
    tokenizer = load_tokenizer(base)
    example = answers(learnt, "train", tokenizer, 64)[0]

    asked = [token for token, label in zip(example["input_ids"], example["labels"], strict=True) if label == IGNORED]
    learnt_ids = [label for label in example["labels"] if label != IGNORED]

    assert tokenizer.decode(asked).startswith("confirm SO-")
    assert tokenizer.decode(learnt_ids).startswith("Order SO-") and learnt_ids[-1] == tokenizer.eos_token_id


def test_padding_is_neither_read_nor_learnt() -> None:
    batch = Padded(9)([{"input_ids": [1, 2, 3], "labels": [IGNORED, 2, 3]}, {"input_ids": [4], "labels": [4]}])

    assert batch["input_ids"].tolist() == [[1, 2, 3], [4, 9, 9]]
    assert batch["labels"].tolist() == [[IGNORED, 2, 3], [4, IGNORED, IGNORED]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]


def test_logits_of_the_question_are_left_out_and_the_loss_stays(base: Path) -> None:
    model = load_model(base)
    rows = [{"input_ids": [5, 6, 7, 8, 9], "labels": [IGNORED, IGNORED, 7, 8, 9]},
            {"input_ids": [4, 3, 2, 1], "labels": [IGNORED, IGNORED, IGNORED, 1]}]  # fmt: skip
    whole, short = Padded(0)(rows), Padded(0, answers_only=True)(rows)
    labels = short.pop("labels")

    outputs = model(**short)

    assert keeps_some(model) and outputs.logits.shape[1] == 4
    assert loss_of_answers(outputs, labels).item() == pytest.approx(model(**whole).loss.item(), rel=1e-5)
    assert loss_of_answers(outputs, labels, 8).item() == pytest.approx(model(**whole).loss.item() / 2, rel=1e-5)


def test_an_answer_with_an_invented_number_is_one_that_a_template_replaces() -> None:
    assert invented("Order SO-7 comes to 3,680.00, not 12.", "order SO-7, total 3,680.00") == ("12",)
    assert invented("It is 2031-03-04.", "It is 2031-03-04") == ()


def test_the_distance_is_none_between_equals_and_the_textbooks_elsewhere() -> None:
    torch.manual_seed(1)
    student, teacher = torch.randn(2, 5, 7), torch.randn(2, 5, 7)
    labels = torch.tensor([[IGNORED, IGNORED, 1, 2, 3], [IGNORED, 4, 5, IGNORED, IGNORED]])
    wanted, said = torch.softmax(teacher / 2, -1), torch.softmax(student / 2, -1)
    each = (wanted * (wanted / said).log()).sum(-1)
    learnt_places = [each[0, 1], each[0, 2], each[0, 3], each[1, 0], each[1, 1]]

    assert distance(teacher, teacher, labels, 2.0).item() == pytest.approx(0.0, abs=1e-6)
    assert distance(student, teacher, labels, 2.0).item() == pytest.approx(4 * sum(learnt_places).item() / 5, rel=1e-4)


def test_the_layer_that_changes_nothing_is_taken_out(base: Path) -> None:
    model = load_model(base)
    idle = layers_of(model)[2]
    for name in ("self_attn.o_proj", "mlp.down_proj"):
        torch.nn.init.zeros_(idle.get_submodule(name).weight)
    marked = [layer.input_layernorm.weight for layer in layers_of(model)]
    for number, weight in enumerate(marked):
        torch.nn.init.constant_(weight, 1.0 + number / 10)

    smaller = pruned(model, 1, [Padded(0)([{"input_ids": [5, 6, 7], "labels": [5, 6, 7]}])])

    kept = [round(layer.input_layernorm.weight[0].item(), 1) for layer in layers_of(smaller)]
    assert kept == [1.0, 1.1, 1.3]


def test_a_narrower_student_shares_its_heads_as_its_teacher_does(base: Path) -> None:
    stage = Stage(Method.DISTIL, student_layers=2, student_width=16, student_heads=2)

    student = prepared(load_model(base), stage, [])

    assert (student.config.hidden_size, student.config.num_key_value_heads, len(layers_of(student))) == (16, 1, 2)
    assert student(input_ids=torch.tensor([[1, 2]])).logits.shape == (1, 2, 400)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stages": []}, "stages: .* should be non-empty"),
        ({"stages": [{"method": "magic"}]}, "'magic' is not one of"),
        ({"stages": [{"method": "head", "rank": 4}]}, "'rank'"),
        ({"stages": [{"method": "adapter", "learning_rate": "fast"}]}, "'fast' is not of type 'number'"),
        ({"base": "nowhere"}, "base: there is no model in"),
        ({"data": "nowhere"}, "data: .* was not made by"),
        ({"stages": [{"method": "distil", "teacher": "nowhere"}]}, "stages.0.teacher: there is no model"),
    ],
)  # fmt: skip
def test_a_wrong_run_is_refused_at_the_place(base: Path, learnt: Path, tmp_path: Path, change: Any, said: str) -> None:
    given = {"data": str(learnt), "base": str(base), "output": "o", "stages": [{"method": "whole"}], **change}

    with pytest.raises(RunInvalid, match=said):
        run_of(given, tmp_path)


def test_yaml_s_2e_4_is_a_number(made: Any) -> None:
    assert made({"method": "adapter", "learning_rate": "2e-4"}).stages[0].learning_rate == 2e-4


def test_pickled_weights_are_refused(base: Path, learnt: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04")

    with pytest.raises(RunInvalid, match="can run any program"):
        run_of({"data": str(learnt), "base": str(folder), "output": "o", "stages": [{"method": "whole"}]}, tmp_path)


def test_what_is_too_long_or_not_there_is_told_before_training(made: Any) -> None:
    with pytest.raises(NothingToLearn, match=r"\(\d+ are longer\); raise `length`"):
        run_stages(made({"method": "whole", "length": 3}))


def test_a_model_that_does_not_fit_is_refused_with_a_way_out(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made({"method": "whole"})
    monkeypatch.setattr("llm_server.finetune.room._memory", lambda: 2_000_000_000)

    with pytest.raises(NotEnough, match="needs about .* GB of memory and 2.0 GB are free"):
        check_room(run, run.stages[0], 540_000_000, object())


def test_what_a_model_says_is_text_in_the_report() -> None:
    sample = {"prompt": "<script>x()</script>", "wanted": "w", "said": "<b>", "missing": ["SO-1"]}
    examined = {"perplexity_text": None, "perplexity_answers": 2.0, "facts_right": 0.5, "samples": [sample]}
    stage = {"name": "whole", "log": [{"step": 1, "loss": 2.0}], "seconds": 1, "trained": 1, "parameters": 1,
             "before": examined, "after": examined}  # fmt: skip

    said = page("a", [stage], "plan: <x>")

    assert "<script>" not in said and "&lt;script&gt;" in said and "missing: SO-1" in said


def test_records_without_a_chat_template_are_asked_plainly(base: Path) -> None:
    from llm_server.finetune.examples import prompt_of

    asked = prompt_of(load_tokenizer(base), Record(Kind.LABEL, "where is it", label="status"), ["status", "bill"])

    assert asked == "where is it\n\n[status | bill]\n"
