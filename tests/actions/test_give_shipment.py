"""R1 and R4 in conversation: refused before the goods are in stock, given, corrected with old and new values."""

from __future__ import annotations

import pytest

from actions.answer_card import AnswerCardAction
from actions.give_shipment import FORM, GiveShipmentAction, ValidateGiveShipmentForm
from deskhand.orders.commands import ConfirmOrder, ReceiveGoods
from deskhand.orders.status import DeliveryMode, Role
from tests.support.bench import Bench, Said
from tests.support.desks import order_in


@pytest.fixture
def number(bench: Bench) -> str:
    """An order that awaits shipment."""
    order = bench.placed()
    bench.desk.handle(ConfirmOrder(order.number), bench.actor(Role.SALES))
    bench.desk.handle(ReceiveGoods(order.number), bench.actor(Role.WAREHOUSE))
    return order.number


async def give(bench: Bench, text: str, intent: str = "give_shipment") -> Said:
    return await bench.run(GiveShipmentAction, "warehouse", text, intent=intent)


async def test_shipment_info_is_refused_before_the_goods_are_in_stock_without_asking_for_details(bench: Bench) -> None:
    order = bench.placed()

    said = await give(bench, f"给{order.number}录运单")

    assert said.responses == ["utter_not_awaiting_shipment"] and not said.cards
    assert said.messages[0]["status"] == "待确认" and said.messages[0]["next"] == "确认订单"
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        assert len([row for row in uow.audit.list() if row.outcome == "refused"]) == 1


async def test_one_sentence_gives_carrier_and_number(bench: Bench, number: str) -> None:
    card = (await give(bench, f"{number} 发顺丰，运单号 SF1234567890")).card
    assert {"carrier": "顺丰", "tracking_number": "SF1234567890"}.items() <= {
        fact["key"]: fact["value"] for fact in card["facts"]
    }.items()

    done = await bench.run(AnswerCardAction, "warehouse", "好", intent="affirm")

    assert done.responses == ["utter_shipment_given"]
    assert [parcel.tracking_number for parcel in bench.order(number).parcels] == ["SF1234567890"]


async def test_what_is_missing_is_asked_for(bench: Bench, number: str) -> None:
    asked = await give(bench, f"给{number}录运单")
    assert asked.responses == ["utter_question_carrier"]

    then = await bench.run(ValidateGiveShipmentForm, "warehouse", "顺丰", form=FORM, intent="give_shipment")
    assert then.responses == ["utter_question_tracking_number"]

    last = await bench.run(ValidateGiveShipmentForm, "warehouse", "SF1234567890", form=FORM, intent="give_shipment")
    assert last.card["kind"] == "command" and last.slots["requested_slot"] is None


async def test_a_correction_shows_the_old_number_and_the_new_one(bench: Bench, number: str) -> None:
    await give(bench, f"{number} 发顺丰，运单号 SF1234567890")
    await bench.run(AnswerCardAction, "warehouse", "好", intent="affirm")

    card = (await give(bench, f"{number} 的运单号改成 SF9999999999", "change_shipment")).card
    facts = {fact["key"]: fact["value"] for fact in card["facts"]}
    assert facts["tracking_number_before"] == "SF1234567890" and facts["tracking_number"] == "SF9999999999"

    done = await bench.run(AnswerCardAction, "warehouse", "好", intent="affirm")
    assert done.responses == ["utter_shipment_changed"]
    assert [parcel.tracking_number for parcel in bench.order(number).parcels] == ["SF9999999999"]


async def test_nothing_to_correct_is_said(bench: Bench, number: str) -> None:
    assert (await give(bench, f"{number}的运单号错了", "change_shipment")).responses == ["utter_nothing_to_change"]


async def test_leaving_and_digressing(bench: Bench, number: str) -> None:
    await give(bench, f"给{number}录运单")

    aside = await bench.run(ValidateGiveShipmentForm, "warehouse", "今天天气怎么样？", form=FORM, intent="out_of_scope")
    left = await bench.run(ValidateGiveShipmentForm, "warehouse", "算了", form=FORM, intent="deny")

    assert aside.rejected and left.responses == ["utter_command_left"] and left.slots["requested_slot"] is None


async def test_nobody_is_asked_for_the_carrier_of_our_own_van(bench: Bench) -> None:
    own = order_in(bench.desk, "awaiting_shipment", delivery_mode=DeliveryMode.OWN)

    card = (await give(bench, f"给{own.number}登记发货信息")).card

    facts = {fact["key"]: fact["value"] for fact in card["facts"]}
    assert (facts["carrier"], facts["tracking_number"]) == ("自有车辆", own.number)
