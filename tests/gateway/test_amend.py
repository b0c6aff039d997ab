"""`POST /api/orders/{number}/amend`: what it takes, what it answers, every refusal with its code."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.test_orders import place, post
from tests.support.gateway import Gateway, problem

THREE = {"lines": [{"sku": "PAPER-A4", "quantity": "3", "unit": "box"}]}


async def amendable(gateway: Gateway, *steps: tuple[str, str]) -> dict[str, Any]:
    """A new order of two boxes, carried through these steps (login, action)."""
    async with gateway.http("clerk") as http:
        order = await place(http)
    for login, action in steps:
        code, answer = await post(gateway, login, f"/api/orders/{order['number']}/{action}")
        assert code == 200, answer
        order = answer["order"]
    return order


async def test_an_order_is_amended_and_the_answer_shows_it(gateway: Gateway) -> None:
    order = await amendable(gateway, ("clerk", "confirm"))
    body = THREE | {
        "address": "新地址",
        "delivery_mode": "pickup",
        "appointment": True,
        "version": order["row_version"],
    }

    code, answer = await post(gateway, "clerk", f"/api/orders/{order['number']}/amend", body)

    amended = answer["order"]
    assert code == 200
    assert (amended["total"], amended["invoice"]["total"], amended["status"]) == ("750.00", "750.00", "confirmed")
    assert (amended["address"], amended["delivery_mode"], amended["appointment"]) == ("新地址", "pickup", True)
    assert amended["row_version"] == order["row_version"] + 1
    assert answer["events"] == ["OrderAmended", "InvoiceRequested"]


SAID = {"contact": "王芳", "phone": "13800138000", "note": "放门卫", "delivery_time": "15:00", "payment_days": 10}


async def test_what_is_said_besides_is_placed_and_amended_too(gateway: Gateway) -> None:
    body = {"customer": "huaxing", **THREE, **SAID}
    code, placed = await post(gateway, "clerk", "/api/orders", body)
    assert code == 201
    path = f"/api/orders/{placed['order']['number']}/amend"
    assert {name: placed["order"][name] for name in SAID} == SAID

    code, amended = await post(gateway, "clerk", path, {"note": "", "delivery_time": "morning", "contact": "李娜"})

    wanted = SAID | {"note": None, "delivery_time": "morning", "contact": "李娜"}
    assert code == 200 and {name: amended["order"][name] for name in SAID} == wanted


async def test_terms_that_may_not_be_granted_are_refused_with_their_code(gateway: Gateway) -> None:
    order = await amendable(gateway)
    body = {"payment_days": 90}
    async with gateway.http("customer") as own:
        refused = await problem(
            await own.post(f"/api/orders/{order['number']}/amend", json=body), 403, "terms_not_granted"
        )
        again = await own.post("/api/orders", json={"customer": "huaxing", **THREE, **body})
        await problem(again, 403, "terms_not_granted")

    assert (refused["data"]["days"], refused["data"]["usual"]) == (90, 30)
    code, answer = await post(gateway, "clerk", f"/api/orders/{order['number']}/amend", body)
    assert (code, answer["order"]["payment_days"]) == (200, 90)


async def test_terms_from_the_end_of_the_month_are_agreed_for_one_order(gateway: Gateway) -> None:
    order = await amendable(gateway)

    _, answer = await post(
        gateway, "clerk", f"/api/orders/{order['number']}/amend", {"payment_days": 0, "payment_month_end": True}
    )

    assert (answer["order"]["payment_days"], answer["order"]["payment_month_end"]) == (0, True)


async def test_a_customer_amends_their_own_order_only(gateway: Gateway) -> None:
    order = await amendable(gateway)
    path = f"/api/orders/{order['number']}/amend"
    async with gateway.http("customer") as own, gateway.http("acme") as other:
        assert (await own.post(path, json=THREE)).status == 200
        await problem(await other.post(path, json=THREE), 404, "not_found")


@pytest.mark.parametrize(
    ("login", "body", "status", "code"),
    [
        ("clerk", {}, 422, "nothing_amended"),
        ("clerk", {"lines": [{"sku": "PAPER-A4", "quantity": "2", "unit": "box"}]}, 422, "nothing_amended"),
        ("clerk", {"lines": []}, 422, "nothing_ordered"),
        ("clerk", {"lines": [{"sku": "NOTHING", "quantity": "1"}]}, 422, "unknown_product"),
        ("clerk", {"lines": [{"sku": "PAPER-A4", "quantity": "1", "unit": "ton"}]}, 422, "unknown_unit"),
        ("clerk", {"lines": [{"sku": "PAPER-A4", "quantity": "0"}]}, 422, "invalid_quantity"),
        ("clerk", {"lines": [{"sku": "PAPER-A4"}]}, 422, "invalid_request"),
        ("clerk", {"lines": [{"sku": "PAPER-A4", "quantity": "1", "unit_price": "1"}]}, 422, "invalid_request"),
        ("clerk", {"total": "1.00"}, 422, "invalid_request"),
        ("clerk", {"delivery_mode": "balloon"}, 422, "invalid_request"),
        ("clerk", {"delivery_date": "2001-01-01"}, 422, "date_in_past"),
        ("clerk", {"delivery_time": "25:00"}, 422, "invalid_request"),
        ("clerk", {"payment_days": "30"}, 422, "invalid_request"),
        ("clerk", {"payment_days": 1000}, 422, "terms_out_of_range"),
        ("clerk", THREE | {"version": 99}, 409, "version_conflict"),
        ("warehouse", THREE, 403, "role_not_allowed"),
    ],
)
async def test_each_refusal_has_its_code_and_changes_nothing(
    gateway: Gateway, login: str, body: dict[str, Any], status: int, code: str
) -> None:
    order = await amendable(gateway)
    path = f"/api/orders/{order['number']}"

    async with gateway.http(login) as http:
        await problem(await http.post(f"{path}/amend", json=body), status, code)
        after = await (await http.get(path)).json()

    assert (after["row_version"], after["total"]) == (order["row_version"], order["total"])


async def test_goods_that_are_not_there_and_a_parcel_that_is_are_conflicts(gateway: Gateway) -> None:
    order = await amendable(gateway, ("clerk", "confirm"), ("warehouse", "receive"))
    path = f"/api/orders/{order['number']}"
    many = {"lines": [{"sku": "PAPER-A4", "quantity": "900", "unit": "box"}]}
    async with gateway.http("clerk") as http:
        short = await problem(await http.post(f"{path}/amend", json=many), 409, "insufficient_stock")
        await http.post(f"{path}/shipment", json={"carrier": "SF", "tracking_number": "SF1"})
        await problem(await http.post(f"{path}/amend", json=THREE), 409, "parcel_already_given")

    assert (short["data"]["product"], short["data"]["wanted"]) == ("PAPER-A4", "9000")


async def test_a_held_order_is_a_conflict_that_says_what_is_next(gateway: Gateway) -> None:
    order = await amendable(gateway)
    async with gateway.http("clerk") as http:
        await http.post(f"/api/orders/{order['number']}/hold", json={"reason": "credit"})
        response = await http.post(f"/api/orders/{order['number']}/amend", json=THREE)
        refused = await problem(response, 409, "not_possible_now")

    assert (refused["data"]["status"], refused["data"]["next"]) == ("on_hold", "release_order")


async def test_the_same_key_amends_once(gateway: Gateway) -> None:
    order = await amendable(gateway)
    path, key = f"/api/orders/{order['number']}/amend", {"Idempotency-Key": "amend-1"}

    first = await post(gateway, "clerk", path, THREE, **key)
    second = await post(gateway, "clerk", path, THREE, **key)

    assert first == second
    assert first[1]["order"]["row_version"] == order["row_version"] + 1


async def test_an_amendment_is_undone_over_http(gateway: Gateway) -> None:
    order = await amendable(gateway)
    await post(gateway, "clerk", f"/api/orders/{order['number']}/amend", THREE)

    code, answer = await post(gateway, "clerk", f"/api/orders/{order['number']}/undo")

    assert (code, answer["order"]["total"], answer["order"]["lines"]) == (200, order["total"], order["lines"])


async def test_the_description_says_what_an_amendment_takes(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        document = await (await http.get("/api/openapi.json")).json()
    operation = document["paths"]["/api/orders/{number}/amend"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]

    assert set(schema["properties"]) == {
        *("lines", "address", "delivery_date", "delivery_mode", "appointment", "version", "payment_month_end", *SAID),
    }
    assert set(schema["properties"]["lines"]["items"]["properties"]) == {"sku", "quantity", "unit"}
    assert "Idempotency-Key" in {each["name"] for each in operation["parameters"]}
