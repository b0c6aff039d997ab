"""A provider whose documents and keys are wrong, too large, too slow or lead elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from deskhand.gateway.oidc_http import LARGEST_ANSWER
from deskhand.gateway.oidc_routes import PROVIDERS
from tests.support.gateway import Gateway, Json, running_gateway
from tests.support.oidc import (
    ENVIRON,
    KEYS,
    SECRET,
    START,
    FakeProvider,
    audited,
    begin,
    company_file,
    open_company,
    refused,
    with_header,
)


@pytest.fixture
def gateway(two_companies: Gateway) -> Gateway:
    return two_companies


WRONG_DISCOVERY: list[Json] = [
    {"issuer": "https://evil.example"},
    {"issuer": None},
    {"token_endpoint": "http://evil.example/token"},
    {"token_endpoint": "file:///etc/passwd"},
    {"token_endpoint": None},
    {"jwks_uri": "http://10.0.0.1/keys"},
    {"jwks_uri": 5},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": "https://user:pass@evil.example/"},
    {"userinfo_endpoint": "ftp://evil.example"},
]


async def test_a_discovery_document_that_leads_elsewhere_is_refused(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        for fake.discovery in WRONG_DISCOVERY:
            gateway.clock.forward(seconds=3)  # a failure is remembered for a moment
            await refused(await http.get(START, allow_redirects=False), 502, "provider_unavailable", fake.discovery)

    assert len(audited(gateway)) == len(WRONG_DISCOVERY) == fake.asked.count("/.well-known/openid-configuration")


ANSWERS: dict[str, Callable[[], web.StreamResponse]] = {
    "huge": lambda: web.Response(body=b'{"keys": ["' + b"x" * LARGEST_ANSWER + b'"]}'),
    "redirect": lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/keys"}),
    "error": lambda: web.Response(status=500),
    "page": lambda: web.Response(text="<html>", content_type="text/html"),
    "list": lambda: web.json_response([]),
    "deep": lambda: web.Response(body=b"[" * 100_000),
    "no keys": lambda: web.json_response({}),
    "not UTF-8": lambda: web.Response(body=b'{"keys": "\xff"}'),
}


def _instead(path: str, answer: Callable[[], web.StreamResponse], asked: str) -> web.StreamResponse | None:
    return answer() if asked == path else None


@pytest.mark.parametrize("path", ["/keys", "/.well-known/openid-configuration"])
async def test_an_answer_that_is_too_large_or_none_is_refused(gateway: Gateway, fake: FakeProvider, path: str) -> None:
    async with gateway.http(None) as http:
        for kind, answer in ANSWERS.items():
            gateway.clock.forward(seconds=3)
            fake.answer = partial(_instead, path, answer)
            response = await http.get(START, allow_redirects=False)
            if path == "/keys":
                response = await http.get(fake.back(response.headers["Location"]))
            await refused(response, 502, "provider_unavailable", kind)

    assert len(audited(gateway)) == len(ANSWERS) == fake.asked.count(path)


@pytest.mark.parametrize("path", ["/keys", "/token", "/.well-known/openid-configuration"])
async def test_a_provider_that_does_not_answer_keeps_nobody_waiting(
    gateway: Gateway, fake: FakeProvider, path: str
) -> None:
    gateway.app[PROVIDERS].http.seconds = 0.2
    fake.slow[path] = asyncio.Event()  # never set before the end
    async with gateway.http(None) as http:
        response = await http.get(START, allow_redirects=False)
        if response.status == 303:
            response = await http.get(fake.back(response.headers["Location"]))
        await refused(response, 502, "provider_unavailable")

    assert audited(gateway) == [("provider_unavailable", "no answer in time")]


async def test_keys_are_kept_and_fetched_again_for_an_unknown_one_once_a_minute(
    gateway: Gateway, fake: FakeProvider
) -> None:
    def fetched() -> int:
        return fake.asked.count("/keys")

    async with gateway.http(None) as http:
        await http.get(fake.back(await begin(http)))
        await http.get(fake.back(await begin(http)))
        assert fetched() == 1 and fake.asked.count("/.well-known/openid-configuration") == 1

        fake.sign = with_header(kid="rsa-2")
        await refused(await http.get(fake.back(await begin(http))), 403, "identity_refused")
        assert fetched() == 1  # they are younger than a minute
        gateway.clock.forward(seconds=61)
        for _ in range(3):
            await refused(await http.get(fake.back(await begin(http))), 403, "identity_refused")
        assert fetched() == 2

        gateway.clock.forward(seconds=61)
        fake.keys = [KEYS.public(kid="rsa-2")]  # the provider has changed its key
        assert (await http.get(fake.back(await begin(http)))).status == 200
        assert fetched() == 3


WRONG_KEYS: list[list[Any]] = [
    [],
    [KEYS.public(use="enc")],
    [KEYS.public(alg="PS256")],
    [KEYS.public(key_ops=["encrypt"])],
    [KEYS.public("ec", kid="rsa-1")],
    [{"kty": "oct", "k": "c2VjcmV0", "kid": "rsa-1"}],
    [KEYS.public(n="AQAB")],
    [KEYS.public(n="!!")],
    [KEYS.public(n=5)],
    [KEYS.public(e="")],
    [KEYS.public(), KEYS.public(n="AQAB")],  # two of one name
    ["rsa-1", None, 5],
]


async def test_keys_that_are_not_for_this_let_nobody_in(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        for fake.keys in WRONG_KEYS:
            gateway.clock.forward(hours=2)
            await refused(await http.get(fake.back(await begin(http))), 403, "identity_refused", fake.keys)

    assert len(audited(gateway)) == len(WRONG_KEYS) == fake.asked.count("/keys")


async def test_a_token_without_kid_is_taken_where_there_is_only_one_key(gateway: Gateway, fake: FakeProvider) -> None:
    fake.sign = with_header()
    async with gateway.http(None) as http:
        assert (await http.get(fake.back(await begin(http)))).status == 200
        fake.keys = [KEYS.public(), KEYS.public(kid="rsa-2")]
        gateway.clock.forward(hours=2)
        await refused(await http.get(fake.back(await begin(http))), 403, "identity_refused")


async def test_the_secret_is_in_the_form_where_the_provider_wants_it_there(
    gateway: Gateway, fake: FakeProvider
) -> None:
    fake.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    async with gateway.http(None) as http:
        assert (await http.get(fake.back(await begin(http)))).status == 200

    assert fake.forms[0]["client_secret"] == SECRET and fake.forms[0]["authorization"] is None


async def test_without_its_secret_nobody_is_asked_and_the_operator_reads_which_is_missing(
    tmp_path: Path, fake: FakeProvider, caplog: pytest.LogCaptureFixture
) -> None:
    desk = open_company(tmp_path, fake.clock, demo=company_file(fake.issuer))
    async with running_gateway(tmp_path, fake.clock, desk, environ={}) as gateway, gateway.http(None) as http:
        await refused(await http.get(fake.back(await begin(http))), 502, "provider_unavailable")
    desk.close()

    assert not fake.forms and "OIDC_TEST_SECRET is not set" in caplog.text


async def test_over_https_no_other_host_can_plant_the_cookie(tmp_path: Path, fake: FakeProvider) -> None:
    desk = open_company(tmp_path, fake.clock, demo=company_file(fake.issuer))
    public = "https://desk.example.com"
    async with running_gateway(tmp_path, fake.clock, desk, environ=ENVIRON, public_url=public) as gateway:
        async with ClientSession() as http, http.get(_local(gateway) + START, allow_redirects=False) as response:
            cookie = response.headers["Set-Cookie"]
    desk.close()

    assert cookie.startswith("__Host-deskhand_oidc=") and "Secure" in cookie and "Path=/" in cookie


def _local(gateway: Gateway) -> str:
    return f"http://127.0.0.1:{gateway.settings.port}"
