"""Companies come, change and go while the gateway runs; what one is told is never told to another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from aiohttp import ClientSession
from socketio.exceptions import ConnectionError as NotConnected

from deskhand.gateway.passwords import hash_password
from deskhand.store import LiveTenants, NewNotification
from deskhand.store.demo import load_demo
from tests.support.gateway import PASSWORD, TENANT, Gateway, problem, socket_client, tab, until

ACME = "acme"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants"


async def write(gateway: Gateway, file: Path, text: str) -> None:
    """Returns when the gateway has taken it up."""
    before = file.stat().st_mtime_ns if file.exists() else 0
    known = gateway.desk.tenants.get(file.stem)
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(before + 10**9, before + 10**9))
    await until(lambda: gateway.desk.tenants.get(file.stem) != known, f"{file.name} is taken up")


async def remove(gateway: Gateway, file: Path) -> None:
    file.unlink()
    await until(lambda: file.stem not in gateway.desk.tenants, f"{file.name} is gone")


async def take_up(gateway: Gateway, folder: Path) -> None:
    """The second company: same logins, same goods, same customers as the first."""
    await write(gateway, folder / f"{ACME}.yml", "name: Acme")
    load_demo(gateway.desk, ACME)
    with gateway.desk.unit_of_work(ACME) as uow:
        uow.users.set_password("clerk", hash_password(PASSWORD))
        uow.commit()


async def signed_in(gateway: Gateway, tenant: str) -> str:
    """The token of the clerk of a company, by login and password."""
    async with gateway.http(None) as http:
        body = {"login": "clerk", "password": PASSWORD, "tenant": tenant}
        async with http.post("/api/sessions", json=body) as response:
            assert response.status == 201, await response.text()
            return str((await response.json())["token"])


def bearing(gateway: Gateway, token: str) -> ClientSession:
    return ClientSession(gateway.url, headers={"Authorization": f"Bearer {token}"})


def tell(gateway: Gateway, tenant: str, *audiences: str) -> None:
    """One notification for each audience, with the company's name in it."""
    with gateway.desk.unit_of_work(tenant) as uow:
        first = uow.notifications.latest_seq() + 1
        uow.notifications.add([
            NewNotification(
                audience=audience, kind="OrderConfirmed", order_number="SO-1001",
                payload={"text": {"zh": f"{tenant} {audience}", "en": f"{tenant} {audience}"}},
                sender="system", receiver=audience, dedupe_key=f"{audience}-{first}", at=gateway.clock(),
            )
            for audience in audiences
        ])  # fmt: skip
        uow.commit()


async def test_a_company_is_served_from_the_moment_its_file_is_there(gateway: Gateway, folder: Path) -> None:
    async with gateway.http(None) as http:
        body = {"login": "clerk", "password": PASSWORD, "tenant": ACME}
        async with http.post("/api/sessions", json=body) as response:
            await problem(response, 401, "sign_in_refused")

    await take_up(gateway, folder)

    token = await signed_in(gateway, ACME)
    async with bearing(gateway, token) as http, http.get("/api/session") as response:
        assert (await response.json())["user"]["tenant"] == ACME


async def test_two_companies_notifications_never_cross(gateway: Gateway, folder: Path) -> None:
    await take_up(gateway, folder)
    async with (
        tab(gateway, token=await signed_in(gateway, ACME)) as theirs,
        tab(gateway, token=await signed_in(gateway, TENANT)) as ours,
    ):
        for tenant in (TENANT, ACME, TENANT):
            tell(gateway, tenant, "role:sales", "user:clerk", "role:finance", "customer:huaxing")
        seen_by_us = [each["content"]["en"] for each in await ours.wait("notification", 4)]
        seen_by_them = [each["content"]["en"] for each in await theirs.wait("notification", 2)]
        replayed = [each["content"]["en"] for each in (await theirs.resume())["notifications"]]

    assert seen_by_us == ["demo role:sales", "demo user:clerk"] * 2
    assert seen_by_them == replayed == ["acme role:sales", "acme user:clerk"]


async def test_old_notifications_of_a_company_that_comes_back_are_not_told_again(
    gateway: Gateway, folder: Path
) -> None:
    await take_up(gateway, folder)
    tell(gateway, ACME, "role:sales")
    await remove(gateway, folder / f"{ACME}.yml")
    await gateway.hub_round()
    await write(gateway, folder / f"{ACME}.yml", "name: Acme again")
    await gateway.hub_round()

    async with tab(gateway, token=await signed_in(gateway, ACME)) as opened:
        tell(gateway, ACME, "user:clerk")

        assert [each["content"]["en"] for each in await opened.wait("notification")] == ["acme user:clerk"]


async def test_users_of_a_removed_company_are_told_so_and_its_data_stays(gateway: Gateway, folder: Path) -> None:
    await take_up(gateway, folder)
    token = await signed_in(gateway, ACME)

    await remove(gateway, folder / f"{ACME}.yml")

    async with bearing(gateway, token) as http, http.get("/api/orders") as response:
        await problem(response, 403, "tenant_not_served")
    said: list[object] = []
    async with socket_client() as client:
        client.on("connect_error", said.append)
        with pytest.raises(NotConnected):
            await client.connect(gateway.url, auth={"token": token}, transports=["websocket"])
    assert "'reason': 'tenant_not_served'" in str(said)

    await write(gateway, folder / f"{ACME}.yml", "name: Acme again")
    async with bearing(gateway, token) as http, http.get("/api/session") as response:
        assert response.status == 200


