"""Sentences that speak of a step without asking for it, and their neighbours that do ask."""

from __future__ import annotations

import pytest

from tests.rasa_components.intents.conftest import Asked

pytestmark = pytest.mark.rasa

SCRIPT = """
import json, sys
from rasa_components.intents.guards import meant_instead
print(json.dumps([meant_instead(text) for text in json.loads(sys.stdin.read())]))
"""
MEANT = {
    "别取消1042": "deny",
    "don't cancel my order": "deny",
    "leave it as it is": "deny",
    "怎么取消订单": "ask_help",
    "how do I change the address": "ask_help",
    "what happens if I cancel": "ask_help",
    "如果我取消会怎么样": "ask_help",
    "谁把1042取消了": "query_order",
    "did you cancel it?": "query_order",
    "1042改好了没": "query_order",
    "why was it cancelled": "query_order",
    "取消1042": None,
    "please cancel my order": None,
    "can you change it to 30 boxes": None,
    "could I have the address changed, please": None,
    "我不想要了，取消吧": None,
    "don't need it any more, cancel it": None,
    "能不能帮我改一下地址": None,
    "1042的货到了": None,
    "7" * 100: "out_of_scope",
    "7" * 15: None,
    "": None,
}


@pytest.fixture(scope="module")
def meant(rasa_says: Asked) -> dict[str, str | None]:
    return dict(zip(MEANT, rasa_says(SCRIPT, list(MEANT)), strict=True))


@pytest.mark.parametrize("said", MEANT)
def test_what_is_only_spoken_of_is_known_from_what_is_asked_for(said: str, meant: dict[str, str | None]) -> None:
    assert meant[said] == MEANT[said]
