"""Holding, releasing, invoices, payments, settlement and approval by talking: what is missing is asked, then a card."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.change_status import ChangeStatusAction
from actions.confirm_order import ConfirmOrderAction
from actions.decide_task import DecideTaskAction
from actions.desk_action import DeskAction
from actions.hold_order import HoldOrderAction
from actions.list_orders import ListOrdersAction
from actions.order_command import FORM, ValidateOrderCommandForm
from actions.query_order import QueryOrderAction
from actions.record_payment import RecordPaymentAction
from actions.release_order import ReleaseOrderAction
from actions.send_invoice import SendInvoiceAction
from actions.settle_freight import SettleFreightAction
from actions.settle_payment import SettlePaymentAction
from deskhand.orders.commands import PlaceOrder, RecordPayment, ReturnGoods, SomeOf
from deskhand.orders.model import Order
from deskhand.orders.status import OrderStatus, PaymentStatus
from tests.support.bench import Bench
from tests.support.desks import CLERK, FINANCE, FakeClock, done, order_in

S = OrderStatus


async def said_yes(bench: Bench, action: type[DeskAction], login: str, text: str, intent: str) -> list[str]:
    """What is said after the yes to the card that the text leads to."""
    asked = await bench.run(action, login, text, intent=intent)
    assert asked.cards, asked.responses
    return (await bench.run(AnswerCardAction, login, "好", intent="affirm")).responses


def facts_of(card: dict[str, object]) -> dict[str, str]:
    facts = card["facts"]
    assert isinstance(facts, list)
    return {fact["key"]: fact["value"] for fact in facts}


def large(bench: Bench) -> Order:
    return done(bench.desk, PlaceOrder("huaxing", total=Decimal(300_000)), CLERK)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("挂起{}，等客户确认", "等客户确认"),
        ("put {} on hold until the customer confirms", "until the customer confirms"),
        ("{}挂起，因为尺寸不对", "尺寸不对"),
        ("hold {} pending approval", "pending approval"),
    ],
)
async def test_the_reason_of_a_hold_is_read_out_of_the_sentence(bench: Bench, text: str, reason: str) -> None:
    number = bench.placed().number

    asked = await bench.run(HoldOrderAction, "clerk", text.format(number), intent="hold_order")
    assert facts_of(asked.card)["reason"] == reason

    await bench.run(AnswerCardAction, "clerk", "好", intent="affirm")
    held = bench.order(number)
    assert (held.status, held.hold_reason) == (S.ON_HOLD, reason)


async def test_a_hold_without_a_reason_asks_for_one_and_can_be_left(bench: Bench) -> None:
    number = bench.placed().number
    asked = await bench.run(HoldOrderAction, "clerk", f"挂起{number}", intent="hold_order")
    assert asked.responses == ["utter_question_reason"] and asked.slots["requested_slot"] == "reason"

    left = await bench.run(ValidateOrderCommandForm, "clerk", "算了", form=FORM, intent="deny")

    assert left.responses == ["utter_command_left"] and bench.order(number).status is S.PENDING_CONFIRMATION


async def test_what_is_held_is_released_where_it_stood(bench: Bench) -> None:
    number = bench.placed().number
    await said_yes(bench, HoldOrderAction, "clerk", f"挂起{number}，因为缺货", "hold_order")

    assert await said_yes(bench, ReleaseOrderAction, "manager", f"恢复{number}", "release_order")
    assert bench.order(number).status is S.PENDING_CONFIRMATION


async def test_the_invoice_goes_out_again_and_not_before_there_is_one(bench: Bench) -> None:
    number = bench.placed().number
    refused = await bench.run(SendInvoiceAction, "clerk", f"重发{number}的发票", intent="send_invoice")
    assert refused.responses == ["utter_not_possible_now"] and not refused.cards

    confirmed = order_in(bench.desk, "confirmed")
    said = await said_yes(bench, SendInvoiceAction, "clerk", f"重发{confirmed.number}的发票", "send_invoice")

    assert "utter_invoice_sent" in said


async def test_amount_and_reference_of_a_payment_are_asked_one_at_a_time(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")

    asked = await bench.run(RecordPaymentAction, "finance", f"登记{order.number}的收款", intent="record_payment")
    assert asked.responses == ["utter_question_amount"] and asked.slots["requested_slot"] == "amount"
    asked = await bench.run(ValidateOrderCommandForm, "finance", "1200元", form=FORM, intent="out_of_scope")
    assert asked.responses == ["utter_question_reference"] and asked.slots["requested_slot"] == "reference"
    shown = await bench.run(ValidateOrderCommandForm, "finance", "TX20261122", form=FORM, intent="out_of_scope")

    facts = facts_of(shown.card)
    assert (facts["amount"], facts["reference"]) == ("1,200.00 元", "TX20261122")


async def test_a_payment_in_one_sentence_is_recorded_once(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")
    text = f"{order.number} was paid, {order.total}, reference TX88"

    assert "utter_payment_recorded" in await said_yes(bench, RecordPaymentAction, "finance", text, "record_payment")
    assert bench.order(order.number).payment_status is PaymentStatus.PAID
    assert await said_yes(bench, RecordPaymentAction, "finance", text, "record_payment") == ["utter_payment_known"]


async def test_more_than_is_owed_is_refused_before_any_card(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")

    said = await bench.run(
        RecordPaymentAction, "finance", f"{order.number}收到货款{order.total + 1}元，流水号TX9", intent="record_payment"
    )

    assert said.responses == ["utter_payment_above_total"] and not said.cards


async def test_the_number_of_the_order_is_no_amount(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")
    digits = order.number.removeprefix("SO-")

    asked = await bench.run(RecordPaymentAction, "finance", f"the customer paid {digits}", intent="record_payment")

    assert asked.responses == ["utter_question_amount"]


async def test_one_order_is_settled_before_its_day_and_then_its_freight(bench: Bench) -> None:
    order = order_in(bench.desk, "in_account_period")

    await said_yes(bench, SettlePaymentAction, "finance", f"结算{order.number}", "settle_payment")
    assert bench.order(order.number).status is S.SETTLED
    await said_yes(bench, SettleFreightAction, "finance", f"结算{order.number}的运费", "settle_freight")

    assert all(each.freight_settled_at for each in bench.order(order.number).shipments)


async def test_the_days_settlement_names_how_many_and_how_much_and_settles_what_is_due(bench: Bench) -> None:
    order = order_in(bench.desk, "in_account_period")
    nothing = await bench.run(SettlePaymentAction, "finance", "做今天的结算", intent="settle_payment")
    assert nothing.responses == ["utter_nothing_due"]

    clock = bench.desk.clock
    assert isinstance(clock, FakeClock)
    clock.forward(days=60)
    asked = await bench.run(SettlePaymentAction, "finance", "做今天的结算", intent="settle_payment")
    assert facts_of(asked.card)["report_orders"] == "1" and bench.order(order.number).status is S.IN_ACCOUNT_PERIOD

    done_ = await bench.run(AnswerCardAction, "finance", "好", intent="affirm")
    assert done_.values("utter_day_settled")["overdue"] == 1 and bench.order(order.number).status is S.SETTLED


async def test_a_status_is_reached_by_its_step_which_is_said_and_offered(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(ChangeStatusAction, "clerk", f"把{number}的状态改成已确认", intent="change_status")

    assert said.responses[0] == "utter_status_by_step" and said.card["order"] == number
    assert bench.order(number).status is S.PENDING_CONFIRMATION


async def test_a_status_that_nobody_named_is_asked_back(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(ChangeStatusAction, "clerk", f"改一下{number}的状态", intent="change_status")

    assert said.responses == ["utter_which_status"]


async def test_a_confirmation_above_the_limit_says_so_on_its_card_and_afterwards(bench: Bench) -> None:
    order = large(bench)

    asked = await bench.run(ConfirmOrderAction, "clerk", f"确认{order.number}", intent="confirm_order")
    facts = facts_of(asked.card)
    assert facts["status_after"] == "待审批" and "20 万" in facts["rule"] and "审批" in facts["effect"]

    said = await bench.run(AnswerCardAction, "clerk", "好", intent="affirm")
    assert "20 万" in said.values("utter_waits_by_rule")["rule"]


async def test_the_manager_approves_with_the_word_for_confirming(bench: Bench) -> None:
    order = large(bench)
    await said_yes(bench, ConfirmOrderAction, "clerk", f"确认{order.number}", "confirm_order")

    asked = await bench.run(ConfirmOrderAction, "manager", f"批准{order.number}", intent="confirm_order")
    assert asked.card["title"] == f"批准订单 {order.number}"
    await bench.run(AnswerCardAction, "manager", "好", intent="affirm")

    assert bench.order(order.number).status is S.CONFIRMED


async def test_the_manager_rejects_with_a_reason_and_is_asked_for_one(bench: Bench) -> None:
    order = large(bench)
    await said_yes(bench, ConfirmOrderAction, "clerk", f"确认{order.number}", "confirm_order")

    asked = await bench.run(DecideTaskAction, "manager", f"驳回{order.number}", intent="decide_task")
    assert asked.responses == ["utter_question_reason"]
    shown = await bench.run(ValidateOrderCommandForm, "manager", "折扣太大", form=FORM, intent="out_of_scope")
    assert facts_of(shown.card)["reason"] == "折扣太大"
    await bench.run(AnswerCardAction, "manager", "好", intent="affirm")

    assert bench.order(order.number).status is S.PENDING_CONFIRMATION


async def test_why_an_order_is_on_hold_is_told_to_staff_and_not_to_the_customer(bench: Bench) -> None:
    with bench.desk.unit_of_work("demo") as uow:
        uow.customers.change_credit("huaxing", Decimal(10), None)
        uow.commit()
    number = bench.placed().number
    await said_yes(bench, ConfirmOrderAction, "clerk", f"确认{number}", "confirm_order")

    staff = await bench.run(QueryOrderAction, "clerk", f"why is {number} on hold?", intent="query_order", language="en")
    own = await bench.run(QueryOrderAction, "customer", f"{number}怎么了", intent="query_order")

    assert staff.values("utter_waits_by_rule")["rule"] == "Above the credit limit"
    assert "utter_waits_by_rule" not in own.responses


async def test_who_may_not_release_credit_hears_so(bench: Bench) -> None:
    with bench.desk.unit_of_work("demo") as uow:
        uow.customers.change_credit("huaxing", Decimal(10), None)
        uow.commit()
    number = bench.placed().number
    await said_yes(bench, ConfirmOrderAction, "clerk", f"确认{number}", "confirm_order")

    said = await bench.run(ReleaseOrderAction, "clerk", f"恢复{number}", intent="release_order")
    assert said.responses == ["utter_role_not_allowed"]

    await said_yes(bench, ReleaseOrderAction, "finance", f"恢复{number}", "release_order")
    assert bench.order(number).status is S.CONFIRMED


async def test_of_a_part_payment_the_card_says_what_is_open_and_the_list_of_the_unpaid_too(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")
    text = f"{order.number}收到货款3000元，流水号TX88"
    asked = await bench.run(RecordPaymentAction, "finance", text, intent="record_payment")
    assert facts_of(asked.card)["still_open"] == "5,897.00 元"

    said = await bench.run(AnswerCardAction, "finance", "好", intent="affirm")
    told = said.values("utter_payment_part")
    assert (told["amount"], told["paid"], told["open"]) == ("3,000.00 元", "3,000.00 元", "5,897.00 元")
    assert facts_of(said.card)["payment"] == "待支付：已付 3,000.00 元，还差 5,897.00 元"

    listed = await bench.run(ListOrdersAction, "finance", "哪些订单没付款", intent="list_orders")
    items: Any = listed.card["items"]
    assert items[0]["subtitle"].endswith("还差 5,897.00 元")


async def test_the_rest_is_what_is_open_and_nothing_where_all_is_paid(bench: Bench) -> None:
    order = order_in(bench.desk, "confirmed")
    await said_yes(bench, RecordPaymentAction, "finance", f"{order.number}收到货款3000元，流水号TX1", "record_payment")

    asked = await bench.run(RecordPaymentAction, "finance", f"{order.number}付清了，流水号TX2", intent="record_payment")
    assert facts_of(asked.card)["amount"] == "5,897.00 元"
    await bench.run(AnswerCardAction, "finance", "好", intent="affirm")

    again = await bench.run(RecordPaymentAction, "finance", f"{order.number}付清了，流水号TX3", intent="record_payment")
    assert again.responses == ["utter_payment_above_total"] and not again.cards


async def test_more_than_is_owed_after_a_return_is_to_go_back(bench: Bench) -> None:
    order = order_in(bench.desk, "shipped")
    done(bench.desk, RecordPayment(order.number, order.total, "TX1"), FINANCE)
    done(bench.desk, ReturnGoods(order.number, (SomeOf(Decimal(2), line=1),), "broken"), CLERK)

    shown = await bench.run(QueryOrderAction, "clerk", f"{order.number}怎么样了", intent="query_order")

    facts = facts_of(shown.card)
    assert (facts["credited"], facts["payable"]) == ("500.00 元", "8,397.00 元")
    assert facts["payment"] == "已支付：多收 500.00 元，应退给客户"


async def test_who_has_an_order_held_for_credit_hears_that_a_payment_counts_and_then_that_it_fits(bench: Bench) -> None:
    with bench.desk.unit_of_work("demo") as uow:
        uow.customers.change_credit("huaxing", Decimal(9_000), None)
        uow.commit()
    first, second = order_in(bench.desk, "confirmed"), bench.placed()
    assert "utter_credit_is_looked_at" in await said_yes(
        bench, ConfirmOrderAction, "clerk", f"确认{second.number}", "confirm_order"
    )

    paid = await said_yes(bench, RecordPaymentAction, "finance", f"{first.number}付清了，流水号TX2", "record_payment")

    assert "utter_credit_cleared" in paid and bench.order(second.number).status is S.ON_HOLD
