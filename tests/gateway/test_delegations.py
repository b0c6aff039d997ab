"""Delegations over HTTP, and what a delegate hears and does over it."""

from __future__ import annotations

from deskhand.gateway.app import SOCKETS
from tests.support.gateway import TENANT, Gateway, problem, tab, until

WEEK = {"delegate": "finance", "until": "2026-11-29"}


async def lend(gateway: Gateway, by: str = "warehouse", **more: str) -> str:
    async with gateway.http(by) as http, http.post("/api/delegations", json={**WEEK, **more}) as response:
        assert response.status == 201, await response.text()
        return str((await response.json())["id"])


async def test_one_lends_ones_own_rights_and_takes_them_back(gateway: Gateway) -> None:
    made = await lend(gateway, reason="holidays")

    async with gateway.http("finance") as http:
        items = (await (await http.get("/api/delegations")).json())["items"]
        assert [(each["id"], each["away"], each["delegate"], each["in_force"]) for each in items] == [
            (made, "warehouse", "finance", True)
        ]
        assert items[0]["until"] == "2026-11-29T16:00:00+00:00" and items[0]["reason"] == "holidays"
    async with gateway.http("clerk") as http:
        assert (await (await http.get("/api/delegations")).json())["items"] == []
        await problem(await http.delete(f"/api/delegations/{made}"), 404, "unknown_delegation")
    async with gateway.http("warehouse") as http:
        assert (await http.delete(f"/api/delegations/{made}")).status == 204
        items = (await (await http.get("/api/delegations")).json())["items"]
        assert items[0]["in_force"] is False


async def test_others_rights_are_lent_by_the_administrator_only(gateway: Gateway) -> None:
    others = {**WEEK, "away": "manager"}
    async with gateway.http("clerk") as http:
        await problem(await http.post("/api/delegations", json=others), 403, "role_not_allowed")
    async with gateway.http("customer") as http:
        await problem(await http.post("/api/delegations", json=WEEK), 403, "role_not_allowed")
        await problem(await http.get("/api/delegations"), 403, "role_not_allowed")
    async with gateway.http("admin") as http:
        assert (await http.post("/api/delegations", json=others)).status == 201
        nobody = {**WEEK, "delegate": "nobody"}
        await problem(await http.post("/api/delegations", json=nobody), 422, "unknown_user")
        customers = {**WEEK, "delegate": "customer"}
        refused = await problem(await http.post("/api/delegations", json=customers), 422, "delegation_refused")
        assert refused["data"]["problem"] == "to_a_customer"


def name_of(gateway: Gateway, login: str) -> str:
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        user = uow.users.by_login(login)
    assert user is not None
    return user.name


async def test_a_delegates_step_names_both(gateway: Gateway) -> None:
    order = {"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "1"}], "address": "1 Main Street"}
    async with gateway.http("clerk") as http:
        number = (await (await http.post("/api/orders", json=order)).json())["order"]["number"]
        await http.post(f"/api/orders/{number}/confirm")
    async with gateway.http("finance") as http:
        await problem(await http.post(f"/api/orders/{number}/receive"), 403, "role_not_allowed")
        await lend(gateway)
        answer = await (await http.post(f"/api/orders/{number}/receive")).json()
        history = (await (await http.get(f"/api/orders/{number}/history")).json())["items"]

    assert (answer["order"]["status"], answer["on_behalf_of"]) == ("awaiting_shipment", "warehouse")
    last = history[-1]
    assert (last["actor"], last["role"], last["on_behalf_of"]) == ("finance", "warehouse", "warehouse")
    assert (last["name"], last["on_behalf_of_name"]) == (name_of(gateway, "finance"), name_of(gateway, "warehouse"))
    assert [row["on_behalf_of"] for row in history[:-1]] == [None, None]


async def test_a_delegate_hears_what_the_one_who_is_away_would_while_it_lasts(gateway: Gateway) -> None:
    gateway.notify("role:warehouse", "SO-1")
    gateway.clock.forward(seconds=1)
    async with tab(gateway, "finance") as finance, tab(gateway, "clerk") as clerk:
        made = await lend(gateway)
        await gateway.app[SOCKETS].check_sessions()
        gateway.clock.forward(seconds=1)
        for audience, number in (("role:warehouse", "SO-2"), ("user:warehouse", "SO-3"), ("role:finance", "SO-4")):
            gateway.notify(audience, number)
        heard = await finance.wait("notification", 3)
        caught_up = (await finance.resume())["notifications"]
        await until(lambda: finance.of("unread") and finance.of("unread")[-1] == {"count": 3}, "three are unread")

        async with gateway.http("warehouse") as http:
            await http.delete(f"/api/delegations/{made}")
        await gateway.app[SOCKETS].check_sessions()
        gateway.notify("role:warehouse", "SO-5")
        gateway.notify("role:finance", "SO-6")
        after = await finance.wait("notification", 4)
        left = (await finance.resume())["notifications"]

    assert sorted(each["order"] for each in heard) == ["SO-2", "SO-3", "SO-4"]
    assert [each["order"] for each in caught_up] == ["SO-2", "SO-3", "SO-4"]
    assert [each["order"] for each in after[3:]] == ["SO-6"] and clerk.of("notification") == []
    assert [each["order"] for each in left] == ["SO-4", "SO-6"]


async def test_a_delegate_is_not_shown_what_the_bot_says_to_the_one_who_is_away(gateway: Gateway) -> None:
    await lend(gateway)
    async with tab(gateway, "finance") as delegate, tab(gateway, "warehouse") as away:
        await away.say("m1", "hello")
        await away.wait("bot_uttered")

        assert delegate.of("bot_uttered") == [] and delegate.of("user_uttered") == []
