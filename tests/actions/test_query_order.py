"""Where is my order: by number, the latest, one's own only; lists for each desk."""

from __future__ import annotations

import pytest

from actions.amend_order import AmendOrderAction
from actions.cancel_order import CancelOrderAction
from actions.desk_action import DeskAction
from actions.list_orders import ListOrdersAction
from actions.query_order import QueryOrderAction
from actions.undo_change import UndoChangeAction
from deskhand.orders.commands import (
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    ReceiveGoods,
    StartAccountPeriod,
)
from deskhand.orders.status import OrderStatus, Role
from tests.support.bench import Bench


async def test_a_number_finds_the_order_with_its_date(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(QueryOrderAction, "clerk", f"{number}到哪了")

    assert said.values("utter_order_expected")["status"] == "待确认" and said.card["order"] == number


async def test_bare_digits_will_do(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(QueryOrderAction, "clerk", number.removeprefix("SO-"))

    assert said.card["order"] == number


async def test_without_a_number_a_customer_hears_of_its_own_open_orders(bench: Bench) -> None:
    mine, _ = bench.placed("huaxing"), bench.placed("acme-ltd")

    said = await bench.run(QueryOrderAction, "customer", "我的货到哪了")

    assert said.card["order"] == mine.number


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("上周二华星那单到哪了", "zh"),
        ("Huaxing's order from Tuesday?", "en"),
        ("华星上周二下的单发了吗", "zh"),
        ("the order we placed on Tuesday for huaxing", "en"),
    ],
)
async def test_an_order_is_found_by_customer_and_the_day_it_was_made(bench: Bench, said: str, language: str) -> None:
    bench.clock.forward(days=1)  # a Tuesday
    tuesday, _ = bench.placed("huaxing"), bench.placed("acme-ltd")
    bench.clock.forward(days=1)
    bench.placed("huaxing")
    bench.clock.forward(days=5 if language == "zh" else 1)

    told = await bench.run(QueryOrderAction, "clerk", said, language=language)

    assert told.card["order"] == tuesday.number


async def test_all_orders_of_a_day_are_told(bench: Bench) -> None:
    made = [bench.placed("huaxing").number, bench.placed("acme-ltd").number]
    bench.clock.forward(days=1)
    bench.placed("dongfang")

    told = await bench.run(QueryOrderAction, "clerk", "昨天的订单到哪了")

    assert {item["order"] for item in told.card["items"]} == set(made)


async def test_part_of_a_customers_name_will_do_where_an_owner_stands(bench: Bench) -> None:
    theirs, _ = bench.placed("acme-inc"), bench.placed("huaxing")

    told = await bench.run(QueryOrderAction, "clerk", "where is acme's latest order", language="en")

    assert told.card["order"] == theirs.number


async def test_another_customers_order_does_not_exist(bench: Bench) -> None:
    number = bench.placed("huaxing").number

    said = await bench.run(QueryOrderAction, "acme", f"where is {number}")

    assert said.responses == ["utter_not_found"] and not said.cards


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (QueryOrderAction, "where is {}"),
        (CancelOrderAction, "cancel {}"),
        (AmendOrderAction, "change A4 paper of {} to 5 boxes"),
        (UndoChangeAction, "undo the change of {}"),
        (ListOrdersAction, "list {}"),
    ],
)
async def test_asking_for_another_customers_order_leaves_one_audit_row(
    bench: Bench, action: type[DeskAction], text: str
) -> None:
    number = bench.placed("huaxing").number

    said = await bench.run(action, "acme", text.format(number))

    assert said.responses == ["utter_not_found"]
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        (row,) = [row for row in uow.audit.list() if row.outcome == "refused"]
    assert (row.actor, row.action, row.target) == ("acme", "query_orders", number)
    assert row.detail["code"] == "not_found"


async def test_an_order_that_is_none_is_said_by_its_number(bench: Bench) -> None:
    said = await bench.run(QueryOrderAction, "clerk", "SO-9999到哪了")

    assert said.values("utter_not_found")["number"] == "SO-9999"


async def test_each_desk_sees_what_waits_for_it(bench: Bench) -> None:
    number = bench.placed().number

    clerk = await bench.run(ListOrdersAction, "clerk", "我要处理哪些")
    named = await bench.run(ListOrdersAction, "warehouse", "待发运的订单有哪些")

    assert [item["order"] for item in clerk.card["items"]] == [number]
    assert named.responses == ["utter_no_orders"]
    assert clerk.responses == ["utter_orders_at_desk"] and "待确认" in clerk.messages[0]["status"]


@pytest.mark.parametrize("text", ["华星有哪些订单", "列出所有订单", "list all orders"])
async def test_a_customers_orders_or_all_are_not_narrowed_to_the_desk(bench: Bench, text: str) -> None:
    number = bench.placed().number

    said = await bench.run(ListOrdersAction, "finance", text)

    assert said.responses == ["utter_orders_found"] and [item["order"] for item in said.card["items"]] == [number]


async def test_a_desk_with_nothing_to_do_hears_that_others_are_under_way(bench: Bench) -> None:
    bench.placed()

    assert (await bench.run(ListOrdersAction, "finance", "有哪些订单")).responses == ["utter_orders_under_way"]


async def test_a_customer_hears_that_goods_have_shipped_not_of_account_periods(bench: Bench) -> None:
    number = bench.placed().number
    for command, role in (
        (ConfirmOrder(number), Role.SALES),
        (ReceiveGoods(number), Role.WAREHOUSE),
        (GiveShipmentInformation(number, "SF", "SF1234567890"), Role.WAREHOUSE),
        (CompleteShipment(number), Role.WAREHOUSE),
        (StartAccountPeriod(number), Role.FINANCE),
    ):
        bench.desk.handle(command, bench.actor(role))
    assert bench.order(number).status is OrderStatus.IN_ACCOUNT_PERIOD

    customer = await bench.run(QueryOrderAction, "customer", "我的货到哪了")
    clerk = await bench.run(QueryOrderAction, "clerk", f"{number}到哪了")

    told = customer.values("utter_order_shipping")
    assert (told["status"], told["carrier"], told["tracking"]) == ("已发运", "顺丰", "SF1234567890")
    assert customer.card["status"]["code"] == "shipped" and clerk.card["status"]["label"] == "账期中"
