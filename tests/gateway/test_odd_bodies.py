"""No body says more than its fields, and none that is odd is taken or brings the gateway down."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from deskhand.gateway.limits import Rate
from deskhand.gateway.route import Route, Schema
from tests.support.attacks import missing
from tests.support.gateway import TENANT, Gateway, running_gateway
from tests.support.keys import routes

WITH_BODY = [route for route in routes() if route.body is not None]
EXTRA = {
    "id": "1", "role": "admin", "tenant": "other", "customer_id": "acme-ltd", "user_id": "manager", "status": "settled",
    "payment_status": "paid", "total": "0.01", "row_version": 99, "created_by": "manager", "created_at": "2020-01-01",
    "number": "SO-1", "actor": {"role": "admin"}, "on_behalf_of": "manager", "scopes": ["admin:keys"], "is_admin": True,
    "__proto__": {"admin": True}, "constructor": {}, "customer.role": "admin", "active": True, "password_hash": "x",
}  # fmt: skip
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """It lets people chat as fast as they can."""
    async with running_gateway(tmp_path, chat_rate=Rate(10_000, 10_000.0)) as running:
        yield running


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def example(schema: Schema) -> Any:
    """The least that the schema allows."""
    if "enum" in schema:
        return schema["enum"][0]
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("type") == "object":
        one_of = next(iter(schema.get("anyOf", ())), {}).get("required", ())
        return {name: example(schema["properties"][name]) for name in (*schema.get("required", ()), *one_of)}
    if schema.get("type") == "array":
        return [example(schema["items"])]
    return {"integer": 0, "boolean": False}.get(str(schema.get("type")), "2026-12-01")


def objects_of(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """The schema and every object inside it, with the way there; not those whose names are free, such as a case's."""
    if "properties" not in schema:
        assert isinstance(schema["additionalProperties"], dict), path  # it says what the values are
        return
    yield path, schema
    for name, inner in schema["properties"].items():
        inner = inner.get("items", inner)
        if inner.get("type") == "object":
            yield from objects_of(inner, (*path, name))


def with_extra(route: Route, path: tuple[str, ...], name: str) -> dict[str, Any]:
    """A body that would do, and one field too many at the end of the path."""
    assert route.body is not None
    body: dict[str, Any] = example(route.body)
    if not path:
        return {**body, name: EXTRA[name]}
    inner = route.body["properties"][path[0]]
    item = {**example(inner.get("items", inner)), name: EXTRA[name]}
    return {**body, path[0]: [item] if "items" in inner else item}


def address(route: Route) -> str:
    return missing(route)


@asynccontextmanager
async def clients(gateway: Gateway) -> AsyncIterator[Iterator[ClientSession]]:
    """People who take turns, so that none of them asks too often."""
    async with gateway.http("admin") as one, gateway.http("manager") as two, gateway.http("clerk") as three:
        yield itertools.cycle((one, two, three))


async def send(http: ClientSession, route: Route, data: bytes, **headers: str) -> tuple[int, Mapping[str, Any]]:
    async with http.request(route.method, address(route), data=data, headers={**JSON, **headers}) as response:
        return response.status, await response.json(content_type=None)


@pytest.mark.parametrize("route", WITH_BODY, ids=name_of)
def test_every_schema_closes_its_objects(route: Route) -> None:
    assert route.body is not None
    for path, schema in objects_of(route.body):
        assert schema.get("additionalProperties") is False, path


async def test_a_field_that_nobody_asked_for_is_refused_by_its_name(gateway: Gateway) -> None:
    async with clients(gateway) as everybody:
        for route, http in zip(WITH_BODY, everybody, strict=False):
            for path, schema in objects_of(route.body or {}):
                for name in sorted(EXTRA.keys() - schema["properties"].keys()):
                    body = json.dumps(with_extra(route, path, name)).encode()
                    status, answer = await send(http, route, body)

                    assert (status, answer["code"]) == (422, "invalid_request"), (name_of(route), path, name, answer)
                    assert answer["data"]["field"].split(".")[-1] == name.split(".")[-1], (name_of(route), answer)
                    assert answer["data"]["problem"] == "is not known here"


