"""Other systems are let in by a key, for what its scopes and its role allow."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from socketio.exceptions import ConnectionError as Refused

from deskhand.gateway.route import Route
from deskhand.gateway.scopes import Scope
from deskhand.orders.tenant import Limits
from deskhand.store import AuditRow
from tests.support.gateway import TENANT, Gateway, problem, running_gateway, tab
from tests.support.keys import EVERYTHING, calling, new_key, routes

ORDER = {"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "2", "unit": "box"}], "address": "x"}
NEW = {"name": "Shop", "role": "sales", "scopes": ["orders:read"]}
SCOPED = [route for route in routes() if not route.public]
SCOPE_SETS = [
    *itertools.combinations(EVERYTHING, 1),
    *itertools.combinations(EVERYTHING, len(EVERYTHING) - 1),
    EVERYTHING,
]


def audited(gateway: Gateway, tenant: str = TENANT) -> list[AuditRow]:
    with gateway.desk.unit_of_work(tenant, read_only=True) as uow:
        return uow.audit.list()


async def place(http: ClientSession, status: int = 201, **headers: str) -> Any:
    response = await http.post("/api/orders", json=ORDER | {"allow_duplicate": True}, headers=headers)
    body = await response.json(content_type=None)
    assert response.status == status, body
    return body


@pytest.mark.parametrize("route", SCOPED, ids=lambda route: f"{route.method} {route.path}")
def test_every_address_names_its_scope_or_is_for_people(route: Route) -> None:
    assert (route.scope is not None) != route.people


def test_every_scope_opens_something() -> None:
    assert {route.scope for route in SCOPED} - {None} == set(Scope)


async def test_the_description_names_the_scope_of_every_address(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        paths = (await (await http.get("/api/openapi.json")).json())["paths"]
    for route in SCOPED:
        named = [each["key"] for each in paths[route.path][route.method.lower()]["security"] if "key" in each]
        assert named == ([[str(route.scope)]] if route.scope else []), route.path


async def ask(http: ClientSession, route: Route) -> tuple[int, str | None]:
    path = re.sub(r"{\w+}", "0" * 24, route.path.replace("{number}", "SO-9999"))
    async with http.request(route.method, path, json={} if route.method != "GET" else None) as response:
        body = await response.json(content_type=None) if response.status >= 400 else {}
        return response.status, body.get("code")


@pytest.mark.parametrize("scopes", SCOPE_SETS, ids=lambda scopes: "+".join(scopes))
async def test_a_key_opens_the_addresses_of_its_scopes_and_no_others(gateway: Gateway, scopes: tuple[str, ...]) -> None:
    _, key = new_key(gateway, role="admin", scopes=scopes)
    async with calling(gateway, key) as http:
        for route in SCOPED:
            status, code = await ask(http, route)

            if route.people:
                assert (status, code) == (403, "people_only"), route.path
            elif route.scope not in scopes:
                assert (status, code) == (403, "scope_missing"), route.path
            else:
                assert code not in {"people_only", "scope_missing"} and status not in {401, 500}, route.path


async def test_a_person_needs_no_scope(gateway: Gateway) -> None:
    async with gateway.http("admin") as http:
        for route in SCOPED:
            if (route.method, route.path) != ("DELETE", "/api/sessions"):
                assert (await ask(http, route))[1] not in {"people_only", "scope_missing"}, route.path


async def test_scope_and_role_must_both_allow(gateway: Gateway) -> None:
    async with (
        calling(gateway, new_key(gateway, "sales")[1]) as sales,
        calling(gateway, new_key(gateway, "sales", ["orders:read"])[1]) as reader,
        calling(gateway, new_key(gateway, "warehouse")[1]) as warehouse,
    ):
        order = (await place(sales))["order"]["number"]
        await problem(await reader.post("/api/orders", json=ORDER), 403, "scope_missing")
        await problem(await warehouse.post(f"/api/orders/{order}/confirm", json={}), 403, "role_not_allowed")
        assert (await reader.get(f"/api/orders/{order}")).status == 200
        assert (await sales.post(f"/api/orders/{order}/confirm", json={})).status == 200


async def test_a_key_stands_in_the_history_and_in_the_audit_by_its_id(gateway: Gateway) -> None:
    made, key = new_key(gateway)
    async with calling(gateway, key) as http:
        order = (await place(http))["order"]["number"]
        history = await (await http.get(f"/api/orders/{order}/history")).json()
        response = await http.delete("/api/sessions", headers={"X-Request-Id": "request-0001"})
        await problem(response, 403, "people_only")

    assert {(row["actor"], row["role"], row["channel"]) for row in history["items"]} == {
        (f"api_key:{made.id}", "sales", "http")
    }
    refused = next(row for row in audited(gateway) if row.cause == "request-0001")
    assert (refused.actor, refused.outcome) == (f"api_key:{made.id}", "refused")
    assert refused.detail["code"] == "people_only" and refused.detail["route"] == "DELETE /api/sessions"


async def test_a_notification_says_the_keys_name(gateway: Gateway) -> None:
    async with calling(gateway, new_key(gateway)[1]) as http:
        await place(http)
    gateway.desk.project_notifications(TENANT)

    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = uow.notifications.after(["role:sales", "role:warehouse", "customer:huaxing"], 0, limit=10)
    assert rows and {row.sender for row in rows} == {"Shop"}


async def test_a_customers_key_sees_that_customers_orders_alone(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk:
        own = (await place(clerk))["order"]["number"]
        other = (await (await clerk.post("/api/orders", json=ORDER | {"customer": "acme-ltd"})).json())["order"][
            "number"
        ]
    _, key = new_key(gateway, "customer", customer="huaxing")

    async with calling(gateway, key) as http:
        listed = await (await http.get("/api/orders")).json()
        assert [order["number"] for order in listed["items"]] == [own]
        await problem(await http.get(f"/api/orders/{other}"), 404, "not_found")
        await problem(await http.post("/api/orders", json=ORDER | {"customer": "acme-ltd"}), 403, "role_not_allowed")


def broken_keys(gateway: Gateway) -> dict[str, str]:
    """What is no key of this moment, each in another way."""
    good, text = new_key(gateway)
    revoked, revoked_text = new_key(gateway)
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.api_keys.revoke(revoked.id, gateway.clock())
        uow.commit()
    _, late = new_key(gateway, days=1)
    gateway.clock.forward(days=1)
    return {
        "revoked": revoked_text,
        "expired": late,
        "another secret": text[:-64] + "0" * 64,
        "the secret of another key": text[:-64] + late[-64:],
        "unknown id": text.replace(good.id, "0" * 24),
        "of another tenant": text.replace("dhk_demo.", "dhk_other."),
        "of no tenant": text.replace("dhk_demo.", "dhk_nowhere."),
        "cut off": text[:-1],
        "in capitals": text[:-64] + text[-64:].upper(),
        "the digest": text[:-64] + good.digest,
        "its beginning": "dhk_",
        "not ASCII": "dhk_demo.钥匙",
        "a halved character": "dhk_\udcff",
    }


BROKEN = (
    "revoked", "expired", "another secret", "the secret of another key", "unknown id", "of another tenant",
    "of no tenant", "cut off", "in capitals", "the digest", "its beginning", "not ASCII", "a halved character",
)  # fmt: skip


async def test_no_broken_key_opens_anything_and_all_are_answered_alike(gateway: Gateway) -> None:
    broken, answers = broken_keys(gateway), set()
    for kind in BROKEN:
        async with gateway.http(None) as http:
            headers = {"Authorization": f"Bearer {broken[kind]}", "X-Request-Id": "request-0001"}
            response = await http.get("/api/orders", headers=headers)
            answers.add(str(await problem(response, 401, "api_key_refused")))
            assert response.headers["WWW-Authenticate"] == "Bearer"

    assert set(broken) == set(BROKEN) and len(answers) == 1


async def test_a_refused_key_stands_in_the_audit_of_its_tenant_without_its_secret(gateway: Gateway) -> None:
    broken = broken_keys(gateway)
    for text in broken.values():
        if text.isascii():
            async with calling(gateway, text) as http:
                await http.get("/api/orders")

    rows = [row for row in audited(gateway) if row.action == "use_key"]
    assert {str(row.detail["reason"]) for row in rows} == {"revoked", "expired", "wrong secret", "unknown"}
    assert {row.outcome for row in rows} == {"refused"} and {row.actor for row in rows} == {""}
    assert not any(text[-64:] in str(rows) for text in broken.values() if len(text) > 64)
    assert [row.detail["reason"] for row in audited(gateway, "other") if row.action == "use_key"] == ["unknown"]


async def test_keys_cannot_be_tried_without_end(gateway: Gateway) -> None:
    async with calling(gateway, "dhk_demo." + "0" * 24 + "_" + "0" * 64) as http:
        statuses = [(await http.get("/api/orders")).status for _ in range(110)]

    assert set(statuses) == {401, 429}
    noted = [row.action for row in audited(gateway)]
    assert (noted.count("use_key"), noted.count("exceed_limit")) == (statuses.count(401), 1)


async def test_a_key_in_an_address_is_refused_with_a_hint(gateway: Gateway) -> None:
    _, key = new_key(gateway)
    async with gateway.http(None) as http:
        for path in (f"/api/orders?api_key={key}", f"/api/orders?{key}", f"/?key={key}", f"/api/orders?a=1&k={key}"):
            refused = await problem(await http.get(path), 400, "key_in_address")
            assert "Authorization" in refused["detail"] and key[-64:] not in str(refused)


@pytest.mark.parametrize("header", ["Cookie", "X-Api-Key", "Authorization"])
async def test_a_key_is_taken_as_a_bearer_alone(gateway: Gateway, header: str) -> None:
    _, key = new_key(gateway)
    value = {"Cookie": f"deskhand_session={key}", "X-Api-Key": key, "Authorization": f"Basic {key}"}[header]
    async with gateway.http(None, **{header: value}) as http:
        assert (await http.get("/api/orders")).status == 401


async def test_a_socket_and_the_desk_page_are_for_people(gateway: Gateway) -> None:
    _, key = new_key(gateway, "admin")
    with pytest.raises(Refused):
        async with tab(gateway, token=key):
            pass

    async with calling(gateway, key) as http:
        page = await http.get("/desk", allow_redirects=False)
    assert (page.status, page.headers["Location"]) == (303, "/")


def settle(gateway: Gateway, **settings: Any) -> None:
    """The company's file says this now."""
    tenants = gateway.desk.tenants
    gateway.desk.tenants = {**tenants, TENANT: replace(tenants[TENANT], **settings)}


