"""A trained adapter becomes the shipped one: float16, measured before it replaces another, with a card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from deskhand.writing.trial.scoring import FIRST, TEMPLATE, Outcome, scores
from training.order_texts import ship as shipping
from training.order_texts.card import card
from training.order_texts.ship import CONFIG, WEIGHTS, NotShipped, evaluation, half, main, ship, take, trained


def outcomes(right: int, of: int = 40) -> list[Outcome]:
    return [Outcome(at, "receipt", "en", FIRST if at < right else TEMPLATE, "a text", 2.5) for at in range(of)]


BARE = [each.as_json() for each in scores(outcomes(0))]
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


def measuring(monkeypatch: pytest.MonkeyPatch, right: int, of: int = 40) -> None:
    async def measured(*_: object) -> list[Outcome]:
        return outcomes(right, of)

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
        "steps": 30, "steps_meant": 50, "loss_first": 5.397, "loss_last": 1.599, "before": [],
    }  # fmt: skip


def test_what_stages_before_have_trained_is_told_too(tmp_path: Path) -> None:
    for number, steps in ((1, 30), (2, 10)):
        done = {"log": [{"step": step, "loss": 1.0 / number} for step in range(1, steps + 1)]}
        (tmp_path / f"{number}-adapter" / "adapter").mkdir(parents=True)
        (tmp_path / f"{number}-adapter" / "done.json").write_text(json.dumps(done))

    said = trained(tmp_path / "2-adapter" / "adapter")

    assert (said["steps"], said["loss_last"]) == (10, 0.5)
    assert [(each["steps"], each["loss_last"], each["before"]) for each in said["before"]] == [(30, 1.0, [])]


def test_folder_card_and_evaluation_appear_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring(monkeypatch, 38)
    target = tmp_path / "shipped"

    said = ship(adapter(tmp_path / "of" / "made"), target, tmp_path, BARE, 2, 7, RUN, "It rained.")

    text = (target / "README.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["of", "shipped", "shipped.json"]
    assert json.loads(evaluation(target).read_text(encoding="utf-8")) == said
    assert "| all | all | 40 | 38 | 0 | 2 | 95.0% (83% - 99%) |" in text
    assert "30 steps of the 50 that were meant" in text and "0 of 40 right" in text
    assert "1.60 in the last. It rained." in text and RUN.strip() in text
    assert f"`{said['files']['shipped/' + WEIGHTS]}`" in text
    assert text == card(said)
    told = (tmp_path / "of" / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(told) == 40 and json.loads(told[0])["text"] == "a text"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    measuring(monkeypatch, 36)
    ship(adapter(tmp_path / "made"), tmp_path / "shipped", tmp_path, BARE, 2, 7, RUN)
    return tmp_path / "shipped"


@pytest.mark.parametrize(
    ("right", "of", "why"),
    [(0, 40, "without the adapter"), (36, 40, "90.0% is right, with what is shipped 90.0%"), (38, 42, "40 cases of")],
)  # fmt: skip
def test_what_is_no_better_leaves_the_old_one(
    right: int, of: int, why: str, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (shipped / WEIGHTS).read_bytes(), evaluation(shipped).read_bytes()
    measuring(monkeypatch, right, of)

    with pytest.raises(NotShipped, match=why):
        ship(adapter(tmp_path / "again", weight=0.25), shipped, tmp_path, BARE, 2, 7, RUN)

    assert ((shipped / WEIGHTS).read_bytes(), evaluation(shipped).read_bytes()) == before


def test_what_was_measured_elsewhere_is_shipped_as_it_is(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measuring(monkeypatch, 38)
    elsewhere = tmp_path / "measured" / "shipped"
    elsewhere.parent.mkdir()
    ship(adapter(tmp_path / "again", weight=0.25), elsewhere, tmp_path, BARE, 2, 7, RUN)

    assert main([str(elsewhere), "--take", "--to", str(shipped)]) == 0

    assert "95.0% right" in capsys.readouterr().out
    for name in (WEIGHTS, "README.md"):
        assert (shipped / name).read_bytes() == (elsewhere / name).read_bytes()
    assert evaluation(shipped).read_bytes() == evaluation(elsewhere).read_bytes()
    assert main([str(elsewhere), "--take", "--to", str(shipped)]) == 1  # no better than itself


def test_what_was_changed_after_it_was_measured_is_not_shipped(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measuring(monkeypatch, 38)
    elsewhere = tmp_path / "measured" / "shipped"
    elsewhere.parent.mkdir()
    ship(adapter(tmp_path / "again"), elsewhere, tmp_path, BARE, 2, 7, RUN)
    half(adapter(tmp_path / "other", weight=0.125), tmp_path / "half")
    (tmp_path / "half" / WEIGHTS).replace(elsewhere / WEIGHTS)

    with pytest.raises(NotShipped, match="not those that were measured"):
        take(elsewhere, shipped)