async def test_a_field_of_the_right_name_in_the_wrong_place_changes_nothing(gateway: Gateway) -> None:
    order = {"customer": "acme-ltd", "lines": [{"sku": "PAPER-A4", "quantity": "1"}]}
    query = "?customer=huaxing&tenant=other&role=admin&total=0.01&status=settled&user_id=manager"
    headers = {"X-Role": "admin", "X-Tenant": "other", "X-User": "manager", "X-Customer-Id": "huaxing"}
    async with gateway.http("acme") as http:
        response = await http.post(f"/api/orders{query}", json=order, headers=headers)
        placed = (await response.json())["order"]
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        stored = uow.orders.get(placed["number"])

    assert (response.status, stored.customer_id, stored.created_by) == (201, "acme-ltd", "acme")
    assert (str(stored.status), f"{stored.total:f}") == ("pending_confirmation", "25.00")


MALFORMED = {
    "not UTF-8": b"\xff\xfe{}",
    "UTF-16": '{"version": 1}'.encode("utf-16"),
    "cut off": b'{"version": 1',
    "a list": b"[1]",
    "a text": b'"x"',
    "null": b"null",
    "a name twice": b'{"reason": "a", "reason": "b"}',
    "a name twice inside": b'{"lines": [{"sku": "a", "sku": "b"}]}',
    "a name twice, written in two ways": b'{"reason": "a", "reas\\u006fn": "b"}',
    "NaN": b'{"version": NaN}',
    "Infinity": b'{"version": -Infinity}',
    "a huge number": b'{"version": ' + b"9" * 5000 + b"}",
    "a huge exponent": b'{"version": 1e999999}',
    "very deep lists": b"[" * 100_000,
    "very deep objects": b'{"a":' * 30_000,
    "half a character": b'{"reason": "\\ud83d"}',
    "half a character in a name": b'{"\\udc00": 1}',
    "two documents": b"{} {}",
    "a comment": b'{"version": 1 /* x */}',
    "single quotes": b"{'version': 1}",
}


@pytest.mark.parametrize("kind", MALFORMED)
async def test_a_body_that_two_readers_could_understand_differently_is_refused_everywhere(
    gateway: Gateway, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    async with gateway.http("admin") as http:
        for route in WITH_BODY:
            status, body = await send(http, route, MALFORMED[kind])
            assert (status, body["code"]) == (422, "invalid_request"), (name_of(route), body)

    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "text/json",
        "application/json5",
        "multipart/x",
    ],
)
async def test_json_under_another_name_is_refused(gateway: Gateway, content_type: str) -> None:
    async with gateway.http("admin") as http:
        for route in WITH_BODY:
            assert route.body is not None
            body = json.dumps({"version": 1}).encode()
            status, answer = await send(http, route, body, **{"Content-Type": content_type})
            assert (status, answer["data"]["field"]) == (422, "Content-Type"), (name_of(route), answer)


ODD_VALUES = [
    "1E+999999", "1e5", "NaN", "Infinity", "-0.00001", "9" * 400, "١٢", "1_000", "0x10", "１２", 1.5, 10**400, True, [],
    {}, None, "a\x00b", "a\x1b[31mb", "\u202egnp.exe", "x" * 5000, "", " ", "'; DROP TABLE audit; --", "{{7*7}}",
    "${jndi:x}", "../../etc/passwd", "<script>alert(1)</script>", "💥", 99999999999999, "99999999999999.9999", -1,
]  # fmt: skip


async def test_no_value_of_any_field_is_unforeseen(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    async with clients(gateway) as everybody:
        for route, http in zip(WITH_BODY, everybody, strict=False):
            for path, schema in objects_of(route.body or {}):
                for name, value in itertools.product(schema["properties"], ODD_VALUES):
                    body = example(route.body or {})
                    odd = {**body, path[0]: [{**example(schema), name: value}]} if path else {**body, name: value}
                    async with http.request(route.method, address(route), json=odd) as response:
                        assert response.status < 500, (name_of(route), name, value, await response.text())

    assert not [record for record in caplog.records if record.exc_info]
