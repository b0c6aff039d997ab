"""The token, the repeat, faults: what holds for every action."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actions.ask_help import AskHelpAction
from actions.confirm_order import ConfirmOrderAction
from actions.desk_action import DeskAction
from actions.registry import ACTIONS
from actions.talk_to_person import TalkToPersonAction
from actions.turn import Event, Turn
from deskhand.channels.turn_token import mint, verify
from deskhand.orders.errors import DeskhandError
from tests.support.bench import SECRET, Bench


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.action_name)
async def test_without_a_token_nothing_is_done(bench: Bench, action: type[DeskAction]) -> None:
    bench.placed()

    said = await bench.run(action, "clerk", "确认订单SO-1001", token="")

    assert set(said.responses) == {"utter_turn_refused"} and not said.cards


async def test_forged_and_expired_tokens_are_refused(bench: Bench) -> None:
    message = bench.message_id("clerk", "帮助")
    good = bench.token("clerk", message)
    forged = mint(verify(good, [SECRET], bench.clock()), "another-secret-than-that-of-the-gateway-01", bench.clock())
    bench.clock.forward(minutes=6)

    for token in (forged, good, good[:-3] + "abc"):
        assert (await bench.run(AskHelpAction, "clerk", "帮助", token=token)).responses == ["utter_turn_refused"]


async def test_older_tokens_in_the_tracker_are_never_looked_at(bench: Bench) -> None:
    old = bench.token("manager", bench.message_id("manager", "x"))
    event = {"event": "user", "text": "x", "metadata": {"token": old}}

    said = await bench.run(AskHelpAction, "clerk", "帮助", token="", events=[event])

    assert said.responses == ["utter_turn_refused"]


async def test_a_repeat_gets_the_kept_answer_and_no_second_event(bench: Bench) -> None:
    message = bench.message_id("customer", "转人工")

    first = await bench.run(TalkToPersonAction, "customer", "转人工", message_id=message)
    second = await bench.run(TalkToPersonAction, "customer", "转人工", message_id=message)

    assert first.responses == second.responses == ["utter_person_requested"]
    with bench.desk.unit_of_work("demo") as uow:
        found = uow.outbox.claim("notify", 10, 60, bench.clock() + timedelta(minutes=1))
    assert [delivery.event.name for delivery in found] == ["PersonRequested"]
    assert found[0].event.payload["said"] == "转人工"


async def test_the_notice_of_a_wish_for_a_person_quotes_what_was_said(bench: Bench) -> None:
    await bench.run(TalkToPersonAction, "customer", "价格不对，转人工")
    bench.desk.project_notifications("demo")

    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        texts = [row.payload["text"] for row in uow.notifications.since(0)]
    assert texts
    assert all("希望与工作人员对话：“价格不对，转人工”" in text["zh"] and "to a person" in text["en"] for text in texts)


async def test_a_repeated_question_shows_the_same_card(bench: Bench) -> None:
    number = bench.placed().number
    message = bench.message_id("clerk", f"确认{number}")

    cards = [
        (await bench.run(ConfirmOrderAction, "clerk", f"确认{number}", message_id=message)).card["id"] for _ in range(2)
    ]

    assert cards[0] == cards[1]


class Broken(DeskAction):
    action_name = "action_broken"

    def act(self, turn: Turn) -> list[Event]:
        turn.changed = True
        raise RuntimeError("a fault of ours")


class Refusing(DeskAction):
    action_name = "action_refusing"

    def act(self, turn: Turn) -> list[Event]:
        turn.say("utter_greet")
        turn.uow.drafts.save(turn.uow.drafts.new(turn.user_id, "place_order", {}, "customer"))
        raise DeskhandError()


async def test_a_fault_is_said_without_a_traceback_and_changes_nothing(bench: Bench) -> None:
    assert (await bench.run(Broken, "clerk", "x")).responses == ["utter_failed"]


async def test_a_refusal_takes_back_what_the_action_had_begun_and_said(bench: Bench) -> None:
    said = await bench.run(Refusing, "clerk", "x")

    assert said.responses == ["utter_refused"]
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.drafts.open_of("clerk") is None


@pytest.mark.parametrize(
    ("login", "steps"),
    [
        ("customer", ["取消"]),
        ("clerk", ["确认", "发货信息", "取消"]),
        ("warehouse", ["入库", "发货信息", "完成发运"]),
        ("finance", []),
        ("manager", ["确认", "取消"]),
        ("admin", ["取消"]),
    ],
)
async def test_help_offers_what_the_role_may_do_and_nothing_else(bench: Bench, login: str, steps: list[str]) -> None:
    said = await bench.run(AskHelpAction, login, "帮助")

    offered = said.values("utter_help")["abilities"]
    all_steps = ["确认", "入库", "发货信息", "完成发运", "取消"]
    assert [step for step in all_steps if step in offered.replace("确认 SO", "确认")] == steps
    assert ("登记收款" in offered) is (login == "finance")
    assert ("录订单" in offered, "下单" in offered) == (login in {"clerk", "manager"}, login == "customer")
