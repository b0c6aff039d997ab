"""A message that can mean two things, over the real Rasa: two buttons, and the pressed one reads what was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from deskhand.cli.evaluation import read_set
from deskhand.cli.recognition import CHANGING, FALLBACK, Found
from tests.dialogue.conftest import Reply, Services, Talk, dump

pytestmark = pytest.mark.rasa

SETS = ("held_out_2", "held_out_3", "held_out", "held_out_orders")
ASKING = ("query_order", "list_orders")
MEANINGS = {"zh": ("查询订单", "列出订单"), "en": ("ask about an order", "list orders")}


@pytest.fixture(scope="module")
def unclear(recognised: Callable[[Sequence[str]], list[Found]]) -> list[str]:
    """Messages of which the present model is not sure, and of which one meaning is a question about orders.

    Which these are differs from one training to the next: those come first where both meanings are likely.
    """
    said = [utterance.text for name in SETS for utterance in read_set(Path(__file__).parent / f"{name}.yml")]
    asked = [
        (min(sure for _, sure in each.ranking[:2]), text)
        for text, each in zip(said, recognised(said), strict=True)
        if each.intent == FALLBACK and _has_both({name for name, _ in each.ranking[:2]})
    ]
    return [text for _, text in sorted(asked, reverse=True)]


def _has_both(two: set[str]) -> bool:
    return bool(two & set(ASKING)) and bool(two & CHANGING)


@pytest.fixture
def asked(talk: Callable[..., Talk], unclear: list[str]) -> tuple[Talk, Reply]:
    """The first of them that is asked back; a rule of the company's may answer one before that, or ask otherwise."""
    clerk = talk("clerk")
    clerk.say("客户华星要20箱A4纸，送到上海浦东张江路1号，下周五前，走快递")
    clerk.press("confirm")
    for text in unclear:
        reply = clerk.say(text)
        if asks_back(reply):
            return clerk, reply
        if reply.cards:
            clerk.say("算了")  # what waits for an answer is never pushed aside by the next question
    raise LookupError(f"none of {len(unclear)} unclear messages was asked back")


def asks_back(reply: Reply) -> bool:
    """Whether it is the list of two meanings; there are lists of orders too, and of one meaning where the other is
    not the clerk's to do."""
    labels = {action["label"] for action in reply.card["actions"]} if reply.cards else set()
    return len(labels) == 2 and any(labels & set(meanings) for meanings in MEANINGS.values())


def test_both_meanings_are_buttons_and_nothing_is_done(asked: tuple[Talk, Reply], services: Services) -> None:
    clerk, reply = asked
    labels = [action["label"] for action in reply.card["actions"]]

    assert len(labels) == 2 and set(labels) & set(MEANINGS[clerk.language]), dump(reply)
    assert "utter_did_you_mean" in dump(reply)
    with services.desk.unit_of_work(clerk.tenant, read_only=True) as uow:
        (order,) = uow.orders.list().items
        assert [row.event for row in uow.orders.history(order.id)] == ["place_order"]


def test_the_pressed_meaning_is_taken_up(asked: tuple[Talk, Reply]) -> None:
    clerk, reply = asked
    labels = [action["label"] for action in reply.card["actions"]]
    asking = next(number for number, label in enumerate(labels, 1) if label in MEANINGS[clerk.language])

    done = clerk.press(f"choose:{asking}")

    assert done.text and done.text != reply.text, dump(done)
    assert not any(action["id"] == "confirm" for card in done.cards for action in card["actions"]), dump(done)
