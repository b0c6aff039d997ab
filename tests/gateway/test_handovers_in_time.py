"""A conversation between the bot and a person: what either had begun, who does not come, who falls silent."""

from __future__ import annotations

import asyncio

import pytest

from deskhand.channels.inbound import Inbound
from deskhand.channels.turns import Speaker, Turns
from deskhand.gateway.door import DOOR
from tests.support.gateway import TENANT, Gateway, Json, tab, until
from tests.support.handovers import post, queue, refused, texts, wish


async def test_what_the_bot_did_before_the_person_came_is_said_and_what_it_had_not_begun_is_theirs(
    gateway: Gateway,
) -> None:
    card = gateway.issue_card("customer")
    made = wish(gateway)
    gateway.rasa.answer, gateway.rasa.together = gateway.consume_card, asyncio.Barrier(2)
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        await customer.press("m-1", card.id)
        await until(lambda: gateway.rasa.heard, "the bot is at work")
        with gateway.desk.unit_of_work(TENANT) as uow:  # as the action has stored it by now
            uow.messages.save_turn_result(gateway.rasa.claims()["message_id"], {"responses": []})
            uow.cards.consume(card.id, "customer", "confirm", gateway.clock())
            uow.commit()
        await customer.say("m-2", "and another thing")
        await post(gateway, "clerk", f"{made}/claim")
        await gateway.rasa.together.wait()
        await customer.wait("card_updated")
        told = texts([each["message"] for each in await clerk.wait("handover_message", 2)])

    assert gateway.rasa.heard == ["/affirm"] and "done" in told


async def test_what_the_bot_did_is_said_though_a_person_has_come_and_gone_meanwhile(gateway: Gateway) -> None:
    card = gateway.issue_card("customer")
    made = wish(gateway)
    gateway.rasa.answer, gateway.rasa.together = gateway.consume_card, asyncio.Barrier(2)
    async with tab(gateway, "customer") as customer:
        await customer.press("m-1", card.id)
        await until(lambda: gateway.rasa.heard, "the bot is at work")
        with gateway.desk.unit_of_work(TENANT) as uow:  # as the action has stored it by now
            uow.messages.save_turn_result(gateway.rasa.claims()["message_id"], {"responses": []})
            uow.cards.consume(card.id, "customer", "confirm", gateway.clock())
            uow.commit()
        await post(gateway, "clerk", f"{made}/claim")
        await post(gateway, "clerk", f"{made}/return")
        await gateway.rasa.together.wait()
        await customer.wait("card_updated")
        said = texts(await customer.wait("bot_uttered", 3))

    assert "done" in said


async def test_more_than_a_page_of_them_is_looked_through_and_one_company_s_fault_is_its_own(gateway: Gateway) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        talks = [uow.conversations.start("customer", f"channel-{n}") for n in range(201)]
        for n, talk in enumerate(talks):
            made, _ = uow.handovers.ask(talk.id, "customer", "asked", "en")
            if n == 0:
                uow.handovers.take(made.id, talk.id, "clerk")
        uow.commit()
    gateway.clock.forward(minutes=20)

    assert await gateway.app[DOOR].chat.colleagues.take_back(["nobody's", TENANT]) == 1


async def test_two_gateways_announce_a_wish_for_a_person_once(gateway: Gateway) -> None:
    turns, speaker = gateway.app[DOOR].chat.turns, Speaker(TENANT, "customer")
    received = turns.receive(speaker, Inbound("m-1", "转人工"))
    turn = turns.next(TENANT, received.conversation.id)
    assert turn is not None
    other = Turns(gateway.desk, gateway.clock)
    other._waiting = lambda uow, conversation: [turn.message]  # type: ignore[method-assign]  # as it was read before

    first, second = turns.ask_instead(turn), other.ask_instead(turn)

    assert first is not None and first[1] is not None and second == (turn.id, None)
    said = [each["note"] for each in turns.transcript(speaker, received.conversation.id, 0, 9) if each.get("text")]
    assert len(said) == 2  # the wish, and what was said to it


async def test_nobody_comes_and_it_is_said_honestly(gateway: Gateway) -> None:
    wish(gateway)
    colleagues = gateway.app[DOOR].chat.colleagues
    async with tab(gateway, "customer") as customer:
        gateway.clock.forward(minutes=29)
        assert await colleagues.take_back([TENANT, "other"]) == 0
        gateway.clock.forward(minutes=1)
        assert await colleagues.take_back([TENANT, "other"]) == 1
        assert await colleagues.take_back([TENANT, "other"]) == 0
        note = (await customer.wait("bot_uttered"))[0]
        assert (await customer.wait("handover"))[0]["state"] == "bot"

    assert note["note"] == "handover_nobody_came" and "30" in note["text"]
    [over] = (await queue(gateway, state="closed"))["items"]
    assert (over["outcome"], over["closed_by"]) == ("nobody_came", None)


async def test_a_person_who_falls_silent_gives_it_back_without_knowing(gateway: Gateway) -> None:
    made = wish(gateway)
    colleagues = gateway.app[DOOR].chat.colleagues
    await post(gateway, "clerk", f"{made}/claim")
    gateway.clock.forward(minutes=10)
    await post(gateway, "clerk", f"{made}/reply", {"text": "One moment"})
    gateway.clock.forward(minutes=60)
    assert await colleagues.take_back([TENANT]) == 0  # the person has the last word
    async with gateway.http("customer") as http:
        await http.post("/api/chat", json={"text": "and?"})
        gateway.clock.forward(minutes=15)
        assert await colleagues.take_back([TENANT]) == 1
        body = await (await http.post("/api/chat", json={"text": "hello bot"})).json()

    assert texts(body["messages"]) == ["heard: hello bot"]
    [over] = (await queue(gateway, state="closed"))["items"]
    assert over["outcome"] == "person_silent"


