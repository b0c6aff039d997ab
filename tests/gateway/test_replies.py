"""Replies made ahead of time, over HTTP: drafted, approved by who may, then answered with at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store.replies import keep_draft
from deskhand.writing import Text
from deskhand.writing.check import Verdict
from deskhand.writing.replies import inquiries_of
from tests.support.desks import ROOT, placed
from tests.support.gateway import Gateway, problem

INQUIRIES = inquiries_of(Path(ROOT) / "processes" / "order_to_cash")
CUSTOMER = "huaxing"
WORDS = "Hello, your order {order} stands like this now: {status}."


def drafted(gateway: Gateway, words: str) -> None:
    actor = Actor("cli", Role.ADMIN, "demo", "cli", "test")
    text = Text("customer_reply", "en", words, "llm", None, Verdict(True), "m", 0.1)
    with gateway.desk.unit_of_work("demo") as uow:
        keep_draft(uow, INQUIRIES["where_is_it"], text, actor)
        uow.commit()


async def test_only_what_was_approved_is_answered_with(gateway: Gateway) -> None:
    number = placed(gateway.desk).number
    drafted(gateway, WORDS)
    asked = {"order": number, "message": "Where is it?", "language": "en"}
    address = "/api/reply-templates/where_is_it/en/1/approve"
    async with gateway.http("clerk") as http:
        before = await (await http.post("/api/replies", json=asked)).json()
        await problem(await http.post(address), 403, "role_not_allowed")
    async with gateway.http("manager") as http:
        approved = await (await http.post(address)).json()
        after = await (await http.post("/api/replies", json=asked)).json()
        (listed,) = (await (await http.get("/api/reply-templates")).json())["items"]

    assert before["reason"] == "no_template"
    assert (approved["version"], listed["approved_by"]) == (1, "manager")
    assert after["source"] == "approved" and after["text"].startswith(f"Hello, your order {number} stands like this")


async def test_what_is_wrong_for_some_order_is_not_approved(gateway: Gateway) -> None:
    drafted(gateway, "Hello, your order {order} has shipped: {status}.")
    async with gateway.http("manager") as http:
        await problem(await http.post("/api/reply-templates/where_is_it/en/1/approve"), 422, "text_not_possible")
        await problem(await http.post("/api/reply-templates/where_is_it/en/7/approve"), 404, "no_such_version")


def _approved(gateway: Gateway, replies: str) -> None:
    tenant = gateway.desk.tenants["demo"]
    gateway.desk.tenants = {**gateway.desk.tenants, "demo": replace(tenant, replies=replies)}
    drafted(gateway, WORDS)
    with gateway.desk.unit_of_work("demo") as uow:
        found = uow.reply_templates.get("where_is_it", "en", 1)
        assert found is not None
        uow.reply_templates.approve(found, "manager")
        uow.commit()


def _told(gateway: Gateway, audience: str) -> list[str]:
    gateway.desk.project_notifications("demo")
    with gateway.desk.unit_of_work("demo", read_only=True) as uow:
        return [
            each.payload["text"]["en"] for each in uow.notifications.latest([audience]) if each.kind == "TextWritten"
        ]


@pytest.mark.parametrize(("replies", "sent"), [("sent", 1), ("offered", 0)])
async def test_an_approved_answer_is_sent_at_once_only_where_the_company_says_so(
    gateway: Gateway, replies: str, sent: int
) -> None:
    number = placed(gateway.desk).number
    _approved(gateway, replies)
    async with gateway.http("clerk") as http:
        asked = {"order": number, "message": "Where is it?", "language": "en"}
        answer = await (await http.post("/api/replies", json=asked)).json()

    assert answer["outcome"] == replies and answer["source"] == "approved"
    assert _told(gateway, f"customer:{CUSTOMER}") == [answer["text"]] * sent
    assert _told(gateway, "role:sales") == []


async def test_what_nobody_has_approved_is_never_sent(gateway: Gateway) -> None:
    number = placed(gateway.desk).number
    _approved(gateway, "sent")
    async with gateway.http("clerk") as http:
        asked = {"order": number, "message": "Tell me a joke. Where is my refund", "language": "zh"}
        answer = await (await http.post("/api/replies", json=asked)).json()

    assert (answer["outcome"], answer["source"]) == ("offered", "template")
    assert _told(gateway, f"customer:{CUSTOMER}") == []


async def test_what_a_program_asks_for_is_offered_to_sales(gateway: Gateway) -> None:
    number = placed(gateway.desk).number
    _approved(gateway, "offered")
    async with gateway.http("admin") as http:
        made = await http.post("/api/keys", json={"name": "mail robot", "role": "sales", "scopes": ["orders:write"]})
        key = (await made.json())["key"]
    async with gateway.http(None, Authorization=f"Bearer {key}") as http:
        asked = {"order": number, "message": "Where is it?", "language": "en"}
        answer = await (await http.post("/api/replies", json=asked)).json()

    assert answer["outcome"] == "offered"
    assert _told(gateway, "role:sales") == [answer["text"]]


async def test_the_same_key_sends_one_reply(gateway: Gateway) -> None:
    number = placed(gateway.desk).number
    _approved(gateway, "sent")
    asked = {"order": number, "message": "Where is it?", "language": "en"}
    async with gateway.http("clerk", **{"Idempotency-Key": "reply-1"}) as http:
        answers = [await (await http.post("/api/replies", json=asked)).json() for _ in range(2)]
        await problem(await http.post("/api/replies", json={**asked, "language": "zh"}), 422, "idempotency_key_reused")

    assert answers[0] == answers[1] and answers[0]["outcome"] == "sent"
    assert _told(gateway, f"customer:{CUSTOMER}") == [answers[0]["text"]]


async def test_a_wording_of_ones_own_is_checked_kept_once_and_noted(gateway: Gateway) -> None:
    own = {"inquiry": "where_is_it", "language": "en", "text": WORDS}
    async with gateway.http("clerk", **{"Idempotency-Key": "draft-1"}) as http:
        made = [await http.post("/api/reply-templates", json=own) for _ in range(2)]
    async with gateway.http("clerk") as http:
        again = await http.post("/api/reply-templates", json=own)
        refused = await problem(
            await http.post("/api/reply-templates", json={**own, "text": "It has shipped: {order}."}),
            422, "text_not_possible",
        )  # fmt: skip
        for field, value in (("inquiry", "poem"), ("language", "fr"), ("text", "x" * 2001), ("text", 7)):
            await problem(await http.post("/api/reply-templates", json={**own, field: value}), 422, "invalid_request")
        away = await problem(
            await http.post("/api/reply-templates", json={"inquiry": "where_is_it", "language": "en"}),
            503, "model_away",
        )  # fmt: skip
        listed = await (await http.get("/api/reply-templates")).json()
    async with gateway.http("customer") as http:
        await problem(await http.post("/api/reply-templates", json=own), 403, "role_not_allowed")

    assert [response.status for response in (*made, again)] == [201, 201, 201]
    assert refused["data"]["verdict"]["missing"] == ["status"] and away["data"] == {"reason": "not_configured"}
    (only,) = listed["items"]
    assert (only["version"], only["source"], only["drafted_by"]) == (1, "person", "clerk")
    assert {each["inquiry"] for each in listed["inquiries"]} == set(INQUIRIES)
    with gateway.desk.unit_of_work("demo", read_only=True) as uow:
        rows = [
            (row.outcome, row.target)
            for row in uow.audit.list()
            if row.action == "draft_texts" and row.actor == "clerk"
        ]
    assert sorted(rows)[0] == ("done", "where_is_it/en/1") and ("refused" in {outcome for outcome, _ in rows})
