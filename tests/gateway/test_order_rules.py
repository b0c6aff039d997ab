"""The rules of orders over HTTP: possible duplicates, credit, approval, holds, payments; each with its stable code."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

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
