"""Who is let in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from socketio.exceptions import ConnectionError as Refused

from deskhand.gateway.signin import signin_link
from tests.support.gateway import PASSWORD, SESSION_SECRET, TENANT, Gateway, problem, tab


async def test_a_password_opens_a_session_and_the_cookie_is_out_of_reach_of_scripts(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        response = await http.post("/api/sessions", json={"login": "clerk", "password": PASSWORD})
        body = await response.json()
        cookie = response.headers["Set-Cookie"]
        again = await http.get("/api/session", headers={"Authorization": f"Bearer {body['token']}"})

        assert response.status == 201
        assert body["user"]["role"] == "sales" and body["user"]["tenant"] == TENANT
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
        assert (await again.json())["user"]["login"] == "clerk"


@pytest.mark.parametrize(
    "body",
    [
        {"login": "clerk", "password": "wrong"},
        {"login": "nobody", "password": PASSWORD},
        {"login": "warehouse", "password": PASSWORD},  # has no password
        {"login": "clerk", "password": PASSWORD, "tenant": "other"},
        {"login": "clerk", "password": PASSWORD, "tenant": "no such"},
    ],
)
async def test_all_refused_sign_ins_look_alike(gateway: Gateway, body: dict[str, str]) -> None:
    async with gateway.http(None) as http:
        await problem(await http.post("/api/sessions", json=body), 401, "sign_in_refused")


async def test_passwords_cannot_be_tried_without_end(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        for _ in range(10):
            await http.post("/api/sessions", json={"login": "finance", "password": "guess"})
        response = await http.post("/api/sessions", json={"login": "finance", "password": "guess"})

        await problem(response, 429, "too_many_requests")
        assert int(response.headers["Retry-After"]) > 0


async def test_a_sign_in_link_leads_to_the_desk(gateway: Gateway) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        user = uow.users.by_login("warehouse")
    assert user is not None
    link = signin_link(user, SESSION_SECRET, gateway.url, gateway.clock())
    async with gateway.http(None) as http:
        response = await http.get(link, allow_redirects=False)
        session = await http.get("/api/session")

        assert (response.status, response.headers["Location"]) == (303, "/desk")
        assert (await session.json())["user"]["role"] == "warehouse"


async def test_a_link_is_over_after_a_day_and_is_no_session(gateway: Gateway) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        user = uow.users.by_login("admin")
    assert user is not None
    link = signin_link(user, SESSION_SECRET, "", gateway.clock())
    async with gateway.http(None) as http:
        as_session = await http.get("/api/session", headers={"Authorization": f"Bearer {link.split('token=')[1]}"})
        await problem(as_session, 401, "session_forged")
        gateway.clock.advance(hours=24)
        await problem(await http.get(link), 401, "session_expired")


def _tokens(gateway: Gateway) -> dict[str, str]:
    claims: dict[str, Any] = jwt.decode(gateway.token(), options={"verify_signature": False})
    return {
        "forged": jwt.encode(claims | {"role": "admin"}, "x" * 48, algorithm="HS256"),
        "unsigned": jwt.encode(claims, None, algorithm="none"),
        "other audience": gateway.token(aud="deskhand-actions"),
        "other issuer": gateway.token(iss="somebody"),
        "garbage": "abc",
        "expired": gateway.token(exp=int((gateway.clock() - timedelta(seconds=1)).timestamp())),
        "role has changed since": gateway.token(role="admin"),
        "other tenant": gateway.token(tenant="other"),
        "unknown tenant": gateway.token(tenant="nowhere"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "forged",
        "unsigned",
        "other audience",
        "other issuer",
        "garbage",
        "expired",
        "role has changed since",
        "other tenant",
        "unknown tenant",
    ],
)
async def test_a_token_that_is_not_ours_opens_neither_door(gateway: Gateway, kind: str) -> None:
    token = _tokens(gateway)[kind]
    async with gateway.http(None, Authorization=f"Bearer {token}") as http:
        response = await http.get("/api/orders")
        assert response.status == 401
        assert (await response.json())["code"] in {"session_forged", "session_expired"}

    with pytest.raises(Refused):
        async with tab(gateway, token=token):
            pass


async def test_nothing_without_signing_in(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        for path in ("/api/orders", "/api/session", "/api/notifications", "/api/conversations"):
            await problem(await http.get(path), 401, "sign_in_required")
        desk = await http.get("/desk", allow_redirects=False)
        assert (desk.status, desk.headers["Location"]) == (303, "/")


async def test_a_locked_user_is_out_at_once(gateway: Gateway) -> None:
    token = gateway.token("finance")
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.users.set_active("finance", False)
        uow.commit()

    async with gateway.http(None, Authorization=f"Bearer {token}") as http:
        await problem(await http.get("/api/orders"), 401, "session_expired")


async def test_the_cookie_alone_changes_nothing_from_another_site(gateway: Gateway) -> None:
    cookie = {"Cookie": f"deskhand_session={gateway.token()}"}
    async with gateway.http(None, **cookie) as http:
        plain = await http.post("/api/notifications", json={"seq": 0})
        foreign = await http.post("/api/notifications", json={"seq": 0}, headers={"Origin": "https://evil.example"})
        own = await http.post("/api/notifications", json={"seq": 0}, headers={"Origin": gateway.url})
        header = await http.post("/api/notifications", json={"seq": 0}, headers={"X-Requested-With": "deskhand"})
        reading = await http.get("/api/notifications")

        await problem(plain, 403, "cross_site_request")
        await problem(foreign, 403, "cross_site_request")
        assert (own.status, header.status, reading.status) == (200, 200, 200)


async def test_signing_out_closes_the_sockets_of_that_session_only(gateway: Gateway) -> None:
    token = gateway.token()
    async with tab(gateway, token=token) as mine, tab(gateway) as other:
        async with gateway.http(None, Authorization=f"Bearer {token}") as http:
            assert (await http.delete("/api/sessions")).status == 204

        assert (await mine.wait("signed_out"))[0]["code"] == "signed_out"
        assert other.client.connected and not other.of("signed_out")


async def test_a_socket_ends_with_its_session(gateway: Gateway) -> None:
    async with tab(gateway) as clerk:
        gateway.clock.advance(hours=12)

        assert (await clerk.wait("signed_out"))[0]["code"] == "session_expired"


async def test_a_page_of_another_site_opens_no_socket(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        query = "/socket.io/?EIO=4&transport=polling"
        foreign = await http.get(query, headers={"Origin": "https://evil.example"})
        own = await http.get(query, headers={"Origin": gateway.url})

        assert (foreign.status, own.status) == (400, 200)


async def test_demo_users_are_listed_to_this_machine_only(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        listed = await (await http.get("/api/demo/users")).json()
        rebound = await (await http.get("/api/demo/users", headers={"Host": "evil.example:8000"})).json()

        assert {user["login"] for user in listed["users"]} >= {"clerk", "warehouse", "finance", "manager", "customer"}
        assert rebound == {"users": []}
        assert (await http.get(listed["users"][0]["link"])).status == 200
