"""Goods of an order by talking: some are cancelled, some come back, a part goes first; one card, one yes."""

from __future__ import annotations

from typing import Any

import pytest

from actions.amend_order import AmendOrderAction
from actions.answer_card import AnswerCardAction
from actions.cancel_order import CancelOrderAction
from actions.complete_shipment import CompleteShipmentAction
from actions.desk_action import DeskAction
from actions.give_shipment import GiveShipmentAction, ValidateGiveShipmentForm
from actions.order_command import ValidateOrderCommandForm
from actions.query_order import QueryOrderAction
from actions.receive_goods import ReceiveGoodsAction
from actions.return_goods import ReturnGoodsAction
from deskhand.orders.model import Order
from tests.support.bench import Bench, Said
from tests.support.credited import credit_notes, sent_invoice
from tests.support.desks import TENANT, FakeClock, fresh, order_in


def facts(said: Said) -> dict[str, str]:
    return {fact["key"]: fact["value"] for fact in said.card["facts"]}


async def yes(bench: Bench, login: str) -> Said:
    return await bench.run(AnswerCardAction, login, "好的", intent="affirm")


def now(bench: Bench, order: Order) -> Order:
    return fresh(bench.desk, order.number)


@pytest.mark.parametrize(
    "text",
    [
        "取消{}的打印机那行，因为客户已有",
        "把{}里的打印机取消掉，因为客户已有",
        "cancel the printers on {} because the customer has one",
    ],
)
async def test_goods_of_an_order_are_cancelled_with_one_card(bench: Bench, clock: FakeClock, text: str) -> None:
    order = sent_invoice(bench.desk, clock, order_in(bench.desk, "confirmed"))

    card = await bench.run(CancelOrderAction, "clerk", text.format(order.number), intent="cancel_order")
    before = now(bench, order)
    done = await yes(bench, "clerk")

    assert facts(card)["taken_out"] in {"激光打印机 3台", "Laser printer 3 units"}
    assert "3,897.00" in facts(card)["credit_note"] and facts(card)["reason"] in {"客户已有", "the customer has one"}
    assert not before.lines[1].cancelled
    assert done.responses == ["utter_line_cancelled"]
    assert now(bench, order).lines[1].cancelled and len(credit_notes(bench.desk, order)) == 1


