"""How long a session lasts, how it is renewed, and everything that ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession
from yarl import URL

from deskhand.gateway.door import SOCKETS
from deskhand.orders.status import Role
from deskhand.orders.tenant import SessionRules
from deskhand.settings import key_id
from deskhand.store import AuditRow, Desk
from tests.support.gateway import (
    PASSWORD,
    SESSION_SECRET,
    TENANT,
    Clock,
    Gateway,
    open_desk,
    problem,
    running_gateway,
    tab,
    until,
)
from tests.support.statements import statements_about

NEW_SECRET = "the-next-session-secret-of-the-tests-98765"
NAME = "deskhand_session"


async def signed_in(http: ClientSession, login: str = "clerk") -> dict[str, Any]:
    """By password, as the sign-in page does; the client keeps the cookie."""
    response = await http.post("/api/sessions", json={"login": login, "password": PASSWORD})
    assert response.status == 201, await response.text()
    body: dict[str, Any] = await response.json()
    return body


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def cookie_of(http: ClientSession) -> str:
    return next(cookie.value for cookie in http.cookie_jar if cookie.key == NAME)


def audited(desk: Desk, *actions: str) -> Sequence[AuditRow]:
    """Oldest first."""
    with desk.unit_of_work(TENANT) as uow:
        return [row for row in reversed(uow.audit.list()) if row.action in actions]


async def status(http: ClientSession, token: str | None = None) -> int:
    return (await http.get("/api/session", headers=bearer(token) if token else {})).status


async def test_a_bearer_token_lasts_half_an_hour_and_is_renewed_within_it(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        first = await signed_in(http)
        http.cookie_jar.clear()
        gateway.clock.forward(minutes=29)
        renewed = await (await http.post("/api/sessions/renew", headers=bearer(first["token"]))).json()
        gateway.clock.forward(minutes=2)

        assert await status(http, first["token"]) == 401
        assert await status(http, renewed["token"]) == 200
        late = await http.post("/api/sessions/renew", headers=bearer(first["token"]))
        await problem(late, 401, "session_expired")
        claims = [jwt.decode(each["token"], options={"verify_signature": False}) for each in (first, renewed)]
        assert claims[0]["jti"] == claims[1]["jti"]


async def test_a_token_holds_nothing_about_the_person(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        body = await signed_in(http)
        for token in (body["token"], cookie_of(http)):
            claims = jwt.decode(token, options={"verify_signature": False})
            assert claims.keys() == {"iss", "aud", "exp", "jti", "tenant"}


async def test_a_page_that_renews_by_cookie_gets_nothing_that_a_script_could_take_away(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        await signed_in(http)
        response = await http.post("/api/sessions/renew", headers={"X-Requested-With": "deskhand"})

        assert response.status == 200 and "token" not in await response.json()
        assert "HttpOnly" in response.headers["Set-Cookie"]


async def test_a_session_ends_after_twelve_hours_however_much_it_is_used(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        await signed_in(http)
        for _ in range(11):
            gateway.clock.forward(hours=1)
            assert await status(http) == 200
        gateway.clock.forward(hours=1)

        await problem(await http.get("/api/session"), 401, "session_expired")


async def test_a_session_ends_when_it_was_not_used_for_two_hours(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        await signed_in(http)
        gateway.clock.forward(minutes=119)
        used = await status(http)
        gateway.clock.forward(minutes=120)

        assert (used, await status(http)) == (200, 401)


async def test_a_company_may_have_shorter_sessions(tmp_path: Path) -> None:
    clock = Clock()
    desk = open_desk(tmp_path, clock)
    rules = SessionRules(idle_minutes=10, longest_hours=1)
    desk.tenants = {**desk.tenants, TENANT: replace(desk.tenants[TENANT], session=rules)}
    async with running_gateway(tmp_path, clock, desk) as gateway, gateway.http(None) as http:
        await signed_in(http)
        seen = []
        for _ in range(7):
            clock.forward(minutes=9)
            seen.append(await status(http))
        await signed_in(http)
        clock.forward(minutes=11)

        assert seen == [200] * 6 + [401]
        assert await status(http) == 401
    desk.close()


async def test_being_seen_is_written_down_now_and_then_and_not_with_every_request(gateway: Gateway) -> None:
    async with gateway.http() as http:
        with statements_about(gateway.desk, "session") as seen:
            for minutes in (0, 4, 1, 0):
                gateway.clock.forward(minutes=minutes)
                await http.get("/api/session")

        assert [statement.split()[0] for statement in seen] == ["SELECT", "SELECT", "SELECT", "UPDATE", "SELECT"]


async def test_who_sits_in_the_chat_stays_while_the_token_that_opened_it_ends(gateway: Gateway) -> None:
    async with tab(gateway) as clerk:
        for step in range(5):
            gateway.clock.forward(minutes=59)
            assert (await clerk.say(f"m{step}", "你好"))["ok"]
            await gateway.app[SOCKETS].check_sessions()
        gateway.clock.forward(minutes=121)
        connected = clerk.client.connected
        await gateway.app[SOCKETS].check_sessions()

        assert connected
        assert (await clerk.wait("signed_out"))[0]["code"] == "session_expired"


async def test_a_browser_comes_back_to_the_chat_as_long_as_the_session_lasts(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        body = await signed_in(http)
        async with tab(gateway, token=body["token"]) as clerk:
            for step in range(3):
                gateway.clock.forward(minutes=100)
                await clerk.say(f"m{step}", "你好")
                await gateway.app[SOCKETS].check_sessions()

        assert await status(http, body["token"]) == 401  # the program's token is over
        assert await status(http) == 200  # the cookie is as old


async def test_signing_out_ends_the_session_for_every_copy_of_its_tokens(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        body = await signed_in(http)
        stolen = cookie_of(http)
        signed_out = await http.delete("/api/sessions", headers={"X-Requested-With": "deskhand"})
        http.cookie_jar.clear()

        assert signed_out.status == 204 and f'{NAME}=""' in signed_out.headers["Set-Cookie"]
        await problem(await http.get("/api/orders", headers=bearer(body["token"])), 401, "session_expired")
        await problem(await http.get("/api/orders", headers=bearer(stolen)), 401, "session_expired")
        await problem(await http.get("/api/orders", headers={"Cookie": f"{NAME}={stolen}"}), 401, "session_expired")
        renewed = await http.post("/api/sessions/renew", headers=bearer(body["token"]))
        await problem(renewed, 401, "session_expired")
        assert [(row.action, row.outcome) for row in audited(gateway.desk, "sign_in", "sign_out")] == [
            ("sign_in", "done"), ("sign_out", "done"),
        ]  # fmt: skip


async def test_signing_out_everywhere_ends_all_of_ones_own_sessions_and_closes_their_sockets(gateway: Gateway) -> None:
    async with gateway.http(None) as http, tab(gateway) as elsewhere, tab(gateway, "finance") as finance:
        body = await signed_in(http)
        listed = (await (await http.get("/api/sessions")).json())["items"]
        ended = await http.delete("/api/sessions/all", headers=bearer(body["token"]))

        assert sorted(one["how"] for one in listed) == ["password", "test"]
        assert not any({"id", "address"} & one.keys() for one in listed)
        assert ended.status == 204
        assert (await elsewhere.wait("signed_out"))[0]["code"] == "signed_out"
        assert finance.client.connected
        assert await status(http, body["token"]) == 401
        assert audited(gateway.desk, "end_sessions")[0].detail["sessions"] == 2


async def test_a_session_that_was_planted_in_a_browser_is_never_taken_over(gateway: Gateway) -> None:
    """Fixation: somebody puts their own session into another's browser and waits for the sign-in."""
    async with gateway.http(None) as attacker, gateway.http(None) as victim:
        planted = (await signed_in(attacker))["token"]
        before = cookie_of(attacker)
        victim.cookie_jar.update_cookies({NAME: before}, URL(gateway.url))
        body = await signed_in(victim)

        assert cookie_of(victim) != before
        ids = [jwt.decode(each, options={"verify_signature": False})["jti"] for each in (planted, body["token"])]
        assert ids[0] != ids[1]
        assert await status(attacker, planted) == 401
        assert await status(victim) == 200


