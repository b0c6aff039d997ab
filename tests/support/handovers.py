"""Conversations that go to a person, over the HTTP API of a running gateway."""

from __future__ import annotations

from typing import Any

from deskhand.channels.handovers import ask
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from tests.support.gateway import TENANT, Gateway, Json, problem

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
