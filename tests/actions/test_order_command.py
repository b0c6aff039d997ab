"""Confirm, receive, complete, cancel: a card first, the command with its yes, refusals in words."""

from __future__ import annotations

import pytest

from actions.answer_card import AnswerCardAction
from actions.cancel_order import CancelOrderAction
from actions.complete_shipment import CompleteShipmentAction
from actions.confirm_order import ConfirmOrderAction
from actions.desk_action import DeskAction
from actions.give_shipment import GiveShipmentAction
from actions.hold_order import HoldOrderAction
from actions.order_command import FORM, ValidateOrderCommandForm
from actions.place_order import ChangeDraftAction
from actions.query_order import QueryOrderAction
from actions.receive_goods import ReceiveGoodsAction
from deskhand.orders.commands import ConfirmOrder
from deskhand.orders.status import OrderStatus, Role
from tests.support.bench import Bench


async def test_nothing_is_done_before_the_yes_and_the_yes_works_once(bench: Bench) -> None:
    number = bench.placed().number

    asked = await bench.run(ConfirmOrderAction, "clerk", f"确认订单{number}", intent="confirm_order")
    assert asked.card["kind"] == "command" and asked.card["status"]["code"] == "pending_confirmation"
    assert {"status_after", "effect"} <= {fact["key"] for fact in asked.card["facts"]}
    assert bench.order(number).status is OrderStatus.PENDING_CONFIRMATION

    done = await bench.run(AnswerCardAction, "clerk", intent="affirm", card=asked.card["id"], action="confirm")
    assert done.values("utter_command_done")["status"] == "已确认待入库"
    assert bench.order(number).status is OrderStatus.CONFIRMED

    again = await bench.run(AnswerCardAction, "clerk", intent="affirm", card=asked.card["id"], action="confirm")
    assert again.responses == ["utter_card_used"]


async def test_the_whole_way_in_the_roles_own_hands(bench: Bench) -> None:
    number = bench.placed().number
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.SALES))

    await bench.run(ReceiveGoodsAction, "warehouse", f"{number}的货到了", intent="receive_goods")
    await bench.run(AnswerCardAction, "warehouse", "好", intent="affirm")

    assert bench.order(number).status is OrderStatus.AWAITING_SHIPMENT


