"""A real gateway on a free port, over a real SQLite store; Rasa's webhook is a small server of our own."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest
import socketio
from aiohttp import ClientResponse, ClientSession, CookieJar, web

from deskhand.channels.rasa import HEADER, RasaClient
from deskhand.erp.jobs import ImportPlaces
from deskhand.gateway.app import build_app
from deskhand.gateway.door import DOOR, SOCKETS
from deskhand.gateway.passwords import hash_password
from deskhand.gateway.sessions import TOKEN_LIFETIME, mint_token
from deskhand.gateway.settings import Settings
from deskhand.orders.status import Role
from deskhand.robots.places import RobotPlaces
from deskhand.settings import key_id
from deskhand.store import Card, Database, Desk, NewNotification, StoredSession, User, load_tenants, secret_id
from deskhand.store.demo import load_demo
from deskhand.writing import Writer, load_templates
from tests.support.deskhand import ROOT, free_ports
from tests.support.desks import FakeClock, demo_database

SESSION_SECRET = "session-secret-of-the-tests-0123456789"
TURN_SECRET = "turn-secret-of-the-tests-0123456789abc"
RASA_TOKEN = "rasa-token-of-the-tests-0123456789abcd"
PASSWORD = "correct horse battery staple"
TENANT = "demo"
PATIENCE = 30.0  # seconds for what comes by itself: a busy machine takes its time, and what never comes still fails

Json = dict[str, Any]
Answer = Callable[[Json], Any]


class Clock(FakeClock):
    """Begins at four on a Sunday afternoon in Shanghai."""

    def __init__(self) -> None:
        super().__init__(datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


def open_desk(folder: Path, clock: FakeClock, url: str | None = None, demo: str = "") -> Desk:
    """A migrated store (SQLite unless `url`) with the demo and a second, empty tenant.

    Args:
        demo: more lines for the demo's file.
    """
    tenants = folder / "tenants"
    tenants.mkdir()
    text = (ROOT / "tenants" / "demo.yml").read_text()
    for name in ("demo", "other"):
        (tenants / f"{name}.yml").write_text(text + (demo if name == "demo" else ""))
    database = Database.connect(url or demo_database(folder))
    if url:
        database.migrate()
    desk = Desk(database, load_tenants(tenants), ROOT / "processes", clock)
    load_demo(desk)
    with desk.unit_of_work(TENANT) as uow:
        uow.users.set_password("clerk", _password_hash())
        uow.commit()
    return desk


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


@dataclass
class FakeRasa:
    """Implements the webhook as our channel in Rasa does; `answer` says what comes back for a request."""

    port: int
    requests: list[Json] = field(default_factory=list)
    answer: Answer = lambda body: [{"recipient_id": body["sender"], "text": f"heard: {body['message']}"}]
    delay: float = 0.0
    status: int = 200
    together: asyncio.Barrier | None = None  # nobody is answered before so many have asked
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def heard(self) -> list[str]:
        return [request["message"] for request in self.requests]

    def claims(self, index: int = -1) -> Json:
        token = self.requests[index]["metadata"]["token"]
        return jwt.decode(token, options={"verify_signature": False})

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/webhooks/desk/", self._alive)
        app.router.add_post("/webhooks/desk/webhook", self._webhook)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _alive(self, request: web.Request) -> web.Response:
        if request.headers.get(HEADER) != RASA_TOKEN:
            return web.json_response({"error": "rasa_token_refused"}, status=401)
        return web.json_response({"status": "ok"})

    async def _webhook(self, request: web.Request) -> web.Response:
        if request.headers.get(HEADER) != RASA_TOKEN:
            return web.json_response({"error": "rasa_token_refused"}, status=401)
        body = await request.json()
        self.requests.append(body)
        await asyncio.sleep(self.delay)
        if self.together is not None:
            await self.together.wait()
        if self.status != 200:
            return web.Response(status=self.status)
        answer = self.answer(body)
        if inspect.isawaitable(answer):
            answer = await answer
        return web.Response(body=answer) if isinstance(answer, bytes) else web.json_response(answer)


@dataclass
class Gateway:
    """The running gateway and everything behind it."""

    url: str
    desk: Desk
    clock: FakeClock
    rasa: FakeRasa
    app: web.Application
    settings: Settings

    def token(self, login: str = "clerk", **changes: Any) -> str:
        """A bearer token of a new session, with these claims changed."""
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            user = uow.users.by_login(login)
        assert user is not None
        token = open_session(self.desk, user, self.clock())
        if not changes:
            return token
        claims = jwt.decode(token, options={"verify_signature": False}) | changes
        return jwt.encode(claims, SESSION_SECRET, algorithm="HS256", headers={"kid": key_id(SESSION_SECRET)})

    async def hub_round(self) -> None:
        """What the gateway does every half second: look for new notifications."""
        await self.app[DOOR].hub.poll()

    async def check_users(self) -> None:
        """What it does every half minute: look whether those connected still may be."""
        await self.app[SOCKETS].check_sessions()

    def http(self, login: str | None = "clerk", **headers: str) -> ClientSession:
        bearer = {"Authorization": f"Bearer {self.token(login)}"} if login else {}
        return ClientSession(self.url, headers=bearer | headers, cookie_jar=CookieJar(unsafe=True))

    def issue_card(self, user_id: str = "clerk", minutes: float = 30, **payload: Any) -> Card:
        """An open card with the buttons yes and no, as an action would issue it."""
        buttons = [{"id": "confirm", "label": "是", "style": "primary"}, {"id": "reject", "label": "否"}]
        with self.desk.unit_of_work(TENANT) as uow:
            conversation = uow.conversations.open(user_id, "chat")
            assert conversation is not None
            body = {"kind": "command", "title": "?", "actions": buttons} | payload
            expires = self.clock() + timedelta(minutes=minutes)
            card = uow.cards.issue("command", user_id, conversation.id, body, ["confirm", "reject"], expires)
            uow.commit()
        return card

    def consume_card(self, body: Json) -> list[Json]:
        """What an action does with `/affirm`: uses the card up and keeps its result, in one transaction."""
        claims = self.rasa.claims()
        with self.desk.unit_of_work(TENANT) as uow:
            if uow.messages.turn_result(claims["message_id"]) is None:
                uow.cards.consume(claims["card"], claims["sub"], claims["action"], self.clock())
                uow.messages.save_turn_result(claims["message_id"], {"responses": []})
                uow.commit()
        return [{"recipient_id": body["sender"], "text": "done"}]

    def notify(self, audience: str, number: str = "SO-1001", count: int = 1) -> None:
        """Rows as the projector writes them."""
        with self.desk.unit_of_work(TENANT) as uow:
            first = uow.notifications.latest_seq() + 1
            uow.notifications.add([
                NewNotification(
                    audience=audience, kind="OrderConfirmed", order_number=number,
                    payload={"text": {"zh": f"订单{number}", "en": f"Order {number}"}},
                    sender="林晓", receiver=audience, dedupe_key=f"{audience}-{first + index}", at=self.clock(),
                )
                for index in range(count)
            ])  # fmt: skip
            uow.commit()


@asynccontextmanager
async def running_gateway(
    folder: Path, clock: FakeClock | None = None, desk: Desk | None = None, rasa: FakeRasa | None = None, **options: Any
) -> AsyncIterator[Gateway]:
    """The gateway until the block ends. Give desk and rasa of an earlier one to see it restarted.

    Args:
        settings: those that shall differ from the usual ones.
        model: the client that texts are asked of; none by itself.
    """
    clock = clock or Clock()
    ports = free_ports(2)
    ports[0] = options.pop("port", ports[0])
    own_rasa, own_desk = rasa is None, desk is None
    rasa, desk = rasa or FakeRasa(ports[1]), desk or open_desk(folder, clock)
    if own_rasa:
        await rasa.start()
    settings = Settings(
        database_url="sqlite://", session_secret=SESSION_SECRET, turn_secret=TURN_SECRET, rasa_token=RASA_TOKEN,
        port=ports[0], demo=True,
        public_url=options.pop("public_url", f"http://127.0.0.1:{ports[0]}"), widget_dir=ROOT / "frontend_widget",
        redis_url=options.pop("redis_url", None), imports=ImportPlaces(folder / "imports", folder / "erp"),
        robots=RobotPlaces(ROOT / "robots", folder / "kept robots"),
    )  # fmt: skip
    settings = replace(settings, **options.pop("settings", {}))
    writer = Writer(load_templates(ROOT / "processes" / "order_to_cash" / "writing"), options.pop("model", None))
    bot = RasaClient(rasa.url, RASA_TOKEN, timeout_seconds=options.pop("rasa_seconds", PATIENCE))
    app = build_app(desk, settings, bot, writer, clock=clock, **options)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", ports[0]).start()
    try:
        yield Gateway(f"http://127.0.0.1:{ports[0]}", desk, clock, rasa, app, settings)
    finally:
        await runner.cleanup()
        if own_rasa:
            await rasa.stop()
        if own_desk:
            desk.database.close()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """Running until the test ends, for a folder's conftest to import."""
    async with running_gateway(tmp_path) as running:
        yield running


