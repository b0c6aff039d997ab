"""Nobody reaches what is somebody else's: every address is tried, and a new one without an attack fails here."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from yarl import URL

from deskhand.gateway.route import Route
from tests.support.attacks import (
    IDEMPOTENCY,
    MARK,
    NO_ORDER,
    NOTHING,
    OTHER,
    TEMPLATE,
    attackers,
    body_of,
    footprint,
    missing,
    own,
    victim_of,
)
from tests.support.gateway import PASSWORD, TENANT, Gateway
from tests.support.keys import routes

EVERYBODY = (
    "customer",
    "key",
    "other victim",
    "other clerk",
    "other warehouse",
    "other finance",
    "other admin",
    "other key",
)
COLLEAGUES = ("customer", "other victim", "other admin")
PROCESSES = ("/api/processes/", "/api/exports/")  # every company has them, under the same names: they are nobody's
NAMED = [each for each in routes() if "{" in each.path and not each.public and not each.path.startswith(PROCESSES)]
LISTS = [route for route in routes() if "{" not in route.path and route.method == "GET" and not route.public]
ORDER = {"lines": [{"sku": "PAPER-A4", "quantity": "1"}]}
LENT = {"delegate": "clerk", "until": "2026-12-01"}

Try = tuple[str, Any]  # what is sent, and the same for a thing that nobody has
WRITES: dict[tuple[str, str], Any] = {
    ("POST", "/api/orders"): lambda victim, thing: {"customer": thing or "victim-co", **ORDER},
    ("POST", "/api/orders/import"): lambda victim, thing: {
        "number": "X-1", "customer": thing or f"{MARK} Ltd", "total": "1", "tenant": TENANT
    },
    ("POST", "/api/imports"): lambda victim, thing: {"file": thing or victim.job},
    ("POST", "/api/chat"): lambda victim, thing: {
        "id": "a-1", "text": "hello", "conversation": thing or victim.conversation
    },
    ("POST", "/api/notifications"): lambda victim, thing: {"to": f"user:{thing or f'{TENANT}-only'}", "en": "x"},
    ("POST", "/api/notifications/acknowledge"): lambda victim, thing: {"seq": 10**6, "user": thing or "victim"},
    ("POST", "/api/sessions"): lambda victim, thing: {
        "login": thing or "clerk", "password": PASSWORD, "tenant": OTHER
    },
    ("POST", "/api/messengers"): lambda victim, thing: {"token": thing or victim.token},
    ("POST", "/api/sessions/link"): lambda victim, thing: {"token": thing or victim.token},
    ("POST", "/api/keys"): lambda victim, thing: {
        "name": "x", "role": "customer", "scopes": ["orders:read"], "customer": thing or "victim-co"
    },
    ("POST", "/api/texts"): lambda victim, thing: {
        "kind": "customer_reply", "about": NO_ORDER if thing else victim.order
    },
    ("POST", "/api/replies"): lambda victim, thing: {
        "message": "where is it?", "order": NO_ORDER if thing else victim.order
    },
    ("POST", "/api/reply-templates"): lambda victim, thing: {  # kinds of inquiry are the house's: no wording gets in
        "inquiry": TEMPLATE.split("/")[0], "language": "en", "text": f"Dear {MARK}, {thing or victim.order}"
    },
    ("POST", "/api/delegations"): lambda victim, thing: {**LENT, "away": thing or f"{TENANT}-only"},
}  # fmt: skip
OF_ONES_OWN = {  # nothing in them names anything: they are about who asks, and are tried as such
    ("POST", "/api/sessions/renew"),
    ("DELETE", "/api/sessions"),
    ("DELETE", "/api/sessions/all"),
    ("POST", "/api/password"),
    ("PUT", "/api/notifications/preferences"),
}
OF_MESSENGERS = {("POST", "/slack"), ("POST", "/teams")}  # signed by them, and attacked in `messengers`


def key_of(route: Route) -> tuple[str, str]:
    return route.method, route.path


def test_every_address_has_an_attack() -> None:
    tried = {key_of(route) for route in [*NAMED, *LISTS]} | set(WRITES) | OF_ONES_OWN | OF_MESSENGERS
    tried |= {key_of(route) for route in routes() if route.path.startswith(PROCESSES)}
    reading = {key_of(route) for route in routes() if route.public and route.method == "GET"}

    assert {key_of(route) for route in routes()} - reading == tried - reading


class Asked:
    """Asks with a request id of its own each time, and remembers who was refused what."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.refused: list[tuple[str, str, str]] = []
        self._numbers = itertools.count()

    async def __call__(self, who: str, http: ClientSession, method: str, path: str, body: Any, **headers: str) -> Any:
        cause = f"attack-{next(self._numbers):06}"
        sent = {"X-Request-Id": cause, **headers}
        async with http.request(method, path, json=body, headers=sent, allow_redirects=False) as response:
            text = await response.text()
            if response.status in {403, 404}:
                self.refused.append((who, cause, f"{method} {path}: {text}"))
            return response.status, text

    def without_audit(self) -> list[tuple[str, str, str]]:
        """Refusals that nobody would find afterwards."""
        causes = set()
        for tenant in (TENANT, OTHER):
            with self.gateway.desk.unit_of_work(tenant, read_only=True) as uow:
                rows = uow.audit.list(limit=100_000)
            causes |= {(tenant, row.cause) for row in rows if row.outcome == "refused"}
        tenants = {who: OTHER if who.startswith("other") else TENANT for who, _, _ in self.refused}
        return [each for each in self.refused if (tenants[each[0]], each[1]) not in causes]


