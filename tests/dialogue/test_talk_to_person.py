"""Asking for a person, and being offered one, over the real Rasa: the draft stays where it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Services, Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]


def reasons(services: Services, talk: Talk) -> list[str]:
    with services.desk.unit_of_work(talk.tenant, read_only=True) as uow:
        return [each.reason for each in uow.handovers.list()]


@pytest.mark.parametrize(
    ("language", "begin", "wish", "question", "offered"),
    [
        ("zh", "华星要20箱A4纸", "转人工", "怎么送", "请同事接手"),
        (
            "en",
            "Acme Ltd needs 20 boxes of A4 paper",
            "let me talk to a human",
            "How should it go",
            "asked a colleague",
        ),
    ],
)
def test_a_person_is_asked_for_in_the_middle_of_an_order_and_the_order_goes_on(
    talk: Talks, services: Services, language: str, begin: str, wish: str, question: str, offered: str
) -> None:
    clerk = talk("clerk", language)
    assert question in clerk.say(begin).text

    said = clerk.say(wish).text

    assert offered in said and question in said
    assert reasons(services, clerk) == ["asked"]
    assert clerk.say("快递" if language == "zh" else "by courier").text
    with services.desk.unit_of_work(clerk.tenant, read_only=True) as uow:
        draft = uow.drafts.open_of("clerk")
    assert draft is not None and draft.asked is not None and draft.asked != "delivery_mode"


@pytest.mark.parametrize(
    ("language", "asked", "wish"),
    [
        ("zh", ("我的货到哪了", "我的货呢？", "货到哪了"), "转人工"),
        ("en", ("where is my order?", "where's my order", "so where is my order now"), "Talk to a person"),
    ],
)
def test_the_third_same_question_offers_a_person_and_the_colleague_learns_why(
    talk: Talks, services: Services, language: str, asked: tuple[str, ...], wish: str
) -> None:
    customer = talk("customer", language)
    replies = [customer.say(words) for words in asked]

    offers = [[button["payload"] for item in reply.items for button in item.get("buttons") or ()] for reply in replies]
    assert offers == [[], [], [wish]]
    customer.say(wish)
    assert reasons(services, customer) == ["repeated"]


def test_two_failures_in_a_row_offer_a_person(talk: Talks) -> None:
    customer = talk("customer", "en")

    first, second = customer.say("what's the weather on Mars?"), customer.say("who won the football yesterday?")

    assert "twice in a row" not in first.text and "twice in a row" in second.text
