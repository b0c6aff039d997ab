"""Notices that people and other systems post: who may, to whom, in which words, once."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.store.projector import project
from tests.support.gateway import TENANT, Gateway, problem, tab
from tests.support.keys import new_key

POSTED = {"to": "role:warehouse", "zh": "卸货口14点前关闭", "en": "The dock is closed until 14:00"}


async def posted(gateway: Gateway, login: str = "manager", **changed: Any) -> str:
    async with gateway.http(login) as http, http.post("/api/notifications", json={**POSTED, **changed}) as response:
        assert response.status == 201, await response.text()
        project(gateway.desk, TENANT)
        return str((await response.json())["id"])


async def test_it_reaches_who_it_is_for_at_once_and_nobody_else(gateway: Gateway) -> None:
    async with tab(gateway, "warehouse") as warehouse, tab(gateway, "finance") as finance:
        await posted(gateway)
        (told,) = await warehouse.wait("notification")
        await posted(gateway, to="role:finance")
        await finance.wait("notification")

    assert told["content"] == {"zh": POSTED["zh"], "en": POSTED["en"]}
    assert (told["kind"], told["receiver"], told["order"]) == ("NoticePosted", "warehouse", None)
    assert len(finance.of("notification")) == 1 == len(warehouse.of("notification"))


@pytest.mark.parametrize(("to", "login"), [("user:clerk", "clerk"), ("customer:huaxing", "customer")])
async def test_a_user_and_a_customer_can_be_told(gateway: Gateway, to: str, login: str) -> None:
    await posted(gateway, to=to)
    async with gateway.http(login) as http, http.get("/api/notifications") as response:
        assert [each["content"]["en"] for each in (await response.json())["items"]] == [POSTED["en"]]


async def test_one_language_is_told_in_both(gateway: Gateway) -> None:
    async with gateway.http("manager") as http:
        await http.post("/api/notifications", json={"to": "role:sales", "zh": "提前截单"})
    project(gateway.desk, TENANT)
    async with gateway.http("clerk") as http, http.get("/api/notifications") as response:
        assert (await response.json())["items"][0]["content"] == {"zh": "提前截单", "en": "提前截单"}


async def test_a_repeat_with_the_same_key_is_told_once(gateway: Gateway) -> None:
    async with gateway.http("manager", **{"Idempotency-Key": "k-1"}) as http:
        first, second = [await (await http.post("/api/notifications", json=POSTED)).json() for _ in range(2)]
    project(gateway.desk, TENANT)

    assert first == second
    async with gateway.http("warehouse") as http, http.get("/api/notifications") as response:
        assert len((await response.json())["items"]) == 1


async def test_a_system_posts_with_a_key_made_for_it(gateway: Gateway) -> None:
    _, fit = new_key(gateway, "manager", scopes=["notifications:write"])
    _, unfit = new_key(gateway, "manager", scopes=["notifications:read"])
    for key, status in ((fit, 201), (unfit, 403)):
        async with gateway.http(None, Authorization=f"Bearer {key}") as http:
            assert (await http.post("/api/notifications", json=POSTED)).status == status


@pytest.mark.parametrize("login", ["clerk", "warehouse", "customer"])
async def test_who_may_not_is_refused_and_it_stands_in_the_audit(gateway: Gateway, login: str) -> None:
    async with gateway.http(login) as http:
        await problem(await http.post("/api/notifications", json=POSTED), 403, "role_not_allowed")
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert ("post_notification", "refused") in {(row.action, row.outcome) for row in uow.audit.list()}


WRONG = [
    ({"to": "everybody"}, 422, "invalid_request"),
    ({"to": "role:customer"}, 422, "invalid_request"),
    ({"to": "role:boss"}, 422, "invalid_request"),
    ({"to": "user:nobody"}, 422, "unknown_user"),
    ({"to": "customer:nobody"}, 422, "unknown_customer"),
    ({"zh": None, "en": None}, 422, "invalid_request"),
    ({"en": "x" * 1001}, 422, "invalid_request"),
    ({"order": "SO-9999"}, 404, "not_found"),
    ({"for": "me"}, 422, "invalid_request"),
]


@pytest.mark.parametrize(("changed", "status", "code"), WRONG)
async def test_what_can_not_be_told_is_refused_and_nothing_is_written(
    gateway: Gateway, changed: dict[str, Any], status: int, code: str
) -> None:
    async with gateway.http("manager") as http:
        await problem(await http.post("/api/notifications", json={**POSTED, **changed}), status, code)
    assert project(gateway.desk, TENANT) == 0


async def test_what_is_told_stays_text(gateway: Gateway) -> None:
    odd = "<img src=x onerror=alert(1)> {total} %s {{x}} '; DROP TABLE notification; --"
    await posted(gateway, zh=odd, en=odd)
    async with gateway.http("warehouse") as http, http.get("/api/notifications") as response:
        assert (await response.json())["items"][0]["content"] == {"zh": odd, "en": odd}
