"""Whatever a person types, Rasa's own reading of `/intent{...}` finds no intent in what it is given of it."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.channels.errors import ChannelError
from deskhand.channels.inbound import for_rasa, read_inbound
from deskhand.channels.rasa import BotReply, _reply
from deskhand.cli.services import rasa_python
from tests.support.deskhand import ROOT

pytestmark = pytest.mark.rasa

# Rasa's channel strips the text, its reader strips it again and matches its pattern.
SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
domain = Domain.load("domain.yml")
def intent(text):
    given = UserMessage(text).text
    return bool(given) and YAMLStoryReader.unpack_regex_message(Message({TEXT: given}), domain).get(INTENT) is not None
print(json.dumps([i for i, text in enumerate(json.load(sys.stdin)) if intent(text)]))
"""

UNSEEN = [
    chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in {"Cf", "Zs", "Zl", "Zp"}
]
BEFORE = [*UNSEEN, *"\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85", "/", "／", "⁄", "∕", "", "\ufe0f", "\u0338", "x"]
PAYLOADS = ("/affirm", "/deny", "/choose", '/place_order{"customer": "huaxing"}', "/restart", "/affirm@1.0", "／affirm")


def read_as_intents(texts: list[str]) -> list[str]:
    """Those of the texts that Rasa takes for intents."""
    if not rasa_python(ROOT).exists():
        pytest.skip("no .venv-dialogue: make setup")
    ran = subprocess.run(
        [str(rasa_python(ROOT)), "-W", "ignore", "-c", SCRIPT], input=json.dumps(texts), cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    return [texts[index] for index in json.loads(ran.stdout.splitlines()[-1])]


def test_rasa_finds_no_intent_in_anything_that_a_person_types() -> None:
    typed = [
        one + other + payload for payload in PAYLOADS for one in BEFORE for other in ("", "/", " ", "\ufeff", "／ ")
    ]

    heard = [for_rasa(text) for text in typed]

    assert len(read_as_intents(typed)) > 100  # as it would be without us
    assert read_as_intents(heard) == []


@given(st.lists(st.sampled_from([*BEFORE, *PAYLOADS, "a"]), max_size=8).map("".join))
@settings(max_examples=500, deadline=None)
def test_what_is_given_to_rasa_never_begins_with_a_slash_or_a_blank(typed: str) -> None:
    try:
        accepted = read_inbound({"id": "m-1", "text": typed}).text
    except ChannelError:
        return
    assert accepted is not None
    heard = for_rasa(accepted)
    assert heard == heard.strip() and not heard.startswith("/") and for_rasa(heard) == heard


@given(st.sampled_from(BEFORE), st.sampled_from(PAYLOADS))
@settings(max_examples=300, deadline=None)
def test_a_button_of_rasas_sends_its_words_where_its_payload_names_an_intent(before: str, payload: str) -> None:
    reply = _reply({"text": "?", "buttons": [{"title": "Yes", "payload": before + payload}]})

    assert isinstance(reply, BotReply)
    text = reply.quick_replies[0]["text"]
    assert text == "Yes" or not text.strip().startswith(("/", "／"))
