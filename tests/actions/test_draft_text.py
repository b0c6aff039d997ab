"""Texts by chat: said at once from the facts, in both languages; what is not so is not written."""

from __future__ import annotations

import pytest

from actions.answer_card import AnswerCardAction
from actions.draft_text import DraftTextAction, asked_in
from actions.wording import Wording
from deskhand.orders.commands import ConfirmOrder
from deskhand.orders.status import Role
from deskhand.writing.jobs import KINDS
from tests.support.bench import Bench, Said
from tests.support.desks import ROOT


def text_of(said: Said) -> str:
    return next(str(each["text"]) for each in said.messages if each.get("text") and not each.get("response"))


@pytest.mark.parametrize(
    ("language", "asked", "states"),
    [
        ("zh", "写一封关于 {} 的回复", "待确认"),
        ("en", "draft a reply to the customer about {}", "awaiting confirmation"),
    ],
)
async def test_a_reply_says_how_the_order_stands(bench: Bench, language: str, asked: str, states: str) -> None:
    number = bench.placed().number

    said = await bench.run(DraftTextAction, "clerk", asked.format(number), language=language)

    assert number in text_of(said) and states in text_of(said)


async def test_a_confirmation_is_not_written_before_the_order_is_confirmed(bench: Bench) -> None:
    number = bench.placed().number

    early = await bench.run(DraftTextAction, "clerk", f"write a confirmation note for {number}", language="en")
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.SALES))
    now = await bench.run(DraftTextAction, "clerk", f"write a confirmation note for {number}", language="en")

    assert "utter_text_not_possible" in early.responses
    assert text_of(early) == "A confirmation is written for an order that is confirmed and has not shipped."
    assert f"your order {number} is confirmed" in text_of(now)


@pytest.mark.parametrize(
    ("language", "asked", "days"),
    [
        ("zh", "给华星拟合同 账期30天", "30天"),
        ("zh", "给华星拟合同条款，账期四十五天，质保12个月", "45天"),
        ("en", "contract for Huaxing, terms 30 days", "30 days"),
    ],
)
async def test_a_clause_has_the_terms_that_were_said(bench: Bench, language: str, asked: str, days: str) -> None:
    said = await bench.run(DraftTextAction, "clerk", asked, language=language)

    assert days in text_of(said)
    assert [each["about"] for each in said.messages if each.get("response") == "utter_text_drafted"] == [
        "华星科技有限公司"
    ]


def test_every_kind_of_text_says_what_it_needs() -> None:
    assert set(Wording.load(ROOT / "processes")._entries["text_needs"]) == set(KINDS)


@pytest.mark.parametrize(
    ("language", "asked", "days"),
    [("en", "contract for Acme, terms 30 days", "30 days"), ("zh", "给Acme拟合同，账期30天", "30天")],
)
async def test_part_of_a_name_gives_a_short_list(bench: Bench, language: str, asked: str, days: str) -> None:
    listed = await bench.run(DraftTextAction, "clerk", asked, language=language)
    picked = {"card": listed.card["id"], "action": "choose:1"}
    chosen = await bench.run(AnswerCardAction, "clerk", intent="choose", language=language, **picked)

    assert listed.responses == ["utter_customer_ambiguous"]
    assert days in text_of(chosen) and "Acme" in text_of(chosen)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("draft a reply about SO-1001: where are my goods?", "where are my goods?"),
        ("帮我回复“货到哪里了”，订单SO-1001", "货到哪里了"),
        ("draft a reply about SO-1001", ""),
    ],
)
def test_what_the_customer_wrote_is_told_from_what_the_clerk_wants(text: str, asked: str) -> None:
    assert asked_in(text) == asked


async def test_what_is_not_said_is_asked_for(bench: Bench) -> None:
    batch = await bench.run(DraftTextAction, "clerk", "写质检报告", language="zh")
    contract = await bench.run(DraftTextAction, "clerk", "contract clause for Huaxing", language="en")
    order = await bench.run(DraftTextAction, "clerk", "draft a reply", language="en")
    unknown = await bench.run(DraftTextAction, "clerk", "write the quality report for batch B99", language="en")

    assert batch.responses == ["utter_text_of_which_batch"]
    assert contract.responses == ["utter_text_of_which_contract"]
    assert order.responses == ["utter_text_of_which_order"]
    assert "utter_text_not_possible" in unknown.responses


async def test_a_customer_has_no_texts_written(bench: Bench) -> None:
    number = bench.placed().number

    said = await bench.run(DraftTextAction, "customer", f"draft a reply about {number}", language="en")

    assert "utter_role_not_allowed" in said.responses
