"""Turns over a real socket, a real store, and a webhook that behaves like Rasa's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deskhand.channels import chat
from deskhand.gateway import app as gateway_app
from deskhand.gateway.limits import Rate
from tests.support.deskhand import free_ports
from tests.support.gateway import TENANT, Clock, FakeRasa, Gateway, open_desk, running_gateway, tab, until


def stored(gateway: Gateway, user: str = "clerk") -> list[tuple[str, str | None, bool]]:
    """(direction, text, answered) of everything in the user's conversation."""
    with gateway.desk.unit_of_work(TENANT) as uow:
        conversation = uow.conversations.open(user, "chat")
        assert conversation is not None
        return [(m.direction, m.text, m.answered) for m in uow.messages.after(conversation.id, 0)]


async def test_a_message_is_stored_acknowledged_and_answered_in_every_tab(gateway: Gateway) -> None:
    async with tab(gateway) as here, tab(gateway) as there:
        ack = await here.say("m-1", "客户华星要20箱A4纸")
        uttered = (await here.wait("bot_uttered"))[0]
        echo = (await there.wait("message"))[0]
        await there.wait("bot_uttered")
        ended = (await here.wait("turn_ended"))[0]

    assert ack["ok"] and ack["seq"] == 1
    assert uttered["text"] == "heard: 客户华星要20箱A4纸" and uttered["seq"] == 2 and uttered["turn"] == ack["id"]
    assert (echo["text"], echo["client_id"], echo["direction"]) == ("客户华星要20箱A4纸", "m-1", "in")
    assert here.of("message") == []
    assert ended == {"turn": ack["id"], "ok": True}
    assert [event for event, _ in here.events].index("turn_started") < [e for e, _ in here.events].index("bot_uttered")


async def test_rasa_is_told_who_speaks_by_a_token_and_nothing_else(gateway: Gateway) -> None:
    async with tab(gateway, "customer") as customer:
        pretended = {"role": "admin", "tenant": "other"}
        ack = await customer.call("user_uttered", {"id": "m", "text": "我的货到哪了", **pretended})
        await customer.wait("bot_uttered")

    claims, request = gateway.rasa.claims(), gateway.rasa.requests[0]
    assert (claims["sub"], claims["role"], claims["tenant"], claims["customer_id"]) == (
        "customer",
        "customer",
        TENANT,
        "huaxing",
    )
    assert (claims["message_id"], f"{claims['conversation']}-0") == (ack["id"], request["sender"])
    assert (claims["language"], claims["card"], claims["channel"]) == ("zh", None, "chat")
    assert set(request["metadata"]) == {"token"}


async def test_the_language_follows_the_message_and_numbers_leave_it(gateway: Gateway) -> None:
    async with tab(gateway) as clerk:
        for index, text in enumerate(["你好", "30", "two printers please", "30"], start=1):
            await clerk.say(f"m-{index}", text)
            await clerk.wait("bot_uttered", index)

    assert [gateway.rasa.claims(index)["language"] for index in range(4)] == ["zh", "zh", "en", "en"]


@pytest.mark.parametrize(
    ("typed", "heard"),
    [("/affirm", "affirm"), ("/restart", "restart"), ('/confirm_order{"n": "SO-1"}', None), ("／deny", "deny")],
)
async def test_a_payload_typed_by_a_person_is_only_text(gateway: Gateway, typed: str, heard: str | None) -> None:
    async with tab(gateway) as clerk:
        await clerk.say("m-1", typed)
        await clerk.wait("bot_uttered")

    assert gateway.rasa.heard == [heard or typed[1:]]
    assert stored(gateway)[0][1] == typed


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"id": "m", "text": "  "}, "message_empty"),
        ({"id": "m", "text": "订" * 10_000}, "message_too_long"),
        ({"id": "m", "text": "a\x00b"}, "message_not_text"),
        ({"id": "m", "text": b"\x00\x01"}, "message_not_text"),
        (b"\x00", "message_invalid"),
        (None, "message_invalid"),
    ],
)
async def test_what_is_no_message_is_refused_and_changes_nothing(gateway: Gateway, data: Any, code: str) -> None:
    async with tab(gateway) as clerk:
        ack = await clerk.call("user_uttered", data)

        assert (ack["ok"], ack["code"]) == (False, code)
        assert ack["message"]
    assert stored(gateway) == [] and gateway.rasa.heard == []