async def test_a_role_that_may_not_hears_so_and_leaves_one_audit_row(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(ConfirmOrderAction, "warehouse", f"确认订单{number}", intent="confirm_order")

    assert said.responses == ["utter_role_not_allowed"] and said.messages[0]["role"] == "仓库"
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        assert [row.action for row in uow.audit.list() if row.outcome == "refused"] == ["ConfirmOrder"]


async def test_a_step_that_is_not_possible_now_is_refused_with_status_and_next(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(ReceiveGoodsAction, "warehouse", f"{number}到货了", intent="receive_goods")

    assert said.responses == ["utter_not_possible_now"] and not said.cards
    assert said.messages[0]["status"] == "待确认" and said.messages[0]["next"] == "确认订单"


async def test_no_leaves_everything_as_it_is(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(ConfirmOrderAction, "clerk", f"确认订单{number}", intent="confirm_order")

    said = await bench.run(AnswerCardAction, "clerk", "不", intent="deny")

    assert said.responses == ["utter_command_rejected"]
    assert bench.order(number).status is OrderStatus.PENDING_CONFIRMATION


async def test_an_order_changed_meanwhile_is_a_conflict_not_a_surprise(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(CancelOrderAction, "clerk", f"取消{number}，因为重复了", intent="cancel_order")
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.MANAGER))

    said = await bench.run(AnswerCardAction, "clerk", "好的", intent="affirm")

    assert said.responses == ["utter_version_conflict"] and bench.order(number).status is OrderStatus.CONFIRMED


async def test_several_orders_are_a_list_and_the_second_is_taken(bench: Bench) -> None:
    bench.placed()
    bench.placed()

    asked = await bench.run(ConfirmOrderAction, "clerk", "确认订单", intent="confirm_order")
    assert asked.slots["requested_slot"] == "order_number" and len(asked.card["items"]) == 2

    second = asked.card["items"][1]["order"]
    said = await bench.run(ValidateOrderCommandForm, "clerk", "第二个", form=FORM, intent="out_of_scope")
    assert said.card["order"] == second and said.slots["requested_slot"] is None


async def test_a_choice_pressed_outside_the_form_leads_to_the_same_card(bench: Bench) -> None:
    bench.placed()
    bench.placed()
    asked = await bench.run(ConfirmOrderAction, "clerk", "确认订单", intent="confirm_order")

    said = await bench.run(AnswerCardAction, "clerk", intent="choose", card=asked.card["id"], action="choose:1")

    assert said.card["kind"] == "command" and said.card["order"] == asked.card["items"][0]["order"]


async def test_cancelling_asks_for_a_reason_and_never_takes_it_for_something_else(bench: Bench) -> None:
    number = bench.placed().number

    asked = await bench.run(CancelOrderAction, "clerk", f"取消{number}", intent="cancel_order")
    assert asked.responses == ["utter_question_reason"] and asked.slots["requested_slot"] == "reason"

    said = await bench.run(ValidateOrderCommandForm, "clerk", "客户下错单了", form=FORM, intent="out_of_scope")
    assert {fact["key"]: fact["value"] for fact in said.card["facts"]}["reason"] == "客户下错单了"


async def test_a_reason_that_sounds_like_another_step_is_the_reason_and_a_bare_yes_is_none(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(HoldOrderAction, "clerk", f"挂起{number}", intent="hold_order")

    yes = await bench.run(ValidateOrderCommandForm, "clerk", "是", form=FORM, intent="affirm")
    said = await bench.run(ValidateOrderCommandForm, "clerk", "客户取消了", form=FORM, intent="cancel_order")

    assert yes.responses == ["utter_question_reason"] and yes.slots["requested_slot"] == "reason" and not yes.cards
    facts = {fact["key"]: fact["value"] for fact in said.card["facts"]}
    assert (said.card["title"].split()[0], facts["reason"]) == ("挂起订单", "客户取消了") and not facts.get("rule")


async def test_another_order_named_in_place_of_a_reason_is_another_step(bench: Bench) -> None:
    number, other = bench.placed().number, bench.placed().number
    await bench.run(HoldOrderAction, "clerk", f"挂起{number}", intent="hold_order")

    said = await bench.run(ValidateOrderCommandForm, "clerk", f"先确认{other}", form=FORM, intent="confirm_order")

    assert said.card["order"] == other


async def test_who_asks_for_a_person_gives_no_reason(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(CancelOrderAction, "clerk", f"取消{number}", intent="cancel_order")

    said = await bench.run(ValidateOrderCommandForm, "clerk", "转人工", form=FORM, intent="talk_to_person")

    assert said.rejected and not said.cards


async def test_a_bare_cancel_means_the_card_that_waits(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(ConfirmOrderAction, "clerk", f"确认订单{number}", intent="confirm_order")

    said = await bench.run(CancelOrderAction, "clerk", "取消", intent="cancel_order")

    assert said.responses == ["utter_command_rejected"]


async def test_a_question_that_sounds_like_a_step_is_only_answered(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(ReceiveGoodsAction, "customer", "我的货到哪了", intent="receive_goods")

    assert said.card["kind"] == "order" and said.card["order"] == number


async def test_an_order_of_another_customer_is_as_good_as_none(bench: Bench) -> None:
    number = bench.placed("huaxing").number

    said = await bench.run(CancelOrderAction, "acme", f"cancel {number}", intent="cancel_order", language="en")

    assert said.responses == ["utter_not_found"]


async def test_shipped_with_a_tracking_number_gives_the_parcel_and_completes_nothing(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(
        CompleteShipmentAction, "warehouse", f"shipped {number} with DHL, tracking number JD0001234567",
        intent="complete_shipment", language="en",
    )  # fmt: skip

    assert said.responses == ["utter_not_awaiting_shipment"]


@pytest.mark.parametrize("intent", ["affirm", "deny"])
async def test_no_it_is_another_order_is_never_a_yes_to_the_first(bench: Bench, intent: str) -> None:
    first, second = bench.placed().number, bench.placed().number
    await bench.run(ConfirmOrderAction, "clerk", f"确认{first}", intent="confirm_order")

    said = await bench.run(AnswerCardAction, "clerk", f"不对，是{second}", intent=intent)
    assert said.card["kind"] == "command" and said.card["order"] == second

    await bench.run(AnswerCardAction, "clerk", "是", intent="affirm")
    assert bench.order(first).status is OrderStatus.PENDING_CONFIRMATION
    assert bench.order(second).status is OrderStatus.CONFIRMED


@pytest.mark.parametrize(
    ("action", "text", "intent"),
    [
        (ConfirmOrderAction, "不对，是SO-9999", "confirm_order"),
        (AnswerCardAction, "不对，是SO-9999", "affirm"),
        (AnswerCardAction, "no, 9999", "affirm"),
        (ChangeDraftAction, "不对，是SO-9999", "change_draft"),
        (QueryOrderAction, "不对，是SO-9999", "query_order"),
        (ReceiveGoodsAction, "登记入库", "receive_goods"),
        (CancelOrderAction, "取消这个订单吧", "cancel_order"),
        (GiveShipmentAction, "SO-9999走顺丰", "give_shipment"),
    ],
)
async def test_another_command_voids_the_card_even_when_it_comes_to_nothing(
    bench: Bench, action: type[DeskAction], text: str, intent: str
) -> None:
    number = bench.placed().number
    asked = await bench.run(ConfirmOrderAction, "clerk", f"确认{number}", intent="confirm_order")

    await bench.run(action, "clerk", text, intent=intent)
    said = await bench.run(AnswerCardAction, "clerk", "是", intent="affirm")

    assert said.responses == ["utter_nothing_pending"] and asked.card["kind"] == "command"
    assert bench.order(number).status is OrderStatus.PENDING_CONFIRMATION


async def test_no_with_the_cards_own_number_rejects_it(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(ConfirmOrderAction, "clerk", f"确认{number}", intent="confirm_order")

    said = await bench.run(AnswerCardAction, "clerk", f"no, {number}", intent="affirm")

    assert said.responses == ["utter_command_rejected"]
    assert bench.order(number).status is OrderStatus.PENDING_CONFIRMATION


async def test_yes_with_the_cards_own_number_is_a_yes(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(ConfirmOrderAction, "clerk", f"确认{number}", intent="confirm_order")

    await bench.run(AnswerCardAction, "clerk", f"是的，{number}", intent="affirm")

    assert bench.order(number).status is OrderStatus.CONFIRMED
