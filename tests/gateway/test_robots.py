"""Robots over HTTP, and what they do told in the conversation of whoever asked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from deskhand.gateway.door import DOOR
from deskhand.gateway.robot_news import tell_of_robots
from deskhand.orders.actions import QUERY_ROBOTS, RUN_ROBOTS, SWITCH_ROBOTS
from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.robots.shift import folder_of
from deskhand.store import Message
from deskhand.store.work_item import ItemState, WorkItem
from tests.support.desks import ACTORS, CLERK
from tests.support.gateway import TENANT, Gateway, problem

ROBOT = "legacy_entry"
PICTURE = b"\x89PNG picture"


class Nobody:
    """In the place of browsers: what was told stands in the conversation."""

    async def tell(self, tenant: str, user_id: str, event: str, message: Mapping[str, Any]) -> None:
        return


@pytest.fixture
def number(gateway: Gateway) -> str:
    lines = (NewLine("PAPER-A4", Decimal(2), "box"),)
    order = gateway.desk.handle(PlaceOrder("huaxing", lines), CLERK).order
    assert order is not None
    return order.number


def claimed(gateway: Gateway) -> WorkItem:
    gateway.clock.forward(seconds=30)
    with gateway.desk.unit_of_work(TENANT) as uow:
        item = uow.work_items.claim(ROBOT, "robot", 600, 5)
        uow.commit()
    assert item is not None
    return item


async def test_work_is_asked_for_once_and_can_be_seen_stopped_and_tried_again(gateway: Gateway, number: str) -> None:
    async with gateway.http("clerk") as http:
        asked = await http.post(f"/api/robots/{ROBOT}/items", json={"reference": number, "priority": 3})
        item = await asked.json()
        assert asked.status == 201 and (item["state"], item["reference"], item["priority"]) == ("new", number, 3)
        again = await (await http.post(f"/api/robots/{ROBOT}/items", json={"reference": number})).json()
        assert again["id"] == item["id"] and item["input"]["number"] == number

        listed = await (await http.get("/api/robot-items", params={"state": "new"})).json()
        assert [each["id"] for each in listed["items"]] == [item["id"]]
        robots = await (await http.get("/api/robots")).json()
        assert next(each for each in robots["items"] if each["name"] == ROBOT)["items"]["new"] == 1
        await problem(await http.post(f"/api/robot-items/{item['id']}/retry", json={}), 409, "item_not_tried_again")
        stopped = await (await http.post(f"/api/robot-items/{item['id']}/stop", json={})).json()
        assert stopped["state"] == "abandoned" and stopped["problem"]["said"]
        await problem(await http.post(f"/api/robot-items/{item['id']}/stop", json={}), 409, "item_not_stopped")
        retried = await (await http.post(f"/api/robot-items/{item['id']}/retry", json={})).json()
        assert retried["state"] == "new"


async def test_what_is_not_there_or_not_right_is_refused(gateway: Gateway, number: str) -> None:
    async with gateway.http("clerk") as http:
        address = f"/api/robots/{ROBOT}/items"
        await problem(await http.post("/api/robots/nobody/items", json={"reference": number}), 404, "robot_not_known")
        await problem(await http.post(address, json={"reference": "SO-7777"}), 404, "not_found")
        await problem(await http.get("/api/robot-items/nothing"), 404, "unknown_item")
        for wrong in (
            {},
            {"reference": number, "priority": 99},
            {"reference": number, "deadline": "2026-12-01T08:00:00"},
        ):
            await problem(await http.post(address, json=wrong), 422, "invalid_request")
        await problem(await http.post(f"/api/robots/{ROBOT}/switch", json={"mode": "stopped"}), 403, "role_not_allowed")
    async with gateway.http("customer") as http:
        await problem(await http.get("/api/robot-items"), 403, "role_not_allowed")


async def test_the_evidence_can_be_had_and_no_page_of_it_is_run(gateway: Gateway, number: str) -> None:
    async with gateway.http("manager") as http:
        await http.post(f"/api/robots/{ROBOT}/items", json={"reference": number})
        item = claimed(gateway)
        folder = folder_of(gateway.settings.robots.kept, TENANT, item.id, 1)
        folder.mkdir(parents=True)
        for kind, file, data in (("screenshot", "001-end.png", PICTURE), ("dom", "002-page.html", b"<script>")):
            (folder / file).write_bytes(data)
            with gateway.desk.unit_of_work(TENANT) as uow:
                piece = {"kind": kind, "name": file, "file": file, "size": len(data), "digest": "0" * 64}
                uow.robots.keep_evidence(item.id, 1, [{**piece, "at": uow.now}])
                uow.commit()

        shown = await (await http.get(f"/api/robot-items/{item.id}")).json()
        picture, page = [await http.get(each["link"]) for each in shown["evidence"]]

        assert await picture.read() == PICTURE and picture.content_type == "image/png"
        assert page.content_type == "text/plain" and "attachment" in page.headers["Content-Disposition"]


async def test_a_manager_switches_a_robot_off_and_on(gateway: Gateway) -> None:
    async with gateway.http("manager") as http:
        for mode in ("stopped", "paused", "running"):
            answer = await http.post(f"/api/robots/{ROBOT}/switch", json={"mode": mode})
            assert (await answer.json())["mode"] == mode
            robots = await (await http.get("/api/robots")).json()
            assert next(each for each in robots["items"] if each["name"] == ROBOT)["mode"] == mode


async def told(gateway: Gateway, conversation: str) -> list[Message]:
    """All that the conversation has heard; the gateway's own rounds may have told some of it."""
    for _ in range(2):  # the second finds nothing more to tell
        await tell_of_robots(gateway.app[DOOR], Nobody())
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.messages.after(conversation, 0)


