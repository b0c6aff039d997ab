"""Acting for a colleague in chat: the card says so before, the answer afterwards; refusals of queries are on record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from actions.answer_card import AnswerCardAction
from actions.ask_help import AskHelpAction
from actions.desk_action import DeskAction
from actions.list_orders import ListOrdersAction
from actions.receive_goods import ReceiveGoodsAction
from actions.turn import Event, Turn
from deskhand.orders.commands import ConfirmOrder
from deskhand.orders.errors import DelegationRefused
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk, WantedDelegation, delegate
from tests.support.bench import Bench

ROOT = Path(__file__).resolve().parents[2]


def lend(bench: Bench) -> None:
    admin = Actor("admin", Role.ADMIN, bench.tenant, "http", "request")
    delegate(bench.desk, admin, WantedDelegation("warehouse", "finance", "2026-12-24"))


async def test_the_card_and_the_answer_name_whom_one_acts_for(bench: Bench) -> None:
    order = bench.placed(quantity=1)
    bench.desk.handle(ConfirmOrder(order.number), bench.actor(Role.SALES))
    said = f"{order.number}的货已经入库"
    before = await bench.run(ReceiveGoodsAction, "finance", said, intent="receive_goods")
    assert before.responses == ["utter_role_not_allowed"]

    lend(bench)
    asked = await bench.run(ReceiveGoodsAction, "finance", said, intent="receive_goods")
    answered = await bench.run(AnswerCardAction, "finance", "是", intent="affirm")

    facts = {fact["label"]: fact["value"] for fact in asked.card["facts"]}
    assert facts["代办"] == "王强 Wang Qiang"
    assert answered.responses == ["utter_command_done", "utter_done_on_behalf"]
    assert answered.values("utter_done_on_behalf")["name"] == "王强 Wang Qiang"
    assert bench.order(order.number).status == "awaiting_shipment"


async def test_the_own_right_is_not_called_anybody_elses(bench: Bench) -> None:
    lend(bench)
    order = bench.placed(quantity=1)
    bench.desk.handle(ConfirmOrder(order.number), bench.actor(Role.SALES))

    await bench.run(ReceiveGoodsAction, "warehouse", f"{order.number}的货已经入库", intent="receive_goods")
    answered = await bench.run(AnswerCardAction, "warehouse", "是", intent="affirm")

    assert answered.responses == ["utter_command_done"]


async def test_help_offers_what_was_lent(bench: Bench) -> None:
    before = await bench.run(AskHelpAction, "finance", "帮助")
    lend(bench)
    after = await bench.run(AskHelpAction, "finance", "帮助")

    assert "入库" not in before.values("utter_help")["abilities"]
    assert "入库" in after.values("utter_help")["abilities"]


async def test_a_question_that_the_role_may_not_ask_is_refused_and_on_record(bench: Bench, tmp_path: Path) -> None:
    lines = (ROOT / "permissions.yml").read_text().splitlines()
    file = tmp_path / "permissions.yml"
    file.write_text(
        "\n".join("query_orders: {customer: own}" if each.startswith("query_orders") else each for each in lines)
    )
    desk = bench.desk
    bound = Desk(desk.database, desk.tenants, ROOT / "processes", desk.clock, file)
    bench.services = replace(bench.services, desk=bound)

    said = await bench.run(ListOrdersAction, "finance", "待发运的订单", intent="list_orders")

    assert said.responses == ["utter_role_not_allowed"]
    with desk.unit_of_work(bench.tenant, read_only=True) as uow:
        rows = [(row.actor, row.action, row.outcome) for row in uow.audit.list()]
    assert rows == [("finance", "query_orders", "refused")]


class Lending(DeskAction):
    action_name = "action_lend"

    def act(self, turn: Turn) -> list[Event]:
        raise DelegationRefused(away="ann", delegate="bo", problem="to_a_customer")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh", "bo 是客户，权限只能交给员工代办。"), ("en", "bo is a customer, and rights are lent to staff only.")],
)
async def test_a_refused_delegation_is_said_in_words(bench: Bench, language: str, sentence: str) -> None:
    said = await bench.run(Lending, "clerk", "x", language=language)

    assert said.values("utter_delegation_refused")["problem"] == sentence
