"""Several requests in one message: one card with one yes, each command as if it were alone, in order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from actions.amend_order import AmendOrderAction
from actions.answer_card import AnswerCardAction
from actions.cancel_order import CancelOrderAction
from actions.confirm_order import ConfirmOrderAction
from actions.desk_action import DeskAction
from actions.did_you_mean import DidYouMeanAction
from actions.give_shipment import GiveShipmentAction
from actions.place_order import FORM as PLACE_FORM
from actions.place_order import ValidatePlaceOrderForm
from actions.query_order import QueryOrderAction
from actions.receive_goods import ReceiveGoodsAction
from actions.several_requests import FORM, ValidateSeveralRequestsForm
from actions.undo_change import UndoChangeAction
from deskhand.orders.commands import CancelOrder, ConfirmOrder, ReceiveGoods
from deskhand.orders.status import OrderStatus, Role
from deskhand.store.repositories.base import NUMBERED
from tests.support.bench import Bench, Said

S = OrderStatus


def statuses(bench: Bench, *numbers: str) -> list[OrderStatus]:
    return [bench.order(number).status for number in numbers]


def titles(said: Said) -> list[str]:
    return [item["title"] for item in said.card["items"]]


async def yes(bench: Bench, login: str, said: Said, language: str = "zh") -> Said:
    return await bench.run(
        AnswerCardAction, login, intent="affirm", card=said.card["id"], action="confirm", language=language
    )


def refused(bench: Bench) -> list[str]:
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        return [row.action for row in uow.audit.list() if row.outcome == "refused"]


@pytest.mark.parametrize("action", [ConfirmOrderAction, QueryOrderAction, DidYouMeanAction, AnswerCardAction])
async def test_two_commands_are_one_card_whatever_the_text_was_taken_for(
    bench: Bench, action: type[DeskAction]
) -> None:
    first, second = bench.placed().number, bench.placed().number

    asked = await bench.run(action, "clerk", f"确认{first}和{second}", intent="confirm_order")

    assert asked.responses == ["utter_several_check"] and len(asked.cards) == 1
    assert titles(asked) == [f"1. 确认订单 {first}", f"2. 确认订单 {second}"]
    assert [each["id"] for each in asked.card["actions"]] == ["confirm", "reject"]
    assert "待确认 → 已确认待入库" in asked.card["items"][0]["subtitle"]
    assert statuses(bench, first, second) == [S.PENDING_CONFIRMATION] * 2


async def test_one_yes_carries_all_out_in_order_once(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    asked = await bench.run(ConfirmOrderAction, "clerk", f"confirm {first} and {second}", language="en")

    done = await yes(bench, "clerk", asked, "en")
    again = await yes(bench, "clerk", asked, "en")

    assert done.responses == ["utter_command_done", "utter_command_done", "utter_several_undo"]
    assert statuses(bench, first, second) == [S.CONFIRMED] * 2
    assert again.responses == ["utter_card_used"]
    assert [item["order"] for item in done.card["items"]] == [first, second]


async def test_each_command_stands_in_the_audit_with_the_message_as_its_cause(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    asked = await bench.run(ConfirmOrderAction, "clerk", f"{first}确认，{second}取消，因为重复了")
    message = bench.message_id("clerk", "")

    await bench.run(
        AnswerCardAction, "clerk", intent="affirm", card=asked.card["id"], action="confirm", message_id=message
    )

    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        history = [uow.orders.history(uow.orders.get(number).id)[-1] for number in (first, second)]
    assert [row.event for row in history] == ["confirm_order", "cancel_order"]
    assert {row.cause for row in history} == {message}


async def test_the_second_command_sees_what_the_first_has_done(bench: Bench) -> None:
    number = bench.placed().number

    asked = await bench.run(AmendOrderAction, "clerk", f"add 5 printers to {number} and confirm it", language="en")
    assert titles(asked) == [f"1. Amend order {number}", f"2. Confirm order {number}"]
    assert "5 units (new)" in asked.card["items"][0]["subtitle"]
    await yes(bench, "clerk", asked, "en")

    order = bench.order(number)
    assert order.status is S.CONFIRMED and [line.quantity for line in order.lines] == [Decimal(20), Decimal(5)]


async def test_it_is_the_order_that_the_waiting_amendment_is_about(bench: Bench) -> None:
    number = bench.placed().number
    bench.placed()
    await bench.run(AmendOrderAction, "clerk", f"{number}的A4纸改成30箱", intent="amend_order")

    asked = await bench.run(AmendOrderAction, "clerk", "再加5台打印机，然后确认它", intent="amend_order")
    await yes(bench, "clerk", asked)

    order = bench.order(number)
    assert order.status is S.CONFIRMED and [line.quantity for line in order.lines] == [Decimal(30), Decimal(5)]


async def test_a_second_amendment_of_it_keeps_what_the_first_one_changes(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(AmendOrderAction, "clerk", f"{number}的A4纸改成30箱", intent="amend_order")

    asked = await bench.run(AmendOrderAction, "clerk", "再加5台打印机，然后确认它，再加3把椅子", intent="amend_order")
    await yes(bench, "clerk", asked)

    order = bench.order(number)
    assert {line.sku: line.quantity for line in order.lines} == {"PAPER-A4": 30, "PRN-L100": 5, "CHR-200": 3}


async def test_an_amendment_that_is_left_alone_keeps_what_waited_for_its_yes(bench: Bench) -> None:
    number = bench.placed().number
    await bench.run(AmendOrderAction, "clerk", f"{number}的A4纸改成30箱", intent="amend_order")

    asked = await bench.run(AmendOrderAction, "clerk", "再加5台打印机，然后完成发运", intent="amend_order")

    assert "utter_several_rest" in asked.responses
    assert [line["quantity"] for line in asked.card["lines"]] == ["30", "5"]


async def test_why_an_order_is_cancelled_is_asked_before_the_card(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number

    why = await bench.run(ConfirmOrderAction, "clerk", f"{first}确认，{second}取消", intent="confirm_order")
    assert why.responses == ["utter_question_reason_of"] and why.messages[0]["number"] == second
    assert why.slots["requested_slot"] == "reason" and not why.cards

    asked = await bench.run(ValidateSeveralRequestsForm, "clerk", "客户不要了", form=FORM, intent="cancel_order")
    assert asked.slots["requested_slot"] is None and "原因：客户不要了" in asked.card["items"][1]["subtitle"]
    assert "原因" not in asked.card["items"][0]["subtitle"]
    assert asked.card["actions"][0]["style"] == "danger"
    await yes(bench, "clerk", asked)

    assert statuses(bench, first, second) == [S.CONFIRMED, S.CANCELLED]


async def test_giving_up_at_the_reason_does_nothing(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    await bench.run(ConfirmOrderAction, "clerk", f"{first}确认，{second}取消", intent="confirm_order")

    left = await bench.run(ValidateSeveralRequestsForm, "clerk", "算了", form=FORM, intent="deny")

    assert left.responses == ["utter_command_left"] and left.slots["requested_slot"] is None
    assert statuses(bench, first, second) == [S.PENDING_CONFIRMATION] * 2


async def test_a_question_beside_a_change_is_answered_and_the_changes_card_shown(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number

    said = await bench.run(
        QueryOrderAction, "clerk", f"confirm {first} and tell me where {second} is", intent="query_order", language="en"
    )

    assert said.responses == ["utter_order_expected", "utter_card_check"]
    assert [card["order"] for card in said.cards] == [second, first]
    await yes(bench, "clerk", said)
    assert statuses(bench, first, second) == [S.CONFIRMED, S.PENDING_CONFIRMATION]


async def test_a_cancellation_beside_a_question_asks_why_as_it_does_alone(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number

    said = await bench.run(
        CancelOrderAction, "clerk", f"cancel {first} and tell me where {second} is", intent="cancel_order"
    )

    assert said.responses == ["utter_order_expected", "utter_question_reason"]
    assert said.slots["requested_slot"] == "reason" and said.slots["order_number"] == first


@pytest.mark.parametrize(
    ("text", "language"), [("确认{}，多久能到货", "zh"), ("how long is the warranty? and confirm {}", "en")]
)
async def test_a_question_about_the_rules_beside_a_change_is_answered_too(
    bench: Bench, text: str, language: str
) -> None:
    number = bench.placed().number

    said = await bench.run(ConfirmOrderAction, "clerk", text.format(number), intent="confirm_order", language=language)

    assert said.responses == ["utter_policy_quoted", "utter_card_check"] and said.card["order"] == number


async def test_a_question_that_no_rule_answers_leaves_the_message_to_its_skill(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(CancelOrderAction, "clerk", f"取消{number}，这样行不行", intent="cancel_order")

    assert said.responses == ["utter_question_reason"]


async def test_what_is_refused_is_said_and_the_rest_is_offered(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    third = bench.placed().number
    bench.desk.handle(ConfirmOrder(second), bench.actor(Role.SALES))

    said = await bench.run(ConfirmOrderAction, "clerk", f"确认{first}、{second}和{third}", intent="confirm_order")

    assert said.responses == [
        "utter_several_refused", "utter_not_possible_now", "utter_several_rest", "utter_several_check",
    ]  # fmt: skip
    assert said.messages[0]["part"] == f"确认订单 {second}"
    assert titles(said) == [f"1. 确认订单 {first}", f"2. 确认订单 {third}"]
    assert refused(bench) == ["ConfirmOrder"]
    await yes(bench, "clerk", said)
    assert statuses(bench, first, third) == [S.CONFIRMED] * 2


async def test_each_command_needs_its_own_right(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    bench.desk.handle(ConfirmOrder(second), bench.actor(Role.SALES))

    said = await bench.run(ConfirmOrderAction, "clerk", f"确认{first}，{second}入库", intent="confirm_order")

    assert said.responses == [
        "utter_several_refused", "utter_role_not_allowed", "utter_several_rest", "utter_card_check",
    ]  # fmt: skip
    assert said.card["order"] == first and refused(bench) == ["ReceiveGoods"]


async def test_what_comes_after_a_refusal_on_the_same_order_is_left_out(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(
        AmendOrderAction, "clerk", f"add 5 unicorns to {number} and confirm it", intent="amend_order", language="en"
    )

    assert said.responses == ["utter_several_refused", "utter_unknown_product", "utter_several_left"]
    assert not said.cards and bench.order(number).status is S.PENDING_CONFIRMATION


async def test_a_customer_reaches_no_order_of_another_one_in_a_list(bench: Bench) -> None:
    own, foreign = bench.placed("acme-ltd").number, bench.placed("huaxing").number

    said = await bench.run(
        CancelOrderAction, "acme", f"cancel {own} and {foreign} because of the price", intent="cancel_order"
    )

    assert "utter_not_found" in said.responses and said.card["order"] == own
    assert refused(bench) == ["query_orders"]


async def test_a_command_that_fails_on_the_way_stops_those_after_it(bench: Bench) -> None:
    first, second, third = (bench.placed().number for _ in range(3))
    asked = await bench.run(ConfirmOrderAction, "clerk", f"确认{first}、{second}和{third}", intent="confirm_order")
    bench.desk.handle(CancelOrder(second, "mistake"), bench.actor(Role.MANAGER))

    said = await yes(bench, "clerk", asked)

    assert said.responses == [
        "utter_command_done", "utter_version_conflict", "utter_several_stopped", "utter_several_undo",
    ]  # fmt: skip
    stopped = said.values("utter_several_stopped")
    assert second in stopped["part"] and first in stopped["done"] and third in stopped["left"]
    assert statuses(bench, first, second, third) == [S.CONFIRMED, S.CANCELLED, S.PENDING_CONFIRMATION]
    assert refused(bench) == ["ConfirmOrder"]


async def test_what_was_done_together_is_taken_back_each_on_its_own(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    await yes(bench, "clerk", await bench.run(ConfirmOrderAction, "clerk", f"确认{first}和{second}"))

    said = await yes(bench, "clerk", await bench.run(UndoChangeAction, "clerk", f"撤回{first}", intent="undo_change"))
    assert said.responses == ["utter_undone"]
    assert statuses(bench, first, second) == [S.PENDING_CONFIRMATION, S.CONFIRMED]

    both = await bench.run(UndoChangeAction, "clerk", f"撤回{second}，确认{first}", intent="undo_change")
    assert titles(both) == [f"1. 撤回对 {second} 的上一步操作", f"2. 确认订单 {first}"]
    done = await yes(bench, "clerk", both)
    assert done.responses == ["utter_undone", "utter_command_done", "utter_several_undo"]
    assert statuses(bench, first, second) == [S.CONFIRMED, S.PENDING_CONFIRMATION]


async def test_a_parcel_is_given_and_the_shipment_completed_in_one_go(bench: Bench) -> None:
    number = bench.placed().number
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.SALES))
    bench.desk.handle(ReceiveGoods(number), bench.actor(Role.WAREHOUSE))

    asked = await bench.run(
        GiveShipmentAction, "warehouse", f"{number}发顺丰，运单号SF1234567890，然后完成发运", intent="give_shipment"
    )
    assert "顺丰 SF1234567890" in asked.card["items"][0]["subtitle"]
    done = await yes(bench, "warehouse", asked)

    assert done.responses == ["utter_shipment_given", "utter_command_done", "utter_several_undo"]
    assert bench.order(number).status is S.SHIPPED


async def test_a_list_replaces_the_card_that_waits_and_is_replaced_by_the_next(bench: Bench) -> None:
    first, second, third = (bench.placed().number for _ in range(3))
    single = await bench.run(ConfirmOrderAction, "clerk", f"确认{first}", intent="confirm_order")
    several = await bench.run(ConfirmOrderAction, "clerk", f"确认{second}和{third}", intent="confirm_order")

    assert (await yes(bench, "clerk", single)).responses == ["utter_card_expired"]
    no = await bench.run(AnswerCardAction, "clerk", f"不，{third}", intent="deny")
    assert no.responses == ["utter_command_rejected"]
    assert (await yes(bench, "clerk", several)).responses == ["utter_card_used"]
    assert statuses(bench, first, second, third) == [S.PENDING_CONFIRMATION] * 3


async def test_a_typed_yes_that_names_its_orders_answers_the_list(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    await bench.run(ConfirmOrderAction, "clerk", f"确认{first}和{second}", intent="confirm_order")

    await bench.run(AnswerCardAction, "clerk", f"是的，{first}和{second}", intent="affirm")

    assert statuses(bench, first, second) == [S.CONFIRMED] * 2


async def test_an_open_draft_keeps_what_is_said_about_it(bench: Bench) -> None:
    number = bench.placed().number
    text = "客户华星要20箱A4纸，下周五前，走快递"
    await bench.run(ValidatePlaceOrderForm, "clerk", text, form=PLACE_FORM, intent="place_order")

    own = await bench.run(
        ValidatePlaceOrderForm, "clerk", "add 5 printers and confirm it", form=PLACE_FORM, intent="change_draft"
    )
    assert own.card["kind"] == "order_draft" and len(own.card["lines"]) == 2

    other = bench.placed().number
    listed = await bench.run(
        ValidatePlaceOrderForm, "clerk", f"{number}和{other}都确认", form=PLACE_FORM, intent="confirm_order"
    )
    assert listed.card["kind"] == "command" and listed.slots["requested_slot"] == "order_confirmation"
    await yes(bench, "clerk", listed)
    assert statuses(bench, number, other) == [S.CONFIRMED] * 2


async def test_a_repeated_message_shows_the_same_card(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    text = f"确认{first}和{second}"
    message = bench.message_id("clerk", text)

    cards = [(await bench.run(QueryOrderAction, "clerk", text, message_id=message)).card["id"] for _ in range(2)]

    assert cards[0] == cards[1]


async def test_a_repeat_after_the_message_was_answered_shows_the_same_card(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    text = f"确认{first}和{second}"
    message = bench.message_id("clerk", text)
    shown = await bench.run(QueryOrderAction, "clerk", text, message_id=message)
    with bench.desk.unit_of_work("demo") as uow:
        uow.messages.mark_answered(message)
        uow.commit()

    again = await bench.run(QueryOrderAction, "clerk", text, message_id=message)

    assert again.card["id"] == shown.card["id"]


async def test_the_counters_of_all_numbers_are_held_in_one_order_before_the_first_command(bench: Bench) -> None:
    first, second = bench.placed().number, bench.placed().number
    bench.desk.handle(ConfirmOrder(first), bench.actor(Role.SALES))
    held: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if statement.startswith("UPDATE sequence"):
            held.extend(name for name in NUMBERED if name in (values.values() if isinstance(values, dict) else values))

    text = f"取消{first}因为客户不要了，确认{second}"
    listed = await bench.run(CancelOrderAction, "clerk", text)
    event.listen(bench.desk.database.engine, "before_cursor_execute", note)
    await yes(bench, "clerk", listed)

    assert statuses(bench, first, second) == [OrderStatus.CANCELLED, OrderStatus.CONFIRMED]
    assert held[: len(NUMBERED)] == sorted(NUMBERED)


async def test_one_request_is_left_to_its_skill(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(ReceiveGoodsAction, "warehouse", f"{number}的货到了", intent="receive_goods")

    assert said.responses == ["utter_not_possible_now"]