async def test_each_key_may_ask_so_much_for_itself(gateway: Gateway) -> None:
    settle(gateway, limits=Limits(api_per_minute=3))
    async with (
        running_gateway(Path(), gateway.clock, gateway.desk) as busy,
        calling(busy, new_key(busy)[1]) as one,
        calling(busy, new_key(busy)[1]) as other,
    ):
        assert [(await one.get("/api/orders")).status for _ in range(4)] == [200, 200, 200, 429]
        assert (await other.get("/api/orders")).status == 200


async def test_a_company_that_switched_http_off_has_no_use_for_keys(gateway: Gateway) -> None:
    _, key = new_key(gateway)
    settle(gateway, channels=("chat",))
    async with calling(gateway, key) as http:
        for route in (route for route in SCOPED if route.scope and route.scope != Scope.ADMIN_KEYS):
            assert (await ask(http, route)) == (403, "channel_closed"), route.path


async def test_the_last_use_is_known_to_the_minute_and_not_every_call_writes(gateway: Gateway) -> None:
    made, key = new_key(gateway)
    seen = []
    async with calling(gateway, key) as http:
        for seconds in (0, 59, 1):
            gateway.clock.forward(seconds=seconds)
            assert (await http.get("/api/orders")).status == 200
            with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
                stored = uow.api_keys.get(made.id)
            assert stored is not None and stored.last_used_at is not None
            seen.append((gateway.clock() - stored.last_used_at).total_seconds())

    assert seen == [0, 59, 0]