def quiet(caplog: pytest.LogCaptureFixture) -> bool:
    """Nothing that was tried came unforeseen."""
    return not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("who", EVERYBODY)
async def test_what_is_somebody_elses_looks_as_if_it_were_not_there(
    gateway: Gateway, tmp_path: Path, caplog: pytest.LogCaptureFixture, who: str
) -> None:
    victim = await victim_of(gateway)
    async with attackers(gateway, who) as clients:
        before, ask = footprint(tmp_path), Asked(gateway)
        for route in NAMED:
            body = body_of(route)
            theirs = await ask(who, clients[0][1], route.method, own(route, victim), body)
            nobodys = await ask(who, clients[0][1], route.method, missing(route), body)

            assert theirs[0] in {403, 404}, (route.method, route.path, theirs)
            assert named(theirs, own(route, victim)) == named(nobodys, missing(route)), route.path
            assert not [secret for secret in victim.secrets if secret in without(theirs[1], own(route, victim))]

    assert before <= footprint(tmp_path)
    assert not ask.without_audit()
    assert quiet(caplog)


def named(answer: tuple[int, str], address: str) -> tuple[int, str]:
    return answer[0], without(answer[1], address)


def without(text: str, address: str) -> str:
    """The answer with what was asked for taken out."""
    for part in re.split("[/.]", address):
        if part.startswith(("SO-", "PA-")) or len(part) >= 24 or part == TEMPLATE.partition("/")[0]:
            text = text.replace(part, "IT")
    return text


@pytest.mark.parametrize("who", EVERYBODY)
async def test_no_list_shows_what_is_somebody_elses(
    gateway: Gateway, tmp_path: Path, caplog: pytest.LogCaptureFixture, who: str
) -> None:
    victim = await victim_of(gateway)
    asked_for = {
        "customer": "victim-co", "customer_id": "victim-co", "user": "victim", "user_id": "victim", "tenant": TENANT,
        "role": "admin", "audience": "customer:victim-co", "after": "0", "scope": "orders:read",
    }  # fmt: skip
    async with gateway.http("clerk") as clerk:
        cursor = (await (await clerk.get("/api/orders?limit=1")).json())["next"] or ""
    async with attackers(gateway, who) as clients:
        before, ask = footprint(tmp_path), Asked(gateway)
        for route in LISTS:
            for query in ({}, asked_for, {"cursor": cursor} if cursor else {}):
                path = route.path + "?" + "&".join(f"{name}={value}" for name, value in query.items())
                status, text = await ask(who, clients[0][1], "GET", path, None)

                assert status in {200, 403, 422}, (path, status, text)
                leaked = [secret for secret in [*victim.secrets, victim.order, victim.case] if secret in text]
                assert not leaked, (path, text)

    assert before <= footprint(tmp_path)
    assert not ask.without_audit()
    assert quiet(caplog)


@pytest.mark.parametrize("who", EVERYBODY)
async def test_no_body_reaches_what_is_somebody_elses(
    gateway: Gateway, tmp_path: Path, caplog: pytest.LogCaptureFixture, who: str
) -> None:
    victim = await victim_of(gateway)
    headers = {"Idempotency-Key": IDEMPOTENCY}
    async with attackers(gateway, who) as clients:
        before, ask = footprint(tmp_path), Asked(gateway)
        for (method, path), body in WRITES.items():
            said = body(victim, None)
            theirs = await ask(who, clients[0][1], method, path, said, **headers)
            nobodys = await ask(who, clients[0][1], method, path, body(victim, NOTHING))

            assert theirs[0] in {401, 403, 404, 410, 422}, (path, theirs)
            if (who, path) != ("other victim", "/api/orders"):  # a customer of that id is who they say they are there
                assert refused_alike(theirs) == refused_alike(nobodys), path
            assert not [
                secret
                for secret in [*victim.secrets, victim.order, victim.case]
                if secret in without(theirs[1], "/".join(map(str, said.values())))
            ]

    after = footprint(tmp_path)
    assert before <= after
    assert not [row for row in after - before if row[0] in {"sales_order", "api_key", "delegation", "message", "card"}]
    assert not ask.without_audit()
    assert quiet(caplog)


