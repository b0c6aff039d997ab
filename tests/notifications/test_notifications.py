"""Who is told, over real sockets: rooms by token, replay without loss or doubles, unread, slow clients."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from deskhand.gateway import sockets
from deskhand.gateway.app import DOOR, SOCKETS
from deskhand.notifications.audience import Listener
from deskhand.orders.commands import ConfirmOrder, NewLine, PlaceOrder
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from tests.support.gateway import TENANT, Gateway, open_session_in_other_tenant, problem, tab, until


async def test_each_hears_what_is_theirs_and_nothing_else(gateway: Gateway) -> None:
    stranger_token = open_session_in_other_tenant(gateway, Role.FINANCE)
    async with (
        tab(gateway, "finance") as finance,
        tab(gateway, "warehouse") as warehouse,
        tab(gateway, "customer") as customer,
        tab(gateway, "acme") as acme,
        tab(gateway, token=stranger_token) as stranger,
    ):
        for audience in ("role:finance", "customer:huaxing", "user:warehouse"):
            gateway.notify(audience)
        heard = [(await one.wait("notification"))[0] for one in (finance, customer, warehouse)]
        await asyncio.sleep(0.3)

        assert [notice["receiver"] for notice in heard] == ["role:finance", "customer:huaxing", "user:warehouse"]
        assert heard[0]["content"] == {"zh": "订单SO-1001", "en": "Order SO-1001"}
        assert heard[0].keys() == {
            *("id", "seq", "kind", "sender", "receiver", "content", "order", "at", "dedupe_key", "silent"),
        }
        assert [len(one.of("notification")) for one in (finance, warehouse, customer, acme, stranger)] == [
            1,
            1,
            1,
            0,
            0,
        ]


async def test_a_confirmed_order_is_heard_of_in_the_customers_browser(gateway: Gateway) -> None:
    """The whole way: command, outbox event, projector, push."""
    clerk = Actor("clerk", Role.SALES, TENANT, "http", "request-1")
    async with tab(gateway, "customer") as customer:
        placed = gateway.desk.handle(PlaceOrder("huaxing", (NewLine("PAPER-A4", Decimal(2)),)), clerk)
        assert placed.order is not None
        gateway.desk.handle(ConfirmOrder(placed.order.number), clerk)
        gateway.desk.project_notifications(TENANT)
        heard = await customer.wait("notification")

    assert heard[-1]["order"] == placed.order.number
    assert placed.order.number in heard[-1]["content"]["en"] and heard[-1]["content"]["zh"]


async def test_what_was_missed_is_replayed_without_loss_or_doubles(gateway: Gateway) -> None:
    gateway.notify("role:finance", count=3)
    async with tab(gateway, "finance") as finance:
        first = await finance.resume()
        gateway.notify("role:finance")
        cursor = 0
        while cursor < 4:  # the push may bring the first three once more: the client knows them by their number
            await asyncio.sleep(0.05)
            cursor = max((notice["seq"] for notice in finance.of("notification")), default=0)
        pushed = finance.of("notification")[-1]
    gateway.notify("role:finance", count=2)
    async with tab(gateway, "finance") as again:
        rest = await again.resume(notification=cursor)
        await asyncio.sleep(0.7)
        pushed_again = again.of("notification")

    seen = [*first["notifications"], pushed, *rest["notifications"]]
    assert [notice["seq"] for notice in seen] == [1, 2, 3, 4, 5, 6]
    assert len({notice["dedupe_key"] for notice in seen}) == 6
    assert {notice["seq"] for notice in pushed_again} <= {5, 6}


async def test_clients_that_come_and_go_miss_nothing(gateway: Gateway) -> None:
    """Rows are written while a client is cut off again and again; it drops doubles by their number."""
    seen: dict[int, Any] = {}

    async def write() -> None:
        for _ in range(40):
            await asyncio.to_thread(gateway.notify, "role:finance")
            await asyncio.sleep(0.05)

    writing = asyncio.create_task(write())
    while not writing.done():
        async with tab(gateway, "finance") as finance:
            await asyncio.sleep(0.25)
            resumed = await finance.resume(notification=max(seen, default=0))
            await asyncio.sleep(0.25)
            seen |= {n["seq"]: n for n in [*resumed["notifications"], *finance.of("notification")]}
    async with tab(gateway, "finance") as finance:
        seen |= {n["seq"]: n for n in (await finance.resume(notification=max(seen)))["notifications"]}

    assert sorted(seen) == list(range(1, 41))


async def test_a_long_inbox_comes_in_pages(gateway: Gateway) -> None:
    gateway.notify("role:finance", count=230)
    async with tab(gateway, "finance") as finance:
        pages, cursor, more = [], 0, True
        while more:
            page = await finance.resume(notification=cursor)
            pages.append(len(page["notifications"]))
            cursor, more = page["notifications"][-1]["seq"], page["more"]

    assert pages == [100, 100, 30]


async def test_acknowledging_is_cumulative_and_seen_in_every_tab(gateway: Gateway) -> None:
    gateway.notify("role:finance", count=3)
    async with tab(gateway, "finance") as here, tab(gateway, "finance") as there:
        before = await here.resume()
        answer = await here.call("notification_ack", {"seq": 2})
        await until(lambda: {"count": 1} in there.of("unread"), "the other tab is told")
        backwards = await here.call("notification_ack", {"seq": 1})
        gateway.notify("role:finance")
        await until(lambda: {"count": 2} in there.of("unread"), "the other tab is told of the next")

    assert (before["unread"], answer["unread"], backwards["unread"]) == (3, 1, 1)


async def test_a_number_from_the_future_reads_nothing_that_is_to_come(gateway: Gateway) -> None:
    gateway.notify("role:finance")
    async with gateway.http("finance") as http:
        acknowledged = await (await http.post("/api/notifications/acknowledge", json={"seq": 10**9})).json()
        gateway.notify("role:finance")
        inbox = await (await http.get("/api/notifications")).json()

        assert (acknowledged["unread"], inbox["unread"], len(inbox["items"])) == (0, 1, 2)
        await problem(await http.post("/api/notifications/acknowledge", json={"seq": -1}), 422, "invalid_request")
        await problem(await http.post("/api/notifications/acknowledge", json={}), 422, "invalid_request")


async def test_a_client_that_takes_nothing_is_cut_off_and_catches_up(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_QUEUED", -1)
    async with tab(gateway, "finance") as finance:
        await until(lambda: not finance.client.connected, "it is cut off")
    monkeypatch.undo()
    gateway.notify("role:finance")
    async with tab(gateway, "finance") as again:
        assert len((await again.resume())["notifications"]) == 1
    assert gateway.app[DOOR].metrics.evicted._value.get() >= 1


async def test_a_client_that_never_reads_is_bounded(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A raw WebSocket that connects and then takes nothing; what is sent piles up until it is cut off."""
    monkeypatch.setattr(sockets, "MOST_QUEUED", 20)
    namespace, metrics = gateway.app[SOCKETS], gateway.app[DOOR].metrics
    async with gateway.http("finance") as http, tab(gateway, "finance") as reader:
        async with http.ws_connect("/socket.io/?EIO=4&transport=websocket", autoping=False) as deaf:
            await deaf.send_str("40" + json.dumps({"token": gateway.token("finance")}))
            await until(lambda: metrics.sockets._value.get() == 2, "both are connected")
            for _ in range(300):
                await namespace.push("notification", {"text": "x" * 60_000}, Listener(TENANT, "", "finance").rooms[0])
                await asyncio.sleep(0)
            await until(lambda: metrics.sockets._value.get() == 1, "the deaf one is cut off")

            await reader.wait("notification", 300)
            assert metrics.evicted._value.get() >= 1


async def test_a_user_who_is_locked_is_disconnected(gateway: Gateway) -> None:
    async with tab(gateway, "finance") as finance:
        with gateway.desk.unit_of_work(TENANT) as uow:
            uow.users.set_active("finance", False)
            uow.commit()
        await gateway.app[SOCKETS].check_sessions()

        assert await finance.wait("signed_out")


def test_audiences_follow_from_the_sign_in() -> None:
    assert Listener("demo", "u", "finance").audiences == ("role:finance", "user:u")
    assert Listener("demo", "u", "customer", "huaxing").audiences == ("customer:huaxing", "user:u")
    assert Listener("demo", "u", "customer").audiences == ("user:u",)
    assert set(Listener("a", "u", "sales").rooms).isdisjoint(Listener("b", "u", "sales").rooms)