async def test_a_socket_that_is_open_when_its_company_is_removed_is_signed_out(gateway: Gateway, folder: Path) -> None:
    await take_up(gateway, folder)
    async with tab(gateway, token=await signed_in(gateway, ACME)) as opened:
        await remove(gateway, folder / f"{ACME}.yml")
        answer = await opened.say("m1", "你好")
        await gateway.check_users()

        assert (answer["ok"], answer["code"]) == (False, "tenant_not_served")
        assert (await opened.wait("signed_out"))[0]["code"] == "tenant_not_served"


async def test_chat_that_is_switched_off_is_refused_in_words(gateway: Gateway, folder: Path) -> None:
    async with tab(gateway) as opened, gateway.http() as http:
        assert (await opened.say("m1", "你好"))["ok"]

        await write(gateway, folder / f"{TENANT}.yml", "name: Demo\nchannels: [http]")

        answer = await opened.say("m2", "你好")
        assert (answer["ok"], answer["code"]) == (False, "channel_closed")
        assert "chat" in answer["message"]
        async with http.post("/api/chat", json={"text": "hello"}) as response:
            await problem(response, 403, "channel_closed")
        async with http.get("/api/orders") as response:
            assert response.status == 200


async def test_the_http_api_that_is_switched_off_is_refused_and_people_go_on_talking(
    gateway: Gateway, folder: Path
) -> None:
    await write(gateway, folder / f"{TENANT}.yml", "name: Demo\nchannels: [chat]")

    async with tab(gateway) as opened, gateway.http() as http:
        for method, path in (("GET", "/api/orders"), ("POST", "/api/orders/import"), ("POST", "/api/chat")):
            async with http.request(method, path, json={}) as response:
                body = await problem(response, 403, "channel_closed")
                assert body["data"] == {"channel": "http"}
        async with http.get("/api/notifications") as response:
            assert response.status == 200
        assert (await opened.say("m1", "你好"))["ok"]


async def test_a_broken_file_changes_nothing_for_those_who_work(gateway: Gateway, folder: Path) -> None:
    file = folder / f"{TENANT}.yml"
    file.write_text("name: [", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    await until(lambda: getattr(gateway.desk.tenants, "faults", None), "the fault is seen")

    async with gateway.http() as http, http.get("/api/orders") as response:
        assert response.status == 200


async def test_a_broken_file_keeps_nobody_from_working_and_is_told_to_near_callers_alone(
    gateway: Gateway, folder: Path
) -> None:
    await take_up(gateway, folder)
    file = folder / f"{ACME}.yml"
    changed = file.stat().st_mtime_ns + 10**10
    file.write_text("name: Acme\nlimits:\n  chat_per_minute: hunter2-hunter2\n", encoding="utf-8")
    os.utime(file, ns=(changed, changed))
    tenants = gateway.desk.tenants
    assert isinstance(tenants, LiveTenants)
    await until(lambda: ACME in tenants.broken, "the fault is seen")

    async with gateway.http(None) as http:
        near = await http.get("/readyz")
        far = await http.get("/readyz", headers={"X-Forwarded-For": "198.51.100.7"})

        fault = {"file": "acme.yml", "line": 3, "setting": "limits.chat_per_minute"}
        assert (near.status, far.status) == (200, 200)
        assert await near.json() == {"ready": True, "database": True, "rasa": True, "broken_tenants": {ACME: [fault]}}
        assert await far.json() == {"ready": True, "database": True, "rasa": True}


async def test_a_folder_that_is_gone_is_told_without_saying_where_it_was(gateway: Gateway, folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    tenants = gateway.desk.tenants
    assert isinstance(tenants, LiveTenants)
    await until(lambda: tenants.broken, "the fault is seen")

    async with gateway.http(None) as http:
        ready = await http.get("/readyz")

        assert ready.status == 200 and str(folder.parent) not in await ready.text()
        assert (await ready.json())["broken_tenants"] == {"tenants": [{"file": "tenants", "line": 1, "setting": ""}]}


async def test_what_rasa_says_by_itself_is_said_in_the_companys_own_words(gateway: Gateway, folder: Path) -> None:
    text = (folder / f"{TENANT}.yml").read_text(encoding="utf-8")
    own = "texts:\n  utter_greet: {zh: 欢迎光临}\n  utter_thank: {en: Any time}\n"
    await write(gateway, folder / f"{TENANT}.yml", text + own)
    said = [{"text": "您好！", "response": "utter_greet", "buttons": [{"title": "下单", "payload": "下单"}]},
            {"text": "不客气！", "response": "utter_thank"}, {"text": "别的"}]  # fmt: skip
    gateway.rasa.answer = lambda body: [{"recipient_id": body["sender"], **one} for one in said]

    async with gateway.http() as http:
        answer = await (await http.post("/api/chat", json={"id": "m1", "text": "你好"})).json()

    assert [message["text"] for message in answer["messages"]] == ["欢迎光临", "不客气！", "别的"]
    assert answer["messages"][0]["quick_replies"] == [{"title": "下单", "text": "下单"}]