async def test_an_idempotency_key_belongs_to_the_key_that_used_it(gateway: Gateway) -> None:
    async with (
        calling(gateway, new_key(gateway)[1]) as one,
        calling(gateway, new_key(gateway)[1]) as other,
        gateway.http("clerk") as person,
    ):
        numbers = [
            (await place(http, **{"Idempotency-Key": "k-1"}))["order"]["number"] for http in (one, other, person)
        ]
        again = await place(one, **{"Idempotency-Key": "k-1"})

    assert len(set(numbers)) == 3 and again["order"]["number"] == numbers[0]


async def test_an_administrator_makes_shows_rotates_and_revokes_keys(gateway: Gateway) -> None:
    async with gateway.http("admin") as admin:
        made = await admin.post("/api/keys", json=NEW | {"days": 30})
        first = await made.json()
        rotated = await admin.post(f"/api/keys/{first['id']}/rotate", json={"overlap_hours": 2})
        second = await rotated.json()
        listed = (await (await admin.get("/api/keys")).json())["items"]

        assert (made.status, rotated.status) == (201, 201)
        assert {key["id"] for key in listed} == {first["id"], second["id"]}
        assert first["key"] not in str(listed) and "digest" not in str(listed) and "key" not in listed[0]
        assert {name: second[name] for name in ("name", "role", "scopes")} == NEW
        assert await statuses(gateway, first["key"], second["key"]) == [200, 200]

        gateway.clock.forward(hours=2)
        assert await statuses(gateway, first["key"], second["key"]) == [401, 200]
    async with gateway.http("admin") as admin:
        assert (await admin.delete(f"/api/keys/{second['id']}")).status == 204
        assert await statuses(gateway, first["key"], second["key"]) == [401, 401]
        for identifier in (first["id"], second["id"], "nothing"):
            await problem(await admin.delete(f"/api/keys/{identifier}"), 404, "api_key_unknown")
            await problem(await admin.post(f"/api/keys/{identifier}/rotate", json={}), 404, "api_key_unknown")

    done = [row for row in audited(gateway) if row.action in {"make_key", "rotate_key", "revoke_key"}]
    assert [(row.action, row.actor) for row in done][::-1] == [
        ("make_key", "admin"), ("rotate_key", "admin"), ("revoke_key", "admin")
    ]  # fmt: skip
    assert first["key"][-64:] not in str(done) and second["key"][-64:] not in str(done)


