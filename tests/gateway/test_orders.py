"""Orders over HTTP: who sees what, the commands, repeats."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.support.gateway import TENANT, Gateway, open_session_in_other_tenant, problem
from tests.support.keys import calling, new_key

LINES = {"lines": [{"sku": "PAPER-A4", "quantity": "2", "unit": "box"}], "address": "上海浦东张江路1号"}


async def place(http: ClientSession, customer: str = "huaxing", **fields: Any) -> dict[str, Any]:
    response = await http.post("/api/orders", json={"customer": customer, **LINES, "allow_duplicate": True, **fields})
    body: dict[str, Any] = await response.json()
    assert response.status == 201, body
    order: dict[str, Any] = body["order"]
    return order


async def post(gateway: Gateway, login: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    async with gateway.http(login, **headers) as http:
        response = await http.post(path, json=body if body is not None else {})
        return response.status, await response.json(content_type=None)


async def test_an_order_goes_its_whole_way_over_http(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        order = await place(http)
    number = order["number"]
    steps = [
        ("clerk", "confirm", {}, "confirmed"),
        ("warehouse", "receive", {}, "awaiting_shipment"),
        ("warehouse", "shipment", {"carrier": "SF", "tracking_number": "SF123"}, "awaiting_shipment"),
        ("warehouse", "complete", {}, "shipped"),
        ("finance", "account-period", {}, "in_account_period"),
        ("finance", "payment", {"amount": "500.00", "reference": "bank 1"}, "in_account_period"),
        ("finance", "settlement", {"what": "payment"}, "settled"),
        ("finance", "settlement", {"what": "freight"}, "settled"),
    ]

    for login, action, body, status in steps:
        code, answer = await post(gateway, login, f"/api/orders/{number}/{action}", body)
        assert code == 200, (action, answer)
        assert (await _get(gateway, "clerk", f"/api/orders/{number}"))["status"] == status, action
    history = await _get(gateway, "clerk", f"/api/orders/{number}/history")

    assert (order["total"], order["status"], order["currency"]) == ("500.00", "pending_confirmation", "CNY")
    assert history["intact"] and len(history["items"]) >= len(steps)
    assert {row["channel"] for row in history["items"]} == {"http"}


async def _get(gateway: Gateway, login: str, path: str) -> Any:
    async with gateway.http(login) as http:
        response = await http.get(path)
        return await response.json(content_type=None)


async def test_a_customer_reads_what_happened_and_not_who_of_the_company_did_it(gateway: Gateway) -> None:
    body = {"lines": [{"sku": "PAPER-A4", "quantity": "2"}], "address": "1 Main Street", "customer": "huaxing"}
    code, answer = await post(gateway, "customer", "/api/orders", body)
    number = answer["order"]["number"]
    assert code == 201
    await post(gateway, "clerk", f"/api/orders/{number}/confirm", {})
    key, bearer = new_key(gateway)
    async with calling(gateway, bearer) as shop:
        assert (await shop.post(f"/api/orders/{number}/hold", json={"reason": "stock-taking"})).status == 200

    staffs = (await _get(gateway, "clerk", f"/api/orders/{number}/history"))["items"]
    theirs = (await _get(gateway, "customer", f"/api/orders/{number}/history"))["items"]

    assert [(row["event"], row["hash"]) for row in theirs] == [(row["event"], row["hash"]) for row in staffs]
    company = gateway.desk.tenants[TENANT].name
    assert {(row["actor"], row["name"]) for row in theirs} == {("customer", "刘洋 Liu Yang"), ("staff", company)}
    assert {(row["actor"], row["name"]) for row in staffs} >= {
        ("customer", "刘洋 Liu Yang"), ("clerk", "林晓 Lin Xiao"), (key.actor_id, "Shop")
    }  # fmt: skip
    assert "clerk" not in str(theirs) and key.id not in str(theirs) and "林晓 Lin Xiao" not in str(theirs)


async def test_shipment_information_is_refused_before_its_time_with_the_reason(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk, gateway.http("warehouse") as warehouse:
        order = await place(clerk)
        parcel = {"carrier": "SF", "tracking_number": "SF1"}
        response = await warehouse.post(f"/api/orders/{order['number']}/shipment", json=parcel)

        refused = await problem(response, 409, "not_awaiting_shipment")
        after = await (await clerk.get(f"/api/orders/{order['number']}")).json()
    assert refused["data"]["status"] == "pending_confirmation"
    assert after["row_version"] == order["row_version"]


async def test_a_parcel_is_corrected_with_patch(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk, gateway.http("warehouse") as warehouse:
        path = f"/api/orders/{(await place(clerk))['number']}"
        await clerk.post(f"{path}/confirm")
        await warehouse.post(f"{path}/receive")
        await warehouse.post(f"{path}/shipment", json={"carrier": "SF", "tracking_number": "SF1"})
        response = await warehouse.patch(f"{path}/shipment", json={"tracking_number": "SF2"})
        order = (await response.json())["order"]

    assert response.status == 200
    assert [parcel["tracking_number"] for parcel in order["shipments"][0]["parcels"]] == ["SF2"]


async def test_a_status_is_set_by_the_command_that_leads_there(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk:
        path = f"/api/orders/{(await place(clerk))['number']}/status"
        confirmed = await clerk.post(path, json={"status": "confirmed"})
        held = await clerk.post(path, json={"status": "on_hold", "reason": "address is unclear"})

        assert (confirmed.status, held.status) == (200, 200)
        assert (await held.json())["order"]["hold_reason"] == "address is unclear"
        await problem(await clerk.post(path, json={"status": "draft"}), 422, "invalid_request")


async def test_a_customer_sees_and_changes_their_own_orders_only(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk, gateway.http("customer") as customer:
        own, foreign = await place(clerk), await place(clerk, "acme-ltd")
        listed = await (await customer.get("/api/orders")).json()
        answers = [
            [
                await (await customer.request(method, f"/api/orders/{number}{rest}", json=body)).json(content_type=None)
                for number in (foreign["number"], "SO-9999", foreign["number"][3:])
            ]
            for method, rest, body in [
                ("GET", "", None),
                ("GET", "/history", None),
                ("POST", "/cancel", {"reason": "changed my mind"}),
                ("POST", "/confirm", {}),
            ]
        ]
        cancelled = await customer.post(f"/api/orders/{own['number']}/cancel", json={"reason": "changed my mind"})

    assert [order["number"] for order in listed["items"]] == [own["number"]]
    for same in answers:
        assert len({(answer["status"], answer["code"], answer["title"]) for answer in same}) == 1
        assert same[0]["detail"].replace(foreign["number"], "N") == same[1]["detail"].replace("SO-9999", "N")
        assert foreign["number"] not in str(same[2])
    assert [same[0]["code"] for same in answers] == ["not_found", "not_found", "not_found", "role_not_allowed"]
    assert (await _get(gateway, "clerk", f"/api/orders/{foreign['number']}"))["status"] == "pending_confirmation"
    assert cancelled.status == 200


async def test_an_order_of_another_tenant_is_unknown(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk:
        order = await place(clerk)
    async with gateway.http(None, Authorization=f"Bearer {open_session_in_other_tenant(gateway)}") as stranger:
        await problem(await stranger.get(f"/api/orders/{order['number']}"), 404, "not_found")
        assert (await (await stranger.get("/api/orders")).json())["items"] == []


async def test_a_role_that_may_not_is_refused_and_the_audit_knows(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk, gateway.http("warehouse") as warehouse:
        order = await place(clerk)
        response = await warehouse.post(
            f"/api/orders/{order['number']}/confirm", json={}, headers={"X-Request-Id": "request-0001"}
        )

        await problem(response, 403, "role_not_allowed")
    with gateway.desk.unit_of_work(TENANT) as uow:
        rows = uow.audit.list(cause="request-0001")
    assert [(row.actor, row.action, row.outcome) for row in rows] == [("warehouse", "ConfirmOrder", "refused")]


async def test_the_same_key_carries_out_once_and_answers_alike(gateway: Gateway) -> None:
    body = {"customer": "huaxing", **LINES, "allow_duplicate": True}
    first, second = await asyncio.gather(
        *(post(gateway, "clerk", "/api/orders", body, **{"Idempotency-Key": "k-1"}) for _ in range(2))
    )
    other = await post(gateway, "clerk", "/api/orders", body | {"address": "elsewhere"}, **{"Idempotency-Key": "k-1"})
    somebody = await post(gateway, "manager", "/api/orders", body, **{"Idempotency-Key": "k-1"})

    assert first == second and first[0] == 201
    assert (other[0], other[1]["code"]) == (422, "idempotency_key_reused")
    assert somebody[1]["order"]["number"] != first[1]["order"]["number"]
    assert len((await _get(gateway, "clerk", "/api/orders"))["items"]) == 2


async def test_a_refused_request_may_be_tried_again_with_its_key(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk:
        path = f"/api/orders/{(await place(clerk))['number']}"
        key = {"Idempotency-Key": "k-2"}
        async with gateway.http("warehouse") as warehouse:
            early = await warehouse.post(f"{path}/receive", json={}, headers=key)
            await clerk.post(f"{path}/confirm")
            then = await warehouse.post(f"{path}/receive", json={}, headers=key)

    assert (early.status, then.status) == (409, 200)


async def test_an_old_version_is_a_conflict(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk:
        order = await place(clerk)
        path = f"/api/orders/{order['number']}/confirm"
        await problem(await clerk.post(path, json={"version": order["row_version"] - 1}), 409, "version_conflict")
        assert (await clerk.post(path, json={"version": order["row_version"]})).status == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"customer": "nobody", **LINES}, "unknown_customer"),
        ({"customer": "huaxing", "lines": [{"sku": "UNICORN", "quantity": "1"}]}, "unknown_product"),
        ({"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "0"}]}, "invalid_quantity"),
        ({"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "-5"}]}, "invalid_quantity"),
        ({"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": 1.5}]}, "invalid_request"),
        ({"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "NaN"}]}, "invalid_request"),
        ({"customer": "huaxing", "lines": [{"sku": "PAPER-A4"}]}, "invalid_request"),
        ({"customer": "huaxing", **LINES, "delivery_date": "2020-01-01"}, "date_in_past"),
        ({"customer": "huaxing", **LINES, "delivery_date": "soon"}, "invalid_request"),
        ({"customer": "huaxing", **LINES, "totl": "1"}, "invalid_request"),
        ({"customer": "hua\x00xing", **LINES}, "invalid_request"),
        ({"customer": "huaxing"}, "nothing_ordered"),
        ([], "invalid_request"),
    ],
)
async def test_what_cannot_be_ordered_is_refused_by_name_and_changes_nothing(
    gateway: Gateway, body: Any, code: str
) -> None:
    async with gateway.http("clerk") as clerk:
        await problem(await clerk.post("/api/orders", json=body), 422, code)
        assert (await (await clerk.get("/api/orders")).json())["items"] == []


async def test_orders_are_read_page_by_page(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk:
        placed = []
        for _ in range(5):
            placed.append((await place(clerk))["number"])
            gateway.clock.forward(seconds=1)
        seen, cursor = [], ""
        while cursor is not None:
            page = await (await clerk.get("/api/orders", params={"limit": "2", "cursor": cursor})).json()
            seen += [order["number"] for order in page["items"]]
            cursor = page["next"]

        assert seen == placed[::-1]
        for wrong in ({"cursor": "x"}, {"sort": "colour"}, {"status": "lost"}, {"limit": "many"}):
            await problem(await clerk.get("/api/orders", params=wrong), 422, "invalid_request")
        waiting = await (await clerk.get("/api/orders", params={"status": "shipped"})).json()
        assert waiting["items"] == []