def refused_alike(answer: tuple[int, str]) -> tuple[int, str]:
    text = answer[1]
    for word in ("victim-co", f"{MARK} Ltd", f"{TENANT}-only", NOTHING, NO_ORDER, "SO-1001"):
        text = text.replace(word, "IT")
    return answer[0], text


@pytest.mark.parametrize("who", COLLEAGUES)
async def test_signing_out_or_renewing_concerns_ones_own_session_alone(gateway: Gateway, who: str) -> None:
    victim = await victim_of(gateway)
    for method, path in sorted(OF_ONES_OWN):
        async with attackers(gateway, who) as clients:
            async with clients[0][1].request(method, path, json={"user": "victim", "id": victim.token}) as response:
                assert victim.token not in await response.text()

    async with gateway.http(None, Authorization=f"Bearer {victim.token}") as http:
        assert (await (await http.get("/api/session")).json())["user"]["tenant"] == TENANT


@pytest.mark.parametrize("who", ["customer", "other victim", "other admin"])
async def test_a_card_is_worth_nothing_to_anybody_else(gateway: Gateway, tmp_path: Path, who: str) -> None:
    victim = await victim_of(gateway)
    async with attackers(gateway, who) as clients:
        before, ask = footprint(tmp_path), Asked(gateway)
        answers = set()
        for number, card in enumerate((victim.card, NOTHING)):
            pressed = {"id": f"press-{number}", "card": {"id": card, "action": "confirm"}}
            status, text = await ask(who, clients[0][1], "POST", "/api/chat", pressed)
            answers.add((status, text.replace(card, "IT")))

    assert len(answers) == 1 and answers.pop()[0] == 404
    assert before <= footprint(tmp_path)
    assert not ask.without_audit()


@pytest.mark.parametrize("who", ["customer", "other victim", "other admin"])
async def test_the_same_message_id_shows_nobody_elses_answer(gateway: Gateway, who: str) -> None:
    victim = await victim_of(gateway)
    async with attackers(gateway, who) as clients:
        async with clients[0][1].post("/api/chat", json={"id": "client-1", "text": "hello"}) as response:
            text = await response.text()

    assert response.status == 200 and "heard: hello" in text
    assert not [secret for secret in victim.secrets if secret in text]


async def test_refused_sign_ins_tell_nobody_who_is_known(gateway: Gateway) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.users.set_active("finance", False)
        uow.commit()
    tries = [("clerk", TENANT), ("nobody", TENANT), ("finance", TENANT), ("clerk", OTHER), ("clerk", "nowhere")]
    answers = set()
    async with gateway.http(None) as http:
        for login, tenant in tries:
            response = await http.post("/api/sessions", json={"login": login, "password": "x", "tenant": tenant})
            headers = {name for name in response.headers if name not in {"Date", "X-Request-Id"}}
            answers.add((response.status, await response.text(), frozenset(headers)))

    assert len(answers) == 1 and NO_ORDER not in str(answers)


@pytest.mark.parametrize("folder", ["static", "widget"])
async def test_no_name_of_a_file_leads_out_of_its_folder(gateway: Gateway, folder: str) -> None:
    up = [
        "..%2fapp.py",
        "..%2f..%2fsettings.py",
        "%2e%2e%2f%2e%2e%2fapp.py",
        "..%5capp.py",
        "..%252fapp.py",
        "....//app.py",
    ]
    odd = [
        "index.html%00.js",
        ".",
        "..",
        "~",
        "CON",
        "index.html::$DATA",
        "desk.html/",
        "x" * 5000,
        "%ff",
        "C:%5cwindows",
    ]
    names = [*up, *odd, "%2fetc%2fpasswd", "app.py", ".env", "../gateway/app.py"]
    async with gateway.http("admin") as http:
        for name in names:
            address = URL(f"{gateway.url}/{folder}/{name}", encoded=True)
            response = await http.get(address, allow_redirects=False)
            text = await response.text()
            assert response.status in {404, 422}, name
            assert "import" not in text and "root:" not in text
