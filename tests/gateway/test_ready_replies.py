"""Answers that are ready for a customer whom a person serves: offered to that person, or said at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.gateway.test_replies import drafted
from tests.support.desks import placed
from tests.support.gateway import TENANT, Gateway, tab
from tests.support.handovers import post, wish

WORDS = "Hello, your order {order} stands like this now: {status}."


def approved(gateway: Gateway, replies: str = "offered") -> None:
    tenant = gateway.desk.tenants[TENANT]
    gateway.desk.tenants = {**gateway.desk.tenants, TENANT: replace(tenant, replies=replies)}
    drafted(gateway, WORDS)
    with gateway.desk.unit_of_work(TENANT) as uow:
        found = uow.reply_templates.get("where_is_it", "en", 1)
        assert found is not None
        uow.reply_templates.approve(found, "manager")
        uow.commit()


async def shown(gateway: Gateway, handover: str, login: str = "clerk") -> Any:
    async with gateway.http(login) as http, http.get(f"/api/handovers/{handover}") as response:
        assert response.status == 200, await response.text()
        return await response.json()


def kept(gateway: Gateway, number: str) -> list[tuple[str, str]]:
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        texts = uow.texts.of_order(uow.orders.get(number).id)
    return [(each.source, each.text) for each in texts if each.kind == "customer_reply"]


async def test_who_serves_a_customer_is_offered_the_answer_and_says_it_with_one_request(gateway: Gateway) -> None:
    number, made = placed(gateway.desk).number, wish(gateway)
    approved(gateway)
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        await post(gateway, "clerk", f"{made}/claim")
        await customer.say("m-1", f"where is {number}?")
        (told,) = await clerk.wait("handover_offers")
        (offer,) = told["offers"]
        again = (await shown(gateway, made))["offers"]
        await post(gateway, "clerk", f"{made}/reply", {"text": offer["text"]})
        (_, reply) = await customer.wait("bot_uttered", 2)

    assert offer["text"].startswith(f"Hello, your order {number} stands like this now")
    assert (offer["order"], offer["source"], offer["title"]["en"]) == (number, "approved", "Where is it?")
    assert again == [offer] and kept(gateway, number) == [("approved", offer["text"])]
    assert (reply["text"], reply["by"]) == (offer["text"], "林晓 Lin Xiao")
    assert (await shown(gateway, made))["offers"] == []  # it is answered
    assert gateway.rasa.heard == []


async def test_where_the_company_has_it_so_the_desk_says_it_at_once(gateway: Gateway) -> None:
    number, made = placed(gateway.desk).number, wish(gateway)
    approved(gateway, "sent")
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        await post(gateway, "clerk", f"{made}/claim")
        await customer.say("m-1", f"where is {number}?")
        await customer.say("m-1", f"where is {number}?")  # the same once more
        (_, reply) = await customer.wait("bot_uttered", 2)
        heard = [each["message"]["text"] for each in await clerk.wait("handover_message", 3)]
        (told,) = await clerk.wait("handover_offers")

    assert reply["text"].startswith(f"Hello, your order {number} stands like this now") and reply["by"] is None
    assert heard[1:] == [f"where is {number}?", reply["text"]] and told["offers"] == []
    assert kept(gateway, number) == [("approved", reply["text"])]
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        (row,) = [row for row in uow.audit.list() if row.action == "draft_texts"]
    assert (row.actor, row.outcome, row.detail["sent"]) == ("system", "done", "where_is_it")
    assert (await shown(gateway, made))["offers"] == []


async def test_what_nobody_approved_is_offered_even_there(gateway: Gateway) -> None:
    number, made = placed(gateway.desk).number, wish(gateway)
    approved(gateway, "sent")  # in English alone
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        await post(gateway, "clerk", f"{made}/claim")
        await customer.say("m-1", f"{number}到哪了？")
        (told,) = await clerk.wait("handover_offers")

    (offer,) = told["offers"]
    assert (offer["source"], offer["language"], offer["order"]) == ("template", "zh", number)
    assert len(customer.of("bot_uttered")) == 1  # that a person has joined


async def test_it_is_offered_for_each_order_that_may_be_meant_and_sent_for_none_of_them(gateway: Gateway) -> None:
    first, second, made = placed(gateway.desk).number, placed(gateway.desk).number, wish(gateway)
    approved(gateway, "sent")
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        await post(gateway, "clerk", f"{made}/claim")
        await customer.say("m-1", "where is my order?")
        (told,) = await clerk.wait("handover_offers")
        await customer.say("m-2", f"I mean order {first}")
        await customer.say("m-3", "has it shipped?")
        (_, said) = await customer.wait("bot_uttered", 2)

    orders = [offer["order"] for offer in told["offers"]]
    assert {first, second} <= set(orders) and len(orders) <= 3
    assert f"order {first} stands" in said["text"]


@pytest.mark.parametrize(
    "words", ["thank you, good bye", "where is SO-9999999?"], ids=["no inquiry", "an order that is not theirs"]
)
async def test_nothing_is_offered_where_nothing_fits(gateway: Gateway, words: str) -> None:
    number, made = placed(gateway.desk).number, wish(gateway)
    approved(gateway)
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        await post(gateway, "clerk", f"{made}/claim")
        await customer.say("m-1", words)
        (told,) = await clerk.wait("handover_offers")

    assert told["offers"] == [] and kept(gateway, number) == []


async def test_another_customers_order_is_as_if_it_were_not_there(gateway: Gateway) -> None:
    number, made = placed(gateway.desk).number, wish(gateway, "acme")
    approved(gateway, "sent")
    async with tab(gateway, "acme") as customer, tab(gateway, "clerk") as clerk:
        await post(gateway, "clerk", f"{made}/claim")
        await customer.say("m-1", f"where is {number}?")
        (told,) = await clerk.wait("handover_offers")

    assert told["offers"] == [] and len(customer.of("bot_uttered")) == 1


async def test_only_who_has_the_conversation_is_offered_it(gateway: Gateway) -> None:
    number, made = placed(gateway.desk).number, wish(gateway)
    approved(gateway)
    async with tab(gateway, "customer") as customer:
        await post(gateway, "clerk", f"{made}/claim")
        await customer.say("m-1", f"where is {number}?")

    assert len((await shown(gateway, made))["offers"]) == 1
    assert (await shown(gateway, made, "manager"))["offers"] == []


async def test_what_fails_keeps_nobody_from_being_heard(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    made = wish(gateway)
    approved(gateway)

    def broken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("deskhand.channels.ready_replies.ReadyReplies.hear", broken)
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        await post(gateway, "clerk", f"{made}/claim")
        acknowledged = await customer.say("m-1", "where is my order?")
        heard = (await clerk.wait("handover_message", 2))[-1]

    assert acknowledged["ok"] and heard["message"]["text"] == "where is my order?"
