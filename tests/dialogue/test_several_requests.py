"""Several requests in one message, through Rasa: one card with one yes, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import DeliveryMode, OrderStatus, Role
from deskhand.store import new_id
from tests.dialogue.conftest import Reply, Services, Talk, dump

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]
S = OrderStatus


@pytest.fixture
def orders(services: Services, tenant: str) -> list[str]:
    """The numbers of three orders that wait to be confirmed."""
    command = PlaceOrder("huaxing", (NewLine("PAPER-A4", Decimal(20)),), delivery_mode=DeliveryMode.COURIER)
    clerk = Actor("clerk", Role.SALES, tenant, "chat", new_id())
    placed = [services.desk.handle(command, clerk).order for _ in range(3)]
    return [order.number for order in placed if order is not None]


def listed(reply: Reply) -> list[str]:
    """The orders that the steps of a card are about."""
    return [item["title"].split()[-1] for item in reply.card["items"]]


def now(services: Services, tenant: str, *numbers: str) -> list[Order]:
    with services.desk.unit_of_work(tenant, read_only=True) as uow:
        return [uow.orders.get(number) for number in numbers]


def statuses(services: Services, tenant: str, *numbers: str) -> list[OrderStatus]:
    return [order.status for order in now(services, tenant, *numbers)]


@pytest.mark.parametrize(
    ("text", "yes", "undo"),
    [
        ("确认{a}和{b}", "好的", "撤回{a}"),
        ("confirm {a} and {b}", "yes please", "undo {a}"),
        ("{a}确认，{b}也确认一下，谢谢", "是的", "撤回{a}"),
        ("please confirm order {a}, and then approve {b} as well", "yes", "undo {a}"),
    ],
)
def test_two_orders_are_confirmed_with_one_yes_and_taken_back_one_by_one(
    talk: Talks, services: Services, tenant: str, orders: list[str], text: str, yes: str, undo: str
) -> None:
    clerk, (a, b, _) = talk("clerk"), orders

    asked = clerk.say(text.format(a=a, b=b.removeprefix("SO-")))
    assert listed(asked) == [a, b], dump(asked)
    assert statuses(services, tenant, a, b) == [S.PENDING_CONFIRMATION] * 2
    done = clerk.say(yes)
    assert statuses(services, tenant, a, b) == [S.CONFIRMED] * 2 and a in done.text and b in done.text, dump(done)
    clerk.say(undo.format(a=a))
    clerk.say(yes)

    assert statuses(services, tenant, a, b) == [S.PENDING_CONFIRMATION, S.CONFIRMED]


@pytest.mark.parametrize(
    ("text", "question", "reason"),
    [
        ("{a}确认，{b}取消", "的原因是什么", "客户不要了"),
        ("confirm {a}, cancel {b}", "What is the reason", "the customer changed his mind"),
    ],
)
def test_a_cancellation_in_a_list_is_asked_why_and_then_shown_with_the_rest(
    talk: Talks, services: Services, tenant: str, orders: list[str], text: str, question: str, reason: str
) -> None:
    clerk, (a, b, _) = talk("clerk"), orders

    assert question in clerk.say(text.format(a=a, b=b)).text
    asked = clerk.say(reason)
    assert reason in asked.card["items"][1]["subtitle"], dump(asked)
    clerk.press("confirm")
    again = clerk.press("confirm", card=asked.card)

    assert statuses(services, tenant, a, b) == [S.CONFIRMED, S.CANCELLED]
    assert not again.cards and again.text


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("{a}入库，顺便把{b}的A4纸改成30箱", "办不了"),
        ("receive {a} and change {b} to 30 boxes of paper", "can't be done"),
    ],
)
def test_what_the_role_may_not_do_is_said_and_the_rest_is_offered(
    talk: Talks, services: Services, tenant: str, orders: list[str], text: str, refusal: str
) -> None:
    clerk, (a, b, _) = talk("clerk"), orders

    offered = clerk.say(text.format(a=a, b=b))
    assert refusal in offered.text and offered.card["order"] == b, dump(offered)
    clerk.press("confirm")

    first, second = now(services, tenant, a, b)
    assert first.status is S.PENDING_CONFIRMATION and second.lines[0].quantity == 30


@pytest.mark.parametrize(
    ("text", "why"),
    [("取消{a}，{b}到哪了", "的原因是什么"), ("cancel {a} and tell me where {b} is", "why? A few words")],
)
def test_a_question_beside_a_cancellation_is_answered_and_the_cancellation_goes_on(
    talk: Talks, services: Services, tenant: str, orders: list[str], text: str, why: str
) -> None:
    clerk, (a, b, _) = talk("clerk"), orders

    said = clerk.say(text.format(a=a, b=b))
    assert why in said.text and said.card["order"] == b, dump(said)
    card = clerk.say("重复下单了").card
    assert card["order"] == a and card["kind"] == "command"
    clerk.press("confirm")

    assert statuses(services, tenant, a, b) == [S.CANCELLED, S.PENDING_CONFIRMATION]


@pytest.mark.parametrize("text", ["再加5台打印机，然后确认它", "add 5 printers and confirm it"])
def test_a_draft_takes_its_correction_and_waits_for_the_yes(
    talk: Talks, services: Services, tenant: str, text: str
) -> None:
    clerk = talk("clerk")
    clerk.say("客户华星要20箱A4纸，下周五前，走快递")

    card = clerk.say(text)
    assert card.card["kind"] == "order_draft" and card.lines["PRN-L100"][0] == "5", dump(card)
    with services.desk.unit_of_work(tenant, read_only=True) as uow:
        assert not uow.orders.list().items
    clerk.press("confirm")

    with services.desk.unit_of_work(tenant, read_only=True) as uow:
        assert [len(order.lines) for order in uow.orders.list().items] == [2]


@pytest.mark.parametrize("text", ["{a}加5台打印机，然后确认它", "add 5 printers to {a} and confirm it"])
def test_an_order_is_amended_and_confirmed_with_one_yes(
    talk: Talks, services: Services, tenant: str, orders: list[str], text: str
) -> None:
    clerk, (a, b, _) = talk("clerk"), orders

    asked = clerk.say(text.format(a=a))
    assert listed(asked) == [a, a], dump(asked)
    clerk.press("confirm")

    order, other = now(services, tenant, a, b)
    assert order.status is S.CONFIRMED and len(order.lines) == 2 and other.status is S.PENDING_CONFIRMATION
