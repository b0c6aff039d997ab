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
from training.order_texts.__main__ import pairs
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

    made, again = list(pairs(TEMPLATES, 2, 3, refused)), list(pairs(TEMPLATES, 2, 3, Counter()))

    assert made == again and len(made) == 2 * len(KINDS)
    assert refused.total() <= 6
    assert len({row["text"] for row in made}) == len(made)


def test_the_prompt_is_the_products(tmp_path: Path) -> None:
    row = next(pairs(TEMPLATES, 1, 5, Counter()))

    assert row["system"] == TEMPLATES.get("receipt", "zh").task
    assert row["prompt"].startswith("<<<\n客户: ")


def test_the_recipe_can_be_read(tmp_path: Path) -> None:
    recipe = tmp_path / "training" / "order_texts" / "data.yml"
    made = tmp_path / "var" / "training" / "order-texts" / "pairs.jsonl"
    for file in (recipe, made):
        file.parent.mkdir(parents=True)
    shutil.copy(HERE / "data.yml", recipe)
    made.touch()

    assert [str(each.kind) for each in read_plan(recipe).sources] == ["pair"]
