"""The report over HTTP: the company's figures, a customer's own, the days that are asked for, orders by concern."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.test_orders import place
from tests.support.gateway import Gateway, problem


async def report(gateway: Gateway, login: str, **query: str) -> dict[str, Any]:
    async with gateway.http(login) as http:
        response = await http.get("/api/report", params=query)
        body: dict[str, Any] = await response.json()
        assert response.status == 200, body
        return body


async def test_figures_come_with_exact_amounts_by_currency(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        order = await place(http)

    found = await report(gateway, "manager")

    one = {"orders": 1, "amounts": {"CNY": order["total"]}}
    assert found["statuses"]["pending_confirmation"] == found["flows"]["new"] == one
    assert found["concerns"]["late"] == {"orders": 0, "amounts": {}}
    assert found["today"] == found["since"] == found["until"] and found["time_zone"] == "Asia/Shanghai"


async def test_a_customer_has_figures_of_its_own(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        await place(http, "huaxing")
        await place(http, "acme-ltd")

    assert (await report(gateway, "customer"))["flows"]["new"]["orders"] == 1


async def test_the_days_are_those_that_were_asked_for(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        await place(http)

    found = await report(gateway, "clerk", since="2020-01-01", until="2020-01-31")

    assert (found["since"], found["until"]) == ("2020-01-01", "2020-01-31")
    assert found["flows"]["new"]["orders"] == 0 and found["statuses"]["pending_confirmation"]["orders"] == 1


@pytest.mark.parametrize(
    "query",
    [
        *({"since": "yesterday"}, {"since": "2026-02-30"}, {"since": "2026-12-02", "until": "2026-12-01"}),
        *({"since": "0001-01-01"}, {"until": "9999-12-31"}),
    ],
)
async def test_days_that_are_none_are_refused(gateway: Gateway, query: dict[str, str]) -> None:
    async with gateway.http("clerk") as http:
        await problem(await http.get("/api/report", params=query), 422, "invalid_request")


async def test_the_orders_behind_a_figure_are_listed(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        number = (await place(http))["number"]
        await http.post(f"/api/orders/{number}/confirm", json={})
        await place(http)

        unpaid = await (await http.get("/api/orders", params={"concern": "unpaid"})).json()
        late = await (await http.get("/api/orders", params={"concern": "late"})).json()
        await problem(await http.get("/api/orders", params={"concern": "nice"}), 422, "invalid_request")

    assert [order["number"] for order in unpaid["items"]] == [number] and late["items"] == []
