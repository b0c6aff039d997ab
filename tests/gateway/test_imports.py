"""Orders of other systems over HTTP."""

from __future__ import annotations

import pytest
from aiohttp import FormData

from tests.support.gateway import TENANT, Gateway, problem

ORDER = {"number": "X-1", "customer": "华星", "total": "1234.5"}


async def test_one_json_order_is_placed_and_answered_with_its_checked_receipt(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        response = await http.post("/api/orders/import?source=mail", json=ORDER)
        body = await response.json()
    with gateway.desk.unit_of_work(TENANT) as uow:
        order = uow.orders.get(body["order"]["number"])
        texts = uow.texts.of_order(order.id)

    assert response.status == 201
    assert (order.header_only, order.external_number, order.source) == (True, "X-1", "mail")
    assert (order.customer_name, str(order.total)) == ("华星科技有限公司", "1234.5") or str(order.total) == "1234.50"
    assert body["receipt"]["source"] == "template" and body["receipt"]["language"] == "zh"
    assert order.number in body["receipt"]["text"] and "1,234.50" in body["receipt"]["text"]
    assert [text.text for text in texts] == [body["receipt"]["text"]]


async def test_it_is_placed_once(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        key = {"Idempotency-Key": "k-1"}
        first = await http.post("/api/orders/import", json=ORDER, headers=key)
        again = await http.post("/api/orders/import", json=ORDER, headers=key)
        other_key = await http.post("/api/orders/import", json=ORDER)
        orders = (await (await http.get("/api/orders")).json())["items"]

        assert (first.status, again.status) == (201, 200)
        assert (await first.json())["receipt"] == (await again.json())["receipt"]
        refused = await problem(other_key, 409, "duplicate_order")
    assert len(orders) == 1 and refused["data"]["number"] == orders[0]["number"]


async def test_a_dry_run_places_nothing(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        response = await http.post("/api/orders/import?dry_run=1", json={**ORDER, "customer": "New Company"})

        assert response.status == 201 and (await response.json())["receipt"] is None
        assert (await (await http.get("/api/orders")).json())["items"] == []
    with gateway.desk.unit_of_work(TENANT) as uow:
        assert "New Company" not in [customer.name for customer in uow.customers.all()]


async def test_a_new_customer_comes_with_the_order_if_staff_bring_it(gateway: Gateway) -> None:
    async with gateway.http("clerk") as clerk, gateway.http("customer") as customer:
        new = {**ORDER, "customer": "Globex Corporation"}
        response = await clerk.post("/api/orders/import", json=new)
        body = await response.json()

        assert body["order"]["customer_name"] == "Globex Corporation" and body["receipt"]["language"] == "en"
        for name in ("Initech", "Acme Ltd", "华星"):  # a stranger, somebody else, themselves: nobody learns who is here
            refused = await customer.post("/api/orders/import", json={**new, "number": "X-2", "customer": name})
            await problem(refused, 403, "role_not_allowed")


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"number": "X-1", "customer": "华星"}, "invalid_request"),
        ({**ORDER, "total": "a lot"}, "invalid_request"),
        ({**ORDER, "total": "-1"}, "invalid_request"),
        ({**ORDER, "number": ""}, "invalid_request"),
        ({**ORDER, "number": 7}, "invalid_request"),
        ({**ORDER, "extra": "x"}, "invalid_request"),
    ],
)
async def test_a_bad_order_is_refused_and_nothing_is_left(gateway: Gateway, order: object, code: str) -> None:
    async with gateway.http("clerk") as http:
        await problem(await http.post("/api/orders/import", json=order), 422, code)
        assert (await (await http.get("/api/orders")).json())["items"] == []


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\x03" * 50, b"foo;bar\n1;2\n", b"\xff\xfe\x00"])
async def test_a_broken_file_is_refused_with_the_reason(gateway: Gateway, data: bytes) -> None:
    async with gateway.http("clerk") as http:
        form = FormData()
        form.add_field("file", data, filename="orders.csv")
        await problem(await http.post("/api/orders/import?source=shop", data=form), 422, "invalid_request")


async def test_a_role_that_may_not_import_is_refused_before_the_file_is_read(gateway: Gateway) -> None:
    async with gateway.http("finance") as http:
        form = FormData()
        form.add_field("file", b"x", filename="orders.csv")
        await problem(await http.post("/api/orders/import?source=shop", data=form), 403, "role_not_allowed")


async def test_who_may_import_goods_imports_no_orders(gateway: Gateway) -> None:
    async with gateway.http("warehouse") as http:
        await problem(await http.post("/api/orders/import?source=shop", data=upload()), 403, "role_not_allowed")
        assert (await (await http.get("/api/orders")).json())["items"] == []


CSV = b"""InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536366,22633,HAND WARMER,6,2010-12-01 08:28:00,1.85,,United Kingdom
"""


def upload() -> FormData:
    form = FormData()
    form.add_field("file", CSV, filename="shop.csv", content_type="text/csv")
    return form


async def test_a_file_is_previewed_imported_and_not_imported_twice(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        preview = await (await http.post("/api/orders/import?source=shop&dry_run=1", data=upload())).json()
        before = (await (await http.get("/api/orders")).json())["items"]
        first = await (await http.post("/api/orders/import?source=shop", data=upload())).json()
        second = await (await http.post("/api/orders/import?source=shop", data=upload())).json()
        after = (await (await http.get("/api/orders")).json())["items"]

    assert (preview["orders"], preview["inserted"], before) == (1, 0, [])
    assert (first["inserted"], second["inserted"], second["already_known"]) == (1, 0, 1)
    assert [(order["external_number"], order["total"], order["status"]) for order in after] == [
        ("536365", "35.64", "settled")
    ]
    assert [(finding["kind"], finding["line"]) for finding in first["findings"]] == [("missing_customer", 4)]
