"""A conversation goes to a person and back: the queue over HTTP, and what customer and colleague see live."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.gateway import TENANT, Gateway, open_session_in_other_tenant, problem, tab, until
from tests.support.handovers import asks_for_person, post, queue, refused, texts, wish


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
