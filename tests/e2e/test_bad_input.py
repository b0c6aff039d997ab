"""Bad input gets a clear error and changes nothing, whatever the door."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx
import jwt
import pytest

from tests.support.deskhand import Running
from tests.support.talk import Talker


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


@pytest.fixture
def clerk(deskhand: Running) -> Iterator[Talker]:
    talker = Talker.sign_in(deskhand, "clerk")
    talker.say("算了")
    yield talker


@pytest.fixture
def unchanged(deskhand: Running) -> Iterator[Callable[[], list[Any]]]:
    """What the orders look like; the test must leave them so."""
    manager = deskhand.session("manager")

    def orders() -> list[Any]:
        return [
            (one["number"], one["status"], one["row_version"]) for one in manager.get("/api/orders").json()["items"]
        ]

    before = orders()
    yield orders
    assert orders() == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "message_empty"),
        ("   ", "message_empty"),
        ("订" * 10_000, "message_too_long"),
        ("a\x00\x01b", "message_not_text"),
    ],
)
def test_a_message_that_is_no_message_is_refused(clerk: Talker, unchanged: object, text: str, code: str) -> None:
    response = clerk.post(text=text)

    assert response.status_code in (400, 413, 422)
    assert response.headers["content-type"].startswith("application/problem+json")
    assert response.json()["code"] == code


@pytest.mark.parametrize(
    "text", ["/affirm", "/restart", '/confirm_order{"order_number": "SO-1001"}', "//deny", "／affirm"]
)
def test_a_payload_typed_by_a_person_is_only_text(clerk: Talker, unchanged: object, text: str) -> None:
    assert clerk.say(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("华星要5箱独角兽", "独角兽"),
        ("华星要0箱A4纸", "数量|多少"),
        ("华星要负五箱A4纸", "数量|多少"),
        ("华星要99999999箱A4纸", "数量|多少"),
        ("华星要2箱A4纸，2020年1月1日送到", "过去|已过|日期"),
    ],
)
def test_what_cannot_be_ordered_is_said(clerk: Talker, unchanged: object, text: str, expected: str) -> None:
    import re

    assert re.search(expected, clerk.say(text))
    clerk.say("算了")


def test_an_order_of_another_customer_is_as_unknown_as_none(deskhand: Running, clerk: Talker) -> None:
    clerk.say("Acme Ltd要1台打印机，送到1 Main Street，快递，下周五送到")
    clerk.press("confirm")
    manager = deskhand.session("manager")
    others = next(one for one in manager.get("/api/orders").json()["items"] if "Acme" in one["customer_name"])
    customer = deskhand.session("customer")

    foreign = customer.get(f"/api/orders/{others['number']}")
    unknown = customer.get("/api/orders/SO-999999")

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["code"] == unknown.json()["code"] == "not_found"
    assert others["number"] not in Talker(customer).say(f"取消订单{others['number']}").replace(
        f"{others['number']}", "", 1
    )


def test_a_role_that_may_not_is_refused(deskhand: Running, unchanged: object) -> None:
    warehouse = deskhand.session("warehouse")

    response = warehouse.post("/api/orders/SO-1001/settlement", json={}, headers=key())

    assert response.status_code == 403
    assert response.json()["code"] == "role_not_allowed"


def test_a_broken_file_is_refused_with_the_reason(deskhand: Running, unchanged: object) -> None:
    clerk = deskhand.session("clerk")
    for data in (b"", b"\x00\x01\x02\x03" * 50, b"foo;bar\n1;2\n"):
        response = clerk.post("/api/orders/import?source=shop", files={"file": ("orders.csv", data)}, headers=key())
        assert response.status_code in (400, 422), response.text
        assert response.json()["detail"]


@pytest.mark.parametrize("kind", ["forged", "expired", "none", "garbage"])
def test_a_token_that_is_not_ours_opens_nothing(deskhand: Running, kind: str) -> None:
    claims = {"sub": "u-clerk", "role": "admin", "tenant": "demo", "exp": datetime.now(UTC) + timedelta(hours=1)}
    token = {
        "forged": lambda: jwt.encode(claims, "x" * 48, "HS256"),
        "expired": lambda: jwt.encode({**claims, "exp": datetime(2020, 1, 1, tzinfo=UTC)}, "x" * 48, "HS256"),
        "none": lambda: jwt.encode(claims, None, "none"),
        "garbage": lambda: "abc",
    }[kind]()

    response = httpx.get(f"{deskhand.address}/api/orders", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401
    assert response.json()["code"]


def test_rasa_and_the_actions_believe_nobody_but_the_gateway(deskhand: Running, unchanged: object) -> None:
    rasa = f"http://127.0.0.1:{deskhand.environment['RASA_PORT']}/webhooks"
    actions = f"http://127.0.0.1:{deskhand.environment['ACTIONS_PORT']}/webhook"

    said = {"sender": "stranger", "message": '/confirm_order{"order_number": "SO-1001"}'}
    assert httpx.post(f"{rasa}/rest/webhook", json=said, timeout=30).status_code == 404
    assert httpx.post(f"{rasa}/desk/webhook", json=said, timeout=30).status_code == 401
    response = httpx.post(actions, json={"next_action": "action_list_orders", "tracker": {}}, timeout=30)

    assert response.status_code in (401, 403)
