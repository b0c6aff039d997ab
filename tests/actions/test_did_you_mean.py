"""Not sure enough: two buttons, and what the pressed one does with the words that were said before."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.did_you_mean import DidYouMeanAction
from actions.order_command import ValidateOrderCommandForm
from actions.place_order import ValidatePlaceOrderForm
from tests.support.bench import Bench, Said

CANCEL_OR_CONFIRM = [("cancel_order", 0.5), ("confirm_order", 0.3), ("out_of_scope", 0.15)]


async def unsure(bench: Bench, text: str, ranking: list[tuple[str, float]], login: str = "clerk", **more: Any) -> Said:
    return await bench.run(DidYouMeanAction, login, text, intent="nlu_fallback", ranking=ranking, **more)


async def press(bench: Bench, said: Said, number: int, login: str = "clerk") -> tuple[Said, dict[str, Any]]:
    """The button, and what Rasa keeps of it for the rest of the turn."""
    claims = {"card": said.card["id"], "action": f"choose:{number}", "language": "en"}
    message = bench.message_id(login, "")
    pressed = await bench.run(AnswerCardAction, login, "/choose", intent="choose", message_id=message, **claims)
    kept = {"events": [{"event": "action", "name": "action_answer_card"}, *pressed.events], "message_id": message}
    return pressed, {**kept, **claims}


async def test_the_two_likeliest_are_offered_in_the_language_of_the_message(bench: Bench) -> None:
    chinese = await unsure(bench, "1001那个处理一下", CANCEL_OR_CONFIRM, language="zh")
    english = await unsure(bench, "deal with 1001", CANCEL_OR_CONFIRM, "manager", language="en")

    assert chinese.responses == english.responses == ["utter_did_you_mean"]
    assert [action["label"] for action in chinese.card["actions"]] == ["取消订单", "确认订单"]
    assert [action["label"] for action in english.card["actions"]] == ["cancel an order", "confirm an order"]


async def test_what_the_role_may_not_do_is_not_offered(bench: Bench) -> None:
    ranking = [("receive_goods", 0.5), ("query_order", 0.3)]

    said = await unsure(bench, "the goods", ranking, "customer", language="en")

    assert [action["label"] for action in said.card["actions"]] == ["ask about an order"]


@pytest.mark.parametrize("ranking", [[("greet", 0.4), ("out_of_scope", 0.4)], [("cancel_order", 0.1)], []])
async def test_nothing_is_offered_that_is_unlikely_or_no_skill(bench: Bench, ranking: list[tuple[str, float]]) -> None:
    said = await unsure(bench, "hm", ranking)

    assert said.responses == ["utter_not_understood"] and not said.cards


async def test_a_card_that_waits_is_not_pushed_aside(bench: Bench) -> None:
    order = bench.placed()
    asked = await unsure(bench, f"deal with {order.number}", [("confirm_order", 0.5)])
    confirming, _ = await press(bench, asked, 1)

    said = await unsure(bench, "the thing", CANCEL_OR_CONFIRM)

    assert said.responses == ["utter_not_understood"]
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        waiting = uow.cards.open_of("clerk")
    assert waiting is not None and waiting.id == confirming.card["id"]


async def test_the_chosen_skill_reads_the_words_that_were_said(bench: Bench) -> None:
    bench.placed()
    order = bench.placed(quantity=30)
    said = await unsure(bench, f"{order.number} deal with it", CANCEL_OR_CONFIRM)

    pressed, _ = await press(bench, said, 2)

    assert pressed.responses == ["utter_card_check"] and pressed.card["order"] == order.number
    assert bench.order(order.number).row_version == order.row_version


async def test_a_form_that_the_choice_opened_does_not_take_the_words_for_an_answer(bench: Bench) -> None:
    order = bench.placed()
    said = await unsure(bench, f"{order.number} deal with it", CANCEL_OR_CONFIRM)
    pressed, turn = await press(bench, said, 1)

    asked = await bench.run(ValidateOrderCommandForm, "clerk", "/choose", form="order_command_form", **turn)

    assert pressed.responses == ["utter_question_reason"]
    assert not asked.responses and asked.slots["requested_slot"] == "reason"


async def test_a_chosen_new_order_is_read_from_the_words_by_its_form(bench: Bench) -> None:
    said = await unsure(bench, "huaxing paper 20 boxes", [("place_order", 0.4), ("query_order", 0.3)])
    pressed, turn = await press(bench, said, 1)

    begun = await bench.run(ValidatePlaceOrderForm, "clerk", "/choose", form="place_order_form", **turn)

    assert any(event["event"] == "active_loop" and event["name"] == "place_order_form" for event in pressed.events)
    assert begun.slots["customer"] and not begun.rejected


async def test_a_button_works_once(bench: Bench) -> None:
    order = bench.placed()
    said = await unsure(bench, f"{order.number} deal with it", CANCEL_OR_CONFIRM)
    await press(bench, said, 2)

    again, _ = await press(bench, said, 1)

    assert again.responses == ["utter_card_used"] or again.responses == ["utter_card_expired"]


async def test_a_typed_yes_takes_the_only_meaning_and_of_two_it_is_asked_again(bench: Bench) -> None:
    order = bench.placed()
    await unsure(bench, f"deal with {order.number}", [("confirm_order", 0.5)])
    only = await bench.run(AnswerCardAction, "clerk", "好", intent="affirm")
    await bench.run(AnswerCardAction, "clerk", "不", intent="deny")
    await unsure(bench, f"{order.number}", CANCEL_OR_CONFIRM)
    two = await bench.run(AnswerCardAction, "clerk", "好", intent="affirm")

    assert "utter_nothing_pending" not in only.responses and "utter_question_order_number" not in only.responses
    assert two.responses == ["utter_did_you_mean"]
