"""Imports over HTTP: look, agree, progress and report, the refused rows; whose they are; what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from deskhand.erp.jobs import Wanted
from deskhand.gateway.door import DOOR, SOCKETS
from deskhand.gateway.import_news import tell_of_imports
from deskhand.store.repositories.import_jobs import ImportJob
from tests.support.attacks import MARK, attackers, victim_of
from tests.support.desks import CLERK
from tests.support.gateway import TENANT, Gateway, open_session_in_other_tenant, problem, running_gateway, tab

CSV = (
    b"Order number,Customer name,SKU,Quantity,Unit price,Created at\n"
    b"A-1,Globex,PAPER-A4,2,10.00,2026-11-18 09:00:00\nA-2,Initech,PAPER-A4,x,10.00,2026-11-19 09:00:00\n"
)


def form(data: bytes | io.BytesIO = CSV, name: str = "shop.csv", **fields: str) -> FormData:
    made = FormData()
    made.add_field("file", data, filename=name)
    for key, value in fields.items():
        made.add_field(key, value)
    return made


async def looked(http: ClientSession, **fields: str) -> dict[str, Any]:
    response = await http.post("/api/imports", data=form(**fields))
    assert response.status == 201, await response.text()
    body: dict[str, Any] = await response.json()
    return body


def kept(gateway: Gateway) -> list[Path]:
    folder = gateway.app[DOOR].imports.kept.path(TENANT, "0" * 32).parent
    return [*folder.iterdir()] if folder.is_dir() else []


def work(gateway: Gateway) -> int:
    """What the worker does."""
    return gateway.app[DOOR].imports.work(TENANT)


async def test_a_file_is_looked_at_agreed_to_and_its_refused_rows_are_corrected_and_imported(
    gateway: Gateway,
) -> None:
    async with gateway.http("clerk") as http:
        seen = await looked(http, source="shop", kind="orders")
        assert (seen["state"], seen["preview"]["good"], seen["preview"]["refused"]) == ("ready", 1, 1)
        assert (await (await http.get("/api/orders")).json())["items"] == [] and len(kept(gateway)) == 1

        agreed = await http.post(f"/api/imports/{seen['id']}/apply", json={})
        again = await http.post(f"/api/imports/{seen['id']}/apply", json={})
        assert (agreed.status, (await agreed.json())["state"], again.status) == (202, "waiting", 202)
        assert work(gateway) == 1 and work(gateway) == 0

        done = await (await http.get(f"/api/imports/{seen['id']}")).json()
        assert (done["state"], done["report"]["inserted"], done["rejected"]) == ("done", 1, True)
        rejected = await http.get(f"/api/imports/{seen['id']}/rejected")
        text = (await rejected.read()).decode("utf-8-sig")
        assert rejected.content_type == "text/csv" and "attachment" in rejected.headers["Content-Disposition"]
        assert "A-2" in text or "x" in text
        listed = (await (await http.get("/api/imports")).json())["items"]
        assert [each["id"] for each in listed] == [seen["id"]] and len(kept(gateway)) == 1


async def test_the_same_key_is_the_same_import(gateway: Gateway) -> None:
    async with gateway.http("clerk", **{"Idempotency-Key": "k-1"}) as http:
        first, again = await looked(http), await looked(http)
    async with gateway.http("manager", **{"Idempotency-Key": "k-1"}) as http:
        another = await looked(http)

    assert first["id"] == again["id"] != another["id"] and len(kept(gateway)) == 2


async def test_what_is_discarded_is_gone_with_its_file(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        seen = await looked(http)

        assert (await http.delete(f"/api/imports/{seen['id']}")).status == 204
        await problem(await http.delete(f"/api/imports/{seen['id']}"), 404, "import_gone")
        await problem(await http.get(f"/api/imports/{seen['id']}"), 404, "import_gone")
        await problem(await http.post(f"/api/imports/{seen['id']}/apply", json={}), 404, "import_gone")
    gateway.app[DOOR].imports.sweep(TENANT)
    assert kept(gateway) == []


async def test_it_outlives_the_gateway(tmp_path: Path) -> None:
    async with running_gateway(tmp_path) as first:
        async with first.http("clerk") as http:
            seen = await looked(http)
        desk, rasa, clock = first.desk, first.rasa, first.clock
        async with running_gateway(tmp_path, clock, desk, rasa) as second:
            async with second.http("clerk") as http:
                assert (await http.post(f"/api/imports/{seen['id']}/apply", json={})).status == 202
                assert work(second) == 1
                assert len((await (await http.get("/api/orders")).json())["items"]) == 1


async def test_who_may_not_import_sees_and_starts_nothing(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk:
        seen = await looked(clerk)
    for login in ("warehouse", "finance", "customer"):
        async with gateway.http(login) as http:
            await problem(await http.post("/api/imports", data=form()), 403, "role_not_allowed")
            listed = await http.get("/api/imports")
            if login == "warehouse":  # they may import what a warehouse says, and see nothing of orders
                assert (await listed.json())["items"] == []
            else:
                await problem(listed, 403, "role_not_allowed")
            for method, tail in (("GET", ""), ("DELETE", ""), ("GET", "/rejected")):
                refused = await http.request(method, f"/api/imports/{seen['id']}{tail}")
                await problem(refused, 403, "role_not_allowed")
            await problem(await http.post(f"/api/imports/{seen['id']}/apply", json={}), 403, "role_not_allowed")
    assert len(kept(gateway)) == 1


async def test_another_companys_import_is_not_there(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk:
        seen = await looked(clerk)
    bearer = {"Authorization": f"Bearer {open_session_in_other_tenant(gateway)}"}
    async with ClientSession(gateway.url, headers=bearer) as stranger:
        assert (await (await stranger.get("/api/imports")).json())["items"] == []
        await problem(await stranger.get(f"/api/imports/{seen['id']}"), 404, "import_gone")
        await problem(await stranger.post(f"/api/imports/{seen['id']}/apply", json={}), 404, "import_gone")
        await problem(await stranger.get(f"/api/imports/{seen['id']}/rejected"), 404, "import_gone")
        await problem(await stranger.delete(f"/api/imports/{seen['id']}"), 404, "import_gone")


@pytest.mark.parametrize("kind", ["orders", "lines", "customers", "shipments", "products", "stock"])
async def test_nobody_exports_what_is_somebody_elses(gateway: Gateway, kind: str) -> None:
    victim = await victim_of(gateway)
    async with attackers(gateway, "customer", "key", "other victim", "other admin", "other key") as clients:
        for who, http in clients:
            for query in ("", "?customer=victim-co", "?format=xlsx"):
                response = await http.get(f"/api/exports/{kind}{query}")
                data = await response.read()
                if query == "?format=xlsx" and response.status == 200:
                    with zipfile.ZipFile(io.BytesIO(data)) as book:
                        data = book.read("xl/worksheets/sheet1.xml")
                assert response.status in {200, 403}, (who, query, data)
                assert MARK.encode() not in data and victim.order.encode() not in data, (who, kind, query)


async def test_an_export_is_a_file_in_the_callers_language(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        response = await http.get("/api/exports/products?language=zh")
        text = (await response.read()).decode("utf-8-sig")
        assert response.headers["Content-Disposition"].startswith('attachment; filename="products-')
        assert response.content_type == "text/csv" and text.startswith('"商品编号"') and "PAPER-A4" in text
        await problem(await http.get("/api/exports/secrets"), 404, "route_unknown")
        for query in (
            "status=asleep",
            "since=yesterday",
            "format=pdf",
            "unknown=1",
            "since=2026-01-01&since=2026-01-02",
        ):
            await problem(await http.get(f"/api/exports/orders?{query}"), 422, "invalid_request")
        found = await http.get("/api/exports/orders?status=settled,shipped&since=2026-01-01&until=2026-12-31")
        assert found.status == 200


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", b"<Types/>")
        book.writestr("xl/workbook.xml", b"<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.csv"),
        (b"\x00\x01\x02" * 100, "binary.csv"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 200, "orders.xlsx"),
        (b"only one column\n1\n", "note.csv"),
    ],
    ids=["empty", "binary", "picture", "no columns"],
)
async def test_a_bad_file_is_refused_with_the_reason_in_both_languages_and_not_kept(
    gateway: Gateway, data: bytes, name: str
) -> None:
    async with gateway.http("clerk") as http:
        refused = await problem(await http.post("/api/imports", data=form(data, name)), 422, "file_refused")

    said = refused["data"]["said"]
    assert said["zh"] and said["en"] and refused["data"]["reason"] and kept(gateway) == []


async def test_a_file_that_unpacks_without_end_is_refused(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        refused = await problem(await http.post("/api/imports", data=form(bomb(), "b.xlsx")), 422, "file_refused")
    assert kept(gateway) == [] and refused["data"]["reason"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "people"}, "kind"),
        ({"sort": "size"}, "sort"),
        ({"start_status": "asleep"}, "start_status"),
        ({"unknown": "1"}, "unknown"),
        ({"chat": "perhaps"}, "chat"),
    ],
)
async def test_a_wrong_field_is_refused_by_name_and_nothing_is_kept(
    gateway: Gateway, fields: dict[str, str], field: str
) -> None:
    async with gateway.http("clerk") as http:
        refused = await problem(await http.post("/api/imports", data=form(**fields)), 422, "invalid_request")
    assert refused["data"]["field"] == field and kept(gateway) == []


async def test_more_than_the_company_may_send_is_refused_while_it_comes(gateway: Gateway) -> None:
    largest = gateway.desk.tenant(TENANT).limits.largest_import_mb << 20
    async with gateway.http("clerk") as http:
        await problem(
            await http.post("/api/imports", data=form(io.BytesIO(b"x" * (largest + 1)))), 413, "request_too_large"
        )
        await problem(await http.post("/api/imports", data=form(name="../../etc/passwd")), 422, "invalid_request")
        no_form = await http.post("/api/imports", json={})
        await problem(no_form, 422, "invalid_request")
    assert kept(gateway) == []


def fetched(gateway: Gateway, text: bytes = CSV) -> ImportJob:
    """As a robot's rows are handed over: looked at, while nobody is looking."""
    imports = gateway.app[DOOR].imports
    with gateway.desk.unit_of_work(TENANT) as uow:
        talk = uow.conversations.open("clerk", "chat")
        uow.commit()
    place = imports.kept.keep(TENANT, text)
    assert talk is not None
    return imports.look(CLERK, [("day.csv", place)], Wanted("legacy"), "zh", f"robot:{len(text)}", talk.id)


