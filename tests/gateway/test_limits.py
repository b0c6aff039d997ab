"""How much one may ask for: the buckets, and what companies allow their people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import FormData

from deskhand.gateway.errors import TooManyRequests
from deskhand.gateway.limits import GrowingWait, Rate, RateLimit
from deskhand.orders.tenant import Limits
from tests.support.gateway import PASSWORD, TENANT, Clock, Gateway, open_desk, problem, running_gateway, tab
from tests.support.keys import calling, new_key


def test_a_burst_is_taken_and_refills_with_time() -> None:
    now = [0.0]
    limit = RateLimit("api", Rate(burst=2, per_second=0.5), clock=lambda: now[0])
    limit.take("a")
    limit.take("a")
    with pytest.raises(TooManyRequests) as refused:
        limit.take("a")
    limit.take("b")
    now[0] = 2.0
    limit.take("a")

    assert refused.value.data == {"seconds": 2, "limit": "api"}
    with pytest.raises(TooManyRequests):
        limit.take("a")


def test_memory_stays_bounded() -> None:
    limit = RateLimit("api", Rate(burst=1, per_second=1))
    for index in range(20_000):
        limit.take(str(index))

    assert len(limit._buckets) <= 10_000


def test_memory_of_failures_stays_bounded() -> None:
    wait = GrowingWait("password", free=1, longest=60)
    for index in range(20_000):
        wait.attempt(str(index))

    assert len(wait._failed) <= 10_000


@asynccontextmanager
async def limited(folder: Path, **limits: int) -> AsyncIterator[Gateway]:
    """The company allows its people this much."""
    clock = Clock()
    desk = open_desk(folder, clock)
    desk.tenants = {**desk.tenants, TENANT: replace(desk.tenants[TENANT], limits=Limits(**limits))}
    try:
        async with running_gateway(folder, clock, desk) as gateway:
            yield gateway
    finally:
        desk.close()


async def test_each_person_may_ask_so_much_of_the_api_on_all_devices_together(tmp_path: Path) -> None:
    async with limited(tmp_path, api_per_minute=4) as gateway:
        async with gateway.http() as http, gateway.http() as other_device, gateway.http("finance") as finance:
            for device in (http, other_device, http, other_device):
                assert (await device.get("/api/session")).status == 200
            refused = await other_device.get("/api/session")

            await problem(refused, 429, "too_many_requests")
            assert 0 < int(refused.headers["Retry-After"]) <= 15
            assert (await finance.get("/api/session")).status == 200


async def test_who_has_asked_too_much_can_still_open_the_desk_and_sign_out(tmp_path: Path) -> None:
    async with limited(tmp_path, api_per_minute=1) as gateway:
        for path in ("/api/sessions", "/api/sessions/all"):
            cookie = {"Cookie": f"deskhand_session={gateway.token()}", "X-Requested-With": "deskhand"}
            async with gateway.http(None, **cookie) as http:
                await http.get("/api/session")
                await problem(await http.get("/api/session"), 429, "too_many_requests")
                desk = await http.get("/desk", allow_redirects=False)
                out = await http.delete(path)
                await problem(await http.get("/api/session"), 401, "session_expired")

            assert (desk.status, out.status) == (200, 204)


async def test_the_chat_counts_messages_over_http_and_over_the_socket_together(tmp_path: Path) -> None:
    async with limited(tmp_path, chat_per_minute=8) as gateway:  # two at once
        async with tab(gateway) as clerk, gateway.http() as http, tab(gateway, "finance") as finance:
            first = await clerk.say("m1", "你好")
            second = await http.post("/api/chat", json={"id": "m2", "text": "你好"})
            third = await clerk.say("m3", "你好")
            fourth = await http.post("/api/chat", json={"id": "m4", "text": "你好"})

            assert first["ok"] and second.status == 200
            assert (third["ok"], third["code"]) == (False, "too_many_requests")
            await problem(fourth, 429, "too_many_requests")
            assert (await finance.say("m1", "你好"))["ok"]


async def test_a_socket_is_no_way_around_the_limit_of_the_api(tmp_path: Path) -> None:
    async with limited(tmp_path, api_per_minute=5) as gateway, tab(gateway) as clerk:
        answers = [(await clerk.resume()).get("code") for _ in range(6)]

        assert answers[0] is None and answers[-1] == "too_many_requests"


async def test_a_company_imports_so_many_files_an_hour_whoever_sends_them(tmp_path: Path) -> None:
    async with limited(tmp_path, import_per_hour=1) as gateway:
        async with gateway.http("manager") as manager, gateway.http("admin") as admin:
            statuses = []
            for http in (manager, admin):
                form = FormData()
                form.add_field("file", "订单号,客户,总额\nA1,华星,10.5\n".encode(), filename="orders.csv")
                statuses.append((await http.post("/api/orders/import?dry_run=1", data=form)).status)

            assert statuses == [200, 429]


async def test_keys_that_are_refused_keep_nobody_at_that_address_from_signing_in(gateway: Gateway) -> None:
    async with calling(gateway, "dhk_demo." + "0" * 24 + "_" + "0" * 64) as http:
        tried = {(await http.get("/api/orders")).status for _ in range(110)}
    async with gateway.http(None) as http:
        person = await http.post("/api/sessions", json={"login": "clerk", "password": PASSWORD})

    assert 429 in tried
    assert person.status == 201


async def test_a_key_that_is_sent_to_an_address_for_people_is_counted(tmp_path: Path) -> None:
    async with limited(tmp_path, api_per_minute=2) as gateway, calling(gateway, new_key(gateway)[1]) as http:
        assert [(await http.delete("/api/sessions")).status for _ in range(3)] == [403, 403, 429]
