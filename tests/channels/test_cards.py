"""Buttons: whose they are, and that they work once."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.gateway import TENANT, Gateway, tab


async def test_a_press_reaches_rasa_as_an_intent_with_the_card_in_the_token(gateway: Gateway) -> None:
    card = gateway.issue_card()
    gateway.rasa.answer = gateway.consume_card
    async with tab(gateway) as here, tab(gateway) as there:
        await here.press("p-1", card.id)
        updated = (await there.wait("card_updated"))[0]
        resumed = await here.resume()

    assert gateway.rasa.heard == ["/affirm"]
    assert (gateway.rasa.claims()["card"], gateway.rasa.claims()["action"]) == (card.id, "confirm")
    assert (updated["id"], updated["state"]) == (card.id, "used")
    assert (updated["outcome"]["text"], updated["outcome"]["by"]) == ("是", "林晓 Lin Xiao")
    assert resumed["messages"][0]["text"] == "是"


async def test_no_is_a_press_too(gateway: Gateway) -> None:
    card = gateway.issue_card()
    async with tab(gateway) as clerk:
        await clerk.press("p-1", card.id, "reject")
        await clerk.wait("bot_uttered")

    assert gateway.rasa.heard == ["/deny"]


async def test_pressed_twice_at_once_works_once(gateway: Gateway) -> None:
    card = gateway.issue_card()
    gateway.rasa.answer, gateway.rasa.delay = gateway.consume_card, 0.2
    async with tab(gateway) as here, tab(gateway) as there:
        await asyncio.gather(here.press("p-1", card.id), there.press("p-2", card.id))
        await here.wait("turn_ended", 2)

    assert gateway.rasa.heard == ["/affirm"]
    assert sorted(ended.get("code", "") for ended in here.of("turn_ended")) == ["", "card_used"]


async def test_a_used_card_an_expired_card_and_an_unknown_button_are_refused(gateway: Gateway) -> None:
    used, expired = gateway.issue_card(), gateway.issue_card(minutes=5)
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.cards.consume(used.id, "clerk", "confirm", gateway.clock())
        uow.commit()
    gateway.clock.forward(minutes=6)
    fresh = gateway.issue_card()
    async with tab(gateway) as clerk:
        acks = [
            await clerk.press("p-1", used.id),
            await clerk.press("p-2", expired.id),
            await clerk.press("p-3", "no-such-card"),
            await clerk.press("p-4", fresh.id, "choose:1"),
        ]
        resumed = await clerk.resume()

    assert [ack["code"] for ack in acks] == ["card_used", "card_expired", "card_unknown", "card_action_unknown"]
    assert resumed["messages"] == [] and gateway.rasa.heard == []
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        noted = [(row.actor, row.cause, row.outcome, row.detail["code"]) for row in uow.audit.list()][::-1]
    assert noted == [("clerk", f"p-{n}", "refused", ack["code"]) for n, ack in enumerate(acks, start=1)]


async def test_somebody_elses_card_is_as_unknown_as_none(gateway: Gateway) -> None:
    card = gateway.issue_card("manager")
    async with tab(gateway, "clerk") as clerk:
        theirs = await clerk.press("p-1", card.id)
        none = await clerk.press("p-2", "0" * 32)

    assert theirs == none and theirs["code"] == "card_unknown"
    assert gateway.rasa.heard == []


async def test_a_card_that_a_newer_one_replaces_is_shown_so(gateway: Gateway) -> None:
    first = gateway.issue_card()

    def answer(body: Any) -> Any:
        with gateway.desk.unit_of_work(TENANT) as uow:
            uow.cards.supersede_open("clerk")
            uow.commit()
        return [{"custom": {"card": {"id": gateway.issue_card().id, "kind": "command", "state": "open"}}}]

    gateway.rasa.answer = answer
    async with tab(gateway) as clerk:
        await clerk.say("m-1", "30 boxes")
        updated = (await clerk.wait("card_updated"))[0]

    assert updated == {"id": first.id, "state": "superseded", "outcome": None}


async def test_a_card_in_the_transcript_is_shown_as_it_is_now(gateway: Gateway) -> None:
    cards: list[str] = []

    def answer(body: Any) -> Any:
        if body["message"] == "/affirm":
            return gateway.consume_card(body)
        card = gateway.issue_card()
        cards.append(card.id)
        return [{"custom": {"card": {"id": card.id, "kind": "command", "state": "open", "outcome": None}}}]

    gateway.rasa.answer = answer
    async with tab(gateway) as clerk:
        await clerk.say("m-1", "cancel SO-1001")
        await clerk.wait("bot_uttered")
        await clerk.press("p-1", cards[0])
        await clerk.wait("turn_ended", 2)
        resumed = await clerk.resume()

    shown = next(message["card"] for message in resumed["messages"] if message["card"])
    assert shown["state"] == "used" and shown["outcome"]["by"] == "林晓 Lin Xiao"


async def test_a_press_whose_answer_was_lost_is_repeated_under_the_same_id(hurried: None, gateway: Gateway) -> None:
    """The action committed and died before it answered: the card is used, by this very message."""
    card = gateway.issue_card()

    def answer(body: Any) -> Any:
        reply = gateway.consume_card(body)
        return [] if len(gateway.rasa.requests) == 1 else reply

    gateway.rasa.answer = answer
    async with tab(gateway) as clerk:
        await clerk.press("p-1", card.id)
        await clerk.wait("error")
        gateway.clock.forward(seconds=5)
        uttered = await clerk.wait("bot_uttered")

    assert gateway.rasa.heard == ["/affirm", "/affirm"]
    assert gateway.rasa.claims(0)["message_id"] == gateway.rasa.claims(1)["message_id"]
    assert uttered[0]["text"] == "done"