async def test_the_pending_question_is_said_again_when_the_bot_is_back(gateway: Gateway) -> None:
    made = wish(gateway)
    gateway.rasa.answer = lambda body: [{"recipient_id": body["sender"], "text": "How many boxes?"}]
    async with gateway.http("customer") as http:
        await http.post("/api/chat", json={"text": "paper please"})
        with gateway.desk.unit_of_work(TENANT) as uow:
            uow.drafts.save(uow.drafts.new("customer", "order", {}, "quantity"))
            uow.commit()
        await post(gateway, "clerk", f"{made}/claim")
        await post(gateway, "clerk", f"{made}/reply", {"text": "I'm here"})
        back = await post(gateway, "clerk", f"{made}/return")

    assert back["messages"][-1]["note"] == "handover_question" and "How many boxes?" in back["messages"][-1]["text"]
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        draft = uow.drafts.open_of("customer")
        assert draft is not None and draft.asked == "quantity"


async def test_who_asks_for_a_person_while_the_bot_is_away_does_not_wait_for_it(gateway: Gateway) -> None:
    await gateway.rasa.stop()
    async with tab(gateway, "customer") as customer:
        await customer.say("m-1", "where is my order?")
        await customer.wait("error")
        await customer.say("m-2", "转人工")
        assert (await customer.wait("handover"))[0]["state"] == "waiting"
        [waiting] = (await queue(gateway))["items"]
        await post(gateway, "clerk", f"{waiting['id']}/claim")
        async with gateway.http("clerk") as http:
            shown = await (await http.get(f"/api/handovers/{waiting['id']}")).json()
        await gateway.rasa.start()
        await gateway.app[DOOR].chat.retry(gateway.clock() - gateway.clock())

    assert waiting["reason"] == "failed"
    assert [m["text"] for m in shown["messages"] if m["direction"] == "in"] == ["where is my order?", "转人工"]
    assert gateway.rasa.heard == []


async def test_who_is_told_that_a_person_was_asked_is_not_told_that_nobody_answers(gateway: Gateway) -> None:
    await gateway.rasa.stop()
    async with tab(gateway, "customer") as customer:
        await customer.say("m-1", "转人工")
        await customer.wait("handover")
        await customer.say("m-2", "where is my order?")
        [waits] = await customer.wait("error")
        ended = await customer.wait("turn_ended", 2)

    assert [(each["ok"], each["turn"] == waits["turn"]) for each in ended] == [(True, False), (False, True)]


async def test_the_transcript_is_read_from_a_cursor_and_ends_where_the_bot_took_over(gateway: Gateway) -> None:
    async with gateway.http("customer") as customer, gateway.http("clerk") as clerk:
        await customer.post("/api/chat", json={"text": "hello"})
        made = wish(gateway)
        first = await (await clerk.get(f"/api/handovers/{made}")).json()
        await post(gateway, "clerk", f"{made}/claim")
        later = await (
            await clerk.get(f"/api/handovers/{made}", params={"after": str(first["messages"][-1]["seq"])})
        ).json()
        await post(gateway, "clerk", f"{made}/return")
        gateway.clock.forward(minutes=1)
        await customer.post("/api/chat", json={"text": "this is between me and the bot"})
        after = await (await clerk.get(f"/api/handovers/{made}")).json()

    assert texts(first["messages"]) == ["hello", "heard: hello"]
    assert [message["note"] for message in later["messages"]] == ["person_joined"]
    assert "this is between me and the bot" not in texts(after["messages"])


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 7}, {"text": "a\x00b"}, {"text": "hi", "by": "x"}])
async def test_a_reply_that_is_none_is_refused(gateway: Gateway, body: Json) -> None:
    made = wish(gateway)
    await post(gateway, "clerk", f"{made}/claim")
    async with gateway.http("clerk") as http, http.post(f"/api/handovers/{made}/reply", json=body) as response:
        assert response.status == 422


async def test_a_delegate_answers_in_both_names(gateway: Gateway) -> None:
    made = wish(gateway)
    async with gateway.http("clerk") as http:
        assert (await http.post("/api/delegations", json={"delegate": "finance", "until": "2026-11-29"})).status == 201
    await post(gateway, "finance", f"{made}/claim")

    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        [row] = [row for row in uow.audit.list() if row.action == "claim_handover"]
    assert (row.actor, row.on_behalf_of, row.role) == ("finance", "clerk", "sales")


async def test_who_deletes_the_conversation_leaves_the_queue(gateway: Gateway) -> None:
    made = wish(gateway)
    async with tab(gateway, "clerk") as clerk, tab(gateway, "customer") as customer, gateway.http("customer") as http:
        conversation = customer.of("session_confirm")[0]["conversation"]
        assert (await http.delete(f"/api/conversations/{conversation}")).status == 204
        await clerk.wait("handovers")
        assert (await customer.wait("handover"))[0]["state"] == "bot"

    await refused(gateway, "clerk", f"{made}/claim", 404, "handover_unknown")
    assert (await queue(gateway))["items"] == []
