"""A conversation goes to a person and back: the queue over HTTP, and what customer and colleague see live."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from deskhand.channels.handovers import ask
from deskhand.gateway.door import DOOR
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from tests.support.gateway import TENANT, Gateway, Json, open_session_in_other_tenant, problem, tab, until

CUSTOMER = Actor("customer", Role.CUSTOMER, TENANT, "chat", "message-1", "huaxing")


def wish(gateway: Gateway, user: str = "customer", reason: str = "asked") -> str:
    """As the action does it; the id of the handover."""
    with gateway.desk.unit_of_work(TENANT) as uow:
        conversation = uow.conversations.open(user, "chat", language="en")
        assert conversation is not None
        who = Actor(user, Role.CUSTOMER, TENANT, "chat", "message-1")
        made, _ = ask(uow, who, conversation.id, reason, "en", "talk to a person")
        uow.commit()
    return made.id


def asks_for_person(gateway: Gateway, words: str = "person") -> None:
    """From now on Rasa's action does so when it hears the word, and echoes all else."""

    def answer(body: Json) -> list[Json]:
        if words in body["message"]:
            wish(gateway, gateway.rasa.claims()["sub"])
        return [{"recipient_id": body["sender"], "text": f"heard: {body['message']}"}]

    gateway.rasa.answer = answer


