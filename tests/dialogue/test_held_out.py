"""How well messages that training never saw are understood: one pass of Rasa's own parser over the sets.

`held_out.yml` has been looked at often, `tuning.yml` was tuned on. Floors lie a little below what is reached.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from deskhand.cli.evaluation import parse, read_set
from deskhand.cli.recognition import CHANGING, DECLINED, Found, Pair, figures, is_wrong_action
from tests.dialogue.conftest import ROOT, Services

pytestmark = pytest.mark.rasa

NONSENSE = ("asdfgh", "x" * 2500, "k" * 2500, "7" * 2500, "啊" * 2500, "zxczxc zxc")
FLOORS = {"held_out": (0.94, 0.95), "tuning": (0.94, 0.93)}  # in scope, out of scope
SETS = {name: read_set(Path(__file__).parent / f"{name}.yml") for name in FLOORS}
ALL = [utterance for utterances in SETS.values() for utterance in utterances]


@pytest.fixture(scope="module")
def found(services: Services) -> list[Found]:
    texts = [*(utterance.text for utterance in ALL), *NONSENSE]
    return parse(ROOT, services.environment, services.model, texts)


@pytest.fixture(scope="module")
def pairs(found: list[Found]) -> dict[str, list[Pair]]:
    parsed = iter(found)
    return {name: [(utterance, next(parsed)) for utterance in utterances] for name, utterances in SETS.items()}


@pytest.mark.parametrize("name", SETS)
def test_utterances_that_training_never_saw_are_understood(name: str, pairs: dict[str, list[Pair]]) -> None:
    reached = figures(pairs[name])

    assert reached["accuracy"] >= FLOORS[name][0], reached
    assert reached["out_of_scope_recall"] >= FLOORS[name][1], reached


@pytest.mark.parametrize("name", SETS)
def test_nothing_is_begun_that_nobody_asked_for(name: str, pairs: dict[str, list[Pair]]) -> None:
    assert not [(u.text, f.intent) for u, f in pairs[name] if is_wrong_action(u, f.intent)]


@pytest.mark.parametrize("wanted", ["ask_help", "deny", "query_order"])
def test_a_question_or_a_refusal_that_names_a_step_is_no_step(wanted: str, pairs: dict[str, list[Pair]]) -> None:
    asked = [(u.text, f.intent) for u, f in pairs["tuning"] if u.intent == wanted and not u.intents & CHANGING]

    assert asked and not [text for text, intent in asked if intent in CHANGING]


def test_nonsense_is_declined(found: list[Found]) -> None:
    assert {each.intent for each in found[len(ALL) :]} <= DECLINED


def test_training_never_saw_them() -> None:
    files = (ROOT / "data" / "nlu").glob("*.yml")
    trained = {line.strip().removeprefix("- ") for file in files for line in file.read_text("utf-8").splitlines()}
    same = [utterance.text for utterance in SETS["tuning"] if utterance.text in trained]  # "bye" is written by anybody

    assert not trained & {utterance.text for utterance in SETS["held_out"]}
    assert len(same) <= 30 and max(map(len, same)) <= 20


def test_the_sets_name_intents_that_there_are() -> None:
    intents = set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])

    assert all(utterance.intents <= intents for utterance in ALL)