async def statuses(gateway: Gateway, *keys: str) -> list[int]:
    found = []
    for key in keys:
        async with calling(gateway, key) as http:
            found.append((await http.get("/api/orders")).status)
    return found


async def test_without_an_overlap_the_old_key_ends_at_once_and_a_longer_one_prolongs_nothing(gateway: Gateway) -> None:
    key, text = new_key(gateway, days=1)
    other, other_text = new_key(gateway)
    async with gateway.http("admin") as admin:
        await admin.post(f"/api/keys/{key.id}/rotate", json={"overlap_hours": 48})
        await admin.post(f"/api/keys/{other.id}/rotate", json={"overlap_hours": 0})
    assert await statuses(gateway, text, other_text) == [200, 401]

    gateway.clock.forward(hours=24)
    assert await statuses(gateway, text) == [401]


@pytest.mark.parametrize("login", ["clerk", "warehouse", "finance", "manager", "customer"])
async def test_nobody_else_manages_keys(gateway: Gateway, login: str) -> None:
    made, text = new_key(gateway)
    async with gateway.http(login) as http, calling(gateway, new_key(gateway, "sales")[1]) as machine:
        await problem(await http.get("/api/keys"), 403, "role_not_allowed")
        await problem(await http.post("/api/keys", json=NEW), 403, "role_not_allowed")
        await problem(await http.post(f"/api/keys/{made.id}/rotate", json={}), 403, "role_not_allowed")
        await problem(await http.delete(f"/api/keys/{made.id}"), 403, "role_not_allowed")
        await problem(await machine.get("/api/keys"), 403, "role_not_allowed")

    assert await statuses(gateway, text) == [200]
    assert {row.outcome for row in audited(gateway) if row.action == "manage_keys"} == {"refused"}


async def test_a_key_may_show_and_revoke_keys_but_never_make_one(gateway: Gateway) -> None:
    made, text = new_key(gateway)
    async with calling(gateway, new_key(gateway, "admin", ["admin:keys"])[1]) as http:
        await problem(await http.post("/api/keys", json=NEW), 403, "people_only")
        await problem(await http.post(f"/api/keys/{made.id}/rotate", json={}), 403, "people_only")
        assert (await http.get("/api/keys")).status == 200
        assert (await http.delete(f"/api/keys/{made.id}")).status == 204

    assert await statuses(gateway, text) == [401]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**NEW, "scopes": []}, "scopes"),
        ({**NEW, "scopes": ["everything"]}, "scopes"),
        ({**NEW, "scopes": "orders:read"}, "scopes"),
        ({**NEW, "role": "system"}, "role"),
        ({**NEW, "role": "root"}, "role"),
        ({**NEW, "role": "customer"}, "customer"),
        ({**NEW, "customer": "huaxing"}, "customer"),
        ({**NEW, "name": "a\nb"}, "name"),
        ({**NEW, "name": "n" * 101}, "name"),
        ({**NEW, "days": -1}, "days"),
        ({**NEW, "days": 10**9}, "days"),
        ({**NEW, "tenant": "other"}, "tenant"),
        ({**NEW, "created_by": "somebody"}, "created_by"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused_by_name(gateway: Gateway, body: Any, field: str) -> None:
    async with gateway.http("admin") as admin:
        refused = await problem(await admin.post("/api/keys", json=body), 422, "invalid_request")
        assert refused["data"]["field"] == field
        assert (await (await admin.get("/api/keys")).json())["items"] == []