async def test_steps_the_question_and_the_end_are_told_once_in_the_conversation(gateway: Gateway, number: str) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        talk = uow.conversations.start("clerk", "chat").id
        uow.work_items.add(ROBOT, number, {}, owner="clerk", conversation_id=talk, language="en", attended=True)
        uow.commit()
    item = claimed(gateway)
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.work_items.at_step(item, "fill in the lines")
        uow.commit()
    (standing,) = await told(gateway, talk)
    assert "fill in the lines" in str(standing.card)

    until = gateway.clock().replace(year=2030).isoformat()
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.work_items.ask(item, {"id": "q-1", "what": "save", "picture": "p-1", "expires_at": until})
        uow.commit()
    standing, question = await told(gateway, talk)
    asked: Any = question.card
    assert [each["id"] for each in asked["actions"]] == ["confirm", "reject"]
    assert "/api/robot-evidence/p-1" in str(question.text)
    with gateway.desk.unit_of_work(TENANT) as uow:
        assert uow.cards.get(asked["id"], "clerk").payload["question"] == "q-1"
        uow.work_items.finish(item, ItemState.SUCCESSFUL, {"entered_as": "L-1"})
        uow.commit()

    standing, _, end = await told(gateway, talk)
    assert "every field was read back" in str(end.text)
    final: Any = standing.card
    assert final["state"] == "used"


@pytest.mark.parametrize("login", ["customer", "warehouse", "finance", "clerk", "manager", "admin"])
async def test_each_address_of_robots_lets_in_who_has_its_right(gateway: Gateway, number: str, login: str) -> None:
    """The same table decides as in chat and on the command line, and a refusal is noted."""
    role = next(actor.role for actor in ACTORS if actor.user_id == login)
    item = {"reference": number}
    asked = (
        (QUERY_ROBOTS, "GET", "/api/robots", None),
        (QUERY_ROBOTS, "GET", "/api/robot-items", None),
        (RUN_ROBOTS, "POST", f"/api/robots/{ROBOT}/items", item),
        (SWITCH_ROBOTS, "POST", f"/api/robots/{ROBOT}/switch", {"mode": "running"}),
    )
    async with gateway.http(login) as http:
        for right, method, path, body in asked:
            answer = await http.request(method, path, json=body)
            granted = gateway.desk.permissions.grant(right, role) is not None
            assert (answer.status < 300) is granted, (login, path, answer.status)
            if not granted:
                await problem(answer, 403, "role_not_allowed")
