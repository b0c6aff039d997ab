"""The rules of orders over HTTP: possible duplicates, credit, approval, holds, payments; each with its stable code."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.gateway import TENANT, Gateway, problem

ORDER = {"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "2", "unit": "box"}]}


async def call(gateway: Gateway, login: str, path: str, body: Any = None) -> Any:
    """The answer to a request that succeeds."""
    async with gateway.http(login) as http, http.post(f"/api/orders{path}", json=body or {}) as response:
        answer = await response.json()
        assert response.status < 300, answer
        return answer["order"]


async def refused(gateway: Gateway, login: str, path: str, status: int, code: str, body: Any = None) -> Any:
    """The data of a refusal."""
    async with gateway.http(login) as http, http.post(f"/api/orders{path}", json=body or {}) as response:
        return (await problem(response, status, code))["data"]


def limit(gateway: Gateway, amount: int) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.customers.change_credit("huaxing", Decimal(amount), None)
        uow.commit()


async def test_the_same_again_is_a_conflict_that_names_the_other_and_can_be_allowed(gateway: Gateway) -> None:
    first = await call(gateway, "clerk", "", ORDER)

    data = await refused(gateway, "clerk", "", 409, "possible_duplicate", ORDER)
    assert data["number"] == first["number"]

    second = await call(gateway, "clerk", "", ORDER | {"allow_duplicate": True})
    assert second["number"] != first["number"]


async def test_an_order_above_a_limit_waits_for_the_manager_who_approves_or_rejects(gateway: Gateway) -> None:
    number = (await call(gateway, "clerk", "", {"customer": "huaxing", "total": "300000"}))["number"]

    assert (await call(gateway, "clerk", f"/{number}/confirm"))["status"] == "pending_approval"
    await refused(gateway, "clerk", f"/{number}/approve", 403, "role_not_allowed")
    await refused(gateway, "manager", f"/{number}/reject", 422, "invalid_request")
    assert (await call(gateway, "manager", f"/{number}/reject", {"reason": "too cheap"}))[
        "status"
    ] == "pending_confirmation"
    await call(gateway, "clerk", f"/{number}/confirm")

    assert (await call(gateway, "manager", f"/{number}/approve"))["status"] == "confirmed"


async def test_a_hold_for_credit_is_told_with_its_rule_and_released_by_finance(gateway: Gateway) -> None:
    limit(gateway, 100)
    number = (await call(gateway, "clerk", "", ORDER))["number"]

    held = await call(gateway, "clerk", f"/{number}/confirm")
    assert (held["status"], held["hold_reason"]) == ("on_hold", "超过信用额度 / Above the credit limit")
    await refused(gateway, "clerk", f"/{number}/release", 403, "role_not_allowed")
    async with gateway.http("finance") as http, http.get(f"/api/orders/{number}/history") as response:
        (rule,) = [each for each in (await response.json())["items"][-1]["detail"]["decided"]]
    assert rule["decision"] == "credit" and rule["outputs"] == {"credit": "hold"}
    assert Decimal(rule["inputs"]["over_limit"]) > 0

    assert (await call(gateway, "finance", f"/{number}/release"))["status"] == "confirmed"


async def test_more_than_is_owed_is_no_payment_and_the_same_reference_counts_once(gateway: Gateway) -> None:
    order = await call(gateway, "clerk", "", ORDER)
    path = f"/{order['number']}/payment"
    await call(gateway, "clerk", f"/{order['number']}/confirm")
    too_much = str(Decimal(order["total"]) + 1)

    data = await refused(gateway, "finance", path, 409, "payment_above_total", {"amount": too_much, "reference": "TX1"})
    assert data["owed"] == order["total"]

    for _ in range(2):
        paid = await call(gateway, "finance", path, {"amount": order["total"], "reference": "TX2"})
    assert paid["payment_status"] == "paid"


async def test_a_customer_has_the_own_invoice_sent_again_and_no_other(gateway: Gateway) -> None:
    number = (await call(gateway, "clerk", "", ORDER))["number"]
    await call(gateway, "clerk", f"/{number}/confirm")

    await call(gateway, "customer", f"/{number}/invoice")

    await refused(gateway, "acme", f"/{number}/invoice", 404, "not_found")


async def shown(gateway: Gateway, login: str, number: str) -> Any:
    async with gateway.http(login) as http, http.get(f"/api/orders/{number}") as response:
        return await response.json()


async def test_of_a_part_payment_it_is_said_what_is_paid_and_what_is_open(gateway: Gateway) -> None:
    number = (await call(gateway, "clerk", "", ORDER))["number"]
    await call(gateway, "clerk", f"/{number}/confirm")

    paid = await call(gateway, "finance", f"/{number}/payment", {"amount": "120", "reference": "TX1"})

    said = (paid["payment_status"], paid["owed"], paid["paid"], paid["open"])
    assert said == ("unpaid", "500.00", "120.00", "380.00")
    assert (await shown(gateway, "customer", number))["open"] == "380.00"


async def test_a_payment_has_an_order_that_is_held_for_credit_looked_at_again(gateway: Gateway) -> None:
    limit(gateway, 600)
    first = (await call(gateway, "clerk", "", ORDER))["number"]
    await call(gateway, "clerk", f"/{first}/confirm")
    second = (await call(gateway, "clerk", "", ORDER | {"allow_duplicate": True}))["number"]
    assert (await call(gateway, "clerk", f"/{second}/confirm"))["status"] == "on_hold"

    async def pay(amount: str) -> list[str]:
        body = {"amount": amount, "reference": f"TX{amount}"}
        async with gateway.http("finance") as http, http.post(f"/api/orders/{first}/payment", json=body) as response:
            events: list[str] = (await response.json())["events"]
            return events

    assert "CreditCleared" not in await pay("399")
    assert "CreditCleared" in await pay("1")
    assert (await shown(gateway, "finance", second))["status"] == "on_hold"
    gateway.desk.project_notifications(TENANT)
    async with gateway.http("finance") as http, http.get("/api/notifications") as response:
        told = [each for each in (await response.json())["items"] if each["kind"] == "CreditCleared"]
    assert [each["order"] for each in told] == [second]
    assert (await call(gateway, "finance", f"/{second}/release"))["status"] == "confirmed"


async def test_an_order_is_held_with_a_reason_and_released_where_it_was(gateway: Gateway) -> None:
    number = (await call(gateway, "clerk", "", ORDER))["number"]
    await refused(gateway, "clerk", f"/{number}/hold", 422, "invalid_request")

    held = await call(gateway, "warehouse", f"/{number}/hold", {"reason": "wet boxes"})
    assert (held["status"], held["hold_reason"]) == ("on_hold", "wet boxes")
    data = await refused(gateway, "clerk", f"/{number}/confirm", 409, "not_possible_now")
    assert (data["status"], data["next"]) == ("on_hold", "release_order")

    assert (await call(gateway, "clerk", f"/{number}/release"))["status"] == "pending_confirmation"


async def test_what_is_reserved_too_long_is_given_free_and_reserved_anew_when_it_comes_in(gateway: Gateway) -> None:
    number = (await call(gateway, "clerk", "", ORDER))["number"]
    assert (await call(gateway, "clerk", f"/{number}/confirm"))["reserved_until"]
    gateway.clock.forward(days=15)

    assert gateway.desk.release_expired(TENANT) == 1
    lapsed = await shown(gateway, "clerk", number)
    assert (lapsed["reservation_lapsed"], lapsed["lines"][0]["reserved"]) == (True, "0")

    await call(gateway, "warehouse", f"/{number}/receive")
    assert (await shown(gateway, "clerk", number))["lines"][0]["reserved"] == "2"


@pytest.mark.parametrize(("mode", "parcel"), [("pickup", None), ("own", {}), ("courier", {"carrier": "SF"})])
async def test_the_kind_of_delivery_decides_what_a_shipment_needs(gateway: Gateway, mode: str, parcel: Any) -> None:
    number = (await call(gateway, "clerk", "", ORDER | {"delivery_mode": mode}))["number"]
    await call(gateway, "clerk", f"/{number}/confirm")
    await call(gateway, "warehouse", f"/{number}/receive")

    if mode == "courier":  # the number by which it is found is needed there
        data = await refused(gateway, "warehouse", f"/{number}/shipment", 422, "data_missing", parcel)
        assert (data["missing"], data["next"]) == ("tracking_number", "give_shipment_information")
        parcel = {"carrier": "SF", "tracking_number": "SF1"}
    if parcel is not None:
        data = await refused(gateway, "warehouse", f"/{number}/complete", 422, "data_missing")
        assert (data["status"], data["next"]) == ("awaiting_shipment", "give_shipment_information")
        await call(gateway, "warehouse", f"/{number}/shipment", parcel)

    assert (await call(gateway, "warehouse", f"/{number}/complete"))["status"] == "shipped"


async def test_of_a_cancelled_order_nothing_comes_next(gateway: Gateway) -> None:
    number = (await call(gateway, "clerk", "", ORDER))["number"]
    await call(gateway, "clerk", f"/{number}/confirm")
    await call(gateway, "customer", f"/{number}/cancel", {"reason": "we moved"})

    data = await refused(gateway, "clerk", f"/{number}/invoice", 409, "not_possible_now")

    assert (data["status"], data["next"]) == ("cancelled", "")
