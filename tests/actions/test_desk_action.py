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
from deskhand.channels.turn_token import mint
from deskhand.orders.errors import DeskhandError
from tests.actions.conftest import Bench


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.action_name)
async def test_without_a_token_nothing_is_done(bench: Bench, action: type[DeskAction]) -> None:
    bench.placed()

    said = await bench.run(action, "clerk", "确认订单SO-1001", token="")

    assert set(said.responses) == {"utter_turn_refused"} and not said.cards


async def test_forged_and_expired_tokens_are_refused(bench: Bench) -> None:
    message = bench.message_id("clerk", "帮助")
    good = bench.token("clerk", message)
    claims = AskHelpAction(bench.services).verified(good)
    forged = mint(claims, "x" * 48, bench.clock())
    bench.clock.pass_(minutes=6)

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


@pytest.mark.parametrize("login", ["customer", "clerk", "warehouse", "finance", "manager", "admin"])
async def test_help_is_the_roles_own(bench: Bench, login: str) -> None:
    roles = {"clerk": "sales", "admin": "manager"}

    assert (await bench.run(AskHelpAction, login, "help")).responses == [f"utter_help_{roles.get(login, login)}"]
