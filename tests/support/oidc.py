"""OpenID providers of the tests: the real one, which npm installs, and one of our own that does wrong when it is told.

Companies that sign in by them, too.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from aiohttp import BasicAuth, ClientResponse, ClientSession, web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from yarl import URL

from deskhand.store import Desk, load_tenants
from tests.support.deskhand import ROOT, free_ports
from tests.support.gateway import TENANT, Clock, Gateway, Json, open_desk

FOLDER = ROOT / "tests" / "gateway" / "oidc_provider"
SECRET_NAME = "OIDC_TEST_SECRET"
SECRET = "s3cret:with/odd+chars%40"
CLIENT = "desk"
ENVIRON = {SECRET_NAME: SECRET}
ROLES = "{desk-finance: finance, desk-managers: manager, desk-sales: sales}"
OLDEST_NODE = 20
START = "/signin/oidc?tenant=demo"


class Now(Clock):
    """The real time: a real provider's tokens are of now."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class NoProvider(Exception):
    """Why the real provider can't be started here."""


def company_file(issuer: str, **changes: str) -> str:
    """A tenant's file with this provider."""
    settings = {
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret_name": SECRET_NAME,
        "scopes": "[openid, profile, email, groups]",
        "roles": ROLES,
        "name": "Acme ID",
    } | changes
    lines = [f"    {name}: {value}\n" for name, value in settings.items() if value]
    return "name: Acme\nlanguages: [zh, en]\nsign_in:\n  oidc:\n" + "".join(lines)


def open_company(folder: Path, clock: Clock, **files: str) -> Desk:
    """The demo's store, whose tenants' files are these: id -> text."""
    desk = open_desk(folder, clock)
    for name, text in files.items():
        (folder / "tenants" / f"{name}.yml").write_text(text)
    return Desk(desk.database, load_tenants(folder / "tenants"), ROOT / "processes", clock)


@dataclass
class RealProvider:
    """`oidc-provider` in a process of its own. `desk_port` is where its clients' callbacks point to."""

    issuer: str
    desk_port: int

    async def change(self, http: ClientSession, login: str, **claims: Any) -> None:
        """What it says of somebody from now on."""
        async with http.put(f"{self.issuer}/accounts", json={login: claims}) as response:
            assert response.status == 200


ANN = {
    "preferred_username": "ann",
    "name": "Ann Meier",
    "email": "ann@acme.example",
    "email_verified": True,
    "locale": "en-GB",
    "groups": ["desk-sales", "everybody"],
}


