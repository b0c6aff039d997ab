"""Signing in by password and by link: what it tells whoever guesses, what it keeps, and whom it keeps waiting."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp import ClientResponse, ClientSession
from argon2.exceptions import VerificationError

from deskhand.gateway import passwords
from deskhand.gateway.door import DOOR
from deskhand.gateway.errors import TooManyRequests
from deskhand.gateway.limits import GrowingWait, Rate
from deskhand.gateway.notices import sentences
from deskhand.gateway.signin import LINK_LIFETIME, signin_link
from deskhand.orders.sign_in import SignIn
from deskhand.store import AuditRow
from tests.support.gateway import PASSWORD, SESSION_SECRET, TENANT, Clock, Gateway, open_desk, problem, running_gateway
from tests.support.statements import statements_about


class CountingHasher:
    """Counts the work instead of doing it."""

    def __init__(self) -> None:
        self.verified = 0

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def verify(self, password_hash: str, password: str) -> bool:
        self.verified += 1
        if password_hash != self.hash(password):
            raise VerificationError
        return True


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingHasher]:
    counting = CountingHasher()
    passwords._nobody.cache_clear()
    monkeypatch.setattr(passwords, "_hasher", counting)
    yield counting
    passwords._nobody.cache_clear()


@asynccontextmanager
async def behind_a_proxy(folder: Path, hasher: CountingHasher, **options: Any) -> AsyncIterator[Gateway]:
    """Who asks is what `X-Forwarded-For` says."""
    settings = {"trusted_proxies": (ip_network("127.0.0.0/8"),)}
    async with running_gateway(folder, settings=settings, **options) as gateway:
        with gateway.desk.unit_of_work(TENANT) as uow:
            uow.users.set_password("clerk", hasher.hash(PASSWORD))
            uow.commit()
        yield gateway


async def attempt(
    http: ClientSession, login: str = "clerk", password: str = "wrong", address: str = "198.51.100.1", **more: str
) -> ClientResponse:
    body = {"login": login, "password": password, **more}
    return await http.post("/api/sessions", json=body, headers={"X-Forwarded-For": address})


def audited(gateway: Gateway) -> list[AuditRow]:
    with gateway.desk.unit_of_work(TENANT) as uow:
        return [row for row in uow.audit.list() if row.action == "sign_in"]


REFUSED = {
    "a wrong password": {"login": "clerk", "password": "wrong"},
    "an unknown login": {"login": "nobody", "password": PASSWORD},
    "a user without a password": {"login": "warehouse", "password": PASSWORD},
    "a locked user": {"login": "finance", "password": PASSWORD},
    "another company": {"login": "clerk", "password": PASSWORD, "tenant": "other"},
    "no such company": {"login": "clerk", "password": PASSWORD, "tenant": "no such"},
    "a company that has a provider": {"login": "clerk", "password": PASSWORD, "tenant": "provider"},
}


async def test_all_refused_sign_ins_look_and_cost_the_same(tmp_path: Path, hasher: CountingHasher) -> None:
    clock = Clock()
    desk = open_desk(tmp_path, clock)
    by_provider = replace(desk.tenants[TENANT], id="provider", sign_in=SignIn(password=False))
    desk.tenants = {**desk.tenants, "provider": by_provider}
    for tenant, login in ((TENANT, "finance"), ("provider", "clerk")):
        with desk.unit_of_work(TENANT) as uow:
            user = uow.users.by_login(login)
        assert user is not None
        with desk.unit_of_work(tenant) as uow:
            if tenant == TENANT:
                uow.users.set_password("finance", hasher.hash(PASSWORD))
                uow.users.set_active("finance", False)
            else:
                uow.users.add(replace(user, tenant=tenant, password_hash=hasher.hash(PASSWORD)))
            uow.commit()

    answers, costs = {}, {}
    async with behind_a_proxy(tmp_path, hasher, clock=clock, desk=desk) as gateway, gateway.http(None) as http:
        for kind, body in REFUSED.items():
            before = hasher.verified
            response = await http.post("/api/sessions", json=body)
            answers[kind] = response.status, await response.text(), "Set-Cookie" in response.headers
            costs[kind] = hasher.verified - before
    desk.close()

    assert set(answers.values()) == {(401, answers["a wrong password"][1], False)}
    assert set(costs.values()) == {1}


async def test_a_known_and_an_unknown_login_ask_the_database_as_often(gateway: Gateway) -> None:
    asked = []
    async with gateway.http(None) as http:
        await attempt(http, "first-of-all")
        for login in ("clerk", "nobody"):
            with statements_about(gateway.desk, "app_user", "session", "audit") as seen:
                await attempt(http, login)
            asked.append([statement.split()[0] for statement in seen])

    assert asked[0] == asked[1] == ["SELECT", "SELECT", "INSERT"]


async def test_a_password_of_any_length_is_answered_alike(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        await problem(await attempt(http, password="x" * 1500), 401, "sign_in_refused")


async def test_neither_passwords_nor_unknown_logins_are_kept(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with gateway.http(None) as http:
        await attempt(http, "clerk", "hunter2-hunter2")
        await attempt(http, "my-password-by-mistake", "hunter2-hunter2")
        await attempt(http, "clerk", PASSWORD)
    done, unknown, known = audited(gateway)

    kept = repr((done, unknown, known)) + caplog.text
    assert "hunter2" not in kept and "by-mistake" not in kept and PASSWORD not in kept
    assert (known.outcome, known.target, known.actor, known.detail["code"]) == (
        "refused",
        "clerk",
        "",
        "sign_in_refused",
    )
    assert unknown.outcome == "refused" and unknown.target not in (None, "clerk")
    assert (done.outcome, done.actor, done.detail["how"]) == ("done", "clerk", "password")


async def test_guessing_slows_down_who_guesses_and_nobody_else(tmp_path: Path, hasher: CountingHasher) -> None:
    async with behind_a_proxy(tmp_path, hasher) as gateway, gateway.http(None) as http:
        tried = [(await attempt(http)).status for _ in range(8)]
        guesser = await attempt(http, password=PASSWORD)
        owner = await attempt(http, password=PASSWORD, address="203.0.113.9")
        neighbour = await attempt(http, login="somebody-else")

        assert tried[:5] == [401] * 5 and 429 in tried
        await problem(guesser, 429, "too_many_requests")
        assert int(guesser.headers["Retry-After"]) > 0
        assert owner.status == 201
        assert neighbour.status == 401


async def test_an_unknown_login_is_slowed_down_as_a_known_one_is(tmp_path: Path, hasher: CountingHasher) -> None:
    async with behind_a_proxy(tmp_path, hasher) as gateway, gateway.http(None) as http:
        known = [(await attempt(http, "clerk")).status for _ in range(6)]
        unknown = [(await attempt(http, "nobody")).status for _ in range(6)]

        assert known == unknown


async def test_guessing_from_everywhere_keeps_nobody_out_who_is_where_they_usually_are(
    tmp_path: Path, hasher: CountingHasher
) -> None:
    async with behind_a_proxy(tmp_path, hasher) as gateway, gateway.http(None) as http:
        await attempt(http, password=PASSWORD, address="203.0.113.9")
        botnet = [(await attempt(http, address=f"198.51.{n}.1")).status for n in range(52)]
        elsewhere = await attempt(http, password=PASSWORD, address="192.0.2.77")
        at_home = await attempt(http, password=PASSWORD, address="203.0.113.9")

        assert botnet[:50] == [401] * 50 and botnet[51] == 429
        assert elsewhere.status == 429 and int(elsewhere.headers["Retry-After"]) <= 10
        assert at_home.status == 201


async def test_an_address_that_anybody_may_claim_counts_for_nothing(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        tried = [(await attempt(http, address=f"198.51.100.{n}")).status for n in range(8)]

        assert 429 in tried


async def test_a_page_of_another_site_signs_nobody_in(gateway: Gateway) -> None:
    body = {"login": "clerk", "password": PASSWORD}
    async with gateway.http(None) as http:
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            response = await http.post("/api/sessions", json=body, headers=headers)
            await problem(response, 403, "cross_site_request")
            assert "Set-Cookie" not in response.headers
        own = await http.post("/api/sessions", json=body, headers={"Origin": gateway.url})
        assert own.status == 201


def _link(gateway: Gateway, login: str) -> str:
    with gateway.desk.unit_of_work(TENANT) as uow:
        user = uow.users.by_login(login)
    assert user is not None
    return signin_link(user, SESSION_SECRET, gateway.url, gateway.clock())


async def test_a_link_of_the_demo_leads_to_the_desk_as_often_as_it_is_opened(gateway: Gateway) -> None:
    link = _link(gateway, "warehouse")
    async with gateway.http(None) as http:
        for _ in range(2):
            response = await http.get(link, allow_redirects=False)
            assert (response.status, response.headers["Location"]) == (303, "/desk")
        session = await http.get("/api/session")
        assert (await session.json())["user"]["role"] == "warehouse"


async def test_outside_the_demo_a_link_signs_in_once_and_only_when_somebody_wants_it(tmp_path: Path) -> None:
    async with running_gateway(tmp_path, settings={"demo": False}) as gateway, gateway.http(None) as http:
        link = _link(gateway, "warehouse")
        opened = await http.get(link, allow_redirects=False)
        page = await http.get(link)
        token = {"token": unquote(opened.headers["Location"].split("#")[1])}
        foreign = await http.post("/api/sessions/link", json=token, headers={"Origin": "https://evil.example"})
        first = await http.post("/api/sessions/link", json=token)
        second = await http.post("/api/sessions/link", json=token)

        assert opened.headers["Location"].startswith("/static/link.html#") and "Set-Cookie" not in opened.headers
        assert page.status == 200 and "/static/link.js" in await page.text()
        await problem(foreign, 403, "cross_site_request")
        assert first.status == 201 and (await first.json())["user"]["role"] == "warehouse"
        refused = await problem(second, 401, "link_used")
        assert "deskhand users links" in refused["detail"]
        assert [(row.outcome, row.detail["how"]) for row in audited(gateway)] == [("refused", "link"), ("done", "link")]


@pytest.mark.parametrize("given", ["//evil.example", "x?y=z#/../..", "https://evil.example/", "%2F%2Fevil"])
async def test_a_link_leads_nowhere_else(tmp_path: Path, given: str) -> None:
    async with running_gateway(tmp_path, settings={"demo": False}) as gateway, gateway.http(None) as http:
        response = await http.get("/signin", params={"token": given}, allow_redirects=False)

        assert response.status == 303
        assert response.headers["Location"].startswith("/static/link.html#")
        assert "Set-Cookie" not in response.headers


async def test_a_link_is_over_after_a_day_and_is_no_session(gateway: Gateway) -> None:
    link = _link(gateway, "admin")
    async with gateway.http(None) as http:
        as_session = await http.get("/api/session", headers={"Authorization": f"Bearer {link.split('token=')[1]}"})
        await problem(as_session, 401, "session_forged")
        gateway.clock.forward(hours=24)
        await problem(await http.get(link), 401, "session_expired")


def _withdrawn(gateway: Gateway, login: str) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        user = uow.users.by_login(login)
        assert user is not None
        uow.sessions.withdraw_links(user, LINK_LIFETIME)
        uow.commit()


@pytest.mark.parametrize("demo", [True, False])
async def test_a_link_that_was_withdrawn_is_as_one_that_was_used(tmp_path: Path, demo: bool) -> None:
    async with running_gateway(tmp_path, settings={"demo": demo}) as gateway, gateway.http(None) as http:
        before, of_another = _link(gateway, "warehouse"), _link(gateway, "finance")
        gateway.clock.forward(seconds=0.001)
        _withdrawn(gateway, "warehouse")
        later = _link(gateway, "warehouse")
        tokens = [{"token": link.partition("token=")[2]} for link in (before, later, of_another)]
        answers = [await http.post("/api/sessions/link", json=token) for token in tokens]

        await problem(answers[0], 401, "link_used")
        assert [answer.status for answer in answers[1:]] == [201, 201]
        assert [(row.actor, row.detail.get("code")) for row in audited(gateway) if row.outcome == "refused"] == [
            ("warehouse", "link_used")
        ]


async def test_who_was_let_in_by_a_link_before_it_was_withdrawn_stays(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        await http.get(_link(gateway, "warehouse"))
        gateway.clock.forward(seconds=1)
        _withdrawn(gateway, "warehouse")

        assert (await http.get("/api/session")).status == 200
        rows = (await (await http.get("/api/sessions")).json())["items"]
        assert [row["how"] for row in rows] == ["demo_link"]


FOR_PEOPLE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("kind", ["link_used", "session_expired", "session_forged", "session_forged: cut off"])
async def test_a_browser_with_a_link_that_is_none_any_more_is_told_in_both_languages_how_to_go_on(
    gateway: Gateway, kind: str
) -> None:
    code, _, how = kind.partition(":")
    link = _link(gateway, "warehouse")[: -9 if how else None]
    if code == "link_used":
        gateway.clock.forward(seconds=1)
        _withdrawn(gateway, "warehouse")
    elif code == "session_expired":
        gateway.clock.forward(hours=25)
    elif not how:
        link = f"{gateway.url}/signin?token=<script>alert(1)</script>"
    async with gateway.http(None) as http:
        shown, told = await http.get(link, headers=FOR_PEOPLE), await http.get(link)

        assert (shown.status, shown.content_type) == (401, "text/html")
        page = await shown.text()
        assert sentences()[code]["zh"] in page and sentences()[code]["en"] in page
        assert "deskhand users links" in page and 'href="/"' in page and "<script" not in page
        assert "Set-Cookie" not in shown.headers
        await problem(told, 401, code)


async def test_a_browser_that_opened_too_many_links_is_told_so_and_stands_in_the_audit(gateway: Gateway) -> None:
    gateway.app[DOOR].sign_in_addresses._rate = Rate(1, 0.01)
    link = _link(gateway, "warehouse")
    async with gateway.http(None, **FOR_PEOPLE) as http:
        answers = [await http.get(link, allow_redirects=False) for _ in range(2)]

        assert [answer.status for answer in answers] == [303, 429]
        assert sentences()["too_many_requests"]["zh"] in await answers[1].text()
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        noted = [row.detail["kind"] for row in uow.audit.list() if row.action == "exceed_limit"]
    assert noted == ["sign_in_address"]


async def test_a_link_of_a_locked_user_lets_nobody_in(gateway: Gateway) -> None:
    link = _link(gateway, "warehouse")
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.users.set_active("warehouse", False)
        uow.commit()
    async with gateway.http(None) as http:
        await problem(await http.get(link), 401, "session_forged")


async def test_demo_users_are_listed_to_this_machine_only(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        listed = await (await http.get("/api/demo/users")).json()
        rebound = await (await http.get("/api/demo/users", headers={"Host": "evil.example:8000"})).json()

        assert {user["login"] for user in listed["users"]} >= {"clerk", "warehouse", "finance", "manager", "customer"}
        assert rebound == {"users": []}
        assert (await http.get(listed["users"][0]["link"])).status == 200


async def test_outside_the_demo_no_links_are_listed(tmp_path: Path) -> None:
    async with running_gateway(tmp_path, settings={"demo": False}) as gateway, gateway.http(None) as http:
        assert await (await http.get("/api/demo/users")).json() == {"users": []}


def test_waiting_grows_with_every_failure_and_ends_when_it_was_right() -> None:
    now, waits = [0.0], []
    wait = GrowingWait("password", free=2, longest=8, clock=lambda: now[0])
    for _ in range(7):
        waits.append(_waits(wait, now))
    wait.forget("k")

    assert waits == [0, 0, 1, 2, 4, 8, 8]
    assert _waits(wait, now) == 0


def _waits(wait: GrowingWait, now: list[float]) -> float:
    """Seconds until the next attempt is let through."""
    began = now[0]
    while not _lets(wait):
        assert not _lets(wait)  # asking again does not make it longer
        now[0] += 1
    return now[0] - began


def _lets(wait: GrowingWait) -> bool:
    try:
        wait.attempt("k")
    except TooManyRequests:
        return False
    return True
