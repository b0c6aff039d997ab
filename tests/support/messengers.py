"""The other ends of Slack and Teams on loopback: what the desk sends them is kept, what they send is signed as theirs.

A round of the worker is run by hand, so that nothing depends on how quick anybody is.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.asymmetric import rsa
from slack_sdk.signature import SignatureVerifier

from deskhand.channels.messengers.settings import ISSUER, MessengerSettings, SlackCredentials, TeamsCredentials
from deskhand.channels.messengers.slack_posting import SlackPosting
from deskhand.channels.messengers.teams_posting import TeamsPosting
from deskhand.orders.tenant import SLACK, TEAMS, SlackWorkspace, TeamsTenant
from deskhand.store import Desk, MessengerAccount, MessengerLink
from deskhand.worker.copies import CopiesConsumer
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.metrics import Metrics
from deskhand.worker.notices import tell_messengers
from deskhand.worker.pace import Pace
from deskhand.worker.posts import PostConsumer
from tests.support.deskhand import free_ports
from tests.support.gateway import TENANT, Clock, Gateway, open_desk, running_gateway

TEAM, DIRECTORY = "T0DEMO", "11111111-2222-3333-4444-555555555555"
SIGNING_SECRET, BOT_TOKEN = "slack-signing-secret-of-the-tests", "bot-token-of-the-tests"
APP_ID, APP_SECRET = "99999999-8888-7777-6666-555555555555", "teams-secret-of-the-tests"
DEMO = f"slack: {{team: {TEAM}}}\nteams: {{directory: {DIRECTORY}}}\n"
LOGINS = ("clerk", "warehouse", "finance", "manager", "admin", "customer", "acme")
PERSONS = {login: f"U0{login.upper()}" for login in LOGINS}

Json = dict[str, Any]


@dataclass
class Server:
    """Keeps every call; the next answers can be laid down: (status, body, headers)."""

    port: int
    calls: list[tuple[str, Json]] = field(default_factory=list)
    next: list[tuple[int, Json, dict[str, str]]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    keys: Json = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of(self, method: str) -> list[Json]:
        return [body for name, body in self.calls if name == method]

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if path == "keys":
            return web.json_response(self.keys)
        if path == "token":
            return web.json_response({"access_token": "connector-token", "expires_in": 3600})
        if path.startswith("files/"):
            self.calls.append((f"GET {path}", {"authorization": request.headers.get("Authorization")}))
            return web.Response(body=self.files[path.removeprefix("files/")], content_type="text/csv")
        body = await _body(request)
        slack = path.startswith("api/")
        name = path.removeprefix("api/") if slack else f"{request.method} {path}"
        self.calls.append((name, body | {"authorization": request.headers.get("Authorization")}))
        if self.next:
            status, answer, headers = self.next.pop(0)
            return web.json_response(answer, status=status, headers=headers)
        number = next(self.numbers)
        if slack:
            return web.json_response({"ok": True, "ts": f"17000000{number:02d}.000100", "channel": body.get("channel")})
        return web.json_response({"id": f"activity-{number}"})


async def _body(request: web.Request) -> Json:
    if request.content_type == "application/json":
        found: Json = await request.json()
        return found
    given: Json = dict(await request.post())
    return {name: json.loads(value) if value[:1] in "[{" else value for name, value in given.items()}


@dataclass
class Office:
    """The gateway with both messengers, and the worker's rounds by hand."""

    gateway: Gateway
    slack: Server
    teams: Server
    settings: MessengerSettings
    key: rsa.RSAPrivateKey
    names: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def desk(self) -> Desk:
        return self.gateway.desk

    def link(self, login: str, channel: str = SLACK, notices: str = "at_once") -> None:
        """As if they had opened their link."""
        person = PERSONS[login] if channel == SLACK else f"29:{login}"
        place = {"channel": person} if channel == SLACK else self.place(login)
        account = MessengerAccount(channel, TEAM if channel == SLACK else DIRECTORY, person)
        with self.desk.unit_of_work(TENANT) as uow:
            seq = uow.notifications.latest_seq()
            assert uow.messengers.add(MessengerLink(account, login, login, place, notices, seq, uow.now))
            uow.commit()

    def place(self, login: str) -> Json:
        return {
            "conversation": {"id": f"a:{login}", "tenantId": DIRECTORY, "conversationType": "personal"},
            "user": {"id": f"29:{login}"}, "bot": {"id": f"28:{APP_ID}"}, "channelId": "msteams",
            "serviceUrl": self.teams.url,
        }  # fmt: skip

    async def work(self, rounds: int = 3, forward: float = 2.0) -> None:
        """The worker's part: notifications, copies, posts."""
        pace = Pace(burst=100.0)
        posting = {SLACK: SlackPosting(self.settings.slack), TEAMS: TeamsPosting(self.settings.teams)}  # type: ignore[arg-type]
        consumers = [PostConsumer(self.desk, name, each, pace) for name, each in posting.items()]
        runs = [Dispatcher(self.desk, each, Metrics(), 60) for each in (CopiesConsumer(self.desk), *consumers)]
        for _ in range(rounds):
            await asyncio.to_thread(self.desk.project_notifications, TENANT)
            await asyncio.to_thread(tell_messengers, self.desk, self.desk.tenant(TENANT))
            for each in runs:
                await each.run_once()
            self.gateway.clock.now += timedelta(seconds=forward)

    # --- Slack

    async def post(
        self, body: str, content_type: str, *, age: float = 0.0, secret: str = SIGNING_SECRET, **headers: str
    ) -> tuple[int, Any]:
        """Signed as Slack does it; the answer's status and body."""
        stamp = str(int(self.gateway.clock().timestamp() - age))
        signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
        told = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": content_type}
        async with (
            ClientSession() as http,
            http.post(f"{self.gateway.url}/slack", data=body.encode(), headers=told | headers) as response,
        ):
            text = await response.text()
            return response.status, json.loads(text) if text[:1] == "{" else text

    async def event(self, event: Mapping[str, Any], event_id: str | None = None, **more: Any) -> tuple[int, Any]:
        body = {"type": "event_callback", "team_id": more.pop("team_id", TEAM), "api_app_id": "A1",
                "event_id": event_id or f"Ev{next(self.names)}", "event_time": 1, "event": dict(event)}  # fmt: skip
        signing = {name: more.pop(name) for name in ("age", "secret") if name in more}
        return await self.post(json.dumps(body | more), "application/json", **signing)

    async def write(self, login: str, text: str, event_id: str | None = None, **more: Any) -> tuple[int, Any]:
        """A direct message."""
        event = {"type": "message", "channel_type": "im", "channel": f"D{login}", "user": PERSONS[login],
                 "text": text, "ts": f"17{next(self.names)}.1"}  # fmt: skip
        return await self.event(event | more.pop("event", {}), event_id, **more)

    async def interact(self, login: str, payload: Mapping[str, Any], **signing: Any) -> tuple[int, Any]:
        body = {"team": {"id": TEAM, "domain": "demo"}, "user": {"id": PERSONS[login], "team_id": TEAM},
                "trigger_id": f"trigger-{next(self.names)}", "api_app_id": "A1", "token": "t", **payload}  # fmt: skip
        form = urlencode({"payload": json.dumps(body)})
        return await self.post(form, "application/x-www-form-urlencoded", **signing)

    async def press(self, login: str, block: str, action: Mapping[str, Any], **more: Any) -> tuple[int, Any]:
        payload = {
            "type": "block_actions", "channel": {"id": f"D{login}"}, "message": {"ts": "1.1"},
            "container": {"type": "message"}, "actions": [{"block_id": block, "type": "button", **action}],
        }  # fmt: skip
        signing = {name: more.pop(name) for name in ("age", "secret") if name in more}
        return await self.interact(login, payload | more, **signing)

    async def submit(self, login: str, view: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[int, Any]:
        state = {name: {"said": said} for name, said in values.items()}
        full = {**view, "id": f"V{next(self.names)}", "state": {"values": state}, "hash": "h"}
        return await self.interact(login, {"type": "view_submission", "view": full})

    async def command(self, login: str, text: str) -> tuple[int, Any]:
        form = {"team_id": TEAM, "user_id": PERSONS[login], "user_name": login, "command": "/order", "text": text,
                "channel_id": "C1", "trigger_id": f"trigger-{next(self.names)}", "token": "t"}  # fmt: skip
        return await self.post(urlencode(form), "application/x-www-form-urlencoded")

    # --- Teams

    def token(self, **changes: Any) -> str:
        """As the Bot Connector signs it. The SDK goes by the machine's clock, we by ours."""
        key = changes.pop("key", self.key)
        now = int(max(time.time(), self.gateway.clock().timestamp()))
        real = {"iss": ISSUER, "aud": APP_ID, "exp": now + 3600, "serviceurl": self.teams.url}
        claims = {name: value for name, value in (real | changes).items() if value is not None}
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})

    def activity(self, login: str, **more: Any) -> Json:
        place = self.place(login)
        return {
            "type": "message", "id": f"{next(self.names)}", "channelId": "msteams", "serviceUrl": self.teams.url,
            "from": {"id": f"29:{login}", "name": login}, "recipient": place["bot"],
            "conversation": place["conversation"], "channelData": {"tenant": {"id": DIRECTORY}}, **more,
        }  # fmt: skip

    async def send(self, activity: Mapping[str, Any], token: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token if token is not None else self.token()}"}
        async with (
            ClientSession(headers=headers) as http,
            http.post(f"{self.gateway.url}/teams", json=dict(activity)) as response,
        ):
            text = await response.text()
            return response.status, json.loads(text) if text[:1] == "{" else text

    async def invoke(self, login: str, data: Mapping[str, Any], **more: Any) -> tuple[int, Any]:
        value = {"action": {"type": "Action.Execute", "verb": data.get("verb"), "data": dict(data)}}
        return await self.send(self.activity(login, type="invoke", name="adaptiveCard/action", value=value, **more))

    # --- what came of it

    def audit(self, action: str) -> list[tuple[str, str, str]]:
        """(channel, outcome, code) of what was noted."""
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            rows = [row for row in uow.audit.list() if row.action == action]
        return [(row.channel, row.outcome, str(row.detail.get("code"))) for row in rows]

    async def answered(self) -> None:
        """Nothing waits for the bot any more, and nothing that was acknowledged is still being done."""
        for _ in range(1500):
            if not _still_doing():
                with self.desk.unit_of_work(TENANT, read_only=True) as uow:
                    if not uow.messages.unanswered(self.gateway.clock() + timedelta(days=1)):
                        return
            await asyncio.sleep(0.02)
        raise AssertionError("the bot has not answered")


