"""The log of what was not understood over HTTP: for administrators, masked; a label for all that are alike."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.store import Misread, new_id
from tests.support.gateway import TENANT, Gateway, problem


def hear(gateway: Gateway, text: str) -> str:
    with gateway.desk.unit_of_work(TENANT) as uow:
        talk = uow.conversations.open("clerk", "chat")
        assert talk is not None
        message, _ = uow.messages.add_inbound(talk.id, new_id(), text)
        uow.misunderstood.note(message.id, Misread.ASKED, {"intent": "nlu_fallback", "confidence": 0.4})
        uow.commit()
    return message.id


async def listed(gateway: Gateway, **query: str) -> list[dict[str, Any]]:
    async with gateway.http("admin") as http:
        response = await http.get("/api/misunderstood", params=query)
        assert response.status == 200, await response.text()
        items: list[dict[str, Any]] = (await response.json())["items"]
        return items


async def test_an_administrator_reads_it_masked_and_says_what_it_means(gateway: Gateway) -> None:
    first = hear(gateway, "deal with 1001 for 华星科技有限公司")
    second = hear(gateway, "deal with 1002 for 华星科技有限公司")

    (found,) = await listed(gateway)
    async with gateway.http("admin") as http:
        answer = await (await http.post(f"/api/misunderstood/{first}/label", json={"intent": "confirm_order"})).json()

    assert (found["id"], found["times"], found["text"]) == (second, 2, "deal with 1002 for <name>")
    assert answer == {"id": first, "label": "confirm_order", "messages": 2}
    assert await listed(gateway, labelled="0") == [] and (await listed(gateway, labelled="1"))[0]["times"] == 2


async def test_an_empty_intent_takes_the_label_away(gateway: Gateway) -> None:
    message = hear(gateway, "hm")
    async with gateway.http("admin") as http:
        for intent in ("greet", ""):
            await http.post(f"/api/misunderstood/{message}/label", json={"intent": intent})

    assert [one["label"] for one in await listed(gateway)] == [None]


@pytest.mark.parametrize("login", ["clerk", "warehouse", "finance", "manager", "customer"])
async def test_nobody_else_reads_or_labels_it(gateway: Gateway, login: str) -> None:
    message = hear(gateway, "hm")
    async with gateway.http(login) as http:
        await problem(await http.get("/api/misunderstood"), 403, "role_not_allowed")
        refused = await http.post(f"/api/misunderstood/{message}/label", json={"intent": "greet"})
        await problem(refused, 403, "role_not_allowed")

    assert [one["label"] for one in await listed(gateway)] == [None]


async def test_what_is_no_label_or_no_message_is_refused(gateway: Gateway) -> None:
    message = hear(gateway, "hm")
    async with gateway.http("admin") as http:
        for body in ({"intent": "Order Pizza"}, {"intent": None}, {"intent": 1}, {}):
            await problem(await http.post(f"/api/misunderstood/{message}/label", json=body), 422, "invalid_request")
        unknown = await http.post(f"/api/misunderstood/{new_id()}/label", json={"intent": "greet"})
        await problem(unknown, 404, "misunderstood_unknown")
        await problem(await http.get("/api/misunderstood", params={"labelled": "yes"}), 422, "invalid_request")
