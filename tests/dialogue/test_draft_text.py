"""Texts for others over the real Rasa: what the customer wrote is no question of the clerk's, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]


@pytest.mark.parametrize(
    ("language", "order", "yes", "ask", "states"),
    [
        ("zh", "客户华星要20箱A4纸，下周五前，走快递", "确认下单", "帮我写一封{}的回复：货到哪里了？", "待确认"),
        ("en", "Acme Ltd needs 20 boxes of A4 paper by Friday next week, by courier", "yes",
         "draft a reply about {}: where are my goods?", "awaiting confirmation"),
    ],
)  # fmt: skip
def test_a_reply_to_what_the_customer_asked_is_drafted(
    talk: Talks, language: str, order: str, yes: str, ask: str, states: str
) -> None:
    clerk = talk("clerk", language)
    clerk.say(order)
    found = re.search(r"SO-\d+", clerk.say(yes).text)
    assert found

    said = clerk.say(ask.format(found[0]))

    assert found[0] in said.text and states in said.text
    assert ("尊敬的" if language == "zh" else "Dear Acme") in said.text


def test_part_of_a_name_in_a_contract_gives_a_short_list(talk: Talks) -> None:
    clerk = talk("clerk", "en")

    listed = clerk.say("contract for Acme, terms 30 days")

    assert "several customers" in listed.text and len(listed.card["actions"]) == 2
