"""Cases on which a model is tried: the same each time, of every job, and of words that nothing else has."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from deskhand.writing.facts import FactKind, leaves
from deskhand.writing.trial import JOBS, cases
from tests.writing.sample import TEMPLATES

ROOT = Path(__file__).resolve().parents[3]
WORDS = ROOT / "deskhand" / "writing" / "trial" / "words.yml"
ELSEWHERE = ("training/order_texts/names.yml", "tests/writing/right_texts.jsonl", "deskhand/writing/stand_ins.yml")


def test_every_job_is_tried_in_both_languages() -> None:
    assert {*JOBS} == {*TEMPLATES.kinds}
    assert [(each.job, each.language) for each in cases(1, 1)] == [(job, lang) for job in JOBS for lang in ("zh", "en")]


def test_the_same_seed_gives_the_same_cases_and_another_one_others() -> None:
    assert [*cases(3, 7)] == [*cases(3, 7)]
    assert [*cases(3, 7)] != [*cases(3, 8)]


def test_more_cases_begin_with_the_same_ones() -> None:
    assert [*cases(4, 7)][: len([*cases(2, 7)])] == [*cases(2, 7)]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_template_is_right_for_every_case_so_that_a_model_can_be(seed: int) -> None:
    for case in cases(12, seed):
        template = TEMPLATES.get(case.job, case.language)
        verdict = template.check(template.render(case.facts), case.facts)
        assert verdict.ok, (case, verdict)


def test_every_fact_that_a_text_must_state_is_in_some_case() -> None:
    given = {(case.job, key) for case in cases(40, 1) for key in case.facts}

    needed = {(kind, key) for kind in TEMPLATES.kinds for key in TEMPLATES.get(kind, "en").required}

    assert needed <= given


@pytest.mark.parametrize("file", ELSEWHERE)
def test_no_name_of_the_cases_stands_where_a_model_could_learn_it(file: str) -> None:
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    names = [
        name for spoken in ("zh", "en") for what in ("companies", "addresses", "people") for name in words[spoken][what]
    ]
    elsewhere = (ROOT / file).read_text(encoding="utf-8")

    assert [name for name in (*names, *(zh for zh, _, _ in words["goods"])) if name in elsewhere] == []


def test_lines_of_an_order_are_goods_with_quantities() -> None:
    lines = [leaf for case in cases(10, 1) if "lines" in case.facts for leaf in leaves(case.facts["lines"])]

    assert {leaf.kind for leaf in lines} == {FactKind.NAME, FactKind.QUANTITY}
