"""Where is my order: by number, the latest, one's own only; lists for each desk."""

from __future__ import annotations

from actions.list_orders import ListOrdersAction
from actions.query_order import QueryOrderAction
from tests.actions.conftest import Bench


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


async def test_another_customers_order_does_not_exist(bench: Bench) -> None:
    number = bench.placed("huaxing").number

    said = await bench.run(QueryOrderAction, "acme", f"where is {number}")

    assert said.responses == ["utter_not_found"] and not said.cards


async def test_an_order_that_is_none_is_said_by_its_number(bench: Bench) -> None:
    said = await bench.run(QueryOrderAction, "clerk", "SO-9999到哪了")

    assert said.values("utter_not_found")["number"] == "SO-9999"


async def test_each_desk_sees_what_waits_for_it(bench: Bench) -> None:
    number = bench.placed().number

    clerk = await bench.run(ListOrdersAction, "clerk", "我要处理哪些")
    named = await bench.run(ListOrdersAction, "warehouse", "待发运的订单有哪些")

    assert [item["order"] for item in clerk.card["items"]] == [number]
    assert named.responses == ["utter_no_orders"]