async def test_a_cookie_that_is_not_ours_does_not_keep_anybody_from_signing_in(gateway: Gateway) -> None:
    async with gateway.http(None, Cookie=f"{NAME}=garbage") as http:
        assert (await signed_in(http))["user"]["login"] == "clerk"


async def test_the_same_user_signing_in_again_keeps_their_open_tabs_and_another_user_does_not(
    gateway: Gateway,
) -> None:
    links = {}
    async with gateway.http(None) as http:
        listed = await (await http.get("/api/demo/users")).json()
        links = {user["login"]: user["link"] for user in listed["users"]}
        await http.get(links["clerk"])
        async with tab(gateway, token=cookie_of(http)) as first:
            await http.get(links["clerk"])
            await until(lambda: not first.client.connected, "cut off, to come back by itself")
            assert not first.of("signed_out")
        async with tab(gateway, token=cookie_of(http)) as second:
            await http.get(links["finance"])
            assert await second.wait("signed_out")


@pytest.mark.parametrize("change", ["role", "customer", "locked"])
async def test_a_session_of_a_user_who_was_changed_is_over_for_good(gateway: Gateway, change: str) -> None:
    token = gateway.token("customer")
    async with gateway.http(None) as http, tab(gateway, token=token) as customer:
        _set(gateway.desk, *{"role": ("sales", None), "customer": ("customer", "dongfang")}.get(change, ()))
        refused = await status(http, token)
        await gateway.app[SOCKETS].check_sessions()
        await customer.wait("signed_out")
        _set(gateway.desk, "customer", "huaxing")

        assert refused == 401
        assert await status(http, token) == 401


