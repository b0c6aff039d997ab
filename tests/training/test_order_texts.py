"""The texts that the shipped adapter learns from: made alike for the same seed, right, and of many phrases."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from deskhand.writing import load_templates
from deskhand.writing.facts import LANGUAGES
from llm_server.data.plan import read_plan
from training.order_texts.__main__ import Recipe, main, pairs
from training.order_texts.cases import JOBS, case
from training.order_texts.phrasing import phrasings, tell
from training.order_texts.things import HERE

TEMPLATES = load_templates(HERE.parents[1] / "processes/order_to_cash/writing")
KINDS = [(job, language) for job in JOBS for language in LANGUAGES]


def test_there_are_texts_for_every_job_of_the_product() -> None:
    assert sorted(JOBS) == sorted(TEMPLATES.kinds)


@pytest.mark.parametrize(("job", "language"), KINDS)
def test_a_job_is_told_by_25_phrases_and_more_in_several_plans(job: str, language: str) -> None:
    said = phrasings(job, language)
    phrases = [each for key, each in said.items() if key not in ("asked", "answers") and not key.startswith("plans")]
    plans = [plan for key, found in said.items() if key.startswith("plans") for plan in found]

    assert len({phrase for place in phrases for phrase in place}) >= 25
    assert len(plans) >= 3


def test_every_fact_that_the_prompt_shows_has_a_place_whatever_else_is_there() -> None:
    for job, language in KINDS:
        for number in range(40):
            draw = Random(f"{job}{language}{number}")
            made = case(draw, job, language)
            tell(draw, made, TEMPLATES.get(job, language).told(made.known))


def test_pairs_are_the_same_for_the_same_seed_and_hardly_any_text_is_refused() -> None:
    refused: Counter[str] = Counter()

    made, again = list(pairs(TEMPLATES, Recipe(2, 3), refused)), list(pairs(TEMPLATES, Recipe(2, 3), Counter()))

    assert made == again and len(made) == 2 * len(KINDS)
    assert refused.total() <= 6
    assert len({row["text"] for row in made}) == len(made)


def test_the_prompt_is_the_products(tmp_path: Path) -> None:
    row = next(pairs(TEMPLATES, Recipe(1, 5), Counter()))

    assert row["system"] == TEMPLATES.get("receipt", "zh").task
    assert row["prompt"].startswith("<<<\n客户: ")


def test_more_of_a_kind_are_further_ones_and_the_others_stay_as_they_are() -> None:
    plain = list(pairs(TEMPLATES, Recipe(1, 3), Counter()))

    more = list(pairs(TEMPLATES, Recipe(1, 3, {("customer_reply", "zh"): 3}), Counter()))

    extra = [row for row in more if row not in plain]
    assert [row for row in more if row in plain] == plain
    assert [(row["job"], row["language"]) for row in extra] == [("customer_reply", "zh")] * 2
    assert extra[0]["text"] != extra[1]["text"]


def test_facts_told_in_turn_stand_in_the_order_of_the_prompt() -> None:
    rows = [row for row in pairs(TEMPLATES, Recipe(6, 4, in_turn=1.0), Counter()) if row["job"] == "receipt"]

    for row in rows:
        places = [row["text"].index(row["facts"][key][0]) for key in ("order", "lines", "total") if key in row["facts"]]
        assert places == sorted(places), row["text"]


@pytest.mark.parametrize("said", ["receipt=2", "letter.zh=2", "receipt.zh=some", "receipt.zh"])
def test_a_wrong_kind_is_refused(said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path / "p.jsonl"), "--times", said])

    assert f"{said!r} is not like receipt.zh=2" in capsys.readouterr().err


@pytest.mark.parametrize(("plan", "made"), [(f"data{each}.yml", f"pairs{each}.jsonl") for each in ("", "-2", "-3")])
def test_the_recipe_can_be_read(plan: str, made: str, tmp_path: Path) -> None:
    recipe = tmp_path / "training" / "order_texts" / plan
    found = tmp_path / "var" / "training" / "order-texts" / made
    for file in (recipe, found):
        file.parent.mkdir(parents=True)
    shutil.copy(HERE / plan, recipe)
    found.touch()

    assert [str(each.kind) for each in read_plan(recipe).sources] == ["pair"]
