"""What has to be in order before the bot is taught: enough utterances, slots that there are, both languages."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.cli.utterances import LEAST, Taught, problems
from tests.support.deskhand import ROOT

WORDS = [first + second for first in "abcdefghijkl" for second in "abcdefghijkl"]
BOTH = [{"text": "好"}, {"text": "well"}]


def utterances(said: int = LEAST) -> tuple[str, ...]:
    return tuple(f"{word} please" for word in WORDS[:said]) + tuple(f"请{word}" for word in WORDS[:said])


def taught(**changes: Any) -> Taught:
    domain = {
        "intents": ["greet"],
        "slots": {"city": {}},
        "responses": {"utter_well": BOTH},
        **changes.pop("domain", {}),
    }
    return Taught(**{"utterances": {"greet": utterances()}, "domain": domain, **changes})


def test_what_the_bot_is_taught_from_is_in_order() -> None:
    assert problems(Taught.read(ROOT)) == []


def test_enough_is_enough() -> None:
    assert problems(taught()) == []


def test_a_skill_with_too_few_utterances_is_named_for_each_language() -> None:
    few = (*utterances(LEAST - 1), "请到此为止")

    assert problems(taught(utterances={"greet": few})) == ["greet has 119 utterances in en, 120 are needed"]


def test_an_intent_without_utterances_is_named() -> None:
    found = problems(taught(domain={"intents": ["greet", "part"]}))

    assert found == [f"part has 0 utterances in {language}, 120 are needed" for language in ("zh", "en")]


def test_what_differs_in_numbers_and_punctuation_alone_counts_once() -> None:
    same = (*utterances(LEAST - 1), "请到此为止", *(f"order {number}, please!" for number in range(9)))

    assert problems(taught(utterances={"greet": same})) == []
    assert problems(taught(utterances={"greet": same[1:]})) == ["greet has 119 utterances in en, 120 are needed"]


def test_a_sentence_of_two_intents_is_named() -> None:
    said = {"greet": utterances(), "part": (*utterances()[1:], "Aa  please.")}
    found = problems(taught(utterances=said, domain={"intents": ["greet", "part"]}))

    assert "“aaplease” is an utterance of greet and part" in found


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"domain": {"forms": {"f": {"required_slots": ["town"]}}}}, "f asks for town, which is no slot"),
        (
            {"rules": ({"rule": "r", "steps": [{"slot_was_set": [{"town": 1}]}]},)},
            "rule “r” looks at town, which is no slot",
        ),
        (
            {"utterances": {"greet": (*utterances(), "to [Leeds](town)")}},
            "greet: town in “to [Leeds](town)” is neither slot nor entity",
        ),
        ({"domain": {"responses": {"utter_well": BOTH[:1]}}}, "utter_well has no English text"),
        ({"domain": {"responses": {"utter_well": BOTH[1:]}}}, "utter_well has no Chinese text"),
    ],
)
def test_an_unknown_slot_and_a_missing_translation_are_named(changes: dict[str, Any], problem: str) -> None:
    assert problem in problems(taught(**changes))
