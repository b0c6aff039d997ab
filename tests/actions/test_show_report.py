"""The report by chat: each role's figures, the days that were named, and from a figure to the orders behind it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.list_orders import ListOrdersAction
from actions.place_order import FORM, ValidatePlaceOrderForm
from actions.show_report import ShowReportAction
from deskhand.orders.commands import (
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    ReceiveGoods,
    StartAccountPeriod,
)
from deskhand.orders.status import Role
from deskhand.store import Desk
from tests.support.bench import Bench, Said, services_on
from tests.support.desks import ROOT, FakeClock


def figures(said: Said) -> dict[str, list[str]]:
    return {row["key"]: row["cells"][1:] for row in said.card["table"]["rows"]}


def shipped(bench: Bench, customer: str = "huaxing") -> str:
    number = bench.placed(customer).number
    for command, role in (
        (ConfirmOrder(number), Role.SALES),
        (ReceiveGoods(number), Role.WAREHOUSE),
        (GiveShipmentInformation(number, "SF", "SF1234567890"), Role.WAREHOUSE),
        (CompleteShipment(number), Role.WAREHOUSE),
    ):
        bench.desk.handle(command, bench.actor(role))
    return number


async def test_a_clerk_hears_how_all_orders_stand(bench: Bench) -> None:
    bench.placed()
    shipped(bench)

    said = await bench.run(ShowReportAction, "clerk", "今天的报表", language="zh")

    told = said.values("utter_report")
    assert told["when"] == "今天（2026年11月23日 星期一）"
    assert (told["new"], told["shipped"], told["under_way"], told["unpaid"], told["late"]) == (2, 1, 2, 1, 0)
    total = bench.placed().total
    assert figures(said)["pending_confirmation"] == ["1", f"{total:,} 元"]
    assert figures(said)["new"] == ["2", f"{2 * total:,} 元"] and told["value"] == f"{2 * total:,} 元"
    assert said.card["table"]["columns"] == ["项目", "订单数", "金额"]


async def test_the_warehouse_sees_goods_and_no_prices(bench: Bench) -> None:
    bench.desk.handle(ConfirmOrder(bench.placed().number), bench.actor(Role.SALES))

    said = await bench.run(ShowReportAction, "warehouse", "today's report", language="en")

    assert said.values("utter_report_warehouse")["receive"] == 1
    assert said.card["table"]["columns"] == ["Figure", "Orders"] and "元" not in str(said.messages)
    assert set(figures(said)) == {"confirmed", "due", "late", "shipped"}


async def test_finance_hears_what_is_owed(bench: Bench) -> None:
    shipped(bench)

    said = await bench.run(ShowReportAction, "finance", "今天怎么样", language="zh")

    told = said.values("utter_report_finance")
    assert (told["unpaid"], told["paid"], told["overdue"]) == (1, 0, 0) and told["owed"] != told["received"]
    assert {"unpaid", "overdue", "payable", "paid"} <= set(figures(said))


async def test_a_customer_sees_its_own_orders_and_no_others(bench: Bench) -> None:
    bench.placed("huaxing")
    bench.placed("acme-ltd")
    bench.placed("acme-ltd")

    mine = await bench.run(ShowReportAction, "customer", "我的报表", language="zh")
    theirs = await bench.run(ShowReportAction, "acme", "my report", language="en")

    assert mine.values("utter_report")["new"] == 1 and figures(mine)["pending_confirmation"][0] == "1"
    assert theirs.values("utter_report")["new"] == 2


async def test_to_a_customer_goods_have_shipped_and_are_in_no_account_period(bench: Bench) -> None:
    number = shipped(bench)
    shipped(bench)
    bench.desk.handle(StartAccountPeriod(number), bench.actor(Role.FINANCE))

    customer = await bench.run(ShowReportAction, "customer", "我的报表", language="zh")
    finance = await bench.run(ShowReportAction, "finance", "报表", language="zh")

    assert ("已发运", "2") in rows_of(customer) and "账期中" not in str(customer.card)
    assert {("已发运", "1"), ("账期中", "1")} <= rows_of(finance)


def rows_of(said: Said) -> set[tuple[str, str]]:
    return {(row["cells"][0], row["cells"][1]) for row in said.card["table"]["rows"]}


@pytest.mark.parametrize(
    ("text", "when", "new"),
    [
        ("昨天的报表", "2026年11月23日 星期一", 1),
        ("上周卖了多少", "上周（2026年11月16日 星期一至2026年11月22日 星期日）", 0),
        ("本周报表", "本周（2026年11月23日 星期一至2026年11月24日 星期二）", 1),
        ("这个月的报表", "本月（2026年11月1日 星期日至2026年11月24日 星期二）", 1),
        ("今年卖了多少", "今年（2026年1月1日 星期四至2026年11月24日 星期二）", 1),
        ("去年的报表", "去年（2025年1月1日 星期三至2025年12月31日 星期三）", 0),
        ("上个月的报表", "上月（2026年10月1日 星期四至2026年10月31日 星期六）", 0),
        ("11月23日的报表", "2026年11月23日 星期一", 1),
        ("报表", "今天（2026年11月24日 星期二）", 0),
        ("明天的报表", "今天（2026年11月24日 星期二）", 0),
    ],
)
async def test_the_days_that_are_named_are_said_back_in_full(bench: Bench, text: str, when: str, new: int) -> None:
    bench.placed()
    bench.clock.forward(days=1)

    said = await bench.run(ShowReportAction, "manager", text, language="zh")

    assert (said.values("utter_report")["when"], said.values("utter_report")["new"]) == (when, new)


async def test_a_day_ends_at_midnight_where_the_company_is(bench: Bench, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # half past eleven at night in Shanghai
    bench.placed()
    clock.forward(hours=1)

    today = await bench.run(ShowReportAction, "clerk", "today's report", language="en")
    yesterday = await bench.run(ShowReportAction, "clerk", "yesterday's report", language="en")

    assert today.values("utter_report")["new"] == 0 and "24 November" in today.values("utter_report")["when"]
    assert yesterday.values("utter_report")["new"] == 1


async def test_what_is_late_is_offered_and_the_offer_lists_those_orders(bench: Bench) -> None:
    late = bench.placed().number
    bench.clock.forward(days=6)
    bench.placed()

    said = await bench.run(ShowReportAction, "clerk", "how are we doing", language="en")
    offered = said.values("utter_report_further")["buttons"]
    listed = await bench.run(ListOrdersAction, "clerk", offered[0]["payload"], language="en")

    assert [button["title"] for button in offered] == ["Which orders are late?"]
    assert [item["order"] for item in listed.card["items"]] == [late]
    assert listed.values("utter_orders_in_status")["status"] == "Late"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("concern", ["late", "due", "unpaid", "overdue", "payable"])
def test_each_offer_is_understood_as_what_it_offers(bench: Bench, concern: str, language: str) -> None:
    wording = bench.services.wording

    assert wording.codes_in("concern_words", wording.say("ask_further", concern, language))[0] == concern


async def test_where_nothing_is_wrong_nothing_is_offered(bench: Bench) -> None:
    bench.placed()

    said = await bench.run(ShowReportAction, "clerk", "report", language="en")

    assert said.responses == ["utter_report"]


async def test_unpaid_orders_of_a_customer_who_is_named(bench: Bench) -> None:
    mine = shipped(bench, "huaxing")
    shipped(bench, "acme-ltd")

    said = await bench.run(ListOrdersAction, "finance", "华星未付款的订单", language="zh")

    assert [item["order"] for item in said.card["items"]] == [mine]


async def test_the_latest_orders_are_not_the_late_ones(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(ListOrdersAction, "clerk", "show me the latest orders", language="en")

    assert [item["order"] for item in said.card.get("items", [])] == [number]


async def test_who_may_not_see_the_report_is_refused_and_it_is_noted(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "permissions.yml"
    lines = (ROOT / "permissions.yml").read_text().splitlines()
    file.write_text("\n".join("show_report: nobody" if line.startswith("show_report:") else line for line in lines))
    desk = Desk(bench.desk.database, bench.desk.tenants, ROOT / "processes", bench.clock, file)

    said = await Bench(services_on(desk), bench.clock).run(ShowReportAction, "clerk", "今天的报表")

    assert said.responses == ["utter_role_not_allowed"]
    with desk.unit_of_work("demo", read_only=True) as uow:
        (row,) = [row for row in uow.audit.list() if row.outcome == "refused"]
    assert (row.actor, row.action) == ("clerk", "show_report")


async def test_the_day_of_a_report_is_no_delivery_date_of_the_draft(bench: Bench) -> None:
    await bench.run(ValidatePlaceOrderForm, "clerk", "华星要20箱A4纸", intent="place_order", form=FORM)

    aside = await bench.run(ValidatePlaceOrderForm, "clerk", "看一下今天的报表", intent="show_report", form=FORM)

    assert aside.rejected and not aside.responses
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        draft = uow.drafts.open_of("clerk")
    assert draft is not None and not draft.state.get("delivery_date")
