"""People sign in by their company's provider: a real one, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientResponse, ClientSession

from deskhand.orders.status import Role
from deskhand.store import AuditRow, User
from tests.support.gateway import TENANT, Gateway, problem, running_gateway
from tests.support.oidc import (
    ANN,
    ENVIRON,
    START,
    NoProvider,
    Now,
    RealProvider,
    company_file,
    open_company,
    provider,
    real_provider,
    sign_in_at_provider,
)

__all__ = ["provider"]


@asynccontextmanager
async def company(folder: Path, provider: RealProvider, **settings: str) -> AsyncIterator[Gateway]:
    """A desk whose company has this provider, at the address that the provider's clients come back to."""
    clock = Now()
    desk = open_company(folder, clock, demo=company_file(provider.issuer, **settings))
    try:
        async with running_gateway(folder, clock, desk, port=provider.desk_port, environ=ENVIRON) as running:
            async with running.http(None) as http:
                await provider.change(http, "ann", **ANN)
            yield running
    finally:
        desk.close()


@pytest.fixture
async def gateway(tmp_path: Path, provider: RealProvider) -> AsyncIterator[Gateway]:
    async with company(tmp_path, provider) as running:
        yield running


async def who(http: ClientSession) -> dict[str, Any]:
    user: dict[str, Any] = (await (await http.get("/api/session")).json())["user"]
    return user


async def page(response: ClientResponse, status: int, code: str) -> str:
    """The response is the page that says this in both languages, and nothing of what is behind it."""
    text = await response.text()
    assert response.status == status, text
    assert f'data-code="{code}"' in text and response.content_type == "text/html"
    assert 'lang="zh-CN"' in text and 'lang="en"' in text and "Traceback" not in text
    return text


def rows(gateway: Gateway, action: str) -> list[AuditRow]:
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        return [row for row in uow.audit.list() if row.action == action]


def user_of(gateway: Gateway, login: str) -> User:
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        user = uow.users.by_login(login)
    assert user is not None
    return user


@pytest.mark.parametrize("client", ["desk", "desk-ps", "desk-es", "desk-public"])
async def test_a_person_comes_in_with_the_role_of_their_group(
    tmp_path: Path, provider: RealProvider, client: str
) -> None:
    settings = {"client_id": client} | ({"client_secret_name": ""} if client == "desk-public" else {})
    async with company(tmp_path, provider, **settings) as gateway, gateway.http(None) as http:
        await page(await sign_in_at_provider(http, START, "ann"), 200, "signed_in")

        user = await who(http)
        assert (user["login"], user["name"], user["role"], user["language"]) == ("ann", "Ann Meier", "sales", "en")
        assert user["tenant"] == TENANT
        assert user_of(gateway, "ann").password_hash is None
        assert [row.outcome for row in rows(gateway, "make_user")] == ["done"]


async def test_groups_that_stand_at_userinfo_only_are_found_there(tmp_path: Path) -> None:
    folder = tmp_path / "provider"
    folder.mkdir()
    try:
        with real_provider(folder, groups_in_token=False) as provider:
            async with company(tmp_path, provider) as gateway, gateway.http(None) as http:
                await page(await sign_in_at_provider(http, START, "ann"), 200, "signed_in")

                assert (await who(http))["role"] == "sales"
    except NoProvider as reason:
        pytest.skip(str(reason))


