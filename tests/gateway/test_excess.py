"""What was refused because it was too much stands in the audit: counted, and never so often that it fills it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from socketio.exceptions import ConnectionError as Refused

from deskhand.gateway import limits
from deskhand.gateway.door import DOOR
from deskhand.gateway.excess import EXCEED_LIMIT, note_due
from deskhand.gateway.limits import REFUSED_TOKENS, Rate
from deskhand.store import AuditRow
from tests.gateway.test_limits import limited
from tests.support.gateway import PATIENCE, TENANT, Gateway, problem, running_gateway, socket_client, tab
from tests.support.keys import calling, new_key

POLLING = "/socket.io/?EIO=4&transport=polling"


def excesses(gateway: Gateway) -> Sequence[AuditRow]:
    """Newest first."""
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        return [row for row in uow.audit.list() if row.action == EXCEED_LIMIT]


def said(gateway: Gateway) -> list[tuple[str, str, str, int]]:
    return [(row.actor, row.channel, row.detail["kind"], row.detail["times"]) for row in excesses(gateway)]


async def a_minute_later(gateway: Gateway) -> None:
    gateway.clock.forward(seconds=61)
    await note_due(gateway.app[DOOR])


async def test_one_row_at_once_and_one_a_minute_later_say_how_many_were_refused(tmp_path: Path) -> None:
    async with limited(tmp_path, api_per_minute=2) as gateway, gateway.http() as http:
        statuses = [(await http.get("/api/session")).status for _ in range(10)]
        at_once = said(gateway)
        await a_minute_later(gateway)
        await a_minute_later(gateway)

        refused = statuses.count(429)
        assert refused >= 7 and at_once == [("clerk", "http", "api", 1)]
        assert said(gateway) == [("clerk", "http", "api", refused - 1), *at_once]
        assert {(row.outcome, row.role, row.detail["code"]) for row in excesses(gateway)} == {
            ("refused", "sales", "too_many_requests")
        }


async def test_the_row_names_the_first_request_and_every_caller_has_rows_of_their_own(tmp_path: Path) -> None:
    async with limited(tmp_path, api_per_minute=1) as gateway:
        for login in ("clerk", "finance"):
            async with gateway.http(login) as http:
                for number in range(3):
                    await http.get("/api/session", headers={"X-Request-Id": f"request-{login}-{number}"})

        assert [(row.actor, row.cause) for row in excesses(gateway)] == [
            ("finance", "request-finance-1"),
            ("clerk", "request-clerk-1"),
        ]


async def chat(http: ClientSession) -> int:
    return (await http.post("/api/chat", json={"id": "m", "text": "你好"})).status


async def file(http: ClientSession) -> int:
    form = FormData()
    form.add_field("file", "订单号,客户,总额\nA1,华星,10.5\n".encode(), filename="orders.csv")
    return (await http.post("/api/orders/import?dry_run=1", data=form)).status


@pytest.mark.parametrize(
    ("kind", "ask", "setting"), [("chat", chat, {"chat_per_minute": 4}), ("import", file, {"import_per_hour": 1})]
)
async def test_chat_and_import_are_noted_by_their_name(
    tmp_path: Path, kind: str, ask: Callable[[ClientSession], Any], setting: dict[str, int]
) -> None:
    async with limited(tmp_path, **setting) as gateway, gateway.http("manager") as http:
        assert [await ask(http) for _ in range(3)] == [200, 429, 429]

        assert said(gateway) == [("manager", "http", kind, 1)]


async def test_a_socket_leaves_the_same_row(tmp_path: Path) -> None:
    async with limited(tmp_path, chat_per_minute=4) as gateway, tab(gateway) as clerk:
        answers = [await clerk.say(f"m{number}", "你好") for number in range(3)]

        assert [answer["ok"] for answer in answers] == [True, False, False]
        assert said(gateway) == [("clerk", "chat", "chat", 1)]


async def test_who_guesses_passwords_is_nobody_and_told_apart_by_address_alone(tmp_path: Path) -> None:
    async with running_gateway(tmp_path, sign_in_rate=Rate(2, 0.01)) as gateway, gateway.http(None) as http:
        for _ in range(5):
            answer = await http.post("/api/sessions", json={"login": "clerk", "password": "hunter2-hunter2"})
        await problem(answer, 429, "too_many_requests")
        await a_minute_later(gateway)

        assert said(gateway) == [("", "http", "sign_in", 2), ("", "http", "sign_in", 1)]
        rows = excesses(gateway)
        assert {row.role for row in rows} == {"nobody"} and "127.0.0.1" not in repr(rows)
        assert "clerk" not in repr(rows) and len({row.target for row in rows}) == 1


async def test_a_company_that_is_not_served_has_no_audit_to_write_to(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_gateway(tmp_path, sign_in_rate=Rate(1, 0.01)) as gateway, gateway.http(None) as http:
        for _ in range(2):
            body = {"login": "clerk", "password": "hunter2-hunter2", "tenant": "nobodys"}
            answer = await http.post("/api/sessions", json=body)

        assert answer.status == 429 and excesses(gateway) == []
    assert "refused by the limit sign_in, 1 times" in caplog.text


async def test_made_up_companies_count_as_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running_gateway(tmp_path, sign_in_rate=Rate(1, 0.01)) as gateway, gateway.http(None) as http:
        gateway.app[DOOR].sign_in_addresses._rate = Rate(1, 0.01)
        for number in range(6):
            body = {"login": "clerk", "password": "hunter2-hunter2", "tenant": f"made-up-{number}"}
            answer = await http.post("/api/sessions", json=body)
        assert answer.status == 429

    assert caplog.text.count("refused by the limit sign_in_address, 1 times") == 1


async def test_keys_are_noted_as_themselves_and_those_that_are_none_by_the_company_they_name(tmp_path: Path) -> None:
    async with limited(tmp_path, api_per_minute=1) as gateway:
        key, bearer = new_key(gateway)
        async with calling(gateway, bearer) as http:
            assert [(await http.get("/api/orders")).status for _ in range(2)] == [200, 429]
        async with calling(gateway, f"dhk_{TENANT}." + "0" * 24 + "_" + "0" * 64) as http:
            assert 429 in {(await http.get("/api/orders")).status for _ in range(110)}

        assert [(actor, kind) for actor, _, kind, _ in said(gateway)] == [
            ("", "refused_keys"),
            (key.actor_id, "api"),
        ]


async def test_forged_tokens_beyond_an_addresss_share_are_counted(gateway: Gateway) -> None:
    forged = gateway.token() + "x"
    async with gateway.http(None, Authorization=f"Bearer {forged}") as http:
        for _ in range(REFUSED_TOKENS.burst + 10):
            assert (await http.get("/api/session")).status == 401
    await a_minute_later(gateway)

    counted = said(gateway)
    assert {kind for _, _, kind, _ in counted} == {"refused_tokens"} and 8 <= sum(row[3] for row in counted) <= 10


async def test_what_nobody_was_told_yet_is_told_when_the_gateway_stops(tmp_path: Path) -> None:
    async with limited(tmp_path, api_per_minute=1) as gateway:
        async with gateway.http() as http:
            for _ in range(4):
                await http.get("/api/session")
        await gateway.app.shutdown()
        await gateway.app.cleanup()

        assert [times for _, _, _, times in said(gateway)] == [2, 1]


async def test_handshakes_count_for_the_address_whoever_it_is(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.app[DOOR].limits._handshakes._rate = Rate(3, 0.01)
    cookie = {"Cookie": f"deskhand_session={gateway.token()}", "Origin": gateway.url}
    async with gateway.http(None, **cookie) as http:
        answers = [await http.get(POLLING) for _ in range(5)]

        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        await problem(answers[-1], 429, "too_many_requests")
        assert int(answers[-1].headers["Retry-After"]) > 0
    assert said(gateway) == [("", "http", "handshakes_address", 1)]


async def test_polling_on_an_open_socket_is_no_handshake(gateway: Gateway) -> None:
    gateway.app[DOOR].limits._handshakes._rate = Rate(1, 0.01)
    async with socket_client() as client:
        await client.connect(gateway.url, auth={"token": gateway.token()}, transports=["polling"])
        for _ in range(5):
            assert (await client.call("resume", {}, timeout=PATIENCE))["ok"]


async def test_handshakes_count_for_the_person_on_all_devices_and_the_client_may_come_again(gateway: Gateway) -> None:
    gateway.app[DOOR].limits._sockets._rate = Rate(2, 0.01)
    async with tab(gateway), tab(gateway), socket_client() as client:
        why: list[Any] = []
        client.on("connect_error", why.append)
        with pytest.raises(Refused):
            await client.connect(gateway.url, auth={"token": gateway.token()}, transports=["websocket"])

        assert why[0]["data"]["code"] == "too_many_requests" and why[0]["data"]["seconds"] > 0
        async with tab(gateway, "finance"):
            pass
    assert said(gateway) == [("clerk", "chat", "handshakes", 1)]


async def test_a_foreign_page_that_opens_a_socket_stands_in_the_audit(gateway: Gateway) -> None:
    cookie = {"Cookie": f"deskhand_session={gateway.token()}"}
    async with gateway.http(None, Origin="https://evil.example", **cookie) as http:
        assert (await http.get(POLLING)).status == 400

    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [row for row in uow.audit.list() if row.action == "use_session"]
    assert [(row.target, row.channel, row.outcome, row.detail["code"]) for row in rows] == [
        ("clerk", "chat", "refused", "cross_site_request")
    ]


def test_every_limit_has_a_name_of_its_own() -> None:
    allowances, guesses = limits.Allowances({}), limits.Guesses()

    names = [limit._name for each in (allowances, guesses) for limit in vars(each).values() if hasattr(limit, "_name")]

    assert len(names) == len(set(names)) == 10
