"""The search over hyper-parameters: which values are tried, which one is taken, and what is left when it is cut off."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from llm_server.finetune.errors import NothingToLearn, RunInvalid
from llm_server.finetune.plan import Method, Search, Stage, run_of
from llm_server.finetune.running import run_stages
from llm_server.finetune.searching import candidates, tuned

OVER = {"learning_rate": (1e-4, 1e-3), "rank": (2, 4, 8)}


def write(path: Path, said: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said))


def test_every_combination_is_tried_or_as_many_as_wanted_and_none_twice() -> None:
    every = list(candidates(Search(1, 5, OVER), seed=1))
    some = list(candidates(Search(1, 5, OVER, trials=4), seed=1))

    assert len(every) == 6 and {"learning_rate": 1e-3, "rank": 4} in every
    assert len(some) == 4 and all(some.count(each) == 1 and each in every for each in some)
    assert some == list(candidates(Search(1, 5, OVER, trials=4), seed=1))


def loss_of(stage: Stage, folder: Path) -> Sequence[Mapping[str, float]]:
    """Lowest at rank 4; the high rate comes apart."""
    return [{"step": stage.steps or 0, "eval_loss": math.nan if stage.learning_rate > 5e-4 else abs(stage.rank - 4)}]


def test_the_values_of_the_lowest_loss_are_taken_and_trials_are_short(tmp_path: Path) -> None:
    seen: list[Stage] = []
    stage = Stage(Method.ADAPTER, steps=900, evaluate_every=100, patience=3)

    best, trials = tuned(
        Search(1, 5, OVER), stage, 1, tmp_path, lambda each, at: [*loss_of(each, at), *(seen.append(each) or ())], write
    )

    assert (best.rank, best.learning_rate, best.steps, best.patience) == (4, 1e-4, 900, 3)
    assert {(each.steps, each.evaluate_every, each.patience) for each in seen} == {(5, 5, 0)}
    assert trials[0].loss == 0 and trials[-1].as_json()["loss"] is None


def test_a_search_that_was_cut_off_tries_only_what_is_missing(tmp_path: Path) -> None:
    search, stage, tried = Search(1, 5, OVER), Stage(Method.ADAPTER), []

    def cut_off(each: Stage, at: Path) -> Sequence[Mapping[str, float]]:
        if len(tried) == 3:
            raise KeyboardInterrupt
        tried.append((each.learning_rate, each.rank))
        return loss_of(each, at)

    def goes_on(each: Stage, at: Path) -> Sequence[Mapping[str, float]]:
        tried.append((each.learning_rate, each.rank))
        return loss_of(each, at)

    with pytest.raises(KeyboardInterrupt):
        tuned(search, stage, 1, tmp_path, cut_off, write)
    best, _ = tuned(search, stage, 1, tmp_path, goes_on, write)

    assert best.rank == 4
    assert sorted(tried) == sorted((each["learning_rate"], each["rank"]) for each in candidates(search, 1))


def test_without_a_loss_on_the_dev_part_nothing_is_chosen(tmp_path: Path) -> None:
    with pytest.raises(NothingToLearn, match="no trial has a loss on the dev part"):
        tuned(Search(1, 5, OVER), Stage(Method.ADAPTER), 1, tmp_path, lambda stage, at: [{"loss": 1.0}], write)


def given(base: Path, learnt: Path, **search: Any) -> dict[str, Any]:
    stage = {"method": "adapter", "rank": 2, "steps": 4, "batch": 4, "precision": "float32", "length": 64}
    return {"data": str(learnt), "base": str(base), "output": "run", "threads": 1, "samples": 1,
            "stages": [{"method": "head", "steps": 1, "length": 64}, stage], "search": search}  # fmt: skip


def test_the_stage_is_trained_whole_with_the_best_values_and_the_report_shows_what_was_tried(
    base: Path, learnt: Path, tmp_path: Path
) -> None:
    over = {"learning_rate": ["1e-9", "1e-2"]}
    run = run_of(given(base, learnt, stage=2, steps=3, over=over), tmp_path)

    run_stages(run)

    done = json.loads((run.folder(2) / "done.json").read_text())
    assert done["trials"][0]["values"] == {"learning_rate": 1e-2}
    assert max(row.get("learning_rate", 0.0) for row in done["log"]) > 1e-3
    assert not json.loads((run.folder(1) / "done.json").read_text())["trials"]
    assert "Search, best first" in (run.output / "report.html").read_text()
    assert not list(run.output.rglob("checkpoints"))


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (
            {"steps": 2, "over": {"learning_rate": ["fast"]}},
            "search.over.learning_rate.*'fast' is not of type 'number'",
        ),
        ({"steps": 2, "over": {"layers": [1]}, "stage": 2}, "search.over.layers.*'layers'"),
        ({"steps": 2, "over": {"rank": [1]}, "stage": 3}, "search.stage: there are 2 stages"),
        ({"steps": 2, "over": {"rank": []}}, "should be non-empty"),
    ],
)
def test_a_search_that_cannot_be_is_refused_at_its_place(
    base: Path, learnt: Path, tmp_path: Path, search: dict[str, Any], said: str
) -> None:
    with pytest.raises(RunInvalid, match=said):
        run_of(given(base, learnt, **search), tmp_path)
