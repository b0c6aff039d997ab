"""What Rasa works out once with us: the same verdicts on what actions answer, the same classes of events."""

from __future__ import annotations

import json

import pytest

from tests.rasa_components.test_start import rasas

pytestmark = pytest.mark.rasa

VERDICTS = """
import json
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa_components import once

ANSWERS = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "reason", "value": None, "timestamp": None}], "responses": [{"text": "a"}]},
    {"events": [{"event": "slot"}], "responses": []},
    {"events": {}, "responses": []},
    {"events": [], "responses": ["text"]},
    {"events": [{"event": "nothing of the kind"}]},
    [],
]

def refused():
    action = RemoteAction("action_of_ours", None)
    def is_refused(answer):
        try:
            action._validate_action_result(answer)
        except ValidationError:
            return True
        return False
    return [is_refused(answer) for answer in ANSWERS]

before = refused()
once.install()
print(json.dumps([before, refused()]))
"""
EVENTS = """
import json
from rasa.shared.core.events import Event, SlotSet
from rasa_components import once

once.install()
known = Event.resolve_by_type("slot") is Event.resolve_by_type("slot") is SlotSet
try:
    Event.resolve_by_type("nothing of the kind")
    unknown = None
except ValueError as error:
    unknown = str(error)
print(json.dumps([known, unknown, Event.resolve_by_type("topic")]))
"""


def test_the_answers_that_rasa_refuses_are_refused_and_no_others() -> None:
    ran = rasas(VERDICTS)

    assert ran.returncode == 0, ran.stderr
    before, after = json.loads(ran.stdout)
    assert after == before
    assert True in before and False in before


def test_an_event_is_found_by_its_name_and_an_unknown_one_is_told() -> None:
    ran = rasas(EVENTS)

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [True, "Unknown event name 'nothing of the kind'.", None]
