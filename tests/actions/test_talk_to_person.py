"""Asking for a person, and being offered one by who gets no further."""

from __future__ import annotations

from typing import Any

import pytest

from actions import stuck
from actions.ask_policy import DeclineAction
from actions.query_order import QueryOrderAction
from actions.talk_to_person import TalkToPersonAction
from tests.support.bench import Bench

Event = dict[str, Any]
REPEATED, FAILED = "utter_offer_person_repeated", "utter_offer_person_failed"


def user(text: str, intent: str = "", at: float | None = None) -> Event:
    return {"event": "user", "text": text, "parse_data": {"intent": {"name": intent}}, "timestamp": at}


def bot(response: str) -> Event:
    return {"event": "bot", "text": "...", "metadata": {"utter_action": response}}


def turn(text: str, response: str, intent: str = "", at: float | None = None) -> list[Event]:
    return [user(text, intent, at), bot(response)]


def before(*turns: list[Event], text: str) -> list[Event]:
    """As the bench adds them: after its own first message, the last is the one that is answered."""
    return [each for said in turns for each in said] + [user(text)]


# --- asking


async def test_the_conversation_enters_the_queue_and_colleagues_are_told_once(bench: Bench) -> None:
    first = await bench.run(TalkToPersonAction, "customer", "转人工", intent="talk_to_person")
    again = await bench.run(TalkToPersonAction, "customer", "转人工！！", intent="talk_to_person")

    assert first.responses == ["utter_person_requested"]
    assert again.responses == ["utter_person_already_requested"]
    with bench.desk.unit_of_work(bench.tenant, read_only=True) as uow:
        [waiting] = uow.handovers.list()
        conversation = uow.conversations.get(waiting.conversation_id)
        assert conversation is not None
        rows = [(row.actor, row.action, row.target) for row in uow.audit.list()]
    assert (waiting.user_id, waiting.reason, waiting.language, waiting.state) == ("customer", "asked", "zh", "waiting")
    assert (conversation.state, conversation.person_id) == ("waiting", None)
    assert rows == [("customer", "ask_for_person", waiting.id)]

    bench.desk.project_notifications(bench.tenant)
    with bench.desk.unit_of_work(bench.tenant, read_only=True) as uow:
        told = uow.notifications.after(("role:sales", "role:manager"), 0, 10)
    assert sorted(each.audience for each in told) == ["role:manager", "role:sales"]
    assert {each.payload["handover"] for each in told} == {waiting.id}


@pytest.mark.parametrize(("response", "reason"), [(REPEATED, "repeated"), (FAILED, "failed")])
async def test_a_colleague_is_told_why_a_person_was_offered(bench: Bench, response: str, reason: str) -> None:
    offered = before(turn("asdf", response), text="转人工")
    await bench.run(TalkToPersonAction, "customer", "转人工", intent="talk_to_person", events=offered)

    with bench.desk.unit_of_work(bench.tenant, read_only=True) as uow:
        assert [each.reason for each in uow.handovers.list()] == [reason]


# --- being offered one


async def test_the_third_time_the_same_is_asked_a_person_is_offered(bench: Bench) -> None:
    number = bench.placed().number
    asked = turn(f"{number}到哪了", "utter_order_found", "query_order")
    text = f"那{number}什么时候发货？"
    events = [*asked, *asked, user(text, "query_order")]

    said = await bench.run(QueryOrderAction, "customer", text, intent="query_order", events=events)

    assert said.responses[-1] == REPEATED


async def test_two_failures_in_a_row_offer_a_person(bench: Bench) -> None:
    events = before(turn("blah", "utter_not_understood"), text="火星天气")

    said = await bench.run(DeclineAction, "customer", "火星天气", intent="out_of_scope", events=events)

    assert said.responses == ["utter_out_of_scope", FAILED]


async def test_nobody_who_waits_for_a_person_is_offered_one(bench: Bench) -> None:
    await bench.run(TalkToPersonAction, "customer", "转人工", intent="talk_to_person")
    events = before(turn("blah", "utter_not_understood"), text="火星天气")

    said = await bench.run(DeclineAction, "customer", "火星天气", intent="out_of_scope", events=events)

    assert said.responses == ["utter_out_of_scope"]


def asked(text: str, *earlier: list[Event], intent: str = "query_order", customer: bool = True) -> str | None:
    return stuck.offer([*(e for said in earlier for e in said), user(text, intent, 1000.0)], ["utter_x"], customer)


def question(text: str, at: float = 990.0, intent: str = "query_order") -> list[Event]:
    return turn(text, "utter_x", intent, at)


def test_a_question_is_the_same_in_other_words_about_the_same_order() -> None:
    assert asked("1042到哪了", question("where is 1042?"), question("单号1042 还没收到")) == REPEATED
    assert asked("1042到哪了", question("where is 1043?"), question("单号1042 还没收到")) is None
    assert asked("还没收到货", question("我的货呢"), question("where is my order?")) == REPEATED
    assert asked("Acme的呢？", question("华星的到哪了"), question("天河的到哪了"), customer=False) is None


def test_asking_again_after_something_was_done_or_much_later_is_no_repeat() -> None:
    same = "列出待确认的订单"
    yes = [user("/affirm", "affirm", 995.0), bot("utter_command_done")]
    done = turn("确认1042", "utter_x", "confirm_order", 995.0)

    assert asked(same, question(same, intent="list_orders"), question(same, intent="list_orders"), intent="list_orders")
    for between in (yes, done):
        given = (question(same, intent="list_orders"), question(same, intent="list_orders"), between)
        assert asked(same, *given, intent="list_orders") is None
    late = question(same, at=50.0, intent="list_orders")
    assert asked(same, late, question(same, intent="list_orders"), intent="list_orders") is None


def test_what_was_offered_is_not_offered_with_every_answer() -> None:
    same = question("1042到哪了")
    offered = [*same, bot(REPEATED)]

    assert asked("1042到哪了", same, same, offered) is None
    assert asked("1042到哪了", same, same, offered, same, same) == REPEATED
    in_vain = turn("blah", "utter_not_understood")
    assert stuck.offer([*in_vain, bot(FAILED), user("blah")], ["utter_not_understood"], True) is None
    assert stuck.offer([*in_vain, user("转人工")], ["utter_failed"], True) is None


def test_saying_yes_or_a_quantity_three_times_is_no_question() -> None:
    for text, intent in (("是", "affirm"), ("3箱", "change_draft"), ("你好", "greet")):
        assert asked(text, question(text, intent=intent), question(text, intent=intent), intent=intent) is None