@asynccontextmanager
async def running_office(folder: Path, desk: Desk | None = None, **options: Any) -> AsyncIterator[Office]:
    """Until the block ends."""
    ports = free_ports(2)
    slack, teams = Server(ports[0]), Server(ports[1])
    key = rsa.generate_private_key(65537, 2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    teams.keys = {"keys": [public | {"kid": "k1", "use": "sig", "alg": "RS256"}]}
    for each in (slack, teams):
        await each.start()
    settings = MessengerSettings(
        SlackCredentials(SIGNING_SECRET, {"SLACK_BOT_TOKEN": BOT_TOKEN}, f"{slack.url}/api/"),
        TeamsCredentials(
            APP_ID, APP_SECRET, DIRECTORY, (f"127.0.0.1:{teams.port}",), f"{teams.url}/keys", f"{teams.url}/token"
        ),
    )
    clock = desk.clock if desk is not None else Clock()
    own = desk is None
    desk = desk or open_desk(folder, clock, demo=DEMO)  # type: ignore[arg-type]
    try:
        async with running_gateway(folder, clock, desk, settings={"messengers": settings}, **options) as gateway:  # type: ignore[arg-type]
            yield Office(gateway, slack, teams, settings, key)
    finally:
        for each in (slack, teams):
            await each.stop()
        if own:
            desk.database.close()


def _still_doing() -> bool:
    """Whether one of bolt's listeners runs: it answers Slack before they are through."""
    running = (getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())
    return any("run_ack_function_asynchronously" in name for name in running)


def with_workspaces(desk: Desk) -> Desk:
    """The demo's company uses Slack and Teams."""
    assert isinstance(desk.tenants, dict)
    demo = replace(desk.tenants[TENANT], slack=SlackWorkspace(TEAM), teams=TeamsTenant(DIRECTORY))
    desk.tenants[TENANT] = demo
    return desk


def said(calls: list[Json]) -> str:
    """All that was sent, as one text to look into."""
    return json.dumps(calls, ensure_ascii=False)


Answer = Callable[[Json], Any]
