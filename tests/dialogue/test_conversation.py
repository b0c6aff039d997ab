"""What users count on while they talk, through Rasa: digressions, changes of mind, buttons, sessions, roles."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import DeliveryMode, OrderStatus, Role
from deskhand.store import Draft, new_id
from deskhand.store.schema import card as card_table
from tests.dialogue.conftest import Services, Talk, dump
from tests.support.deskhand import until

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]
S = OrderStatus
BOTH = pytest.mark.parametrize("language", ["zh", "en"])


@dataclass(frozen=True)
class Words:
    """What is said and what is answered, in one language."""

    order: str
    other: str
    lines: str
    question: str
    answer: str
    still: str  # what the form asks again after a digression
    leave: str
    dropped: str
    more: str
    back: str
    yes: str
    placed: str


SAID = {
    "zh": Words(
        "客户华星要20箱A4纸，走快递，下周五前", "客户东方贸易要5把办公椅，自提，下周三", "客户华星要20箱A4纸",
        "你能做什么？", "我可以帮您", "怎么送", "算了", "草稿已放弃", "A4纸改成30箱", "还是20箱吧", "确认", "已下单",
    ),
    "en": Words(
        "Acme Ltd needs 20 boxes of A4 paper by courier to 1 Main Street by Friday next week",
        "Acme Inc needs 5 office chairs, pickup, next Wednesday", "Acme Ltd needs 20 boxes of A4 paper",
        "what can you do?", "I can:", "How should it go", "never mind", "the draft is dropped",
        "make it 30 boxes of paper", "no, 20 boxes after all", "yes", "Placed",
    ),
}  # fmt: skip


def orders(services: Services, tenant: str) -> list[Order]:
    with services.desk.unit_of_work(tenant, read_only=True) as uow:
        return list(uow.orders.list().items)


def draft_of(services: Services, tenant: str) -> Draft | None:
    with services.desk.unit_of_work(tenant, read_only=True) as uow:
        return uow.drafts.open_of("clerk")


@pytest.fixture
def number(services: Services, tenant: str) -> str:
    """An order that waits to be confirmed."""
    command = PlaceOrder("huaxing", (NewLine("PAPER-A4", Decimal(20)),), delivery_mode=DeliveryMode.COURIER)
    order = services.desk.handle(command, Actor("clerk", Role.SALES, tenant, "chat", new_id())).order
    assert order is not None
    return order.number


@BOTH
def test_a_question_in_the_middle_is_answered_and_the_draft_goes_on(
    talk: Talks, services: Services, tenant: str, language: str
) -> None:
    clerk, said = talk("clerk", language), SAID[language]
    assert said.still in clerk.say(said.lines).text
    before = draft_of(services, tenant)

    aside = clerk.say(said.question)

    assert said.answer in aside.text and said.still in aside.text, dump(aside)
    after = draft_of(services, tenant)
    assert before and after and (after.state, after.asked) == (before.state, before.asked)


@BOTH
def test_two_drafts_in_a_row_do_not_mix(talk: Talks, services: Services, tenant: str, language: str) -> None:
    clerk, said = talk("clerk", language), SAID[language]
    clerk.say(said.order)
    assert said.placed in clerk.say(said.yes).text

    second = clerk.say(said.other)
    assert list(second.lines) == ["CHR-200"], dump(second)
    clerk.say(said.yes)

    assert [[line.sku for line in order.lines] for order in orders(services, tenant)] == [["CHR-200"], ["PAPER-A4"]]


@BOTH
def test_a_change_of_mind_changes_the_draft_and_back(
    talk: Talks, services: Services, tenant: str, language: str
) -> None:
    clerk, said = talk("clerk", language), SAID[language]
    clerk.say(said.order)

    assert clerk.say(said.more).lines["PAPER-A4"][0] == "30"
    assert clerk.say(said.back).lines["PAPER-A4"][0] == "20"
    clerk.press("confirm")

    (order,) = orders(services, tenant)
    assert order.lines[0].quantity == 20


CANCELS = {"zh": ("取消", "算了", "不要了", "取消这单"), "en": ("cancel", "never mind", "cancel it", "forget it")}
STEPS = {  # what is asked after each of these was said
    "zh": ("我要下单", "华星", "A4纸", "20箱", "快递", "下周五"),
    "en": ("I want to place an order", "Acme Ltd", "A4 paper", "20 boxes", "courier", "Friday next week"),
}


@BOTH
@pytest.mark.parametrize("place", range(1, 7))
def test_cancelling_works_at_every_question_and_is_never_an_answer(
    talk: Talks, services: Services, tenant: str, language: str, place: int
) -> None:
    clerk = talk("clerk", language)
    for text in STEPS[language][:place]:
        clerk.say(text)
    assert draft_of(services, tenant) is not None

    left = clerk.say(CANCELS[language][place % 4])

    assert SAID[language].dropped in left.text, dump(left)
    assert draft_of(services, tenant) is None and orders(services, tenant) == []


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("客户华星要20箱A4纸", "by courier", "When is it needed"),
        ("Huaxing needs 20 boxes of A4 paper", "走快递", "哪天之前要"),
    ],
)
def test_the_language_may_change_in_the_middle_of_a_draft(
    talk: Talks, services: Services, tenant: str, first: str, second: str, answer: str
) -> None:
    clerk = talk("clerk")
    clerk.say(first)

    said = clerk.say(second)

    assert answer in said.text, dump(said)
    draft = draft_of(services, tenant)
    assert draft and draft.state["delivery_mode"] == "courier" and draft.state["customer"] == "huaxing"


@BOTH
def test_a_double_tap_places_one_order(talk: Talks, services: Services, tenant: str, language: str) -> None:
    clerk = talk("clerk", language)
    card = clerk.say(SAID[language].order).card

    clerk.press("confirm", card=card)
    again = clerk.press("confirm", card=card)

    assert again.text and not again.cards, dump(again)
    assert len(orders(services, tenant)) == 1


@pytest.mark.parametrize(("language", "asks", "answer"), [("zh", "确认{}", "过期"), ("en", "confirm {}", "expired")])
def test_a_button_that_has_expired_does_nothing(
    talk: Talks, services: Services, tenant: str, number: str, language: str, asks: str, answer: str
) -> None:
    clerk = talk("clerk", language)
    card = clerk.say(asks.format(number)).card
    with services.desk.unit_of_work(tenant) as uow:
        past = uow.now - timedelta(minutes=1)
        uow.connection.execute(card_table.update().where(card_table.c.tenant == tenant).values(expires_at=past))
        uow.commit()

    said = clerk.press("confirm", card=card)

    assert answer in said.text, dump(said)
    assert orders(services, tenant)[0].status is S.PENDING_CONFIRMATION


@BOTH
@pytest.mark.parametrize("place", ["the next day", "another channel"])
def test_a_new_session_goes_on_with_the_draft(
    talk: Talks, services: Services, tenant: str, language: str, place: str
) -> None:
    clerk, said = talk("clerk", language), SAID[language]
    assert said.still in clerk.say(said.lines).text

    if place == "another channel":
        clerk.begin_anew()
    else:
        clerk.session += 1
    clerk.say(STEPS[language][4])

    draft = draft_of(services, tenant)
    assert draft and draft.state["delivery_mode"] == "courier" and len(draft.state["lines"]) == 1


@pytest.mark.parametrize(
    ("language", "asks", "answer"),
    [("zh", "确认{}", "刚刚被别人改过"), ("en", "confirm {}", "was changed by somebody else")],
)
def test_of_two_users_at_one_order_the_second_hears_how_it_stands(
    talk: Talks, services: Services, tenant: str, number: str, language: str, asks: str, answer: str
) -> None:
    clerk, manager = talk("clerk", language), talk("manager", language)
    first, second = (user.say(asks.format(number)).card for user in (clerk, manager))

    clerk.press("confirm", card=first)
    said = manager.press("confirm", card=second)

    assert answer in said.text and number in said.text and not said.cards, dump(said)
    assert orders(services, tenant)[0].status is S.CONFIRMED


@pytest.mark.parametrize(
    ("language", "asks", "yes", "undo", "over"),
    [("zh", "确认{}", "好的", "撤回", "已经过了"), ("en", "confirm {}", "yes", "undo that", "are over")],
)
def test_undo_works_inside_the_grace_window_and_is_refused_after_it(
    talk: Talks, services: Services, tenant: str, number: str, language: str, asks: str, yes: str, undo: str, over: str
) -> None:
    clerk = talk("clerk", language)
    for text in (asks.format(number), yes, undo, yes):
        said = clerk.say(text)
    assert orders(services, tenant)[0].status is S.PENDING_CONFIRMATION, dump(said)
    clerk.say(asks.format(number))
    clerk.say(yes)

    file = services.log / "tenants" / f"{tenant}.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"undo_window_seconds: \d+", "undo_window_seconds: 0", text), encoding="utf-8")

    until(lambda: over in clerk.say(undo).text, 20, "the window is closed")
    assert orders(services, tenant)[0].status is S.CONFIRMED


ONLY_OTHERS_MAY = [
    ("customer", "确认{}", "confirm {}"),
    ("warehouse", "确认{}", "confirm order {}"),
    ("finance", "取消{}，因为没付款", "cancel {} because it wasn't paid"),
    ("clerk", "{}的货已经入库", "the goods for {} have arrived in stock"),
    ("manager", "{}已经全部发出", "complete the shipment of {}"),
    ("finance", "{}的A4纸改成30箱", "change order {}: 30 boxes of paper"),
    ("customer", "{}的货已经入库", "receive the goods of {}"),
    ("finance", "{} 发顺丰，运单号 SF1234567890", "{} goes with SF, tracking number SF1234567890"),
]


@BOTH
@pytest.mark.parametrize(("login", "zh", "en"), ONLY_OTHERS_MAY)
def test_a_role_that_asks_for_what_only_another_may_is_told_so_and_nothing_changes(
    talk: Talks, services: Services, tenant: str, number: str, language: str, login: str, zh: str, en: str
) -> None:
    user = talk(login, language)

    said = user.say({"zh": zh, "en": en}[language].format(number))

    denied = {"zh": "不能", "en": "may not"}[language]
    assert denied in said.text and not said.cards, dump(said)
    order = orders(services, tenant)[0]
    assert order.status is S.PENDING_CONFIRMATION and order.row_version == 1
