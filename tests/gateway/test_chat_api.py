"""Chat for programs: `POST /api/chat` and the conversations behind it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.gateway import TENANT, Gateway, problem, tab


async def test_a_message_is_answered_in_the_response_and_in_the_browser(gateway: Gateway) -> None:
    async with tab(gateway) as clerk, gateway.http("clerk") as http:
        body = await (await http.post("/api/chat", json={"text": "你好", "id": "m-1"})).json()
        await clerk.wait("message")
        await clerk.wait("bot_uttered")
        shown = await (await http.get(f"/api/conversations/{body['conversation']}")).json()

    assert [message["text"] for message in body["messages"]] == ["heard: 你好"]
    assert [message["text"] for message in shown["messages"]] == ["你好", "heard: 你好"]
    assert body["messages"][0]["turn"] == body["turn"]


async def test_the_same_id_is_one_turn(gateway: Gateway) -> None:
    gateway.rasa.delay = 0.2
    async with gateway.http("clerk", **{"Idempotency-Key": "k-1"}) as http:
        answers = await asyncio.gather(*(http.post("/api/chat", json={"text": "hello"}) for _ in range(3)))
        bodies = [await answer.json() for answer in answers]

    assert bodies[0] == bodies[1] == bodies[2] and len(bodies[0]["messages"]) == 1
    assert gateway.rasa.heard == ["hello"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "message_empty"),
        ({}, 422, "message_empty"),
        ({"text": "订" * 10_000}, 413, "message_too_long"),
        ({"text": "a\x00b"}, 422, "message_not_text"),
        ({"text": "hi", "conversation": "0" * 32}, 404, "conversation_unknown"),
        ({"text": "hi", "conversation": 7}, 422, "message_invalid"),
        ({"card": {"id": "x", "action": "confirm"}}, 404, "card_unknown"),
        ([], 422, "invalid_request"),
    ],
)
async def test_bad_input_is_refused_and_stored_nowhere(gateway: Gateway, body: Any, status: int, code: str) -> None:
    async with gateway.http("clerk") as http:
        await problem(await http.post("/api/chat", json=body), status, code)
        await problem(await http.post("/api/chat", data=b"\x00\xff\xfe"), 422, "invalid_request")
        conversations = await (await http.get("/api/conversations")).json()
        for one in conversations["items"]:
            shown = await (await http.get(f"/api/conversations/{one['id']}")).json()
            assert shown["messages"] == []
    assert gateway.rasa.heard == []


async def test_without_rasa_the_message_is_kept_and_the_caller_told(gateway: Gateway) -> None:
    await gateway.rasa.stop()
    async with gateway.http("clerk") as http:
        response = await http.post("/api/chat", json={"text": "help", "id": "m-1"})
        refused = await problem(response, 503, "bot_unavailable")
        await gateway.rasa.start()
        again = await (await http.post("/api/chat", json={"text": "help", "id": "m-1"})).json()

    assert refused["data"]["turn"] == again["turn"]
    assert [message["text"] for message in again["messages"]] == ["heard: help"]


async def test_a_conversation_belongs_to_its_user(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk, gateway.http("manager") as manager:
        body = await (await clerk.post("/api/chat", json={"text": "hello"})).json()
        path = f"/api/conversations/{body['conversation']}"
        theirs = {"text": "hi", "conversation": body["conversation"]}

        await problem(await manager.get(path), 404, "conversation_unknown")
        await problem(await manager.delete(path), 404, "conversation_unknown")
        await problem(await manager.post("/api/chat", json=theirs), 404, "conversation_unknown")
        assert (await clerk.delete(path)).status == 204
        await problem(await clerk.get(path), 404, "conversation_unknown")
        await problem(await clerk.get("/api/conversations/" + "x" * 5000), 404, "conversation_unknown")

    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        refused = [(row.actor, row.target) for row in uow.audit.list() if row.outcome == "refused"]
    conversation = body["conversation"]
    assert refused == [("clerk", "x" * 64), ("clerk", conversation), *[("manager", conversation)] * 3]


async def test_a_transcript_is_read_page_by_page(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        for index in range(3):
            body = await (await http.post("/api/chat", json={"text": f"text {index}"})).json()
        path, after, seen = f"/api/conversations/{body['conversation']}", 0, []
        while after is not None:
            page = await (await http.get(path, params={"after": str(after), "limit": "4"})).json()
            seen += [message["seq"] for message in page["messages"]]
            after = page["next"]

    assert seen == [1, 2, 3, 4, 5, 6]
