"""Corrections of a case by talking: a card with before and after, then a yes; what was decided stays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from actions.case_draft import DECIDE, CaseDraft
from actions.correct_case import CorrectCaseAction
from deskhand.cases import DecideTask
from deskhand.orders.status import Role
from deskhand.store.definitions import read_definition
from deskhand.store.process_files import read_folder
from tests.actions.test_decide_task import CLERK, case, fact, press, started
from tests.support.bench import Bench, Said
from tests.support.desks import ROOT


async def correct(bench: Bench, text: str, language: str = "zh", login: str = CLERK) -> Said:
    return await bench.run(CorrectCaseAction, login, text, intent="correct_case", language=language)


@pytest.mark.parametrize(
    ("text", "language"),
    [("{} 金额改成8000", "zh"), ("change the amount of {} to 8000", "en"), ("{}: amount 8k", "en")],
)
async def test_the_card_says_before_and_after_and_nothing_changes_without_a_yes(
    bench: Bench, text: str, language: str
) -> None:
    number = started(bench)

    card = await correct(bench, text.format(number), language)
    before = case(bench, number).values["amount"]
    done = await press(bench, card, "confirm", login=CLERK)

    assert "2,500" in fact(card, "amount") and "8,000" in fact(card, "amount")
    assert (before, case(bench, number).values["amount"]) == (Decimal(2500), Decimal(8000))
    assert done.responses == ["utter_case_corrected"]


async def test_what_is_to_be_corrected_is_asked_where_it_was_not_said(bench: Bench) -> None:
    assert (await correct(bench, f"更正{started(bench)}")).responses == ["utter_correct_what"]


async def test_of_several_cases_one_is_picked_and_the_words_are_kept(bench: Bench) -> None:
    started(bench)
    second = started(bench, item="椅子")

    listed = await correct(bench, "我的采购申请金额改成3000")
    card = await press(bench, listed, "choose:1", login=CLERK)

    assert listed.responses == ["utter_question_which_case"]
    assert card.card["title"] == f"更正 {second}" and "3,000" in fact(card, "amount")


async def test_nobody_elses_and_nothing_that_was_decided(bench: Bench) -> None:
    number = started(bench, amount="60000")
    other = await correct(bench, f"{number} 金额改成8000", login="manager")
    bench.desk.handle(DecideTask(number, "approve_by_manager", "approve"), bench.actor(Role.MANAGER))

    late = await correct(bench, f"{number} 金额改成8000")

    assert (other.responses, late.responses) == (["utter_role_not_allowed"], ["utter_already_decided"])


async def test_what_was_sent_back_is_handed_in_again_with_the_correction(bench: Bench) -> None:
    number = started(bench)
    bench.desk.handle(DecideTask(number, "approve_by_manager", "return", "no quote"), bench.actor(Role.MANAGER))

    card = await correct(bench, f"{number} 供应商改成晨光")
    await press(bench, card, "confirm", login=CLERK)

    assert card.card["title"].startswith("重新提交") and fact(card, "supplier") == "晨光"
    assert (case(bench, number).status, case(bench, number).values["supplier"]) == ("waiting_for_manager", "晨光")


def test_what_may_be_added_is_offered_to_a_yes_and_not_to_a_refusal() -> None:
    read = read_definition(read_folder(ROOT / "processes" / "credit_application"), 1)
    draft = CaseDraft(DECIDE, read.process, "CA-1001", "decide_by_finance", decision="approve")

    assert [each.name for each in draft.open_optional(read)] == ["granted_limit"]
    assert list(replace(draft, decision="reject").open_optional(read)) == []
