"""The audit over HTTP, and that each door leaves one row for one refusal."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import FormData

from deskhand.orders.events import FORGET
from tests.gateway.test_orders import place, post
from tests.support.gateway import TENANT, Gateway


async def seen(gateway: Gateway, login: str = "manager", **query: str) -> tuple[int, Any]:
    async with gateway.http(login) as http:
        response = await http.get("/api/audit", params=query)
        return response.status, await response.json(content_type=None)


def refusals(gateway: Gateway, cause: str) -> list[tuple[str, str | None, str]]:
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        return [(row.action, row.target, row.outcome) for row in uow.audit.list(cause=cause)]


async def order_of(gateway: Gateway) -> str:
    async with gateway.http("clerk") as http:
        return str((await place(http))["number"])


async def test_a_manager_reads_the_audit_page_by_page_newest_first(gateway: Gateway) -> None:
    number = await order_of(gateway)
    for _ in range(3):
        await post(gateway, "clerk", f"/api/orders/{number}/complete")

    status, first = await seen(gateway, action="CompleteShipment", limit="2")
    _, second = await seen(gateway, action="CompleteShipment", limit="2", cursor=first["next"])

    assert status == 200
    assert [row["target"] for row in first["items"] + second["items"]] == [number] * 3
    assert second["next"] is None
    seqs = [row["seq"] for row in first["items"] + second["items"]]
    assert seqs == sorted(seqs, reverse=True)


async def test_rows_are_chosen_by_order_user_outcome_and_time(gateway: Gateway) -> None:
    number = await order_of(gateway)
    await post(gateway, "clerk", f"/api/orders/{number}/complete", **{"X-Request-Id": "request-0007"})

    for query in ({"order": number}, {"user": "clerk", "outcome": "refused"}, {"cause": "request-0007"}):
        _, found = await seen(gateway, **query)
        assert [row["action"] for row in found["items"]] == ["CompleteShipment"], query
    assert (await seen(gateway, since="2999-01-01T00:00:00Z"))[1]["items"] == []
    assert (await seen(gateway, until="2000-01-01T00:00:00Z"))[1]["items"] == []


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"limit": "many"}, {"cursor": "-1"}])
async def test_a_question_that_makes_no_sense_is_refused(gateway: Gateway, query: dict[str, str]) -> None:
    status, body = await seen(gateway, **query)

    assert (status, body["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("login", ["clerk", "warehouse", "finance", "customer"])
async def test_nobody_else_may_look_and_the_attempt_stands_in_it(gateway: Gateway, login: str) -> None:
    status, body = await seen(gateway, login)

    assert (status, body["code"]) == (403, "role_not_allowed")
    _, found = await seen(gateway, "admin", action="query_audit")
    assert [(row["actor"], row["outcome"]) for row in found["items"]] == [(login, "refused")]


async def test_another_company_sees_nothing_of_it(gateway: Gateway) -> None:
    number = await order_of(gateway)
    await post(gateway, "clerk", f"/api/orders/{number}/complete")

    with gateway.desk.unit_of_work("other", read_only=True) as uow:
        assert uow.audit.list() == []


@pytest.mark.parametrize("path", ["", "/history"])
async def test_asking_for_somebody_elses_order_leaves_one_row(gateway: Gateway, path: str) -> None:
    number = await order_of(gateway)

    async with gateway.http("acme", **{"X-Request-Id": "request-0042"}) as http:
        response = await http.get(f"/api/orders/{number}{path}")

    assert response.status == 404
    assert refusals(gateway, "request-0042") == [("query_orders", number, "refused")]


async def test_a_refused_command_leaves_one_row_with_the_orders_own_number(gateway: Gateway) -> None:
    number = await order_of(gateway)

    path = f"/api/orders/{number.removeprefix('SO-')}/complete"
    await post(gateway, "clerk", path, **{"X-Request-Id": "request-0043"})

    assert refusals(gateway, "request-0043") == [("CompleteShipment", number, "refused")]


async def test_a_refused_import_leaves_one_row(gateway: Gateway) -> None:
    body = {"number": "A-1", "customer": "华星", "total": "10"}

    status, _ = await post(gateway, "warehouse", "/api/orders/import", body, **{"X-Request-Id": "request-0044"})

    assert status == 403
    assert [outcome for _, _, outcome in refusals(gateway, "request-0044")] == ["refused"]


async def test_deleting_ones_conversation_stands_in_the_audit_without_its_texts(gateway: Gateway) -> None:
    async with gateway.http("clerk", **{"X-Request-Id": "request-0045"}) as http:
        await http.post("/api/chat", json={"text": "hello, my name is Lin"})
        (conversation,) = (await (await http.get("/api/conversations")).json())["items"]
        assert (await http.delete(f"/api/conversations/{conversation['id']}")).status == 204

    assert refusals(gateway, "request-0045") == [("delete_conversation", conversation["id"], "done")]
    with gateway.desk.unit_of_work(TENANT) as uow:
        (told,) = uow.outbox.claim(FORGET)
    assert told.event.payload == {"conversation": conversation["id"]}


async def test_an_imported_file_is_one_row_with_its_counts(gateway: Gateway) -> None:
    form = FormData()
    form.add_field("file", "number,customer,total,created\nA-1,Huaxing,10,2026-01-01\n", filename="orders.csv")

    async with gateway.http("clerk", **{"X-Request-Id": "request-0046"}) as http:
        response = await http.post("/api/orders/import?source=shop", data=form)

    assert response.status == 200, await response.text()
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        (row,) = uow.audit.list(cause="request-0046")
    assert (row.action, row.outcome, row.detail["from"], row.detail["orders"]) == ("import_orders", "done", "shop", 1)