async def test_why_is_asked_where_it_was_not_said(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")
    asked = await bench.run(CancelOrderAction, "clerk", f"取消{order.number}的打印机", intent="cancel_order")

    card = await bench.run(ValidateOrderCommandForm, "clerk", "客户不要了", form="order_command_form")

    assert asked.responses == ["utter_question_reason"]
    assert (facts(card)["taken_out"], facts(card)["reason"]) == ("激光打印机 3台", "客户不要了")


@pytest.mark.parametrize("text", ["取消{}，因为打印机太贵", "取消{}吧，客户不要打印机了", "取消{}"])
async def test_goods_in_the_reason_leave_it_the_whole_order(bench: Bench, text: str) -> None:
    order = order_in(bench.desk, "confirmed")

    said = await bench.run(CancelOrderAction, "clerk", text.format(order.number), intent="cancel_order")

    assert "打印机" not in str([card["title"] for card in said.cards])
    assert all(card["title"] == f"取消订单 {order.number}" for card in said.cards)


async def test_the_last_goods_are_the_whole_orders_to_cancel(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed", unit="box")
    await bench.run(CancelOrderAction, "clerk", f"取消{order.number}的打印机，因为没货", intent="cancel_order")
    await yes(bench, "clerk")

    said = await bench.run(CancelOrderAction, "clerk", f"取消{order.number}的A4纸，因为没货", intent="cancel_order")

    assert said.responses == ["utter_last_line"]


async def test_goods_that_the_order_has_not_are_named(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")

    said = await bench.run(CancelOrderAction, "clerk", f"取消{order.number}的办公椅，因为没货", intent="cancel_order")

    assert said.responses == ["utter_unknown_line"] and said.messages[0]["line"] == "CHR-200"


async def test_some_of_the_goods_fewer_are_an_amendment(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")

    card = await bench.run(CancelOrderAction, "clerk", f"取消{order.number}的2箱A4纸", intent="cancel_order")

    assert card.card["title"] == f"修改订单 {order.number}"
    assert [line["quantity"] for line in card.card["lines"]] == ["18", "3"]


@pytest.mark.parametrize(
    ("where", "title"), [("pending_confirmation", "修改订单"), ("confirmed", "取消"), ("awaiting_shipment", "取消")]
)
async def test_whole_goods_taken_out_are_cancelled_lines_once_the_order_is_confirmed(
    bench: Bench, where: str, title: str
) -> None:
    order = order_in(bench.desk, where)

    said = await bench.run(AmendOrderAction, "clerk", f"把{order.number}的打印机去掉", intent="amend_order")

    assert said.card["title"].startswith(title)
    assert facts(said)["taken_out"] == "激光打印机 3台"


@pytest.mark.parametrize(
    ("text", "goods", "restock"),
    [
        ("{}退货2箱，破损", "A4纸 2箱", "不入库（不能再售）"),
        ("{}退货2箱A4纸，因为发错货", "A4纸 2箱", "重新入库"),
        ("return 2 boxes of {}, damaged", "A4纸 2箱", "不入库（不能再售）"),
        ("{}全部退货，因为发错货", "A4纸 20箱; 激光打印机 3台", "重新入库"),
        ("{}退了打印机，因为开不了机", "激光打印机 3台", "不入库（不能再售）"),
    ],
)
async def test_a_return_says_what_comes_back_where_it_goes_and_what_is_credited(
    bench: Bench, text: str, goods: str, restock: str
) -> None:
    order = order_in(bench.desk, "shipped")

    said = await bench.run(ReturnGoodsAction, "warehouse", text.format(order.number), intent="return_goods")

    assert (facts(said)["returned"], facts(said)["restock"]) == (goods, restock)
    assert facts(said)["credit_note"]


async def test_a_return_is_recorded_by_its_yes(bench: Bench) -> None:
    order = order_in(bench.desk, "shipped")
    await bench.run(ReturnGoodsAction, "clerk", f"{order.number}退货2箱，破损", intent="return_goods")

    done = await yes(bench, "clerk")

    assert (done.responses, done.messages[0]["owed"]) == (["utter_goods_returned"], "8,397.00 元")
    assert now(bench, order).lines[0].returned == 2


async def test_a_return_asks_for_goods_and_reason_one_after_the_other(bench: Bench) -> None:
    order = order_in(bench.desk, "shipped")

    first = await bench.run(ReturnGoodsAction, "warehouse", f"{order.number}退货", intent="return_goods")
    second = await bench.run(ValidateOrderCommandForm, "warehouse", "打印机1台", form="order_command_form")
    card = await bench.run(ValidateOrderCommandForm, "warehouse", "客户订多了", form="order_command_form")

    assert (first.responses, second.responses) == (["utter_question_goods"], ["utter_question_reason"])
    assert (facts(card)["returned"], facts(card)["reason"]) == ("激光打印机 1台", "客户订多了")


@pytest.mark.parametrize(
    ("login", "where", "text", "answer"),
    [
        ("customer", "shipped", "{}退货2箱，破损", "utter_role_not_allowed"),
        ("warehouse", "shipped", "{}退货21箱，破损", "utter_more_than_there"),
        ("warehouse", "confirmed", "{}退货2箱，破损", "utter_nothing_shipped"),
    ],
)
async def test_a_return_that_can_not_be_is_refused_at_once(
    bench: Bench, login: str, where: str, text: str, answer: str
) -> None:
    order = order_in(bench.desk, where)

    said = await bench.run(ReturnGoodsAction, login, text.format(order.number), intent="return_goods")

    assert said.responses == [answer] and said.cards == []


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (GiveShipmentAction, "{}先发12箱，走顺丰，运单号SF1234567890，剩下的下周发"),
        (GiveShipmentAction, "send 12 boxes of {} by SF, tracking SF1234567890, the rest next week"),
        (CompleteShipmentAction, "ship 12 boxes of A4 paper on {} now by SF, tracking SF1234567890, the rest later"),
    ],
)
async def test_a_part_goes_first_and_the_card_says_what_is_left(
    bench: Bench, action: type[DeskAction], text: str
) -> None:
    order = order_in(bench.desk, "awaiting_shipment")

    card = await bench.run(action, "warehouse", text.format(order.number), intent="give_shipment")
    await yes(bench, "warehouse")
    completing = await bench.run(
        CompleteShipmentAction, "warehouse", f"{order.number}发货完成", intent="complete_shipment"
    )
    done = await yes(bench, "warehouse")

    assert {facts(card)["contents"], facts(card)["rest"]} in (
        {"A4纸 12箱", "A4纸 8箱; 激光打印机 3台"},
        {"A4 paper 12 boxes", "A4 paper 8 boxes; Laser printer 3 units"},
    )
    assert "ship_date" not in facts(card)
    assert (facts(completing)["leaves"], facts(completing)["rest"]) == ("A4纸 12箱", "A4纸 8箱; 激光打印机 3台")
    assert done.responses == ["utter_part_shipped"]
    assert [line.shipped for line in now(bench, order).lines] == [12, 0]


async def test_a_part_is_remembered_while_carrier_and_number_are_asked(bench: Bench) -> None:
    order = order_in(bench.desk, "awaiting_shipment")
    asked: Any = await bench.run(
        GiveShipmentAction, "warehouse", f"{order.number}先发12箱，剩下的下周发", intent="give_shipment"
    )
    await bench.run(ValidateGiveShipmentForm, "warehouse", "顺丰", form="give_shipment_form")
    card = await bench.run(ValidateGiveShipmentForm, "warehouse", "SF1234567890", form="give_shipment_form")

    assert asked.responses == ["utter_question_carrier"]
    assert facts(card)["contents"] == "A4纸 12箱"


async def test_everything_at_once_is_as_it_was(bench: Bench) -> None:
    order = order_in(bench.desk, "awaiting_shipment")

    said = await bench.run(
        GiveShipmentAction, "warehouse", f"{order.number} 发顺丰，运单号 SF1234567890", intent="give_shipment"
    )
    await yes(bench, "warehouse")

    assert "contents" not in facts(said)
    assert now(bench, order).parcels[0].contents == ()


@pytest.mark.parametrize(
    ("text", "back_ordered"),
    [
        ("{}的A4纸到了20箱", "A4纸 20箱"),
        ("{}的货已经入库", None),
        ("{}的90箱A4纸和3台打印机都到了", None),
    ],
)
async def test_what_did_not_come_in_is_on_back_order(bench: Bench, text: str, back_ordered: str | None) -> None:
    order = order_in(bench.desk, "confirmed", quantity="90")  # 900 packs, 500 are there

    card = await bench.run(ReceiveGoodsAction, "warehouse", text.format(order.number), intent="receive_goods")
    done = await yes(bench, "warehouse")

    assert facts(card).get("back_ordered") == facts(done).get("back_ordered") == back_ordered
    assert now(bench, order).status == "awaiting_shipment"


async def test_the_card_of_an_order_says_that_its_reservation_is_over(bench: Bench, clock: FakeClock) -> None:
    order = order_in(bench.desk, "confirmed")
    clock.forward(days=14)
    bench.desk.release_expired(TENANT)

    said = await bench.run(QueryOrderAction, "clerk", f"{order.number}到哪了", intent="query_order")

    assert facts(said)["reservation"].startswith("已到期释放")


async def test_a_number_in_the_reason_is_no_quantity(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")

    said = await bench.run(
        CancelOrderAction, "clerk", f"cancel the printers on {order.number}, they have one already",
        intent="cancel_order",
    )  # fmt: skip

    assert said.responses == ["utter_question_reason"]