async def post(gateway: Gateway, login: str, path: str, body: Json | None = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    async with gateway.http(login, **headers) as http:
        async with http.post(f"/api/handovers/{path}", json=body or {}) as response:
            assert response.status == 200, await response.text()
            return await response.json()


async def refused(gateway: Gateway, login: str, path: str, status: int, code: str, body: Json | None = None) -> Any:
    async with gateway.http(login) as http, http.post(f"/api/handovers/{path}", json=body or {}) as response:
        return (await problem(response, status, code))["data"]


async def queue(gateway: Gateway, login: str = "clerk", **query: str) -> Any:
    async with gateway.http(login) as http, http.get("/api/handovers", params=query) as response:
        assert response.status == 200, await response.text()
        return await response.json()


def texts(messages: list[Json]) -> list[str]:
    return [message["text"] for message in messages]


async def test_who_asks_stands_in_the_queue_and_the_bot_goes_on(gateway: Gateway) -> None:
    asks_for_person(gateway)
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        takes = [one.of("session_confirm")[0]["takes_handovers"] for one in (clerk, customer)]
        await customer.say("m-1", "a person please")
        assert (await customer.wait("handover"))[0] == {"state": "waiting", "name": None}
        await clerk.wait("handovers")
        listed = await queue(gateway)
        await customer.say("m-2", "and where is my order?")
        await customer.wait("bot_uttered", 2)

    [waiting] = listed["items"]
    assert takes == [True, False]
    assert (listed["waiting"], waiting["who"], waiting["reason"]) == (1, "刘洋 Liu Yang", "asked")
    assert gateway.rasa.heard == ["a person please", "and where is my order?"]


async def test_a_conversation_goes_to_a_person_and_back(gateway: Gateway) -> None:
    made = wish(gateway)
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        await post(gateway, "clerk", f"{made}/claim")
        await customer.say("m-1", "hello, is this a person?")
        heard = texts([each["message"] for each in await clerk.wait("handover_message", 2)])
        await post(gateway, "clerk", f"{made}/reply", {"text": "Yes. What is it?"})
        reply = (await customer.wait("bot_uttered", 2))[-1]
        assert gateway.rasa.heard == []  # the bot is silent
        await post(gateway, "clerk", f"{made}/return")
        await customer.say("m-2", "thanks, bot")
        await until(lambda: gateway.rasa.heard, "the bot takes over again")
        standings = [(each["state"], each["name"]) for each in await customer.wait("handover", 2)]
        told = (await customer.resume())["messages"]

    assert heard[-1] == "hello, is this a person?" and gateway.rasa.heard == ["thanks, bot"]
    assert (reply["text"], reply["by"], reply["turn"]) == ("Yes. What is it?", "林晓 Lin Xiao", None)
    assert standings == [("person", "林晓 Lin Xiao"), ("bot", None)]
    notes = [(message["note"], message["by"]) for message in told if message["note"] or message["by"]]
    assert notes == [("person_joined", None), (None, "林晓 Lin Xiao"), ("handover_returned", None)]
    assert (await queue(gateway))["items"] == []
    [over] = (await queue(gateway, state="closed"))["items"]
    assert (over["outcome"], over["closed_by"]) == ("returned", "林晓 Lin Xiao")


async def test_two_claim_at_once_and_the_other_learns_who_has_it(gateway: Gateway) -> None:
    made = wish(gateway)
    async with gateway.http("clerk") as clerk, gateway.http("manager") as manager:
        answers = await asyncio.gather(*(http.post(f"/api/handovers/{made}/claim") for http in (clerk, manager)))
        bodies = [await answer.json(content_type=None) for answer in answers]

    assert sorted(answer.status for answer in answers) == [200, 409]
    won, lost = sorted(bodies, key=lambda body: body.get("code") is not None)
    assert lost["code"] == "handover_taken" and lost["data"]["name"] == won["taken_by"]
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [(row.action, row.outcome) for row in uow.audit.list() if row.action == "claim_handover"]
    assert sorted(rows) == [("claim_handover", "done"), ("claim_handover", "refused")]


async def test_what_is_done_twice_is_done_once(gateway: Gateway) -> None:
    made = wish(gateway)
    for _ in range(2):
        await post(gateway, "clerk", f"{made}/claim")
        await post(gateway, "clerk", f"{made}/reply", {"text": "Good morning"}, key="k-1")
    again = {"text": "Something else"}
    async with gateway.http("clerk", **{"Idempotency-Key": "k-1"}) as http:
        await problem(await http.post(f"/api/handovers/{made}/reply", json=again), 422, "idempotency_key_reused")
    for _ in range(2):
        await post(gateway, "clerk", f"{made}/return")

    async with gateway.http("clerk") as http:
        shown = await (await http.get(f"/api/handovers/{made}")).json()
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        said = [message.text for message in uow.messages.after(shown["conversation"], 0) if message.written_by]
        done = [row.action for row in uow.audit.list() if row.outcome == "done"]
    assert said == ["Good morning"]
    assert sorted(done) == ["ask_for_person", "claim_handover", "end_handover", "reply_handover"]


async def test_only_the_person_who_has_it_answers(gateway: Gateway) -> None:
    made = wish(gateway)
    text = {"text": "hello"}
    await refused(gateway, "clerk", f"{made}/reply", 409, "handover_waiting", text)
    await refused(gateway, "clerk", f"{made}/return", 409, "handover_waiting")
    await post(gateway, "clerk", f"{made}/claim")
    for act in ("reply", "return", "close", "claim"):
        data = await refused(
            gateway, "manager", f"{made}/{act}", 409, "handover_taken", text if act == "reply" else None
        )
        assert data["name"] == "林晓 Lin Xiao"
    await post(gateway, "clerk", f"{made}/close")
    await refused(gateway, "clerk", f"{made}/reply", 409, "handover_over", text)
    await refused(gateway, "manager", f"{made}/claim", 409, "handover_over")

    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        codes = [row.detail["code"] for row in uow.audit.list() if row.outcome == "refused"]
    assert sorted(codes) == ["handover_over"] * 2 + ["handover_taken"] * 4 + ["handover_waiting"] * 2


async def test_one_that_waits_can_be_closed_without_being_taken(gateway: Gateway) -> None:
    made = wish(gateway)
    async with tab(gateway, "customer") as customer:
        await post(gateway, "manager", f"{made}/close")
        note = (await customer.wait("bot_uttered"))[0]

    assert note["note"] == "handover_not_needed"


@pytest.mark.parametrize("login", ["customer", "acme", "warehouse", "finance"])
async def test_who_may_not_reaches_nothing_and_it_is_noted(gateway: Gateway, login: str) -> None:
    made = wish(gateway)
    async with gateway.http(login) as http:
        await problem(await http.get("/api/handovers"), 403, "role_not_allowed")
        await problem(await http.get(f"/api/handovers/{made}"), 403, "role_not_allowed")
    for act in ("claim", "reply", "return", "close"):
        await refused(
            gateway, login, f"{made}/{act}", 403, "role_not_allowed", {"text": "x"} if act == "reply" else None
        )

    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [(row.actor, row.action, row.outcome) for row in uow.audit.list() if row.outcome == "refused"]
        assert rows == [(login, "take_handovers", "refused")] * 6
        assert [each.state for each in uow.handovers.list()] == ["waiting"]


async def test_another_company_sees_none_of_it(gateway: Gateway) -> None:
    made, stranger = wish(gateway), open_session_in_other_tenant(gateway)
    async with gateway.http(None, Authorization=f"Bearer {stranger}") as http:
        assert (await (await http.get("/api/handovers")).json())["items"] == []
        await problem(await http.get(f"/api/handovers/{made}"), 404, "handover_unknown")
        for act in ("claim", "return", "close"):
            await problem(await http.post(f"/api/handovers/{made}/{act}"), 404, "handover_unknown")
        await problem(await http.post(f"/api/handovers/{made}/reply", json={"text": "x"}), 404, "handover_unknown")

    with gateway.desk.unit_of_work("other", read_only=True) as uow:
        assert {row.detail["code"] for row in uow.audit.list() if row.outcome == "refused"} == {"handover_unknown"}


async def test_nobody_takes_what_they_asked_for_themselves(gateway: Gateway) -> None:
    made = wish(gateway, "clerk")

    await refused(gateway, "clerk", f"{made}/claim", 409, "handover_own")
    await post(gateway, "manager", f"{made}/claim")


async def test_the_customer_takes_the_bot_back_by_saying_so(gateway: Gateway) -> None:
    made = wish(gateway)
    await post(gateway, "clerk", f"{made}/claim")
    async with tab(gateway, "customer") as customer, tab(gateway, "clerk") as clerk:
        assert customer.of("session_confirm")[0]["handover"] == {"state": "person", "name": "林晓 Lin Xiao"}
        answer = await customer.say("m-1", "Back to the bot, please")
        assert (await customer.wait("handover"))[0]["state"] == "bot"
        assert (await customer.wait("bot_uttered"))[0]["note"] == "handover_left"
        assert (
            texts([each["message"] for each in await clerk.wait("handover_message", 2)])[0] == "Back to the bot, please"
        )
        again = await customer.say("m-1", "Back to the bot, please")
        await customer.say("m-2", "hello")
        await until(lambda: gateway.rasa.heard, "the bot is asked again")

    assert answer == again and gateway.rasa.heard == ["hello"]
    await refused(gateway, "clerk", f"{made}/reply", 409, "handover_over", {"text": "wait"})


async def test_a_wait_ends_by_saying_so_too(gateway: Gateway) -> None:
    wish(gateway)
    async with gateway.http("customer") as http:
        body = await (await http.post("/api/chat", json={"text": "不用人工了"})).json()

    assert body["messages"] == [] and body["handover"]["state"] == "bot"
    assert gateway.rasa.heard == [] and (await queue(gateway))["items"] == []


async def test_a_program_learns_that_a_person_has_the_conversation(gateway: Gateway) -> None:
    made = wish(gateway)
    async with gateway.http("customer") as http:
        waiting = await (await http.post("/api/chat", json={"text": "hello", "id": "m-1"})).json()
        await post(gateway, "clerk", f"{made}/claim")
        taken = await (await http.post("/api/chat", json={"text": "hello?", "id": "m-2"})).json()
        repeated = await (await http.post("/api/chat", json={"text": "hello?", "id": "m-2"})).json()

    assert texts(waiting["messages"]) == ["heard: hello"] and waiting["handover"]["state"] == "waiting"
    assert taken["messages"] == [] and taken == repeated
    assert (taken["handover"]["state"], taken["handover"]["name"]) == ("person", "林晓 Lin Xiao")
    assert "林晓 Lin Xiao answers this conversation" in taken["handover"]["said"]
    assert gateway.rasa.heard == ["hello"]


async def test_buttons_are_the_bots_and_say_so_while_a_person_has_the_conversation(gateway: Gateway) -> None:
    made = wish(gateway)
    await post(gateway, "clerk", f"{made}/claim")
    card = gateway.issue_card("customer")
    async with tab(gateway, "customer") as customer:
        answer = await customer.press("m-1", card.id)
        await post(gateway, "clerk", f"{made}/return")
        gateway.rasa.answer = gateway.consume_card
        after = await customer.press("m-2", card.id)
        await customer.wait("card_updated")

    assert (answer["ok"], answer["code"]) == (False, "person_answers") and "林晓 Lin Xiao" in answer["message"]
    assert after["ok"] is True


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