async def test_the_same_message_sent_twice_is_one_turn(gateway: Gateway) -> None:
    gateway.rasa.delay = 0.2
    async with tab(gateway) as clerk:
        acks = await asyncio.gather(clerk.say("m-1", "hello"), clerk.say("m-1", "hello"))
        await clerk.wait("turn_ended")
        late = await clerk.say("m-1", "hello")

    assert acks[0] == acks[1] == late
    assert gateway.rasa.heard == ["hello"]
    assert len(clerk.of("bot_uttered")) == 1


async def test_messages_of_one_conversation_are_answered_one_at_a_time_in_order(gateway: Gateway) -> None:
    at_once: list[int] = []

    def answer(body: Any) -> Any:
        at_once.append(len(gateway.rasa.requests) - len(stored_replies()))
        return [{"text": f"re {body['message']}"}]

    def stored_replies() -> list[Any]:
        return [row for row in stored(gateway) if row[0] == "out"]

    gateway.rasa.answer, gateway.rasa.delay = answer, 0.05
    async with tab(gateway) as clerk:
        await asyncio.gather(*(clerk.say(f"m-{index}", f"text {index}") for index in range(5)))
        await clerk.wait("turn_ended", 5)

    order = [text for direction, text, _ in stored(gateway) if direction == "in"]
    assert gateway.rasa.heard == order
    assert at_once == [1] * 5


async def test_two_users_do_not_wait_for_each_other(gateway: Gateway) -> None:
    gateway.rasa.together = asyncio.Barrier(2)
    async with tab(gateway) as clerk, tab(gateway, "finance") as finance:
        await asyncio.gather(clerk.say("m", "one"), finance.say("m", "two"))
        await asyncio.gather(clerk.wait("turn_ended"), finance.wait("turn_ended"))

        assert len(clerk.of("bot_uttered")) == len(finance.of("bot_uttered")) == 1


async def test_while_rasa_is_down_the_user_is_told_and_answered_when_it_is_back(
    hurried: None, gateway: Gateway
) -> None:
    await gateway.rasa.stop()
    async with tab(gateway) as clerk:
        await clerk.say("m-1", "帮助")
        await clerk.say("m-2", "你好")
        error = (await clerk.wait("error"))[0]
        ended = (await clerk.wait("turn_ended"))[0]

        assert error["code"] == ended["code"] == "bot_unavailable" and "保存" in error["message"]
        assert [row[2] for row in stored(gateway)] == [False, False]

        gateway.clock.forward(seconds=5)
        await gateway.rasa.start()
        uttered = await clerk.wait("bot_uttered", 2)

    assert [one["text"] for one in uttered] == ["heard: 帮助", "heard: 你好"]
    assert len(clerk.of("error")) == 1
    assert [row[2] for row in stored(gateway)] == [True] * 4


@pytest.mark.parametrize("trouble", ["empty", "slow", "broken"])
async def test_an_empty_slow_or_broken_answer_is_a_failure_that_is_tried_again(
    tmp_path: Path, hurried: None, trouble: str
) -> None:
    async with running_gateway(tmp_path, rasa_seconds=0.3) as gateway, tab(gateway) as clerk:
        good = gateway.rasa.answer
        gateway.rasa.answer = (lambda body: []) if trouble == "empty" else good
        gateway.rasa.delay = 2.0 if trouble == "slow" else 0.0
        gateway.rasa.status = 500 if trouble == "broken" else 200
        ack = await clerk.say("m-1", "hello")
        assert (await clerk.wait("error"))[0]["code"] == "bot_unavailable"

        gateway.rasa.answer, gateway.rasa.delay, gateway.rasa.status = good, 0.0, 200
        gateway.clock.forward(seconds=5)
        await clerk.wait("bot_uttered")

        assert {gateway.rasa.claims(index)["message_id"] for index in range(len(gateway.rasa.requests))} == {ack["id"]}


