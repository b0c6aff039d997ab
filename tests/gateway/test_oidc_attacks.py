"""A provider, a browser or a third site that does wrong: each is refused with a page, and stands in the audit."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deskhand.gateway.oidc_flow import is_local
from tests.support.gateway import PASSWORD, Clock, Gateway, Json, problem, running_gateway
from tests.support.oidc import (
    ENVIRON,
    KEYS,
    START,
    FakeProvider,
    audited,
    basic,
    begin,
    company_file,
    open_company,
    refused,
    with_header,
)


@pytest.fixture
def gateway(two_companies: Gateway) -> Gateway:
    return two_companies


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(claims: Json) -> str:
    return jwt.encode(claims, None, algorithm="none")


def with_public_key_as_secret(claims: Json) -> str:
    """RFC 8725, 2.1: a library that lets the token choose would take the public key for an HMAC secret."""
    pem = KEYS.private["rsa"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = b64(json.dumps({"alg": "HS256", "kid": "rsa-1", "typ": "JWT"}).encode())
    signed = f"{head}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(hmac.new(pem, signed.encode(), hashlib.sha256).digest())}"


def by_a_stranger(claims: Json) -> str:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "rsa-1"})


def changed_afterwards(claims: Json) -> str:
    head, _, signature = with_header(kid="rsa-1")(claims).split(".")
    return f"{head}.{b64(json.dumps(claims | {'groups': ['desk-managers']}).encode())}.{signature}"


async def test_all_is_well_when_the_provider_is_right(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        response = await http.get(fake.back(await begin(http)))
        user = (await (await http.get("/api/session")).json())["user"]

    assert response.status == 200 and user["role"] == "sales"
    assert basic(fake.forms[0]["authorization"]).login == "desk"
    assert (
        fake.forms[0]["authorization"].split()[1] == base64.b64encode(b"desk:s3cret%3Awith%2Fodd%2Bchars%2540").decode()
    )


UNSIGNED: dict[str, Callable[[Json], Any]] = {
    "alg none": unsigned,
    "HS256 with the public key": with_public_key_as_secret,
    "another key": by_a_stranger,
    "changed afterwards": changed_afterwards,
    "unknown kid": with_header(kid="nobody"),
    "crit": with_header(kid="rsa-1", crit=["exp"]),
    "RS512": lambda claims: jwt.encode(claims, KEYS.private["rsa"], algorithm="RS512", headers={"kid": "rsa-1"}),
    "garbage": lambda claims: "not.a.token",
    "empty": lambda claims: "",
    "a number": lambda claims: 17,
    "missing": lambda claims: None,
    "long": lambda claims: "x" * 50_000,
}


async def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        for kind, sign in UNSIGNED.items():
            fake.sign = sign
            await refused(await http.get(fake.back(await begin(http))), 403, "identity_refused", kind)

    assert [code for code, _ in audited(gateway)] == ["identity_refused"] * len(UNSIGNED)


SOON, LATER = 59, 61
NOW = int(Clock().now.timestamp())


WRONG_CLAIMS: list[Json] = [
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": "another-client"},
    {"aud": ["another-client"]},
    {"aud": []},
    {"aud": None},
    {"aud": ["desk", "another-client"]},  # and no azp
    {"aud": ["desk", "another-client"], "azp": "another-client"},
    {"azp": "another-client"},
    {"nonce": "another"},
    {"nonce": None},
    {"nonce": 5},
    {"exp": NOW - LATER},
    {"exp": None},
    {"exp": "never"},
    {"exp": True},
    {"iat": NOW + LATER},
    {"iat": None},
    {"nbf": NOW + LATER},
    {"nbf": "soon"},
    {"at_hash": "another"},
    {"at_hash": None, "nonce": ["a"]},
    {"sub": None},
    {"sub": ""},
    {"sub": 5},
    {"sub": "x" * 256},
    {"sub": "ann\u0000"},
]


async def test_a_signed_token_with_a_wrong_claim_lets_nobody_in(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        for fake.claims in WRONG_CLAIMS:
            await refused(await http.get(fake.back(await begin(http))), 403, "identity_refused", fake.claims)
        await problem(await http.get("/api/session"), 401, "sign_in_required")

    assert [code for code, _ in audited(gateway)] == ["identity_refused"] * len(WRONG_CLAIMS)


RIGHT_CLAIMS: list[Json] = [
    {"exp": NOW - SOON},
    {"iat": NOW + SOON, "nbf": NOW + SOON},
    {"aud": ["desk", "another-client"], "azp": "desk"},
    {"aud": ["desk"]},
    {"at_hash": None},
]


async def test_a_clock_that_is_a_minute_off_and_other_allowed_forms_do_no_harm(
    gateway: Gateway, fake: FakeProvider
) -> None:
    async with gateway.http(None) as http:
        for fake.claims in RIGHT_CLAIMS:
            assert (await http.get(fake.back(await begin(http)))).status == 200, fake.claims


STRANGE_GROUPS: list[tuple[Any, str]] = [
    (None, "no_role_given"),
    ([], "no_role_given"),
    ("desk", "no_role_given"),
    (["Desk-Managers", " desk-managers", "desk-managers/x"], "no_role_given"),
    ({"desk-managers": True}, "identity_refused"),
    ([["desk-managers"]], "identity_refused"),
    (["desk-managers", 5], "identity_refused"),
    (5, "identity_refused"),
    (True, "identity_refused"),
    (["desk-managers"] * 2001, "identity_refused"),
]


async def test_strange_groups_give_no_role(gateway: Gateway, fake: FakeProvider) -> None:
    fake.userinfo = {"sub": "subject-of-ann"}
    async with gateway.http(None) as http:
        for groups, code in STRANGE_GROUPS:
            fake.claims = {"groups": groups}
            await refused(await http.get(fake.back(await begin(http))), 403, code, str(groups)[:80])

    assert [code for code, _ in reversed(audited(gateway))] == [code for _, code in STRANGE_GROUPS]


async def test_userinfo_of_somebody_else_gives_no_role(gateway: Gateway, fake: FakeProvider) -> None:
    fake.claims = {"groups": None}
    async with gateway.http(None) as http:
        for fake.userinfo in ({"sub": "somebody else", "groups": ["desk-sales"]}, {"groups": ["desk-sales"]}):
            await refused(await http.get(fake.back(await begin(http))), 403, "identity_refused")


async def test_userinfo_cannot_take_the_place_of_what_is_signed(gateway: Gateway, fake: FakeProvider) -> None:
    fake.claims = {"groups": None}
    fake.userinfo = {"sub": "subject-of-ann", "groups": ["desk-sales"], "name": "Mallory", "email": "m@evil.example"}
    async with gateway.http(None) as http:
        await http.get(fake.back(await begin(http)))
        user = (await (await http.get("/api/session")).json())["user"]

    assert (user["name"], user["role"]) == ("Ann Meier", "sales")


async def test_names_from_outside_are_cleaned(gateway: Gateway, fake: FakeProvider) -> None:
    fake.claims = {"name": "Ann\u202e\u0000 <b>\n Meier" + "x" * 500, "preferred_username": "/an n\u0007", "email": 5}
    async with gateway.http(None) as http:
        await http.get(fake.back(await begin(http)))
        user = (await (await http.get("/api/session")).json())["user"]

    assert user["name"].startswith("Ann <b> Meierxxx") and len(user["name"]) == 120
    assert user["login"] == "an-n"


# --- the browser and other sites


async def test_an_answer_without_state_or_with_another_is_refused(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        start = await begin(http)
        for state in (None, "", "another", "状态"):
            await refused(await http.get(fake.back(start, state=state)), 400, "sign_in_forged")

        assert not fake.forms
        assert {code for code, _ in audited(gateway)} == {"sign_in_forged"}
        assert (await http.get(fake.back(start))).status == 200  # what others tried has not ended it


async def test_an_answer_in_another_browser_is_refused(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as mallorys, gateway.http(None) as anns:
        planted = fake.back(await begin(mallorys))

        await refused(await anns.get(planted), 400, "sign_in_forged")
        await begin(anns)
        await refused(await anns.get(planted), 400, "sign_in_forged")
    assert not fake.forms


async def test_a_sign_in_is_answered_once_even_with_the_old_cookie(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        async with http.get(START, allow_redirects=False) as response:
            start, cookie = response.headers["Location"], response.headers["Set-Cookie"].split(";")[0]
    answer = fake.back(start)
    async with gateway.http(None, Cookie=cookie) as http:
        assert (await http.get(answer)).status == 200
        await refused(await http.get(answer), 400, "sign_in_forged")
        await refused(await http.get(fake.back(start)), 400, "sign_in_forged")
    assert len(fake.forms) == 1


async def test_two_answers_at_once_let_in_once(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        async with http.get(START, allow_redirects=False) as response:
            start, cookie = response.headers["Location"], response.headers["Set-Cookie"].split(";")[0]
    async with gateway.http(None, Cookie=cookie) as http:
        answers = await asyncio.gather(*(http.get(fake.back(start)) for _ in range(4)))

    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400]


async def test_a_code_that_was_used_is_refused_by_the_provider_and_told_as_such(
    gateway: Gateway, fake: FakeProvider
) -> None:
    async with gateway.http(None) as http:
        answer = fake.back(await begin(http))
        fake.codes.clear()
        await refused(await http.get(answer), 403, "identity_refused")

    assert audited(gateway) == [("identity_refused", "the provider refused the code: invalid_grant")]


async def test_a_sign_in_is_over_after_ten_minutes(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        answer = fake.back(await begin(http))
        gateway.clock.forward(minutes=10, seconds=1)
        await refused(await http.get(answer), 400, "sign_in_forged")


async def test_a_cookie_that_is_not_ours_is_refused(gateway: Gateway, fake: FakeProvider) -> None:
    async with gateway.http(None) as http:
        answer = fake.back(await begin(http))
    for cookie in ("", "x", "gAAAAA" + "B" * 200, "é"):
        async with gateway.http(None, Cookie=f"deskhand_oidc={cookie}") as http:
            await refused(await http.get(answer), 400, "sign_in_forged", cookie)


async def test_the_answer_of_one_companys_provider_is_none_for_another_company(
    gateway: Gateway, fake: FakeProvider, second: FakeProvider
) -> None:
    async with gateway.http(None) as http:
        mine = fake.back(await begin(http))
        at_the_others = mine.replace("/callback/demo", "/callback/other")
        await refused(await http.get(at_the_others), 400, "sign_in_forged")
        await refused(await http.get(fake.back(await begin(http), iss=second.issuer)), 403, "identity_refused")
        await refused(await http.get(fake.back(await begin(http), iss=None)), 403, "identity_refused")

    assert not fake.forms and not second.forms  # no code went anywhere
    assert [code for code, _ in audited(gateway, "other")] == ["sign_in_forged"]


async def test_a_provider_that_never_names_itself_is_taken_without(gateway: Gateway, fake: FakeProvider) -> None:
    fake.discovery = {"authorization_response_iss_parameter_supported": None}
    async with gateway.http(None) as http:
        assert (await http.get(fake.back(await begin(http), iss=None))).status == 200


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "desk",
    "javascript:alert(1)",
    '/desk"><script>',
    "/desk;url=//evil.example",
    "/" + "x" * 600,
    "",
]


async def test_nobody_is_sent_on_to_another_site(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        for following in ELSEWHERE:
            response = await http.get("/signin/oidc", params={"next": following}, allow_redirects=False)
            await refused(response, 422, "invalid_request", following)

    assert not is_local("/\t/evil.example")  # browsers leave the tab out; such an address is refused before


async def test_a_company_without_a_provider_offers_none(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        for tenant in ("nowhere", "", "../demo"):
            response = await http.get("/signin/oidc", params={"tenant": tenant}, allow_redirects=False)
            await refused(response, 404, "sign_in_not_offered")
        await refused(await http.get("/signin/oidc/callback/nowhere"), 404, "sign_in_not_offered")


async def test_the_providers_errors_are_named_and_nothing_of_theirs_is_shown(
    gateway: Gateway, fake: FakeProvider
) -> None:
    async with gateway.http(None) as http:
        answer = fake.back(await begin(http), error="<img src=x>", error_description="<script>", code=None)
        response = await http.get(answer)
        await refused(response, 403, "sign_in_denied")
        assert "<img" not in await response.text() and "<script" not in await response.text()

    assert audited(gateway) == [("sign_in_denied", "another error")]


async def test_where_the_provider_is_the_only_way_in_no_password_opens(tmp_path: Path, fake: FakeProvider) -> None:
    text = company_file(fake.issuer).replace("sign_in:\n", "sign_in:\n  password: false\n")
    desk = open_company(tmp_path, fake.clock, demo=text)
    async with running_gateway(tmp_path, fake.clock, desk, environ=ENVIRON) as gateway, gateway.http(None) as http:
        response = await http.post("/api/sessions", json={"login": "clerk", "password": PASSWORD})
        await problem(response, 401, "sign_in_refused")
        assert (await (await http.get("/api/signin/options")).json())["password"] is False
        assert (await http.get(fake.back(await begin(http)))).status == 200
    desk.close()
