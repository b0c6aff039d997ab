"""An adapter that learns further: by the stage before, or by its folder; whole, of this model, and of the same form."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from llm_server.data import prepare
from llm_server.data.plan import plan_of
from llm_server.finetune.errors import RunChanged, RunInvalid, TrainingError
from llm_server.finetune.plan import Run, run_of
from llm_server.finetune.running import run_stages

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
FIRST = {"method": "adapter", "rank": 2, "alpha": 8, "steps": 3, "learning_rate": 5e-3}


@pytest.fixture
def run(base: Path, learnt: Path, tmp_path: Path) -> Any:
    """run(stage, ..., seed=1)"""

    def make(*stages: dict[str, Any], **more: Any) -> Run:
        quick = {"batch": 2, "evaluate_every": 2, "precision": "float32", "length": 64}
        return run_of(
            {"data": str(learnt), "base": str(base), "output": "run", "threads": 1, "samples": 0,
             "stages": [{**quick, **stage} for stage in stages], **more}, tmp_path
        )  # fmt: skip

    return make


@pytest.fixture
def trained(run: Any) -> Path:
    made = run(FIRST)
    run_stages(made)
    return made.folder(1) / "adapter"


def others(folder: Path) -> Path:
    """Pairs that the first stage has not seen."""
    rows = [{"prompt": f"confirm PO-{number}", "text": f"PO-{number} is on its way.", "group": f"p{number}"}
            for number in range(60)]  # fmt: skip
    folder.mkdir()
    (folder / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    plan = plan_of(
        {"sources": [{"kind": "pair", "path": "p.jsonl"}], "output": "out", "leaks": {"shared": 1}}, folder
    )  # fmt: skip
    prepare(plan)
    return plan.output


def test_it_begins_where_the_stage_left_it_and_learns_from_data_of_its_own(
    run: Any, base: Path, tmp_path: Path
) -> None:
    still = {
        "method": "adapter",
        "adapter": 1,
        "data": str(others(tmp_path / "more")),
        "steps": 1,
        "learning_rate": 1e-12,
    }
    learning = {**still, "steps": 6, "learning_rate": 5e-3}
    unmoved, moved = run(FIRST, still), run(FIRST, learning, output="moved")

    for each in (unmoved, moved):
        run_stages(each)

    first = load_file(unmoved.folder(1) / "adapter" / WEIGHTS)
    same, further = (load_file(each.folder(2) / "adapter" / WEIGHTS) for each in (unmoved, moved))
    assert all(torch.allclose(first[name], same[name], atol=1e-9) for name in first)
    assert any((first[name] - further[name]).abs().max() > 1e-3 for name in first)
    assert (unmoved.base_of(2), moved.stages[1].rank, moved.stages[1].alpha) == (base, 2, 8)
    said = json.loads((moved.folder(2) / "adapter" / CONFIG).read_text())
    assert (said["r"], said["lora_alpha"]) == (2, 8)
    was = perplexities(unmoved, 2)
    assert was["before"] == pytest.approx(was["after"], rel=1e-6)  # examined with the adapter that it goes on with
    assert perplexities(moved, 2)["after"] < perplexities(moved, 2)["before"] == pytest.approx(was["before"], rel=1e-6)


def perplexities(run: Run, number: int) -> dict[str, float]:
    said = json.loads((run.folder(number) / "done.json").read_text())
    return {when: said[when]["perplexity_answers"] for when in ("before", "after")}


def test_the_adapter_of_a_folder_goes_on_too(run: Any, trained: Path) -> None:
    made = run({"method": "adapter", "adapter": str(trained), "steps": 2, "dropout": 0.1}, output="on")

    run_stages(made)

    assert made.stages[0].rank == 2
    said = json.loads((made.folder(1) / "adapter" / CONFIG).read_text())
    assert (said["r"], said["lora_alpha"], said["lora_dropout"]) == (2, 8, 0.1)


def test_a_run_takes_further_stages_and_another_adapter_is_another_run(run: Any, trained: Path, tmp_path: Path) -> None:
    before = (trained / WEIGHTS).read_bytes()

    run_stages(run(FIRST, {"method": "adapter", "adapter": 1, "steps": 1}))

    assert (trained / WEIGHTS).read_bytes() == before
    other = shutil.copytree(trained, tmp_path / "other")
    run_stages(run({"method": "adapter", "adapter": str(other), "steps": 1}, output="on"))
    save_file({name: weight * 2 for name, weight in load_file(other / WEIGHTS).items()}, other / WEIGHTS)
    with pytest.raises(RunChanged):
        run_stages(run({"method": "adapter", "adapter": str(other), "steps": 1}, output="on"))


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ([{"method": "adapter", "adapter": 1}], "stages.0.adapter: stage 1 is none before this one"),
        ([{"method": "head"}, {"method": "adapter", "adapter": 1}], "stages.1.adapter: stage 1 is none before"),
        ([FIRST, {"method": "adapter", "adapter": 1, "rank": 4}], "it has `rank: 2`, and the stage says 4"),
        ([FIRST, {"method": "adapter", "adapter": 1, "alpha": 9}], "it has `alpha: 8`, and the stage says 9"),
        ([{"method": "adapter", "adapter": "nowhere"}], "nowhere holds no model"),
        ([{"method": "whole", "adapter": 1}], "'adapter' was unexpected"),
        ([{"method": "whole", "data": "nowhere"}], "stages.0.data: .*nowhere was not made by"),
    ],
)  # fmt: skip
def test_a_wrong_stage_is_refused_at_its_place(run: Any, stages: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(RunInvalid, match=said):
        run(*stages)


def test_another_form_another_file_and_a_pickle_are_refused(run: Any, trained: Path) -> None:
    on = {"method": "adapter", "adapter": str(trained), "steps": 1}
    with pytest.raises(RunInvalid, match="`rank: 2`, and the stage says 16"):
        run({**on, "rank": 16})
    save_file({name: weight * 2 for name, weight in load_file(trained / WEIGHTS).items()}, trained / WEIGHTS)
    with pytest.raises(TrainingError, match="is not the file that .*done.json was written for"):
        run_stages(run(on, output="on"))
    (trained / "adapter_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(RunInvalid, match="pickled"):
        run(on)


def test_an_adapter_of_another_model_is_refused_before_it_learns(run: Any, trained: Path, tmp_path: Path) -> None:
    wide = shutil.copytree(trained, tmp_path / "wide")
    weights = load_file(wide / WEIGHTS)
    save_file({name: torch.nn.functional.pad(weight, (0, 3)) if "lora_A" in name else weight
               for name, weight in weights.items()}, wide / WEIGHTS)  # fmt: skip
    deep = shutil.copytree(trained, tmp_path / "deep")
    save_file({name.replace("layers.3.", "layers.30."): weight for name, weight in weights.items()}, deep / WEIGHTS)

    for folder, said in ((wide, "is 67 wide in it, here 64"), (deep, "this one has no model.layers.30.")):
        with pytest.raises(TrainingError, match=f"of another model: .*{said}"):
            run_stages(run({"method": "adapter", "adapter": str(folder), "steps": 1}, output=folder.name))