async def test_a_message_that_a_running_bot_never_answers_does_not_hold_up_the_next(
    hurried: None, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway.app[gateway_app.DOOR].chat, "_patience_seconds", 0.0)
    gateway.rasa.answer = lambda body: [] if body["message"] == "poison" else [{"text": "fine"}]
    async with tab(gateway) as clerk:
        await clerk.say("m-1", "poison")
        await clerk.say("m-2", "hello")
        uttered = await clerk.wait("bot_uttered", 2)

        assert "could not be answered" in uttered[0]["text"] or "处理失败" in uttered[0]["text"]
        assert uttered[1]["text"] == "fine"
        assert clerk.of("turn_ended")[0]["code"] == "turn_failed"


async def test_a_restarted_gateway_answers_what_was_left(tmp_path: Path, hurried: None) -> None:
    clock = Clock()
    desk, rasa = open_desk(tmp_path, clock), FakeRasa(free_ports(1)[0])
    async with running_gateway(tmp_path, clock, desk, rasa) as before, tab(before) as clerk:
        await clerk.say("m-1", "hello")
        await clerk.wait("error")

    await rasa.start()
    clock.forward(seconds=10)
    async with running_gateway(tmp_path, clock, desk, rasa) as after:
        await until(lambda: len(stored(after)) == 2, "the answer")
        async with tab(after) as clerk:
            resumed = await clerk.resume()

    assert [message["text"] for message in resumed["messages"]] == ["hello", "heard: hello"]
    await rasa.stop()
    desk.database.close()


async def test_yesterdays_message_is_not_carried_out(hurried: None, gateway: Gateway) -> None:
    await gateway.rasa.stop()
    async with tab(gateway) as clerk:
        await clerk.say("m-1", "cancel SO-1001")
        await clerk.wait("error")
    gateway.clock.forward(hours=25)
    await gateway.rasa.start()
    await until(lambda: len(stored(gateway)) == 2, "the answer")

    assert gateway.rasa.heard == []
    assert "not carried out" in str(stored(gateway)[1][1])


async def test_too_many_messages_are_refused(tmp_path: Path) -> None:
    async with running_gateway(tmp_path, chat_rate=Rate(3, 0.01)) as gateway, tab(gateway) as clerk:
        acks = [await clerk.say(f"m-{index}", "hello") for index in range(4)]

    assert [ack["ok"] for ack in acks] == [True, True, True, False]
    assert acks[3]["code"] == "too_many_requests"


async def test_a_conversation_holds_only_so_many_unanswered_messages(gateway: Gateway) -> None:
    await gateway.rasa.stop()
    async with tab(gateway) as clerk:
        acks = [await clerk.say(f"m-{index}", "hello") for index in range(21)]

    assert all(ack["ok"] for ack in acks[:20])
    assert acks[20]["code"] == "too_many_messages"


async def test_resume_gives_what_was_missed_page_by_page(gateway: Gateway) -> None:
    async with tab(gateway) as clerk:
        for index in range(3):
            await clerk.say(f"m-{index}", f"text {index}")
        await clerk.wait("turn_ended", 3)
    async with tab(gateway) as later:
        confirmed = later.of("session_confirm")[0]
        everything = await later.resume()
        rest = await later.resume(conversation=4)

    assert confirmed["latest_seq"] == 6 and confirmed["user"]["role"] == "sales"
    assert [message["seq"] for message in everything["messages"]] == [1, 2, 3, 4, 5, 6]
    assert [message["seq"] for message in rest["messages"]] == [5, 6] and not rest["more"]


def test_retries_are_quick_enough_to_be_waited_for() -> None:
    assert chat.RETRY_SECONDS <= 5 < chat.PATIENCE_SECONDS
