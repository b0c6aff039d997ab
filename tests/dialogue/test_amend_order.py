"""A placed order is amended by talking, through Rasa: in both languages, beside a draft, and taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskhand.orders.model import Order
from tests.dialogue.conftest import Services, Talk, dump

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]


def order_of(services: Services, talk: Talk) -> Order:
    with services.desk.unit_of_work(talk.tenant, read_only=True) as uow:
        (order,) = uow.orders.list().items
    return order


def placed(clerk: Talk) -> str:
    clerk.say("客户华星要20箱A4纸和3台打印机，下周五前，走快递")
    return str(clerk.press("confirm").card["order"])


@pytest.mark.parametrize(
    ("text", "yes", "paper"),
    [
        ("{n}的A4纸改成30箱", "好的", "30"),
        ("change order {d}: 30 boxes of paper", "yes please", "30"),
        ("把{d}的A4纸改成25箱，打印机改成5台", "对，没问题", "25"),
    ],
)
def test_a_placed_order_is_amended_with_a_yes(talk: Talks, services: Services, text: str, yes: str, paper: str) -> None:
    clerk = talk("clerk")
    number = placed(clerk)

    asked = clerk.say(text.format(n=number, d=number.removeprefix("SO-")))
    assert asked.card["order"] == number and asked.lines["PAPER-A4"][0] == paper, dump(asked)
    assert order_of(services, clerk).lines[0].quantity == 20
    clerk.say(yes)

    assert str(order_of(services, clerk).lines[0].quantity) == paper


def test_what_to_change_is_asked_for_and_the_answer_is_read(talk: Talks, services: Services) -> None:
    clerk = talk("clerk")
    number = placed(clerk)

    asked = clerk.say(f"我想修改订单{number}")
    assert "要改什么" in asked.text and not asked.cards, dump(asked)
    card = clerk.say("打印机改成5台")
    assert card.lines["PRN-L100"][0] == "5", dump(card)
    clerk.press("confirm")
    asked = clerk.say("刚才点错了，撤回")
    assert asked.lines["PRN-L100"][0] == "3" and order_of(services, clerk).lines[1].quantity == 5, dump(asked)
    clerk.press("confirm")

    assert order_of(services, clerk).lines[1].quantity == 3


def test_a_draft_that_is_open_keeps_its_corrections(talk: Talks, services: Services) -> None:
    clerk = talk("clerk")
    number = placed(clerk)
    clerk.say("客户华星要10箱A4纸，下周五前，走快递")

    own = clerk.say("A4纸改成12箱")
    assert own.card["kind"] == "order_draft" and own.lines["PAPER-A4"][0] == "12", dump(own)
    other = clerk.say(f"{number}的A4纸改成30箱")

    assert any(card["order"] == number and card["kind"] == "command" for card in other.cards), dump(other)
    assert order_of(services, clerk).lines[0].quantity == 20


def test_a_new_order_is_never_taken_for_an_amendment(talk: Talks, services: Services) -> None:
    clerk = talk("clerk", "en")
    placed(clerk)

    for text in (
        "Acme Ltd needs 20 boxes of A4 paper and 3 printers, deliver to 1 Main St, by Friday next week, courier",
        "Acme Inc needs 12 desk lamps, deliver to 9 Park Road, by Friday next week, by courier",
    ):
        drafted = clerk.say(text)
        assert drafted.card["kind"] == "order_draft", dump(drafted)
        clerk.say("never mind")
