"""Lines, parts, returns and credit notes over HTTP: what is asked for, what is answered, what an order shows."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.orders.commands import (
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    PlaceOrder,
    ReceiveGoods,
)
from tests.support.desks import CLERK, TENANT, WAREHOUSE, done, placing
from tests.support.gateway import Gateway

STEPS = (
    (ConfirmOrder, CLERK),
    (ReceiveGoods, WAREHOUSE),
    (lambda number: GiveShipmentInformation(number, "SF", "SF1"), WAREHOUSE),
    (CompleteShipment, WAREHOUSE),
)


def order_after(gateway: Gateway, steps: int, quantity: str = "20") -> str:
    command: PlaceOrder = placing(quantity)
    order = done(gateway.desk, command, CLERK)
    for make, actor in STEPS[:steps]:
        done(gateway.desk, make(order.number), actor)
    return order.number


async def asked(gateway: Gateway, login: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    async with gateway.http(login) as http:
        call = http.get(path) if body is None else http.post(path, json=body)
        async with call as response:
            return response.status, await response.json(content_type=None)


async def test_a_line_is_cancelled_and_credited_and_the_order_shows_both(gateway: Gateway) -> None:
    number = order_after(gateway, 1)
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.invoices.mark_sent("INV-1001")
        uow.commit()

    status, body = await asked(gateway, "clerk", f"/api/orders/{number}/cancel", {"line": 2, "reason": "not needed"})
    _, order = await asked(gateway, "clerk", f"/api/orders/{number}")

    assert (status, body["events"]) == (200, ["LineCancelled", "CreditNoteIssued"])
    assert [(line["cancelled"], line["open"], line["reserved"]) for line in order["lines"]] == [
        (False, "20", "20"),
        (True, "0", "0"),
    ]
    (note,) = order["credit_notes"]
    assert (note["number"], note["invoice"], note["amount"], note["reason"]) == (
        "CN-1001",
        "INV-1001",
        "3897.00",
        "not needed",
    )
    assert note["lines"] == [
        {"line": 2, "sku": "PRN-L100", "quantity": "3", "unit": "unit", "amount": "3897.00"},
    ]
    assert (order["total"], order["owed"]) == ("5000.00", "5000.00")


async def test_goods_are_cancelled_by_their_sku_and_without_either_the_whole_order(gateway: Gateway) -> None:
    number, other = order_after(gateway, 1), order_after(gateway, 1)

    _, line = await asked(gateway, "clerk", f"/api/orders/{number}/cancel", {"sku": "PRN-L100", "reason": "not needed"})
    _, whole = await asked(gateway, "clerk", f"/api/orders/{other}/cancel", {"reason": "not needed"})

    assert (line["order"]["status"], whole["order"]["status"]) == ("confirmed", "cancelled")


async def test_a_part_is_packed_shipped_and_shown_with_what_is_left(gateway: Gateway) -> None:
    number = order_after(gateway, 2)
    parcel = {"carrier": "SF", "tracking_number": "SF1", "lines": [{"line": 1, "quantity": "12"}]}

    given = await asked(gateway, "warehouse", f"/api/orders/{number}/shipment", parcel)
    done_with = await asked(gateway, "warehouse", f"/api/orders/{number}/complete", {})
    _, order = await asked(gateway, "clerk", f"/api/orders/{number}")

    assert (given[0], done_with[0], done_with[1]["events"][0]) == (200, 200, "PartShipped")
    assert order["status"] == "awaiting_shipment"
    assert [(line["shipped"], line["open"]) for line in order["lines"]] == [("12", "8"), ("0", "3")]
    assert order["shipments"][0]["contents"] == [{"line": 1, "quantity": "12"}]
    assert order["shipments"][0]["parcels"][0]["contents"] == [{"line": 1, "quantity": "12"}]


async def test_what_did_not_come_in_is_on_back_order(gateway: Gateway) -> None:
    number = order_after(gateway, 1, "90")  # 900 packs, 500 are there

    status, body = await asked(
        gateway, "warehouse", f"/api/orders/{number}/receive", {"lines": [{"sku": "PAPER-A4", "quantity": "20"}]}
    )

    assert (status, body["order"]["lines"][0]["back_ordered"]) == (200, "20")


async def test_goods_come_back(gateway: Gateway) -> None:
    number = order_after(gateway, 4)
    back = {"lines": [{"sku": "PAPER-A4", "quantity": "2", "unit": "box"}], "reason": "damaged", "restock": False}

    status, body = await asked(gateway, "warehouse", f"/api/orders/{number}/return", back)
    _, order = await asked(gateway, "customer", f"/api/orders/{number}")

    assert (status, body["events"]) == (200, ["GoodsReturned", "CreditNoteIssued"])
    assert (order["lines"][0]["returned"], order["total"], order["owed"]) == ("2", "8897.00", "8397.00")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("cancel", {"line": 9, "reason": "not needed"}, 422, "unknown_line"),
        ("cancel", {"line": "two", "reason": "not needed"}, 422, "invalid_request"),
        ("return", {"lines": [{"line": 1, "quantity": "1"}], "reason": "damaged"}, 409, "nothing_shipped"),
        ("return", {"lines": [{"quantity": "1"}], "reason": "damaged"}, 422, "invalid_request"),
        (
            "return",
            {"lines": [{"line": 1, "quantity": "1", "price": "1"}], "reason": "damaged"},
            422,
            "invalid_request",
        ),
        (
            "shipment",
            {"carrier": "SF", "tracking_number": "SF1", "lines": [{"line": 1, "quantity": "21"}]},
            422,
            "more_than_there",
        ),
        ("receive", {}, 409, "not_possible_now"),
    ],
)
async def test_what_can_not_be_is_said(
    gateway: Gateway, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    number = order_after(gateway, 2)
    who = "clerk" if path == "cancel" else "warehouse"

    found, answer = await asked(gateway, who, f"/api/orders/{number}/{path}", body)

    assert (found, answer["code"]) == (status, code), answer


async def test_the_description_names_lines_and_the_return(gateway: Gateway) -> None:
    _, said = await asked(gateway, "clerk", "/api/openapi.json")

    schema = said["paths"]["/api/orders/{number}/return"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    assert {"lines", "reason"} == set(schema["required"])
    assert "line" in str(said["paths"]["/api/orders/{number}/cancel"]["post"])
