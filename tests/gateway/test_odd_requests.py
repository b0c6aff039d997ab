"""Odd requests: forged lines, methods in disguise, addresses that lead away. None is obeyed, and none makes a noise."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from aiohttp import FormData
from yarl import URL

from tests.support.attacks import attackers
from tests.support.gateway import TENANT, Gateway, problem, running_gateway
from tests.support.keys import routes
from tests.support.log import service_log

ESCAPE, NEXT_LINE, TURN = "\x1b[2J\x1b[31m", "\u0085", "\u202e"
RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w.]+: \S")


async def raw(gateway: Gateway, request: bytes) -> tuple[int, bytes]:
    """What comes back when these bytes are sent; status 0: the line was closed without an answer."""
    url = urlsplit(gateway.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        writer.write(request)
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(), timeout=30)
    finally:
        writer.close()
        await writer.wait_closed()
    return int(answer.split(b" ", 2)[1]) if answer else 0, answer


def get(path: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    return b"\r\n".join([method + b" " + path + b" HTTP/1.1", b"Host: desk", b"Connection: close", *headers, b"", b""])


def post(*headers: bytes, body: bytes = b"{}") -> bytes:
    return get(b"/api/sessions", *headers, method=b"POST") + body


BEARER = b"Authorization: Bearer %b"
ODD_LINES = {
    "control characters in the id": get(b"/api/orders", b"X-Request-Id: a\x1b[31mbcdefgh"),
    "a line break in the id": get(b"/api/orders", b"X-Request-Id: abcdefgh\nX-Admin: 1"),
    "a folded header": get(b"/api/orders", b"X-Request-Id: abcdefgh\r\n  ERROR forged"),
    "no UTF-8 in the id": get(b"/api/orders", b"X-Request-Id: \xff\xfe\xfdabcdef"),
    "no UTF-8 as a token": get(b"/api/orders", b"Authorization: Bearer \xff.\xfe.\xfd"),
    "no UTF-8 as a key": get(b"/api/orders", b"Authorization: Bearer dhk_\xff\xfe"),
    "no UTF-8 as a cookie": get(b"/api/orders", b"Cookie: deskhand_session=\xff\xfe; __Host-deskhand_session=\xff"),
    "no UTF-8 as an idempotency key": get(b"/api/orders", b"Idempotency-Key: \xff\xfe"),
    "no UTF-8 in an origin": post(b"Origin: http://\xff", b"Content-Length: 2"),
    "no UTF-8 in an address": get(b"/api/orders/\xff\xfe"),
    "an escape in an address": get(b"/api/orders/SO-1%1b%5b31m"),
    "a line break in an address": get(b"/api/orders/SO-1%0d%0aERROR%20forged"),
    "NUL in an address": get(b"/api/orders/SO-1%00"),
    "a turned text in an address": get(b"/api/orders/%E2%80%AE1-OS"),
    "half a character in an address": get(b"/api/orders/%ED%A0%80"),
    "a line break in a query": get(b"/api/orders?status=%0aERROR"),
    "a host that is none": get(b"/api/orders").replace(b"Host: desk", b"Host: a:b:c"),
    "a host with no port that there is": get(b"/signin/oidc").replace(b"Host: desk", b"Host: desk:99999"),
    "a host in empty brackets": get(b"/signin/oidc").replace(b"Host: desk", b"Host: [:]"),
    "a host with a path": get(b"/desk").replace(b"Host: desk", b"Host: evil.example/x"),
    "two lengths": post(b"Content-Length: 2", b"Content-Length: 3"),
    "length and chunks": post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "a bad chunk": post(b"Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n0\r\n"),
    "a packed body": post(b"Content-Encoding: gzip", b"Content-Length: 2"),
    "an unknown packing": post(b"Content-Encoding: br", b"Content-Length: 2"),
    "a very long header": get(b"/api/orders", b"X-Long: " + b"x" * 100_000),
    "a very long address": get(b"/api/orders/" + b"x" * 100_000),
    "very many headers": get(b"/api/orders", *[b"X-%d: 1" % number for number in range(3000)]),
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a whole address": get(b"http://evil.example/api/orders"),
    "a connect": get(b"evil.example:443", method=b"CONNECT"),
    "an odd method": get(b"/api/orders", method=b"GET\x1b[31m"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD_LINES)
async def test_an_odd_line_is_refused_without_a_trace_of_it_in_the_log(gateway: Gateway, kind: str) -> None:
    with service_log() as log:
        status, answer = await raw(gateway, ODD_LINES[kind])

    assert status == 0 or 400 <= status < 500, answer[:300]
    assert b"Traceback" not in answer and b"\x1b" not in answer
    for line in log.getvalue().splitlines():
        assert RECORD.match(line) and "Traceback" not in line and "\x1b" not in line, line
        assert " ERROR " not in line, line


@pytest.mark.parametrize("kind", ["a packed body", "a bad chunk"])
async def test_a_bodys_packing_is_refused_for_people_who_are_signed_in_too(gateway: Gateway, kind: str) -> None:
    request = ODD_LINES[kind].replace(b"/api/sessions", b"/api/orders")
    with service_log() as log:
        bearer = BEARER % gateway.token().encode()
        status, answer = await raw(gateway, request.replace(b"Host: desk", b"Host: desk\r\n" + bearer))

    assert 400 <= status < 500, answer
    assert "Traceback" not in log.getvalue() and " ERROR " not in log.getvalue()


async def test_whatever_people_write_stays_on_one_line_of_the_log(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = f"x\r\n2026-01-01 00:00:00,000 ERROR deskhand: forged {ESCAPE}{NEXT_LINE}{TURN}"

    def broken(*_: object) -> None:
        raise RuntimeError(evil)

    monkeypatch.setattr("deskhand.gateway.chat_routes._conversations", broken)
    form = FormData()
    form.add_field("file", b"a,b\n1,2\n", filename="x.csv")
    async with gateway.http("clerk") as http:
        with service_log() as log:
            await problem(await http.get("/api/conversations"), 500, "internal_error")
            await http.post("/api/sessions", json={"login": evil, "password": evil, "tenant": evil})
            await http.post("/api/sessions/link", json={"token": evil})
            await http.post("/api/chat", json={"id": "m-1", "text": evil})
            await http.post("/api/orders/import", data=form, params={"source": "x", "currency": "POUND"})
            await http.post("/api/orders/SO-1/cancel", json={"reason": evil})
            await http.get("/api/orders", headers={"Authorization": "Bearer dhk_nowhere." + "0" * 24 + "_" + "0" * 64})

    lines = log.getvalue().split("\n")[:-1]
    assert lines, "the 500 is logged"
    assert all(RECORD.match(line) for line in lines), lines
    assert not any(character in log.getvalue() for character in ("\x1b", NEXT_LINE, TURN, "\r"))
    assert not [line for line in lines if line.startswith("2026-01-01")]


async def test_the_audit_keeps_odd_words_as_they_are_and_shows_them_without_harm(gateway: Gateway) -> None:
    async with gateway.http("warehouse") as http:
        given = {"X-Request-Id": "attack/../0001"}  # not one of ours: a new one is made
        response = await http.post("/api/orders/SO-9%27%3B--/confirm", json={}, headers=given)
        assert response.headers["X-Request-Id"] != given["X-Request-Id"]

    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        row = uow.audit.list(cause=response.headers["X-Request-Id"])[0]
    assert (row.actor, row.outcome, row.target) == ("warehouse", "refused", "SO-9';--")


TABLE = {(route.method, route.path) for route in routes()}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "QUERY")


async def test_a_method_that_is_not_in_the_table_does_nothing(gateway: Gateway) -> None:
    async with gateway.http("admin") as http:
        for path in sorted({path for _, path in TABLE}):
            for method in METHODS:
                if (method.upper(), path) in TABLE or (method == "HEAD" and ("GET", path) in TABLE):
                    continue
                address = re.sub(r"{\w+}", "SO-1", path)
                async with http.request(method, address, allow_redirects=False) as response:
                    assert response.status in {404, 405}, (method, path, response.status)


@pytest.mark.parametrize(
    "header",
    ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method", "X-Original-URL", "X-Rewrite-URL"],
)
async def test_no_header_turns_one_request_into_another(gateway: Gateway, header: str) -> None:
    async with gateway.http("clerk") as http:
        told = await (await http.post("/api/chat", json={"id": "m-1", "text": "hello"})).json()
        conversation = f"/api/conversations/{told['conversation']}"
        for value in ("DELETE", conversation, "/api/keys"):
            response = await http.get("/api/conversations?_method=DELETE", headers={header: value})
            assert [one["id"] for one in (await response.json())["items"]] == [told["conversation"]]
        odd = await http.post(conversation, headers={header: "DELETE"}, data={"_method": "DELETE"})

        assert odd.status == 405 and (await http.get(conversation)).status == 200


AWAY = [
    "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example", "/%2f%2fevil",
    "https://evil.example", "https:evil.example", "http:///evil.example", "//evil.example/%2e%2e", "/%5cevil.example",
    "%2f%2fevil.example", "//evil%E3%80%82example", "javascript:alert(1)", "data:text/html,x", "/desk@evil.example",
    "/\t/evil.example", "/desk\r\nLocation: https://evil.example", ".evil.example", "@evil.example",
]  # fmt: skip
NAMES = (
    "next",
    "return",
    "return_to",
    "returnUrl",
    "redirect",
    "redirect_uri",
    "url",
    "continue",
    "to",
    "token",
    "tenant",
)
PAGES = sorted(route.path for route in routes() if route.page and route.path != "/metrics")


def stays_here(gateway: Gateway, location: str) -> bool:
    """As a browser understands it: backslashes are slashes, and tabs and line breaks are not there."""
    seen = re.sub(r"[\t\r\n]", "", location).replace("\\", "/")
    return urlsplit(urljoin(f"{gateway.url}/desk", seen)).netloc == urlsplit(gateway.url).netloc


@pytest.mark.parametrize("demo", [True, False])
async def test_no_page_sends_anybody_away(tmp_path: Path, demo: bool) -> None:
    async with running_gateway(tmp_path, settings={"demo": demo}) as gateway, attackers(gateway, "customer") as signed:
        async with gateway.http(None) as nobody:
            for http in (nobody, signed[0][1]):
                for path in PAGES:
                    place = path.replace("{name}", "desk.js").replace("{tenant}", TENANT)
                    for value in AWAY:
                        query = {name: value for name in NAMES}
                        response = await http.get(place, params=query, allow_redirects=False)
                        location = response.headers.get("Location", "/")
                        assert stays_here(gateway, location), (path, value, location)
                        assert response.status < 500 and "evil" not in response.headers.get("Refresh", "")


async def test_no_address_is_itself_a_way_out(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        for value in AWAY:
            for before in ("", "/desk", "/signin", "/static"):
                address = URL(gateway.url + "/" + before + value.encode("unicode_escape").decode(), encoded=True)
                response = await http.get(address, allow_redirects=False, headers={"Host": "127.0.0.1"})
                assert response.status < 500
                assert "evil" not in response.headers.get("Location", ""), (before, value)


async def test_a_foreign_host_is_in_no_redirect(gateway: Gateway) -> None:
    forwarded = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    async with gateway.http(None) as http:
        for path in PAGES:
            place = path.replace("{name}", "desk.js").replace("{tenant}", TENANT)
            response = await http.get(gateway.url + place, headers=forwarded, allow_redirects=False)
            assert "evil" not in response.headers.get("Location", ""), path
            assert "evil" not in response.headers.get("Set-Cookie", ""), path