@dataclass
class Tab:
    """One browser tab: a real Socket.IO client that remembers every event."""

    client: socketio.AsyncClient
    events: list[tuple[str, Any]] = field(default_factory=list)

    def of(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]

    async def wait(self, name: str, count: int = 1, seconds: float = PATIENCE) -> list[Any]:
        """The events of that name, once there are so many."""
        await until(lambda: len(self.of(name)) >= count, f"{count} x {name} in {self.events}", seconds)
        return self.of(name)

    async def call(self, event: str, data: Any) -> Json:
        answer: Json = await self.client.call(event, data, timeout=PATIENCE)
        return answer

    async def say(self, identifier: str, text: str) -> Json:
        return await self.call("user_uttered", {"id": identifier, "text": text})

    async def press(self, identifier: str, card: str, action: str = "confirm") -> Json:
        return await self.call("user_uttered", {"id": identifier, "card": {"id": card, "action": action}})

    async def resume(self, conversation: int = 0, notification: int = 0) -> Json:
        return await self.call("resume", {"conversation_seq": conversation, "notification_seq": notification})


@asynccontextmanager
async def socket_client() -> AsyncIterator[socketio.AsyncClient]:
    """What it opens is closed with the block: the library leaves it open when the server refuses it."""
    async with ClientSession() as http:
        client = socketio.AsyncClient(reconnection=False, http_session=http)
        try:
            yield client
        finally:
            await client.disconnect()