def _set(desk: Desk, role: str | None = None, customer: str | None = None) -> None:
    with desk.unit_of_work(TENANT) as uow:
        user = uow.users.by_login("customer")
        assert user is not None
        if role is None:
            uow.users.set_active(user.id, False)
        else:
            uow.users.set_active(user.id, True)
            uow.users.set_role(user.id, Role(role), customer)
        uow.commit()


async def test_a_session_that_was_ended_by_the_command_closes_its_sockets_at_the_next_round(gateway: Gateway) -> None:
    async with tab(gateway) as clerk, tab(gateway, "finance") as finance:
        with gateway.desk.unit_of_work(TENANT) as uow:
            uow.sessions.end_all("clerk", "locked")
            uow.commit()
        await gateway.app[SOCKETS].check_sessions()

        assert (await clerk.wait("signed_out"))[0]["code"] == "session_expired"
        assert finance.client.connected


async def test_a_new_secret_signs_nobody_out_and_the_old_one_fades_away(tmp_path: Path) -> None:
    clock = Clock()
    desk = open_desk(tmp_path, clock)
    async with running_gateway(tmp_path, clock, desk) as before, before.http(None) as http:
        old_bearer, old_cookie = (await signed_in(http))["token"], cookie_of(http)
        link = (await (await http.get("/api/demo/users")).json())["users"][0]["link"]

    rotated = {"session_secret": NEW_SECRET, "former_session_secrets": (SESSION_SECRET,)}
    async with running_gateway(tmp_path, clock, desk, settings=rotated) as during, during.http(None) as http:
        assert await status(http, old_bearer) == 200
        response = await http.get("/api/session", headers={"Cookie": f"{NAME}={old_cookie}"})
        fresh = response.cookies[NAME]
        renewed = await (await http.post("/api/sessions/renew", headers=bearer(old_bearer))).json()
        async with during.http(None) as another:
            linked = await another.get(link, allow_redirects=False)

        assert response.status == 200 and fresh["httponly"] and fresh["samesite"] == "Strict"
        assert {jwt.get_unverified_header(each)["kid"] for each in (fresh.value, renewed["token"])} == {
            key_id(NEW_SECRET)
        }
        assert linked.status == 303
        again = await http.get("/api/session", headers={"Cookie": f"{NAME}={fresh.value}"})
        assert NAME not in again.cookies

    async with running_gateway(tmp_path, clock, desk, settings={"session_secret": NEW_SECRET}) as after:
        async with after.http(None) as http:
            await problem(await http.get("/api/session", headers=bearer(old_bearer)), 401, "session_forged")
            assert await status(http, renewed["token"]) == 200
            assert (await http.get("/api/session", headers={"Cookie": f"{NAME}={fresh.value}"})).status == 200
    desk.close()


async def test_many_requests_at_once_share_one_session(gateway: Gateway) -> None:
    gateway.clock.forward(minutes=1)
    async with gateway.http() as http:
        gateway.clock.forward(minutes=6)  # all of them want to write down that it was used
        answers = await asyncio.gather(*(status(http) for _ in range(20)))

        assert answers == [200] * 20