async def test_the_browser_is_sent_off_with_pkce_state_and_nonce_and_keeps_only_what_is_sealed(
    gateway: Gateway,
) -> None:
    async with gateway.http(None) as http:
        response = await http.get(START, allow_redirects=False)
        query = parse_qs(urlsplit(response.headers["Location"]).query)
        cookie = response.headers["Set-Cookie"]

    assert response.status == 303
    assert query["response_type"] == ["code"] and query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 43 and len(query["nonce"][0]) >= 43 and len(query["code_challenge"][0]) == 43
    assert query["redirect_uri"] == [f"{gateway.url}/signin/oidc/callback/demo"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=600" in cookie
    assert query["state"][0] not in cookie and query["nonce"][0] not in cookie


async def test_the_session_is_a_new_one_and_its_cookie_strict(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        http.cookie_jar.update_cookies({"deskhand_session": "planted"})
        response = await sign_in_at_provider(http, START, "ann")
        cookies = response.headers.getall("Set-Cookie")

        session = next(cookie for cookie in cookies if cookie.startswith("deskhand_session="))
        assert "planted" not in session and "SameSite=Strict" in session and "HttpOnly" in session
        assert any(cookie.startswith("deskhand_oidc=") and "Max-Age=0" in cookie for cookie in cookies)
        assert response.headers["Cache-Control"] == "no-store"
        text = await response.text()
        assert 'content="0; url=/desk"' in text and "<script" not in text


async def test_who_comes_again_is_the_same_user_and_goes_where_they_wanted(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        await sign_in_at_provider(http, START, "ann")
        first = (await who(http))["id"]
        again = await sign_in_at_provider(http, START + "&next=/desk?order%3DSO-1001", "ann")
        text = await again.text()

        assert (await who(http))["id"] == first
        assert 'content="0; url=/desk?order=SO-1001"' in text
        assert len(rows(gateway, "make_user")) == 1 and not rows(gateway, "change_user")


async def test_another_group_is_another_role_at_the_next_sign_in_and_ends_the_sessions_before(
    gateway: Gateway, provider: RealProvider
) -> None:
    async with gateway.http(None) as office, gateway.http(None) as phone:
        await sign_in_at_provider(office, START, "ann")
        await provider.change(office, "ann", **ANN | {"groups": ["desk-sales", "desk-finance"], "name": "Ann M. Meier"})
        await sign_in_at_provider(phone, START, "ann")

        assert (await who(phone))["role"] == "finance"
        await problem(await office.get("/api/session"), 401, "session_expired")
        changed = rows(gateway, "change_user")[0]
        assert changed.before is not None and changed.after is not None
        assert (changed.before["role"], changed.after["role"]) == ("sales", "finance")


@pytest.mark.parametrize("groups", [[], ["strangers"], None])
async def test_who_is_in_no_group_with_a_role_stays_out_and_loses_sessions(
    gateway: Gateway, provider: RealProvider, groups: list[str] | None
) -> None:
    async with gateway.http(None) as office, gateway.http(None) as phone:
        await sign_in_at_provider(office, START, "ann")
        left = {name: value for name, value in (ANN | {"groups": groups}).items() if value is not None}
        await provider.change(office, "ann", **left)
        response = await sign_in_at_provider(phone, START, "ann")

        await page(response, 403, "no_role_given")
        assert "deskhand_session" not in "".join(response.headers.getall("Set-Cookie", []))
        await problem(await office.get("/api/session"), 401, "session_expired")
        refused = rows(gateway, "sign_in")[0]
        assert (refused.outcome, refused.detail["code"]) == ("refused", "no_role_given")


async def test_nobody_without_a_role_is_made_a_user(gateway: Gateway, provider: RealProvider) -> None:
    async with gateway.http(None) as http:
        await provider.change(http, "eve", name="Eve", groups=["strangers"])
        await page(await sign_in_at_provider(http, START, "eve"), 403, "no_role_given")

    assert not rows(gateway, "make_user")


async def test_a_user_who_is_locked_here_stays_out(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        await sign_in_at_provider(http, START, "ann")
        with gateway.desk.unit_of_work(TENANT) as uow:
            uow.users.set_active(user_of(gateway, "ann").id, False)
            uow.commit()

        await page(await sign_in_at_provider(http, START, "ann"), 403, "user_locked")


async def test_who_cancels_at_the_provider_is_told_so_and_the_providers_words_are_not_shown(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        text = await page(await sign_in_at_provider(http, START, "ann", "cancel"), 403, "sign_in_denied")

    assert "script" not in text
    assert rows(gateway, "sign_in")[0].detail["reason"] == "access_denied"


def _add_local(gateway: Gateway, login: str, role: Role = Role.MANAGER, **more: Any) -> User:
    user = User(f"id-of-{login}", TENANT, login, login.title(), role, **more)
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.users.add(user)
        uow.commit()
    return user


async def test_a_user_with_the_same_login_or_address_is_somebody_else(gateway: Gateway) -> None:
    local = _add_local(gateway, "ann", email=ANN["email"])
    async with gateway.http(None) as http:
        await page(await sign_in_at_provider(http, START, "ann"), 200, "signed_in")
        user = await who(http)

    assert user["id"] != local.id and user["login"].startswith("ann-")
    assert user_of(gateway, "ann").role is Role.MANAGER


async def test_a_user_who_was_here_before_is_linked_where_the_company_wants_it(
    tmp_path: Path, provider: RealProvider
) -> None:
    async with company(tmp_path, provider, link_by_email="true") as gateway, gateway.http(None) as http:
        local = _add_local(gateway, "ameier", email="Ann@ACME.example")
        await sign_in_at_provider(http, START, "ann")

        assert (await who(http))["id"] == local.id
        assert (await who(http))["role"] == "sales"


@pytest.mark.parametrize(
    ("role", "claims"),
    [
        (Role.MANAGER, {"email_verified": False}),
        (Role.MANAGER, {"email_verified": "true"}),
        (Role.CUSTOMER, {}),
    ],
)
async def test_nobody_is_linked_by_an_address_that_is_not_verified_or_a_customers(
    tmp_path: Path, provider: RealProvider, role: Role, claims: dict[str, Any]
) -> None:
    async with company(tmp_path, provider, link_by_email="true") as gateway, gateway.http(None) as http:
        local = _add_local(gateway, "ameier", role, email=ANN["email"])
        await provider.change(http, "ann", **ANN | claims)
        await sign_in_at_provider(http, START, "ann")

        assert (await who(http))["id"] != local.id


async def test_signing_out_goes_on_to_the_provider_where_wanted(gateway: Gateway, provider: RealProvider) -> None:
    async with gateway.http(None) as http:
        response = await http.get("/signin/oidc/signout?tenant=demo", allow_redirects=False)
        there = await http.get(response.headers["Location"])

    assert response.status == 303 and response.headers["Location"].startswith(f"{provider.issuer}/session/end?")
    assert there.status == 200


async def test_the_sign_in_page_is_told_what_this_company_has(tmp_path: Path, provider: RealProvider) -> None:
    async with company(tmp_path, provider) as gateway, gateway.http(None) as http:
        own = await (await http.get("/api/signin/options")).json()
        other = await (await http.get("/api/signin/options?tenant=other")).json()
        nobody = await (await http.get("/api/signin/options?tenant=nowhere")).json()

    assert own == {"password": True, "oidc": [{"tenant": "demo", "name": "Acme ID"}], "several": True}
    assert other == nobody == {"password": True, "oidc": [], "several": True}


async def test_no_token_and_no_code_is_in_any_log(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with gateway.http(None) as http:
        response = await sign_in_at_provider(http, START, "ann")
        code = parse_qs(urlsplit(str(response.url)).query)["code"][0]

    ours = [row.getMessage() for row in caplog.records if row.name != "aiohttp.access"]  # which the gateway turns off
    assert code and not any(code in line or "eyJ" in line for line in ours)