@asynccontextmanager
async def tab(
    gateway: Gateway, login: str = "clerk", token: str | None = None, at: str | None = None, **options: Any
) -> AsyncIterator[Tab]:
    """Connected, and its session confirmed.

    Args:
        at: the address, where it is not the gateway's own.
        options: others of `AsyncClient.connect`.
    """
    credentials = {"token": token or gateway.token(login)}
    options = {"transports": ["websocket"], "wait_timeout": PATIENCE} | options
    async with socket_client() as client:
        opened = Tab(client)

        async def remember(event: str, data: Any = None) -> None:
            opened.events.append((event, data))

        client.on("*", remember)
        await client.connect(at or gateway.url, auth=credentials, **options)
        await opened.wait("session_confirm")
        yield opened


async def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not in time: {what}")


async def problem(response: ClientResponse, status: int, code: str) -> Mapping[str, Any]:
    """The response is this problem and nothing else."""
    body: Json = await response.json(content_type="application/problem+json")
    assert (response.status, body["code"]) == (status, code), body
    assert body["status"] == status and body["detail"] and "Traceback" not in body["detail"]
    return body


def open_session(desk: Desk, user: User, now: datetime) -> str:
    """A session's row, and a bearer token for it."""
    row = StoredSession(
        secret_id(), user.id, user.role, user.customer_id, "test", now, now, expires_at=now + timedelta(hours=12)
    )
    with desk.unit_of_work(user.tenant) as uow:
        uow.sessions.add(row)
        uow.commit()
    return mint_token(user.tenant, row.id, now + TOKEN_LIFETIME, SESSION_SECRET)


def open_session_in_other_tenant(gateway: Gateway, role: Role = Role.ADMIN) -> str:
    """The token of somebody of the second tenant."""
    stranger = User("stranger", "other", "stranger", "Stranger", role)
    with gateway.desk.unit_of_work("other") as uow:
        uow.users.add(stranger)
        uow.commit()
    return open_session(gateway.desk, stranger, gateway.clock())
