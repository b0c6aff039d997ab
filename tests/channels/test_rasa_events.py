"""A chat window that was made for Rasa's own Socket.IO channel, with nothing but a token of ours."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.gateway.door import SOCKETS
from deskhand.gateway.rasa_events import as_ours, as_theirs, is_theirs
from tests.support.gateway import TENANT, Gateway, Tab, tab

CARD = {
    "id": "c-1", "kind": "order_draft", "state": "open", "language": "en", "title": "New order", "status": None,
    "facts": [{"label": "Customer", "value": "Huaxing"}],
    "lines": [{"name": "A4 paper", "quantity": "20", "unit": "box", "unit_price": "100.00", "amount": "2,000.00"}],
    "total": {"label": "Total", "value": "2,000.00 CNY"},
    "actions": [{"id": "confirm", "label": "Place it"}, {"id": "reject", "label": "Leave it"}],
}  # fmt: skip


@asynccontextmanager
async def window(gateway: Gateway, session_id: object = None, login: str = "clerk") -> AsyncIterator[Tab]:
    """Asks for a session as such windows do."""
    async with tab(gateway, login) as opened:
        await opened.client.emit("session_request", {"session_id": session_id})
        await opened.wait("session_confirm", 2)
        yield opened


async def test_it_says_a_text_and_hears_the_answer(gateway: Gateway) -> None:
    async with window(gateway) as theirs, tab(gateway) as ours:
        await theirs.client.emit("user_uttered", {"message": "二十箱A4纸", "customData": {}, "session_id": "x"})
        heard = (await theirs.wait("bot_uttered"))[0]
        shown = (await ours.wait("bot_uttered"))[0]

    assert heard == {"text": "heard: 二十箱A4纸"}
    assert shown["text"] == heard["text"] and "seq" in shown
    assert not theirs.of("message")


async def test_a_session_id_decides_nothing(gateway: Gateway) -> None:
    """Another's conversation is neither entered nor heard, and what is said is one's own."""
    async with tab(gateway, "manager") as victim:
        conversation = victim.of("session_confirm")[0]["conversation"]
        async with window(gateway, conversation) as theirs:
            confirmed = theirs.of("session_confirm")[-1]
            await theirs.client.emit("user_uttered", {"message": "hello", "session_id": conversation})
            await theirs.wait("bot_uttered")
            await victim.say("m-1", "mine")
            await victim.wait("bot_uttered")

    assert confirmed != conversation
    assert gateway.rasa.claims(0)["sub"] == "clerk"
    assert len(theirs.of("bot_uttered")) == 1 and len(victim.of("bot_uttered")) == 1


async def test_a_card_is_told_in_words_and_its_buttons_work(gateway: Gateway) -> None:
    card = gateway.issue_card()
    gateway.rasa.answer = lambda body: [{"custom": {"card": {**CARD, "id": card.id}}}]
    async with window(gateway) as theirs:
        await theirs.client.emit("user_uttered", {"message": "20 boxes"})
        heard = (await theirs.wait("bot_uttered"))[0]
        gateway.rasa.answer = gateway.consume_card
        place = next(each for each in heard["quick_replies"] if each["title"] == "Place it")
        await theirs.client.emit("user_uttered", {"message": place["payload"]})
        await theirs.wait("bot_uttered", 2)

    assert heard["text"].splitlines() == [
        "New order", "Customer: Huaxing", "A4 paper · 20 box × 100.00 = 2,000.00", "Total: 2,000.00 CNY",
    ]  # fmt: skip
    assert (gateway.rasa.claims()["card"], gateway.rasa.claims()["action"]) == (card.id, "confirm")


async def test_a_refusal_is_said_by_the_bot(gateway: Gateway) -> None:
    async with window(gateway) as theirs:
        await theirs.client.emit("user_uttered", {"message": "x" * 5000})
        await theirs.client.emit("user_uttered", {"message": {"no": "text"}})

        assert all(said["text"] for said in await theirs.wait("bot_uttered", 2))
    assert gateway.rasa.requests == []


async def test_an_intent_that_begins_a_talk_reaches_nobody(gateway: Gateway) -> None:
    async with window(gateway) as theirs:
        for intent in ("/get_started", "/session_start", '/affirm{"a": 1}'):
            assert (await theirs.call("user_uttered", {"message": intent}))["ok"]
        await theirs.client.emit("user_uttered", {"message": "hello"})
        await theirs.wait("bot_uttered")

    assert gateway.rasa.heard == ["hello"]


async def test_it_stays_a_window_of_that_kind_when_rights_are_looked_at_again(gateway: Gateway) -> None:
    async with window(gateway) as theirs:
        week = {"delegate": "clerk", "until": "2026-11-29"}
        async with gateway.http("manager") as http, http.post("/api/delegations", json=week) as lent:
            assert lent.status == 201
        await gateway.app[SOCKETS].check_sessions()
        await theirs.client.emit("user_uttered", {"message": "hello"})
        await theirs.wait("bot_uttered")
        await theirs.resume()

    assert theirs.of("bot_uttered") == [{"text": "heard: hello"}]


ANYTHING = st.recursive(
    st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(ANYTHING)
def test_whatever_is_said_has_our_form_or_none(message: Any) -> None:
    data = {"message": message}
    assert is_theirs(data)
    ours = as_ours(data)
    assert ours is None or ("id" in ours and ("text" in ours) != ("card" in ours))


@pytest.mark.parametrize("written", ["", "{", "[]", "7", '{"card": 5}'])
def test_a_payload_that_is_none_presses_nothing(written: str) -> None:
    ours = as_ours({"message": f"/deskhand{written}"})
    assert ours is None or not isinstance(ours.get("card", {}).get("id"), str)


def test_a_used_card_has_no_buttons(gateway: Gateway) -> None:
    used = {**CARD, "state": "used", "outcome": {"text": "Placed", "by": "Lin Xiao", "at": "2026-11-22T08:00:00+00:00"}}
    said = as_theirs({"text": "Done.", "card": used}, gateway.desk.tenant(TENANT))

    assert "quick_replies" not in said
    assert said["text"].startswith("Done.\nNew order") and "Placed · Lin Xiao" in json.dumps(said, ensure_ascii=False)
