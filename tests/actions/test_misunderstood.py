"""What was not understood is noted beside the message: in what way, what it was taken for, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.ask_policy import AskPolicyAction, DeclineAction
from actions.desk_action import DeskAction
from actions.did_you_mean import DidYouMeanAction
from actions.misunderstood import Misreading, note
from actions.query_order import QueryOrderAction
from deskhand.store import Misread, Misunderstood
from tests.support.bench import Bench

RANKING = [("cancel_order", 0.5), ("confirm_order", 0.3), ("out_of_scope", 0.15), ("deny", 0.05)]


def noted(bench: Bench) -> list[Misunderstood]:
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        return uow.misunderstood.list()


@pytest.mark.parametrize(
    ("action", "text", "intent", "ranking", "how"),
    [
        (DidYouMeanAction, "1001那个处理一下", "nlu_fallback", RANKING, Misread.ASKED),
        (DidYouMeanAction, "zxczxc", "nlu_fallback", [], Misread.FELL_BACK),
        (DeclineAction, "book me a flight", "out_of_scope", [("out_of_scope", 0.9)], Misread.DECLINED),
        (AskPolicyAction, "what about gift cards", "ask_policy", [("ask_policy", 0.9)], Misread.NO_PASSAGE),
    ],
)
async def test_it_is_noted_what_became_of_the_message_and_what_it_was_taken_for(
    bench: Bench, action: type[DeskAction], text: str, intent: str, ranking: list[tuple[str, float]], how: Misread
) -> None:
    await bench.run(action, "clerk", text, intent=intent, confidence=0.4321987, ranking=ranking)

    (one,) = noted(bench)
    assert (one.text, one.how, one.intent, one.confidence, one.label) == (text, how, intent, 0.4322, None)
    assert one.others == dict(ranking[:3])


async def test_an_answer_is_not_noted(bench: Bench) -> None:
    number = bench.placed().number

    await bench.run(QueryOrderAction, "clerk", f"{number}到哪了", intent="query_order")
    await bench.run(DeclineAction, "clerk", "保修期是多久", intent="out_of_scope")

    assert noted(bench) == []


async def test_what_was_meant_after_all_is_not_noted_again(bench: Bench) -> None:
    order = bench.placed()
    asked = await bench.run(DidYouMeanAction, "clerk", f"{order.number} it", intent="nlu_fallback", ranking=RANKING)
    claims: dict[str, Any] = {"card": asked.card["id"], "action": "choose:2"}

    await bench.run(AnswerCardAction, "clerk", "/choose", intent="choose", **claims)

    assert [(one.text, one.chosen) for one in noted(bench)] == [(f"{order.number} it", "confirm_order")]


async def test_a_repeat_of_the_turn_leaves_one_note(bench: Bench) -> None:
    message = bench.message_id("clerk", "hm")
    for _ in range(2):
        await bench.run(DidYouMeanAction, "clerk", "hm", intent="nlu_fallback", ranking=[], message_id=message)

    assert [one.id for one in noted(bench)] == [message]


def test_what_cannot_be_noted_changes_nothing_for_who_wrote(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    note(bench.desk, Misreading("no such company", "m", Misread.ASKED, {}))

    assert "could not be noted" in caplog.text
