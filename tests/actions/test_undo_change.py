"""Undo inside and after the grace window; nothing is taken back before the card's yes."""

from __future__ import annotations

from actions.answer_card import AnswerCardAction
from actions.undo_change import UndoChangeAction
from actions.withdraw_case import WithdrawCaseAction
from deskhand.orders.commands import ConfirmOrder, HoldOrder
from deskhand.orders.status import OrderStatus, Role
from tests.support.bench import Bench, Said


async def undo(bench: Bench, login: str = "clerk", text: str = "撤回刚才的操作") -> Said:
    return await bench.run(UndoChangeAction, login, text, intent="undo_change")


async def say_yes(bench: Bench, login: str = "clerk") -> Said:
    return await bench.run(AnswerCardAction, login, "是", intent="affirm")


def confirmed(bench: Bench) -> str:
    number = bench.placed().number
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.SALES))
    return number


async def test_the_card_says_what_is_taken_back_and_its_yes_does_it(bench: Bench) -> None:
    number = confirmed(bench)

    asked = await undo(bench)
    told = {fact["key"]: fact["value"] for fact in asked.card["facts"]}
    assert (told["undone"], told["status_after"]) == ("确认订单", "待确认")
    assert bench.order(number).status is OrderStatus.CONFIRMED
    done = await say_yes(bench)

    assert done.values("utter_undone")["status"] == "待确认"
    assert bench.order(number).status is OrderStatus.PENDING_CONFIRMATION


async def test_a_no_leaves_everything_as_it_is(bench: Bench) -> None:
    number = confirmed(bench)
    await undo(bench)

    said = await bench.run(AnswerCardAction, "clerk", "不", intent="deny")

    assert said.responses == ["utter_command_rejected"] and bench.order(number).status is OrderStatus.CONFIRMED


async def test_after_the_window_it_is_refused_at_once(bench: Bench) -> None:
    number = confirmed(bench)
    bench.clock.forward(seconds=16)

    said = await undo(bench, text="撤回")

    assert said.responses == ["utter_undo_window_over"] and not said.cards
    assert bench.order(number).status is OrderStatus.CONFIRMED


async def test_a_yes_that_comes_after_the_window_is_refused(bench: Bench) -> None:
    number = confirmed(bench)
    await undo(bench)
    bench.clock.forward(seconds=16)

    said = await say_yes(bench)

    assert said.responses == ["utter_undo_window_over"] and bench.order(number).status is OrderStatus.CONFIRMED


async def test_who_has_changed_nothing_is_shown_no_card(bench: Bench) -> None:
    confirmed(bench)

    said = await undo(bench, "warehouse")

    assert said.responses == ["utter_nothing_to_undo"] and not said.cards


async def test_a_later_change_is_not_taken_back_by_the_yes_to_an_earlier_one(bench: Bench) -> None:
    number = confirmed(bench)
    await undo(bench)
    bench.desk.handle(HoldOrder(number, "wait"), bench.actor(Role.SALES))

    said = await say_yes(bench)

    assert said.responses[0] == "utter_version_conflict" and bench.order(number).status is OrderStatus.ON_HOLD


async def test_where_two_orders_are_named_it_is_asked_which(bench: Bench) -> None:
    first, second = confirmed(bench), confirmed(bench)

    asked = await undo(bench, text=f"undo {first} or {second}")
    assert asked.responses == ["utter_question_order_number"]
    assert [item["order"] for item in asked.card["items"]] == [first, second]
    chosen = await bench.run(AnswerCardAction, "clerk", card=asked.card["id"], action="choose:2")

    assert chosen.card["order"] == second
    assert bench.order(first).status is bench.order(second).status is OrderStatus.CONFIRMED


async def test_an_order_that_is_to_be_withdrawn_is_taken_back_like_any_change(bench: Bench) -> None:
    number = confirmed(bench)

    said = await bench.run(WithdrawCaseAction, "clerk", f"撤回{number}", intent="withdraw_case")

    assert said.card["order"] == number and said.card["kind"] == "command"
    assert {fact["key"] for fact in said.card["facts"]} >= {"undone"}
