"""Who is let in."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from socketio.exceptions import ConnectionError as Refused
from socketio.exceptions import ConnectionRefusedError as Handshake

from deskhand.gateway import sockets
from deskhand.gateway.door import SOCKETS
from deskhand.gateway.limits import REFUSED_TOKENS
from deskhand.gateway.signin import signin_link
from deskhand.gateway.sockets import DeskNamespace
from deskhand.settings import key_id
from deskhand.store import AuditRow
from tests.support.gateway import (
    PASSWORD,
    SESSION_SECRET,
    TENANT,
    Gateway,
    problem,
    running_gateway,
    socket_client,
    tab,
)
from tests.support.statements import statements_about


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


KID = key_id(SESSION_SECRET)
OTHER_KEY = "another-key-of-the-tests-0123456789abcdef"


def _signed(claims: dict[str, Any], algorithm: str, key: Any, kid: str | None = KID) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the key is short for SHA-512
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


CHANGED: dict[str, dict[str, Any]] = {
    "an end that is no time": {"exp": "tomorrow"},
    "an end in quotes": {"exp": "9999999999"},
    "an end that is no number": {"exp": float("nan")},
    "an end that never comes": {"exp": float("inf")},
    "an end after all years": {"exp": 10**20},
    "expired": {"exp": 1},
    "for the actions": {"aud": "deskhand-actions"},
    "a link": {"aud": "deskhand-signin"},
    "other issuer": {"iss": "somebody"},
    "other tenant": {"tenant": "other"},
    "a session that never was": {"jti": "0" * 32},
}
FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "signed with another key": lambda claims: _signed(claims, "HS256", OTHER_KEY),
    "signed with another key that it names": lambda claims: _signed(claims, "HS256", OTHER_KEY, key_id(OTHER_KEY)),
    "signed with a longer hash": lambda claims: _signed(claims, "HS512", SESSION_SECRET),
    "signed with a private key": lambda claims: _signed(claims, "RS256", rsa.generate_private_key(65537, 2048)),
    "unsigned": lambda claims: _signed(claims, "none", None),
    "no key named": lambda claims: _signed(claims, "HS256", SESSION_SECRET, None),
    "without an end": lambda claims: _signed(
        {name: value for name, value in claims.items() if name != "exp"}, "HS256", SESSION_SECRET
    ),
    "garbage": lambda claims: "abc",
}


NAMES_NO_COMPANY = {"garbage"}


def _token(gateway: Gateway, kind: str) -> str:
    if kind in CHANGED:
        return gateway.token(**CHANGED[kind])
    return FORGED[kind](jwt.decode(gateway.token(), options={"verify_signature": False}))


@pytest.mark.parametrize("kind", [*CHANGED, *FORGED])
async def test_a_token_that_is_not_ours_opens_neither_door(gateway: Gateway, kind: str) -> None:
    token = _token(gateway, kind)
    async with gateway.http(None, Authorization=f"Bearer {token}") as http:
        response = await http.get("/api/orders")
        assert response.status == 401
        code = (await response.json())["code"]
        assert code in {"session_forged", "session_expired"}

    with pytest.raises(Refused):
        async with tab(gateway, token=token):
            pass

    if kind not in NAMES_NO_COMPANY:
        rows = _refused_tokens(gateway, CHANGED.get(kind, {}).get("tenant", TENANT))
        assert [(row.channel, row.action, row.outcome, row.detail["code"]) for row in rows] == [
            ("chat", "use_session", "refused", code),
            ("http", "use_session", "refused", code),
        ]
        assert token not in repr(rows)


def _refused_tokens(gateway: Gateway, tenant: str = TENANT) -> list[AuditRow]:
    with gateway.desk.unit_of_work(tenant, read_only=True) as uow:
        return [row for row in uow.audit.list() if row.action in ("use_session", "use_link")]


async def test_a_token_that_we_made_says_whose_it_was_a_forged_one_does_not(gateway: Gateway) -> None:
    over, ended = gateway.token(exp=1), gateway.token()
    async with gateway.http(None, Authorization=f"Bearer {ended}") as http:
        assert (await http.delete("/api/sessions")).status == 204
    forged = FORGED["signed with another key"](jwt.decode(ended, options={"verify_signature": False}))
    for token in (over, ended, forged):
        async with gateway.http(None, Authorization=f"Bearer {token}") as http:
            assert (await http.get("/api/session", headers={"X-Request-Id": "request-of-mine"})).status == 401

    found = [(row.actor, row.role, row.target, row.cause) for row in _refused_tokens(gateway)]
    assert found == [("", "nobody", target, "request-of-mine") for target in (None, "clerk", "clerk")]


async def test_a_request_of_another_site_with_somebodys_cookie_stands_in_the_audit(gateway: Gateway) -> None:
    async with gateway.http(None, Cookie=f"deskhand_session={gateway.token()}") as http:
        for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
            await http.post("/api/notifications/acknowledge", json={"seq": 0}, headers=headers)

    found = [(row.target, row.detail["code"]) for row in _refused_tokens(gateway)]
    assert found == [("clerk", "cross_site_request")] * 2


async def test_a_link_that_is_not_ours_or_of_somebody_locked_stands_in_the_audit(gateway: Gateway) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        clerk = uow.users.get("clerk")
        assert clerk is not None
        uow.users.set_active("clerk", False)
        uow.commit()
    now = gateway.clock()
    links = [signin_link(clerk, key, "", now).partition("token=")[2] for key in (SESSION_SECRET, OTHER_KEY)]
    async with gateway.http(None) as http:
        for link in links:
            assert (await http.post("/api/sessions/link", json={"token": link})).status == 401

    found = [(row.action, row.target, row.detail["code"]) for row in _refused_tokens(gateway)]
    assert found == [("use_link", None, "session_forged"), ("use_link", "clerk", "session_forged")]


async def test_whoever_sends_many_forged_tokens_leaves_some_rows_and_is_refused_all_the_same(gateway: Gateway) -> None:
    forged = FORGED["signed with another key"](jwt.decode(gateway.token(), options={"verify_signature": False}))
    async with gateway.http(None, Authorization=f"Bearer {forged}") as http:
        codes = {(await http.get("/api/session")).status for _ in range(REFUSED_TOKENS.burst + 10)}

    assert codes == {401}
    assert REFUSED_TOKENS.burst <= len(_refused_tokens(gateway)) < REFUSED_TOKENS.burst + 10


async def test_role_and_user_are_never_taken_from_the_token(gateway: Gateway) -> None:
    token = gateway.token(role="admin", sub="manager", customer_id="huaxing")
    async with gateway.http(None, Authorization=f"Bearer {token}") as http:
        user = (await (await http.get("/api/session")).json())["user"]

    assert (user["login"], user["role"], user["customer"]) == ("clerk", "sales", None)


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
        plain = await http.post("/api/notifications/acknowledge", json={"seq": 0})
        foreign = await http.post(
            "/api/notifications/acknowledge", json={"seq": 0}, headers={"Origin": "https://evil.example"}
        )
        own = await http.post("/api/notifications/acknowledge", json={"seq": 0}, headers={"Origin": gateway.url})
        header = await http.post(
            "/api/notifications/acknowledge", json={"seq": 0}, headers={"X-Requested-With": "deskhand"}
        )
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
        gateway.clock.forward(hours=12)

        assert (await clerk.wait("signed_out"))[0]["code"] == "session_expired"


async def test_a_page_of_another_site_opens_no_socket(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        query = "/socket.io/?EIO=4&transport=polling"
        foreign = await http.get(query, headers={"Origin": "https://evil.example"})
        own = await http.get(query, headers={"Origin": gateway.url})

        assert (foreign.status, own.status) == (400, 200)


async def test_a_page_of_another_site_opens_no_socket_with_our_cookie_even_if_it_hides_where_it_is(
    gateway: Gateway,
) -> None:
    cookie = {"Cookie": f"deskhand_session={gateway.token()}"}
    own, foreign = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}
    async with socket_client() as client:
        await client.connect(gateway.url, headers=cookie | own, transports=["polling"])

    async with socket_client() as client:
        with pytest.raises(Refused):
            await client.connect(gateway.url, headers=cookie | foreign, transports=["polling"])


async def test_a_browser_that_says_another_site_asks_is_believed(gateway: Gateway) -> None:
    cookie = {"Cookie": f"deskhand_session={gateway.token()}", "X-Requested-With": "deskhand"}
    async with gateway.http(None, **cookie) as http:
        for site in ("cross-site", "same-site"):
            foreign = await http.post(
                "/api/notifications/acknowledge", json={"seq": 0}, headers={"Sec-Fetch-Site": site}
            )
            await problem(foreign, 403, "cross_site_request")
        own = await http.post(
            "/api/notifications/acknowledge", json={"seq": 0}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert own.status == 200


async def test_over_https_the_cookie_is_bound_to_this_host_and_a_plain_page_is_another_site(tmp_path: Path) -> None:
    async with running_gateway(tmp_path, settings={"public_url": "https://desk.example"}) as gateway:
        async with gateway.http(None) as http:
            response = await http.post("/api/sessions", json={"login": "clerk", "password": PASSWORD})
            cookie = response.headers["Set-Cookie"]
            value = {"Cookie": cookie.split(";")[0]}
            inside = await http.get("/api/session", headers=value)
            without_prefix = await http.get("/api/session", headers={"Cookie": value["Cookie"].removeprefix("__Host-")})
            host = value | {"Host": "desk.example"}
            plain = await http.delete("/api/sessions", headers=host | {"Origin": "http://desk.example"})
            secure = await http.delete("/api/sessions", headers=host | {"Origin": "https://desk.example"})

    assert cookie.startswith("__Host-deskhand_session=")
    assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert (inside.status, without_prefix.status) == (200, 401)
    assert (plain.status, secure.status) == (403, 204)
    assert "__Host-deskhand_session=" in secure.headers["Set-Cookie"]


async def test_a_handshake_before_the_gateway_is_open_is_to_be_tried_again() -> None:
    with pytest.raises(Handshake) as refused:
        await DeskNamespace().on_connect("sid", {})

    assert refused.value.error_args["data"] == {"code": "starting"}


async def test_a_handshake_that_fails_on_our_side_is_to_be_tried_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(sockets, "check_session", broken)
    with pytest.raises(Handshake) as refused:
        await gateway.app[SOCKETS].on_connect("sid", {}, {"token": gateway.token()})

    assert refused.value.error_args["data"] == {"code": "internal_error"}


async def test_an_api_key_opens_no_socket(gateway: Gateway) -> None:
    with pytest.raises(Refused):
        async with tab(gateway, token="dhk_demo." + "0" * 24 + "_" + "0" * 64):
            pass


async def test_a_request_reads_session_and_user_in_one_statement(gateway: Gateway) -> None:
    async with gateway.http() as http:
        with statements_about(gateway.desk, "session", "app_user") as seen:
            assert (await http.get("/api/session")).status == 200

        assert len(seen) == 1
