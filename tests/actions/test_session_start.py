"""A new session, or another channel, goes on where the user's draft was."""

from __future__ import annotations

from actions.order_command import SLOTS, ValidateOrderCommandForm
from actions.place_order import FORM, ChangeDraftAction, ValidatePlaceOrderForm
from actions.session_start import SessionStartAction
from tests.support.bench import Bench, Said


async def start(bench: Bench, login: str = "clerk") -> Said:
    token = bench.token(login, bench.message_id(login, "30"))
    return await bench.run(SessionStartAction, login, slots={"session_started_metadata": {"token": token}}, token="")


async def test_without_a_draft_it_only_starts(bench: Bench) -> None:
    said = await start(bench)

    assert [event["event"] for event in said.events] == ["session_started", "slot", "action"]


async def test_an_open_draft_comes_back_with_its_question(bench: Bench) -> None:
    await bench.run(ValidatePlaceOrderForm, "clerk", "客户华星要20箱A4纸", form=FORM, intent="place_order")
    bench.clock.forward(days=1)

    said = await start(bench)

    assert {"event": "active_loop", "name": FORM, "timestamp": None} in said.events
    assert said.slots["requested_slot"] == "delivery_mode" and said.slots["customer"] == "huaxing"


async def test_a_finished_or_foreign_draft_does_not_come_back(bench: Bench) -> None:
    await bench.run(ValidatePlaceOrderForm, "clerk", "客户华星要20箱A4纸", form=FORM, intent="place_order")
    await bench.run(ValidatePlaceOrderForm, "clerk", "算了", form=FORM)

    assert "requested_slot" not in (await start(bench)).slots
    assert "requested_slot" not in (await start(bench, "manager")).slots


async def test_a_forged_token_starts_an_empty_session(bench: Bench) -> None:
    said = await bench.run(SessionStartAction, "clerk", slots={"session_started_metadata": {"token": "x"}}, token="")

    assert [event["event"] for event in said.events] == ["session_started", "action"]


async def test_a_correction_outside_the_form_picks_the_draft_up(bench: Bench) -> None:
    none = await bench.run(ChangeDraftAction, "clerk", "A4纸改成30箱", intent="change_draft")
    await bench.run(ValidatePlaceOrderForm, "clerk", "客户华星要20箱A4纸", form=FORM, intent="place_order")

    some = await bench.run(ChangeDraftAction, "clerk", "A4纸改成30箱", intent="change_draft")

    assert none.responses == ["utter_no_open_draft"] and some.slots["requested_slot"] == "delivery_mode"


async def test_the_same_as_last_time_begins_an_order_where_there_is_no_draft(bench: Bench) -> None:
    said = await bench.run(ChangeDraftAction, "clerk", "same as last time please", intent="change_draft")

    assert said.responses == []
    assert said.slots["meant"] == {"text": "same as last time please", "intent": "place_order"}
    assert {"event": "active_loop", "name": "place_order_form"}.items() <= next(
        event for event in said.events if event["event"] == "active_loop"
    ).items()


async def test_a_form_without_its_draft_is_left(bench: Bench) -> None:
    said = await bench.run(ValidateOrderCommandForm, "clerk", "1001", form="order_command_form")

    assert said.slots == dict.fromkeys([*SLOTS, "requested_slot"])