async def test_what_a_robot_has_read_asks_for_its_yes_in_the_conversation(gateway: Gateway) -> None:
    async with tab(gateway, "clerk") as browser:
        job, at = fetched(gateway), gateway.app[DOOR]
        before = len(browser.of("bot_uttered"))

        assert await tell_of_imports(at, gateway.app[SOCKETS]) <= 1
        news = (await browser.wait("bot_uttered", before + 1))[-1]
        assert "1 行可以导入，1 行拒绝" in news["text"]
        card = news["card"]
        assert [each["id"] for each in card["actions"]] == ["confirm", "reject"] and "第 3 行" in card["items"][0][
            "title"
        ]
        with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
            kept_card = uow.cards.open_of("clerk")
        assert kept_card is not None and kept_card.id == card["id"]
        assert (kept_card.payload["kind"], kept_card.payload["import"]) == ("import", job.id)
        assert await tell_of_imports(at, gateway.app[SOCKETS]) == 0  # said once


async def test_it_waits_until_the_question_before_it_is_answered(gateway: Gateway) -> None:
    async with tab(gateway, "clerk"):
        first, at = fetched(gateway), gateway.app[DOOR]
        await tell_of_imports(at, gateway.app[SOCKETS])
        second = fetched(gateway, CSV + b"A-3,Globex,PAPER-A4,2,10.00,2026-11-18 09:00:00\n")

        await tell_of_imports(at, gateway.app[SOCKETS])
        assert told(gateway, second) is None
        with gateway.desk.unit_of_work(TENANT) as uow:
            uow.cards.supersede_open("clerk")
            uow.commit()
        await tell_of_imports(at, gateway.app[SOCKETS])
    assert (told(gateway, first), told(gateway, second)) == ("ready", "ready")


def told(gateway: Gateway, job: ImportJob) -> str | None:
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        found = uow.import_jobs.get(job.id)
    assert found is not None
    return found.told


async def test_a_file_from_the_chat_is_a_message_and_its_end_is_told_there(gateway: Gateway) -> None:
    async with tab(gateway, "clerk") as browser, gateway.http("clerk") as http:
        seen = await looked(http, chat="1", language="zh")
        (turn,) = await browser.wait("turn_ended")
        said = gateway.rasa.claims()
        echo = browser.of("message")[0]
        assert (echo["text"], said["file"], turn["ok"]) == ("shop.csv", seen["id"], True)
        assert gateway.rasa.heard[-1] == "/import_orders"

        await http.post(f"/api/imports/{seen['id']}/apply", json={})
        work(gateway)
        before = len(browser.of("bot_uttered"))
        at = gateway.app[DOOR]
        assert await tell_of_imports(at, gateway.app[SOCKETS]) <= 1
        news = (await browser.wait("bot_uttered", before + 1))[-1]
        assert "导入完成" in news["text"] and f"/api/imports/{seen['id']}/rejected" in news["text"]
        assert await tell_of_imports(at, gateway.app[SOCKETS]) == 0  # said once