@contextmanager
def real_provider(folder: Path, groups_in_token: bool = True) -> Iterator[RealProvider]:
    """Started on a free port of loopback, under the name `localhost`: another site than 127.0.0.1.

    Raises:
        NoProvider: Node, or what npm installs, is not here.
    """
    node = _node()
    port, desk_port = free_ports(2)
    desk = f"http://127.0.0.1:{desk_port}"
    common = {"redirect_uris": [f"{desk}/signin/oidc/callback/demo"], "post_logout_redirect_uris": [f"{desk}/"]}
    algorithms = {CLIENT: "RS256", "desk-ps": "PS256", "desk-es": "ES256"}
    clients = [
        common | {"client_id": name, "client_secret": SECRET, "id_token_signed_response_alg": algorithm}
        for name, algorithm in algorithms.items()
    ]
    public = common | {"client_id": "desk-public", "token_endpoint_auth_method": "none"}
    told = {
        "port": port,
        "host": "localhost",
        "clients": [*clients, public],
        "accounts": {"ann": ANN},
        "groupsInToken": groups_in_token,
    }
    with (folder / "provider.log").open("w") as log:
        process = subprocess.Popen(
            [node, "provider.mjs", json.dumps(told)], cwd=FOLDER, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready"), (folder / "provider.log").read_text()
        yield RealProvider(f"http://localhost:{port}", desk_port)
    finally:
        process.terminate()
        process.wait(timeout=60)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    """For a module to import; skips where it can't be started."""
    try:
        with real_provider(tmp_path_factory.mktemp("provider")) as running:
            yield running
    except NoProvider as reason:
        pytest.skip(str(reason))


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise NoProvider("Node is not here: apt-get install nodejs npm")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise NoProvider(f"Node {version} is too old for oidc-provider")
    if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        raise NoProvider("npm ci was not run in tests/gateway/oidc_provider: make test does")
    return node


async def sign_in_at_provider(http: ClientSession, address: str, login: str, does: str = "enter") -> ClientResponse:
    """Follows the redirects as a browser does, fills the provider's form in where it is shown, and comes back."""
    response = await http.get(address)
    if "/login/" not in response.url.path:
        return response
    response.release()
    return await http.post(response.url, data={"login": login, "does": does})


class Keys:
    """A key of each kind, and what anybody may know of them."""

    def __init__(self) -> None:
        self.private: dict[str, Any] = {
            "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ec": ec.generate_private_key(ec.SECP256R1()),
        }

    def public(self, kind: str = "rsa", **more: Any) -> Json:
        algorithm = RSAAlgorithm if kind == "rsa" else ECAlgorithm
        described: Json = algorithm.to_jwk(self.private[kind].public_key(), as_dict=True)
        return described | {"kid": f"{kind}-1", "use": "sig"} | more


KEYS = Keys()  # making an RSA key takes a while


def s256(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@dataclass
class FakeProvider:
    """Right in everything, unless a test says otherwise."""

    clock: Clock
    port: int = field(default_factory=lambda: free_ports(1)[0])
    discovery: Json = field(default_factory=dict)  # laid over the right document
    claims: Json = field(default_factory=dict)  # laid over the right claims; None takes one away
    keys: list[Any] = field(default_factory=lambda: [KEYS.public()])
    sign: Callable[[Json], str] | None = None
    userinfo: Json | None = None
    answer: Callable[[str], web.StreamResponse | None] = lambda path: None
    slow: dict[str, asyncio.Event] = field(default_factory=dict)  # path -> nobody is answered before
    asked: list[str] = field(default_factory=list)
    forms: list[Json] = field(default_factory=list)
    codes: dict[str, Json] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"

    async def __aenter__(self) -> FakeProvider:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for event in self.slow.values():
            event.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def back(self, start: str, **changes: str | None) -> str:
        """Where the browser would be sent back to, had its user signed in: with a code, the state and the issuer."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(start).query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        answer = {"code": code, "state": query["state"], "iss": self.issuer} | changes
        given = {name: value for name, value in answer.items() if value is not None}
        return str(URL(query["redirect_uri"]).update_query(given))

    def right_claims(self, query: Mapping[str, str]) -> Json:
        now = int(self.clock().timestamp())
        return {
            "iss": self.issuer, "aud": query["client_id"], "sub": "subject-of-ann", "nonce": query["nonce"],
            "iat": now, "exp": now + 300, "at_hash": at_hash("access"), **ANN,
        }  # fmt: skip

    def signed(self, claims: Json) -> str:
        return jwt.encode(claims, KEYS.private["rsa"], algorithm="RS256", headers={"kid": "rsa-1"})

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.asked.append(path)
        if path in self.slow:
            await self.slow[path].wait()
        special = self.answer(path)
        if special is not None:
            return special
        if path == "/.well-known/openid-configuration":
            return web.json_response(self._document())
        if path == "/keys":
            return web.json_response({"keys": self.keys})
        if path == "/me" and request.headers.get("Authorization") == "Bearer access":
            return web.json_response(self.userinfo)
        return await self._token(request)

    def _document(self) -> Json:
        right = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/me",
            "end_session_endpoint": f"{self.issuer}/out",
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in (right | self.discovery).items() if value is not None}

    async def _token(self, request: web.Request) -> web.Response:
        form: Json = dict(await request.post())
        self.forms.append({**form, "authorization": request.headers.get("Authorization")})
        query = self.codes.pop(str(form.get("code")), None)
        if query is None or query["code_challenge"] != s256(form["code_verifier"]):
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {name: value for name, value in (self.right_claims(query) | self.claims).items() if value is not None}
        token = (self.sign or self.signed)(claims)
        return web.json_response({"access_token": "access", "token_type": "Bearer", "id_token": token})


def at_hash(access_token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


def basic(header: str | None) -> BasicAuth:
    assert header is not None
    return BasicAuth.decode(header)


async def begin(http: ClientSession, address: str = START) -> str:
    """Where the browser is sent to."""
    async with http.get(address, allow_redirects=False) as response:
        assert response.status == 303, await response.text()
        return response.headers["Location"]


async def refused(response: ClientResponse, status: int, code: str, case: object = "") -> None:
    text = await response.text()
    assert response.status == status and f'data-code="{code}"' in text, f"{case}: {response.status} {text}"
    assert "Traceback" not in text and "deskhand_session" not in "".join(response.headers.getall("Set-Cookie", []))


def audited(gateway: Gateway, tenant: str = TENANT) -> list[tuple[str, str]]:
    """(code, reason) of the refused sign-ins, newest first."""
    with gateway.desk.unit_of_work(tenant, read_only=True) as uow:
        rows = [row for row in uow.audit.list() if (row.action, row.outcome) == ("sign_in", "refused")]
    return [(str(row.detail["code"]), str(row.detail.get("reason", ""))) for row in rows]


def with_header(**header: Any) -> Callable[[Json], str]:
    return lambda claims: jwt.encode(claims, KEYS.private["rsa"], algorithm="RS256", headers=header)
