"""A trial counts what was right at once, on the second try, left to the template, or not answered at all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from deskhand.writing import Completion, Message, ModelDown
from deskhand.writing.facts import as_fact
from deskhand.writing.trial import Outcome, cases, figures, run, scores, wilson
from tests.writing.sample import TEMPLATES


class Pupil:
    """Writes the template's text; every `bad`th case wrongly: once, or always when it is `stubborn`."""

    def __init__(self, bad: int = 0, stubborn: bool = False, silent: bool = False) -> None:
        self._texts = {}
        for number, case in enumerate(cases(4, 1), 1):
            template = TEMPLATES.get(case.job, case.language)
            prompt = template.messages(case.facts, case.asked)[-1].content
            said = template.render(case.facts)
            self._texts[prompt] = (said, bool(bad) and number % bad == 0)
        self._stubborn, self._silent = stubborn, silent

    async def complete(
        self, messages: Sequence[Message], *, max_tokens: int, seed: int, timeout: float, temperature: float = 0.0
    ) -> Completion:
        if self._silent:
            raise ModelDown
        prompt = messages[-1].content
        first = prompt.endswith(">>>")
        said, bad = self._texts[prompt if first else prompt.rsplit("\n", 1)[0]]
        return Completion(f"{said} 99999" if bad and (first or self._stubborn) else said, "pupil")


async def tried(pupil: Pupil) -> list[Outcome]:
    told: list[Outcome] = []
    outcomes = await run(TEMPLATES, pupil, cases(4, 1), told.append)
    assert sorted(told, key=str) == sorted(outcomes, key=str)
    return outcomes


async def test_a_model_that_is_right_is_right_at_once_in_every_job_and_language() -> None:
    found = scores(await tried(Pupil()))

    assert len(found) == 16 + 2 + 1
    assert all(score.first == score.cases and score.right == 1 and not score.causes for score in found)
    assert figures(found)["right_all_zh"] == 1 and figures(found)["fallback_all_all"] == 0


async def test_what_is_right_only_on_the_second_try_is_counted_apart_with_its_cause() -> None:
    whole = scores(await tried(Pupil(bad=4)))[-1]

    assert (whole.cases, whole.first, whole.second, whole.template) == (64, 48, 16, 0)
    assert whole.right == 1 and whole.causes == {"said: 99999": 16}


async def test_what_is_wrong_twice_is_the_templates_and_no_answer_is_no_text() -> None:
    stubborn = scores(await tried(Pupil(bad=4, stubborn=True)))[-1]
    silent = scores(await tried(Pupil(silent=True)))[-1]

    assert (stubborn.first, stubborn.template, stubborn.right) == (48, 16, 0.75)
    assert stubborn.low < 0.75 < stubborn.high
    assert (silent.no_answer, silent.right) == (64, 0)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"), [(0, 0, 0, 1), (10, 10, 0.7225, 1), (95, 100, 0.8882, 0.9785), (0, 10, 0, 0.2775)]
)
def test_the_range_of_a_share_is_wilsons(right: int, of: int, low: float, high: float) -> None:
    assert wilson(right, of) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_every_fact_of_a_case_can_be_said() -> None:
    assert all(as_fact(fact).say(case.language) for case in cases(4, 1) for fact in case.facts.values())
