"""The component in Rasa's own Python: taught, kept, loaded; with vectors and where the machine can't make them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rasa_components.intents.conftest import Asked

pytestmark = pytest.mark.rasa

SCRIPT = """
import contextlib, json, sys, tempfile
from pathlib import Path
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa_components.intents import encoders
from rasa_components.intents.classifier import DeskIntentClassifier

class Storage:
    def __init__(self, folder):
        self.folder = folder
    @contextlib.contextmanager
    def write_to(self, resource):
        yield self.folder
    read_from = write_to

DONE = ["cancel {} please", "please cancel {}", "取消{}", "把{}取消掉"]
ASKED = ["where is {}", "has {} left yet", "{}到哪了", "{}发货了吗"]
GREETED = ["hello {}", "hi, {} again", "你好{}", "早上好，{}"]
THINGS = ["order 1042", "my order", "it", "the parcel", "1042", "那个订单"]
MANY = {"cancel_order": DONE, "query_order": ASKED, "greet": GREETED}
said = [(one.format(thing), name) for name, many in MANY.items() for one in many for thing in THINGS]
data = TrainingData([Message(data={"text": text, "intent": intent}) for text, intent in said])
config = {"changing": ["cancel_order"], "rounds": 60}

def told(component, texts):
    messages = [Message(data={"text": text}) for text in texts]
    component.process(messages)
    return [[m.get("intent")["name"], m.get("intent")["confidence"], len(m.get("intent_ranking"))] for m in messages]

texts = json.loads(sys.stdin.read())
answer = {}
with tempfile.TemporaryDirectory() as folder:
    made = DeskIntentClassifier({**config}, Storage(Path(folder)), Resource("r"))
    made.train(data)
    answer["taught"] = told(made, texts)
    loaded = DeskIntentClassifier.load({**config}, Storage(Path(folder)), Resource("r"), None)
    answer["loaded"] = told(loaded, texts)
    encoders.SmallE5 = None
    encoders.what_is_lacking = lambda: "a part"
    answer["other_machine"] = told(
        DeskIntentClassifier.load({**config}, Storage(Path(folder)), Resource("r"), None), texts)
    fewer = DeskIntentClassifier({**config}, Storage(Path(folder)), Resource("r"))
    fewer.train(data)
    answer["one_encoder"] = told(fewer, texts)
with tempfile.TemporaryDirectory() as folder:
    bare = DeskIntentClassifier({**config, "vectors": False}, Storage(Path(folder)), Resource("r"))
    bare.train(data)
    answer["words"] = told(bare, texts)
print(json.dumps(answer))
"""
TEXTS = ["where is my order", "cancel order 77 please", "訂單1042到哪了", "how do I cancel my order", "x" * 3000, ""]


@pytest.fixture(scope="module")
def told(rasa_says: Asked) -> Any:
    return rasa_says(SCRIPT, TEXTS)


def test_a_sentence_that_was_taught_is_known(told: Any) -> None:
    assert told["taught"][0] == ["query_order", 0.99, 1]


@pytest.mark.parametrize("way", ["taught", "loaded", "one_encoder", "words", "other_machine"])
def test_what_was_not_taught_is_recognised(way: str, told: Any) -> None:
    assert told[way][1][0] == "cancel_order" and told[way][2][0] == "query_order"


def test_what_was_kept_says_the_same(told: Any) -> None:
    assert told["loaded"] == [[name, pytest.approx(sure, abs=1e-4), n] for name, sure, n in told["taught"]]


@pytest.mark.parametrize("way", ["taught", "loaded", "one_encoder", "words", "other_machine"])
def test_a_question_about_a_step_is_none(way: str, told: Any) -> None:
    assert told[way][3][0] != "cancel_order"


@pytest.mark.parametrize("way", ["taught", "words"])
def test_anything_can_be_said(way: str, told: Any) -> None:
    assert all(0 <= sure <= 1 for _, sure, _ in told[way])
