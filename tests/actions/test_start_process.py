"""A purchase is asked for by talking: fields from one sentence, questions, corrections, digressions, one yes."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.ask_policy import DeclineAction
from actions.case_draft import FORM
from actions.did_you_mean import DidYouMeanAction
from actions.process_form import ValidateProcessForm
from actions.session_start import SessionStartAction
from actions.start_process import StartProcessAction
from actions.withdraw_case import WithdrawCaseAction
from deskhand.orders.status import Role
from tests.support.bench import Bench, Said

ASKED = "申请采购10台显示器，两万五，IT，下周五前要"
IN_ENGLISH = "purchase request: 10 monitors, 25k, IT equipment, by next Friday"


async def begin(bench: Bench, text: str, login: str = "clerk", language: str = "zh") -> Said:
    return await bench.run(StartProcessAction, login, text, intent="start_process", language=language)


async def answer(bench: Bench, text: str, intent: str = "place_order", language: str = "zh", **more: Any) -> Said:
    """Whatever Rasa takes an answer for."""
    return await bench.run(ValidateProcessForm, "clerk", text, form=FORM, intent=intent, language=language, **more)


def facts(said: Said) -> dict[str, str]:
    return {fact["key"]: fact["value"] for fact in said.card["facts"]}


def cases(bench: Bench) -> list[Any]:
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        return list(uow.case_files.list().items)


async def ready(bench: Bench, language: str = "zh") -> Said:
    """A draft with all that is asked, and its card."""
    chinese = language == "zh"
    await begin(bench, ASKED if chinese else IN_ENGLISH, language=language)
    await answer(bench, "在" if not chinese else "是", "affirm", language)
    return await answer(bench, "新同事入职" if chinese else "for the new colleagues", language=language)


async def test_one_sentence_gives_most_and_the_rest_is_asked_one_by_one(bench: Bench) -> None:
    first = await begin(bench, ASKED)
    assert first.responses == ["utter_question_process_field"]
    assert first.values("utter_question_process_field")["question"] == "在部门预算内吗？"

    second = await answer(bench, "在预算内", "affirm")
    assert second.values("utter_question_process_field")["question"] == "为什么需要？"

    card = await answer(bench, "新同事入职")
    assert {
        "item": "10台显示器", "kind": "IT设备与软件", "amount": "25,000.00 元", "budgeted": "是",
        "purpose": "新同事入职", "needed_by": "2026年12月4日 星期五", "next_step": "经理审批",
    }.items() <= facts(card).items()  # fmt: skip
    assert card.responses == ["utter_process_check_optional"] and card.slots["requested_slot"] == "process_field"
    assert not cases(bench)


async def test_the_same_in_english(bench: Bench) -> None:
    await begin(bench, IN_ENGLISH, language="en")
    await answer(bench, "yes", "affirm", "en")
    card = await answer(bench, "for the new colleagues", language="en")

    assert {"item": "10 monitors", "amount": "CNY 25,000.00", "needed_by": "Friday, 4 December 2026"}.items() <= facts(
        card
    ).items()
    assert facts(card)["next_step"] == "Manager's approval"


async def test_nothing_is_known_yet_and_the_first_field_is_asked(bench: Bench) -> None:
    said = await begin(bench, "我想申请采购")

    assert said.responses == ["utter_process_begun", "utter_question_process_field"]
    assert {event["event"] for event in said.events} >= {"active_loop"}


@pytest.mark.parametrize("text", ["金额改成三万", "不对，是三万", "no, make it 30k", "change the amount to 30k"])
async def test_a_correction_after_the_card_gives_a_new_card(bench: Bench, text: str) -> None:
    await ready(bench)

    changed = await answer(bench, text, "change_draft")

    assert facts(changed)["amount"] == "30,000.00 元" and facts(changed)["item"] == "10台显示器"


async def test_yes_by_word_submits_and_the_form_is_over(bench: Bench) -> None:
    await ready(bench)

    done = await answer(bench, "提交吧", "affirm")

    assert done.responses == ["utter_case_started"] and done.slots["requested_slot"] is None
    (case,) = cases(bench)
    assert done.values("utter_case_started")["number"] == case.number == "PA-1001"
    assert case.started_by == "clerk" and case.status != "ended"


async def test_yes_by_button_submits_once(bench: Bench) -> None:
    card = (await ready(bench)).card
    press = {"card": card["id"], "action": "confirm"}

    done = await bench.run(AnswerCardAction, "clerk", "/affirm", intent="affirm", form=FORM, **press)
    again = await bench.run(AnswerCardAction, "clerk", "/affirm", intent="affirm", **press)

    assert done.responses == ["utter_case_started"] and done.slots["requested_slot"] is None
    assert again.responses == ["utter_card_used"] and len(cases(bench)) == 1


async def test_no_keeps_what_was_said_for_a_correction(bench: Bench) -> None:
    await ready(bench)

    declined = await answer(bench, "不", "deny")
    corrected = await answer(bench, "用途改成会议室")

    assert declined.responses == ["utter_process_what_to_change"] and declined.slots["requested_slot"]
    assert facts(corrected)["purpose"] == "会议室" and not cases(bench)


@pytest.mark.parametrize("text", ["算了", "never mind"])
async def test_leaving_submits_nothing_and_voids_the_card(bench: Bench, text: str) -> None:
    card = (await ready(bench)).card

    left = await answer(bench, text, "deny")
    late = await bench.run(AnswerCardAction, "clerk", "/affirm", intent="affirm", card=card["id"], action="confirm")

    assert left.responses == ["utter_process_left"] and left.slots["requested_slot"] is None
    assert late.responses == ["utter_card_expired"] and not cases(bench)


async def test_a_question_in_between_is_left_to_others_and_the_form_asks_again(bench: Bench) -> None:
    number = bench.placed().number
    await begin(bench, ASKED)

    aside = await answer(bench, f"{number}到哪了？", "query_order")
    rejected = {"event": "action_execution_rejected", "name": FORM}
    again = await answer(bench, f"{number}到哪了？", "query_order", events=[rejected])

    assert aside.rejected and again.responses == ["utter_question_process_field"]


async def test_the_card_waits_through_a_question_about_an_order(bench: Bench) -> None:
    number = bench.placed().number
    await ready(bench)
    rejected = {"event": "action_execution_rejected", "name": FORM}

    aside = await answer(bench, f"{number}到哪了？", "query_order")
    again = await answer(bench, f"{number}到哪了？", "query_order", events=[rejected])
    done = await answer(bench, "好的", "affirm")

    assert aside.rejected and again.responses == ["utter_process_card_waits"]
    assert done.responses == ["utter_case_started"]


@pytest.mark.parametrize(
    ("text", "why"), [("0元", "0.01"), ("九百万", "5000000"), ("5000美元", "货币"), ("三四万", "确定")]
)
async def test_a_value_that_is_not_allowed_is_said_and_asked_for_again(bench: Bench, text: str, why: str) -> None:
    await begin(bench, "申请采购10台显示器，IT")

    refused = await answer(bench, text)

    assert refused.responses == ["utter_field_invalid", "utter_question_process_field"]
    assert why in refused.values("utter_field_invalid")["why"]
    assert refused.values("utter_question_process_field")["question"].startswith("总金额")


async def test_a_choice_can_be_pressed(bench: Bench) -> None:
    asked = await begin(bench, "申请采购10台显示器，两万五")
    buttons = {button["label"]: button["id"] for button in asked.card["actions"]}

    chosen = await bench.run(
        AnswerCardAction, "clerk", "/choose", intent="choose", form=FORM, card=asked.card["id"],
        action=buttons["办公用品"],
    )  # fmt: skip

    assert chosen.values("utter_question_process_field")["question"] == "在部门预算内吗？"


async def test_what_a_role_may_not_start_is_refused_in_words(bench: Bench) -> None:
    refused = await begin(bench, "申请采购10台显示器", "customer")
    # A customer who speaks of buying wants an order: the order's form reads the words.
    assert not refused.responses and any(event["event"] == "active_loop" for event in refused.events)

    refused = await begin(bench, "填质检报告", "finance")
    assert refused.responses == ["utter_unknown_process"] and not cases(bench)


async def test_several_processes_are_offered_when_none_is_named(bench: Bench) -> None:
    listed = await begin(bench, "我要发起一个申请", "manager")
    assert listed.responses == ["utter_question_which_process"]
    place = next(n for n, item in enumerate(listed.card["items"], 1) if item["title"] == "采购审批")

    chosen = await bench.run(
        AnswerCardAction, "manager", "/choose", intent="choose", card=listed.card["id"], action=f"choose:{place}"
    )

    assert "utter_question_process_field" in chosen.responses


async def test_the_draft_is_restored_where_the_conversation_goes_on(bench: Bench) -> None:
    await begin(bench, ASKED)

    token = bench.token("clerk", bench.message_id("clerk", ""))
    restored = await bench.run(
        SessionStartAction, "clerk", slots={"session_started_metadata": {"token": token}}, token=token
    )

    assert restored.slots["requested_slot"] == "process_field" and restored.slots["process"] == "purchase_approval"


async def test_words_of_a_process_that_were_taken_for_nothing_of_ours_are_asked_about(bench: Bench) -> None:
    """A process that a company has published since the training is found by its words all the same."""
    for action, intent in ((DeclineAction, "out_of_scope"), (DidYouMeanAction, "nlu_fallback")):
        asked = await bench.run(action, "clerk", "请购两把椅子", intent=intent)
        assert asked.responses == ["utter_did_you_mean"]

        begun = await bench.run(
            AnswerCardAction, "clerk", "/choose", intent="choose", card=asked.card["id"], action="choose:1"
        )
        assert begun.values("utter_question_process_field")["question"] == "属于哪一类？"
        await answer(bench, "算了", "deny")

    declined = await bench.run(DeclineAction, "customer", "请购两把椅子", intent="out_of_scope")
    assert declined.responses == ["utter_out_of_scope"]


async def test_one_thing_at_a_time(bench: Bench) -> None:
    """Another process, and a decision, wait until what is being filled in is done or left."""
    await begin(bench, ASKED)

    other = await answer(bench, "我要做授信申请", "start_process")
    begun = await bench.run(StartProcessAction, "clerk", "我要做授信申请", intent="start_process", form=FORM)
    withdrawn = await bench.run(WithdrawCaseAction, "clerk", "撤回PA-1001", intent="withdraw_case", form=FORM)

    assert other.rejected
    assert begun.responses == withdrawn.responses == ["utter_process_is_open"]
    assert begun.messages[0]["process"] == "采购审批"


async def test_the_words_of_the_process_again_are_no_answer(bench: Bench) -> None:
    await begin(bench, "我想申请采购")

    again = await answer(bench, "采购申请", "start_process")
    more = await answer(bench, "采购申请：两台打印机，三千", "start_process")

    assert again.rejected and more.values("utter_question_process_field")["question"] == "属于哪一类？"


async def test_what_is_named_as_another_order_does_not_take_the_card(bench: Bench) -> None:
    """Unlike the card of an order's command, which must not be answered once another order is spoken of."""
    number = bench.placed().number
    card = (await ready(bench)).card
    await answer(bench, f"{number}到哪了？", "query_order")

    done = await bench.run(AnswerCardAction, "clerk", "/affirm", intent="affirm", card=card["id"], action="confirm")

    assert done.responses == ["utter_case_started"]
    assert bench.actor(Role.SALES).user_id == cases(bench)[0].started_by
