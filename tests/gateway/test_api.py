"""What holds for every address: headers, problems, the description, health."""

from __future__ import annotations

import re

import pytest

from deskhand.gateway.security import HEADERS
from tests.support.gateway import Gateway, problem


async def test_the_description_names_every_route_and_no_other(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        document = await (await http.get("/api/openapi.json")).json()
    routed = {
        (route.method, route.resource.canonical)
        for route in gateway.app.router.routes()
        if route.resource is not None and re.match(r"/(api/|healthz|readyz)", route.resource.canonical)
    }
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}

    assert {pair for pair in routed if pair[0] != "HEAD"} == described
    assert document["openapi"].startswith("3.1")


async def test_the_description_is_sound(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        document = await (await http.get("/api/openapi.json")).json()
    operations = [(path, one) for path, item in document["paths"].items() for one in item.values()]
    identifiers = [one["operationId"] for _, one in operations]

    assert len(set(identifiers)) == len(identifiers)
    for path, operation in operations:
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}


async def test_the_description_promises_a_key_against_repeats_where_it_counts(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        paths = (await (await http.get("/api/openapi.json")).json())["paths"]
    posts = {
        path: {one["name"] for one in item["post"]["parameters"]} for path, item in paths.items() if "post" in item
    }
    once = {path for path, named in posts.items() if "Idempotency-Key" in named}

    changing = (
        "/api/orders", "/api/imports", "/api/candidates", "/api/handovers", "/api/cases", "/api/tasks",
        "/api/processes", "/api/texts", "/api/replies", "/api/reply-templates", "/api/robots", "/api/robot-items",
    )  # fmt: skip
    assert once == {path for path in posts if path.startswith(changing)} | {"/api/chat", "/api/notifications"}


async def test_files_are_described_as_what_they_are(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        paths = (await (await http.get("/api/openapi.json")).json())["paths"]
    drawing = paths["/api/processes/{name}/diagram.svg"]["get"]["responses"]["200"]["content"]

    assert list(drawing) == ["image/svg+xml"]


async def test_all_but_the_open_routes_ask_for_a_sign_in(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        document = await (await http.get("/api/openapi.json")).json()
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if operation["security"]:
                    response = await http.request(method, re.sub(r"{\w+}", "x", path), json={})
                    await problem(response, 401, "sign_in_required")
    assert {
        path
        for path, item in document["paths"].items()
        if any(not operation["security"] for operation in item.values())
    } == {
        *("/api/sessions", "/api/sessions/link", "/api/signin/options", "/api/demo/users"),
        *("/api/openapi.json", "/healthz", "/readyz"),
    }


@pytest.mark.parametrize("path", ["/", "/api/openapi.json", "/nowhere", "/static/signin.js", "/api/orders"])
async def test_every_answer_carries_the_strict_policy(gateway: Gateway, path: str) -> None:
    async with gateway.http(None) as http:
        response = await http.get(path)

    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-Id"])


async def test_problems_never_show_what_happened_inside(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("deskhand.gateway.chat_routes._conversations", broken)
    async with gateway.http("clerk") as http:
        response = await http.get("/api/conversations", headers={"X-Request-Id": "my-request-1"})
        body = await problem(response, 500, "internal_error")

    assert "secret" not in str(body) and body["data"] == {"request": "my-request-1"}


async def test_odd_requests_are_problems_too(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        await problem(await http.get("/api/nothing"), 404, "route_unknown")
        await problem(await http.put("/api/orders", json={}), 405, "method_not_allowed")
        await problem(await http.post("/api/orders", data=b"x" * (300 << 10)), 413, "request_too_large")
        await problem(await http.post("/api/orders", data="{", headers=_JSON), 422, "invalid_request")
        await problem(await http.post("/api/orders", data=b"[" * 50_000, headers=_JSON), 422, "invalid_request")
        await problem(await http.post("/api/orders", data="customer=x"), 422, "invalid_request")
        await problem(await http.get("/static/..%2f..%2fapp.py"), 404, "route_unknown")
        await problem(await http.get("/widget/index.html"), 404, "route_unknown")


_JSON = {"Content-Type": "application/json"}


async def test_ready_says_what_is_missing(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        alive, ready = await http.get("/healthz"), await http.get("/readyz")
        await gateway.rasa.stop()
        without = await http.get("/readyz")

        assert (alive.status, ready.status, without.status) == (200, 200, 503)
        assert await without.json() == {"ready": False, "database": True, "rasa": False}


async def test_metrics_count_routes_not_paths(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        await http.get("/api/orders/SO-4711")
        text = await (await http.get("/metrics")).text()

    assert 'deskhand_http_requests_total{method="GET",route="/api/orders/{number}",status="404"} 1.0' in text
    assert "SO-4711" not in text


async def test_metrics_are_for_nobody_whom_a_proxy_brings_from_outside(gateway: Gateway) -> None:
    brought = {"203.0.113.9": 404, "10.0.0.7": 200, "10.0.0.7, 203.0.113.9": 404, "nobody": 404}
    async with gateway.http(None) as http:
        found = {hop: (await http.get("/metrics", headers={"X-Forwarded-For": hop})).status for hop in brought}

    assert found == brought


async def test_pages_are_served_without_inline_script_or_style(gateway: Gateway) -> None:
    async with gateway.http(None, Cookie=f"deskhand_session={gateway.token()}") as http:
        for path in ("/", "/desk"):
            response = await http.get(path, allow_redirects=False)
            html = await response.text()
            assert response.status == 200 and response.content_type == "text/html"
            assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*src=)", html)
            for asset in re.findall(r'(?:src|href)="(/(?:static|widget)/[^"]+)"', html):
                assert (await http.get(asset)).status == 200, asset
