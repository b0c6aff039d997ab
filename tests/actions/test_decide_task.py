"""What waits is listed, decided with a reason, asked about and withdrawn: by whom it may be, and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.cancel_order import CancelOrderAction
from actions.case_draft import FORM
from actions.confirm_order import ConfirmOrderAction
from actions.decide_task import DecideTaskAction
from actions.did_you_mean import DidYouMeanAction
from actions.list_tasks import ListTasksAction
from actions.process_form import ValidateProcessForm
from actions.query_case import QueryCaseAction
from actions.query_order import QueryOrderAction
from actions.undo_change import UndoChangeAction
from actions.withdraw_case import WithdrawCaseAction
from deskhand.cases import StartCase
from deskhand.cases.model import CaseFile
from deskhand.orders.status import Role
from tests.support.bench import Bench, Said

MANAGER, CLERK = "manager", "clerk"
FIELDS = {"item": "10台显示器", "kind": "it", "amount": "2500", "budgeted": True, "purpose": "新同事"}


def started(bench: Bench, by: Role = Role.SALES, **fields: object) -> str:
    command = StartCase("purchase_approval", {**FIELDS, **fields})
    return bench.desk.handle(command, bench.actor(by)).case.number


def case(bench: Bench, number: str) -> CaseFile:
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        return uow.case_files.get(number)


def is_over(bench: Bench, number: str) -> bool:
    return case(bench, number).ended_at is not None


async def decide(bench: Bench, text: str, login: str = MANAGER, language: str = "zh") -> Said:
    return await bench.run(DecideTaskAction, login, text, intent="decide_task", language=language)


async def reply(bench: Bench, text: str, intent: str = "affirm", language: str = "zh") -> Said:
    return await bench.run(ValidateProcessForm, MANAGER, text, form=FORM, intent=intent, language=language)


async def press(bench: Bench, said: Said, action: str, form: str | None = None, login: str = MANAGER) -> Said:
    intent = {"confirm": "affirm", "reject": "deny"}.get(action, "choose")
    return await bench.run(
        AnswerCardAction, login, f"/{intent}", intent=intent, form=form, card=said.card["id"], action=action
    )


def fact(said: Said, key: str) -> str:
    return next((each["value"] for each in said.card["facts"] if each["key"] == key), "")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_waits_is_listed_and_nothing_else(bench: Bench, language: str) -> None:
    number = started(bench)

    mine = await bench.run(ListTasksAction, MANAGER, "有什么要我批的", intent="list_tasks", language=language)
    nobody = await bench.run(ListTasksAction, "warehouse", "有什么要我批的", intent="list_tasks", language=language)

    assert mine.values("utter_tasks_waiting")["count"] == 1
    assert number in mine.card["title"] and fact(mine, "item") == "10台显示器"
    assert {button["id"] for button in mine.card["actions"]} == {"choose:1", "choose:2", "choose:3"}
    assert nobody.responses == ["utter_no_tasks"]


async def test_of_a_list_of_tasks_the_second_is_decided_by_its_place(bench: Bench) -> None:
    numbers = [started(bench), started(bench, item="5把椅子")]

    listed = await bench.run(ListTasksAction, MANAGER, "待办", intent="list_tasks")
    card = await decide(bench, "同意第二个")

    assert [number in item["title"] for number, item in zip(numbers, listed.card["items"], strict=True)] == [True, True]
    assert "5把椅子" in listed.card["items"][1]["subtitle"]
    assert numbers[1] in card.card["title"] and fact(card, "decision") == "批准"


async def test_a_list_takes_no_card_away_that_waits_for_a_yes(bench: Bench) -> None:
    number = started(bench)
    waiting = await decide(bench, f"同意{number}")

    listed = await bench.run(ListTasksAction, MANAGER, "待办", intent="list_tasks", form=FORM)
    done = await press(bench, waiting, "confirm", FORM)

    assert not listed.card["actions"] and done.responses == ["utter_task_decided_last"]


async def test_orders_that_wait_are_told_beside_the_tasks(bench: Bench) -> None:
    bench.placed()

    said = await bench.run(ListTasksAction, CLERK, "我的待办", intent="list_tasks")

    assert said.responses == ["utter_orders_at_desk"]


async def test_an_approval_is_given_by_one_sentence_and_one_yes(bench: Bench) -> None:
    number = started(bench)

    card = await decide(bench, f"同意{number}")
    assert fact(card, "decision") == "批准" and fact(card, "amount") == "2,500.00 元"
    assert not is_over(bench, number)

    done = await reply(bench, "好的")
    assert done.responses == ["utter_task_decided_last"]
    assert "已批准" in done.values("utter_task_decided_last")["decision"]
    assert done.slots["requested_slot"] is None


async def test_a_rejection_needs_a_reason_and_takes_it_from_the_sentence(bench: Bench) -> None:
    first, second = started(bench), started(bench)

    asked = await decide(bench, f"驳回{first}")
    assert asked.responses == ["utter_question_decision_reason"]
    card = await reply(bench, "太贵了", "small_talk")
    assert fact(card, "reason") == "太贵了" and not is_over(bench, first)
    assert (await press(bench, card, "confirm", FORM)).responses == ["utter_task_decided_last"]

    card = await decide(bench, f"reject {second} because it is too expensive", language="en")
    assert fact(card, "reason") == "it is too expensive" and fact(card, "decision") == "Reject"
    done = await reply(bench, "yes", language="en")
    assert done.values("utter_task_decided_last")["decision"] == "rejected"
    assert (fact(done, "decision"), fact(done, "reason")) == ("rejected", "it is too expensive")
    assert is_over(bench, first) and is_over(bench, second)


async def test_no_to_the_card_leaves_the_task_as_it_was(bench: Bench) -> None:
    number = started(bench)
    card = await decide(bench, f"同意{number}")

    declined = await press(bench, card, "reject", FORM)
    late = await press(bench, card, "confirm")

    assert declined.responses == ["utter_command_rejected"] and late.responses == ["utter_card_used"]
    assert not is_over(bench, number)


async def test_the_other_decision_said_to_the_card_is_another_card_and_no_yes(bench: Bench) -> None:
    number = started(bench)
    await decide(bench, f"同意{number}")

    asked = await reply(bench, "驳回", "deny")
    card = await reply(bench, "重复申请了")
    done = await reply(bench, "驳回", "deny")

    assert asked.responses == ["utter_question_decision_reason"] and fact(card, "decision") == "驳回"
    assert done.values("utter_task_decided_last")["decision"] == "已驳回"


async def test_a_case_without_a_decision_is_shown_with_buttons_that_work_once(bench: Bench) -> None:
    number = started(bench)
    shown = await decide(bench, f"{number}审批一下看看")
    labels = {button["label"]: button["id"] for button in shown.card["actions"]}
    assert shown.responses == ["utter_question_decision"] and set(labels) == {"批准", "驳回", "退回更正"}

    card = await press(bench, shown, labels["批准"])
    again = await press(bench, shown, labels["批准"])

    assert fact(card, "decision") == "批准" and again.responses == ["utter_card_used"]


async def test_a_decision_typed_to_a_task_that_is_shown_is_that_button(bench: Bench) -> None:
    started(bench)
    await bench.run(ListTasksAction, MANAGER, "待办", intent="list_tasks")

    card = await bench.run(AnswerCardAction, MANAGER, "驳回，太贵了", intent="deny")

    assert fact(card, "decision") == "驳回" and fact(card, "reason") == "太贵了"


async def test_of_several_tasks_one_is_picked_and_the_decision_is_kept(bench: Bench) -> None:
    numbers = [started(bench), started(bench)]

    listed = await decide(bench, "批准那个采购申请")
    card = await press(bench, listed, "choose:2")

    assert listed.responses == ["utter_question_which_task"]
    assert fact(card, "decision") == "批准" and numbers[1] in card.card["title"]


async def test_two_decisions_in_one_sentence_are_taken_one_at_a_time(bench: Bench) -> None:
    first, second = started(bench), started(bench)

    listed = await decide(bench, f"同意{first}，驳回{second}，太贵了")
    shown = await press(bench, listed, "choose:1")

    assert listed.responses == ["utter_question_which_task"] and shown.responses == ["utter_question_decision"]


async def test_four_eyes_are_refused_in_words(bench: Bench) -> None:
    number = started(bench, Role.MANAGER)

    refused = await decide(bench, f"同意{number}")

    assert refused.responses == ["utter_other_person_needed"] and not refused.cards


async def test_a_role_whose_task_it_is_not_is_refused_in_words(bench: Bench) -> None:
    number = started(bench)

    refused = await decide(bench, f"同意{number}", CLERK)

    assert refused.responses == ["utter_role_not_allowed"]
    assert refused.messages[0]["event"] == "经理审批" and refused.messages[0]["role"] == "销售"


async def test_what_nobody_may_see_is_not_there(bench: Bench) -> None:
    number = started(bench)

    assert (await decide(bench, f"同意{number}", "customer")).responses == ["utter_unknown_case"]
    assert (await decide(bench, "同意PA-9999")).responses == ["utter_unknown_case"]


async def test_a_bare_approval_is_of_what_waits_when_no_card_does(bench: Bench) -> None:
    number = started(bench)

    card = await bench.run(AnswerCardAction, MANAGER, "批准", intent="affirm")
    plain = await bench.run(AnswerCardAction, CLERK, "好的", intent="affirm")

    assert number in card.card["title"] and plain.responses == ["utter_nothing_pending"]


@pytest.mark.parametrize("text", ["{}到哪一步了", "{} status please", "where is {}?"])
@pytest.mark.parametrize("action", [QueryCaseAction, QueryOrderAction, DidYouMeanAction])
async def test_how_a_case_stands_is_told_whatever_the_words_were_taken_for(
    bench: Bench, text: str, action: Any
) -> None:
    number = started(bench)

    said = await bench.run(action, CLERK, text.format(number.lower().replace("-", "")), intent="query_order")

    assert (
        said.values("utter_case_waits")["number"] == number and "经理审批" in said.values("utter_case_waits")["waits"]
    )


async def test_my_own_request_is_found_by_the_words_of_its_process(bench: Bench) -> None:
    number = started(bench)

    mine = await bench.run(QueryCaseAction, CLERK, "我的采购申请批了吗", intent="query_case")
    theirs = await bench.run(QueryCaseAction, "warehouse", "我的采购申请批了吗", intent="query_case")

    assert mine.values("utter_case_waits")["number"] == number and theirs.responses == ["utter_no_cases"]


async def test_words_of_orders_about_a_case_number_are_about_the_case(bench: Bench) -> None:
    """确认PA-1001 approves it, 取消PA-1001 withdraws it; neither is an order."""
    number = started(bench)

    approving = await bench.run(ConfirmOrderAction, MANAGER, f"确认{number}", intent="confirm_order")
    withdrawing = await bench.run(CancelOrderAction, CLERK, f"取消{number}", intent="cancel_order")

    assert approving.card["title"].startswith(("批准", "PA")) or approving.responses == ["utter_question_decision"]
    assert withdrawing.card["title"] == f"撤回 {number}"


async def test_a_request_is_withdrawn_by_who_started_it(bench: Bench) -> None:
    number = started(bench)

    card = await bench.run(WithdrawCaseAction, CLERK, "我的采购申请不要了，因为填错了", intent="withdraw_case")
    done = await press(bench, card, "confirm", login=CLERK)
    again = await bench.run(WithdrawCaseAction, CLERK, f"撤回{number}", intent="withdraw_case")

    assert fact(card, "reason") == "填错了" and done.responses == ["utter_case_withdrawn"]
    assert is_over(bench, number) and again.responses == ["utter_case_not_possible_now"]


async def test_nobody_else_withdraws_it(bench: Bench) -> None:
    number = started(bench)

    refused = await bench.run(WithdrawCaseAction, MANAGER, f"撤回{number}", intent="withdraw_case")

    assert refused.responses == ["utter_role_not_allowed"] and not is_over(bench, number)


async def test_undo_after_a_submission_says_what_can_be_done(bench: Bench) -> None:
    bench.placed()
    bench.clock.now += timedelta(minutes=1)
    number = started(bench)

    said = await bench.run(UndoChangeAction, CLERK, "撤销刚才的操作", intent="undo_change")

    assert said.responses == ["utter_case_undo"] and said.messages[0]["number"] == number


async def test_a_refused_attempt_leaves_one_row_in_the_audit(bench: Bench) -> None:
    number = started(bench, Role.MANAGER)

    await decide(bench, f"同意{number}")

    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        rows = [row for row in uow.audit.list() if row.outcome == "refused"]
    assert [(row.action, row.target) for row in rows] == [("DecideTask", number)]
