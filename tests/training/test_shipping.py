"""A trained adapter becomes the shipped one: float16, measured before it replaces another, with a card."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from deskhand.writing.trial import Score
from training.order_texts import ship as shipping
from training.order_texts.card import card
from training.order_texts.ship import CONFIG, WEIGHTS, NotShipped, evaluation, half, ship, trained

GOOD = Score("all", "all", 40, 36, 2, 1, 1, 0.95, 0.83, 0.99, 2.5, {})
BARE = replace(GOOD, first=0, second=0, template=40, no_answer=0, right=0.0, low=0.0, high=0.09)
RUN = "seed: 1\nstages: []\n"


def adapter(folder: Path, weight: float = 0.5, size: int = 8) -> Path:
    """A checkpoint of 30 steps of 50."""
    folder.mkdir(parents=True)
    save_file({"lora_A": torch.full((size, size), weight)}, folder / WEIGHTS)
    config = {"peft_type": "LORA", "r": 16, "base_model_name_or_path": "/somewhere/else"}
    (folder / CONFIG).write_text(json.dumps(config))
    log = [{"step": step, "loss": 30.0 / step} for step in range(1, 31)] + [{"step": 30, "eval_loss": 1.0}]
    (folder / "trainer_state.json").write_text(json.dumps({"log_history": log, "max_steps": 50}))
    return folder


def bare(folder: Path) -> Path:
    path = folder / "none.json"
    path.write_text(json.dumps({"scores": [BARE.as_json()]}))
    return path


def measuring(monkeypatch: pytest.MonkeyPatch, with_it: Score) -> None:
    async def measured(*_: object) -> list[Score]:
        return [with_it]

    monkeypatch.setattr(shipping, "measured", measured)


def test_it_is_kept_as_float16_and_names_no_path_of_the_machine(tmp_path: Path) -> None:
    half(adapter(tmp_path / "made"), tmp_path / "shipped")

    (weight,) = load_file(tmp_path / "shipped" / WEIGHTS).values()
    said = json.loads((tmp_path / "shipped" / CONFIG).read_text())
    assert (tmp_path / "shipped" / WEIGHTS).stat().st_mode & 0o777 == 0o644
    assert weight.dtype is torch.float16 and weight.tolist() == [[0.5] * 8] * 8
    assert said == {"peft_type": "LORA", "r": 16, "inference_mode": True,
                    "base_model_name_or_path": "smollm2-135m-instruct"}  # fmt: skip


def test_numbers_that_float16_can_not_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotShipped, match="lora_A"):
        half(adapter(tmp_path / "made", weight=1e6), tmp_path / "shipped")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotShipped, match="too many"):
        half(adapter(tmp_path / "made", size=2300), tmp_path / "shipped")


def test_a_checkpoint_says_that_more_was_meant(tmp_path: Path) -> None:
    assert trained(adapter(tmp_path / "made")) == {
        "steps": 30, "steps_meant": 50, "loss_first": 5.397, "loss_last": 1.599,
    }  # fmt: skip


def test_folder_card_and_evaluation_appear_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring(monkeypatch, GOOD)
    target = tmp_path / "shipped"

    said = ship(adapter(tmp_path / "made"), target, tmp_path, bare(tmp_path), 2, 7, RUN, "It rained.")

    text = (target / "README.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "none.json", "shipped", "shipped.json"]
    assert json.loads(evaluation(target).read_text(encoding="utf-8")) == said
    assert "| all | all | 40 | 36 | 2 | 2 | 95.0% (83% - 99%) |" in text
    assert "30 steps of the 50 that were meant" in text and "0 of 40 right" in text
    assert "1.60 in the last. It rained." in text
    assert f"`{said['files']['shipped/' + WEIGHTS]}`" in text
    assert text == card(said, RUN)


def test_what_is_no_better_than_no_adapter_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "shipped"
    measuring(monkeypatch, GOOD)
    ship(adapter(tmp_path / "made"), target, tmp_path, bare(tmp_path), 2, 7, RUN)
    before = (target / WEIGHTS).read_bytes()
    measuring(monkeypatch, BARE)

    with pytest.raises(NotShipped, match="without the adapter"):
        ship(adapter(tmp_path / "again", weight=0.25), target, tmp_path, bare(tmp_path), 2, 7, RUN)

    assert (target / WEIGHTS).read_bytes() == before
