"""Slack and Teams for a whole product: their other ends in a thread of their own, and people who write there.

For tests without an event loop; requests go over the wire to the product's own gateway, signed as theirs.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2 as httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from slack_sdk.signature import SignatureVerifier

from deskhand.channels.messengers.settings import ISSUER
from tests.support.deskhand import ROOT, Running, free_ports, until
from tests.support.messengers import APP_ID, APP_SECRET, BOT_TOKEN, DEMO, DIRECTORY, SIGNING_SECRET, TEAM, Server

PATIENCE = 60.0
Json = dict[str, Any]


@dataclass
class Workspaces:
    """`folder` has the demo's company with both of them."""

    slack: Server
    teams: Server
    folder: Path
    key: rsa.RSAPrivateKey
    numbers: Any = field(default_factory=lambda: itertools.count(int(time.time())))

    @property
    def variables(self) -> dict[str, str]:
        """What the product is started with."""
        return {
            "DESKHAND_TENANTS_DIR": str(self.folder),
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": f"{self.slack.url}/api/",
            "TEAMS_APP_ID": APP_ID,
            "TEAMS_APP_SECRET": APP_SECRET,
            "TEAMS_APP_DIRECTORY": DIRECTORY,
            "TEAMS_SERVICE_HOSTS": f"127.0.0.1:{self.teams.port}",
            "TEAMS_KEYS_URL": f"{self.teams.url}/keys",
            "TEAMS_TOKEN_URL": f"{self.teams.url}/token",
        }

    def write(self, deskhand: Running, login: str, text: str) -> None:
        """A direct message in Slack."""
        number = next(self.numbers)
        event = {"type": "message", "channel_type": "im", "channel": f"D{login}", "user": f"U0{login.upper()}",
                 "text": text, "ts": f"{number}.1"}  # fmt: skip
        body = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{number}", "event": event}
        self._slack(deskhand, json.dumps(body), "application/json")

    def press(self, deskhand: Running, login: str, block: Json, label: str) -> None:
        """The button with these words, of an `actions` block."""
        button = next(each for each in block["elements"] if label in each["text"]["text"])
        payload = {
            "type": "block_actions", "team": {"id": TEAM}, "user": {"id": f"U0{login.upper()}"},
            "trigger_id": f"t{next(self.numbers)}", "channel": {"id": f"D{login}"}, "container": {"type": "message"},
            "actions": [{"block_id": block["block_id"], **{k: button[k] for k in ("action_id", "value", "type")}}],
        }  # fmt: skip
        self._slack(deskhand, urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded")

    def _slack(self, deskhand: Running, body: str, content_type: str) -> None:
        stamp = str(int(time.time()))
        signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=stamp, body=body) or ""
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": content_type}
        answer = httpx.post(f"{deskhand.address}/slack", content=body.encode(), headers=headers, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text

    def teams_send(self, deskhand: Running, login: str, **more: Any) -> Json:
        """An activity in the person's own chat with the bot."""
        activity = {
            "type": "message", "id": str(next(self.numbers)), "channelId": "msteams", "serviceUrl": self.teams.url,
            "from": {"id": f"29:{login}", "name": login}, "recipient": {"id": f"28:{APP_ID}"},
            "conversation": {"id": f"a:{login}", "tenantId": DIRECTORY, "conversationType": "personal"},
            "channelData": {"tenant": {"id": DIRECTORY}}, **more,
        }  # fmt: skip
        claims = {"iss": ISSUER, "aud": APP_ID, "exp": int(time.time()) + 3600, "serviceurl": self.teams.url}
        token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k1"})
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{deskhand.address}/teams", json=activity, headers=headers, timeout=PATIENCE)
        assert answer.status_code in (200, 202), answer.text
        return dict(answer.json()) if answer.text[:1] == "{" else {}

    def link_of(self, server: Server, person: str) -> str:
        """The token of the newest link that was given to somebody."""

        def found() -> str | None:
            texts = [json.dumps(body) for name, body in list(server.calls) if person in name + json.dumps(body)]
            links = [link for text in texts for link in re.findall(r"/connect#([\w.%-]+)", text)]
            return links[-1] if links else None

        return str(until(found, PATIENCE, f"a link for {person}"))

    def said(self, server: Server, place: str, words: str) -> Json:
        """What was posted or changed at a place, once it has these words."""

        def found() -> Json | None:
            calls = [body | {"_": name} for name, body in list(server.calls)]
            return next((each for each in reversed(calls) if _is_at(each, place) and _has(each, words)), None)

        answer = until(found, PATIENCE, f"{words} at {place}; there is {[_short(c) for c in server.calls[-6:]]}")
        return dict(answer)


def _is_at(call: Json, place: str) -> bool:
    return call.get("channel") == place or place in str(call["_"])


def _has(call: Json, words: str) -> bool:
    return re.search(words, json.dumps(call, ensure_ascii=False)) is not None


def _short(call: tuple[str, Json]) -> str:
    return f"{call[0]}: {json.dumps(call[1], ensure_ascii=False)[:300]}"


@contextmanager
def workspaces_in(folder: Path) -> Iterator[Workspaces]:
    """Until the block ends."""
    (folder / "demo.yml").write_text((ROOT / "tenants" / "demo.yml").read_text() + DEMO)
    ports = free_ports(2)
    slack, teams = Server(ports[0]), Server(ports[1])
    key = rsa.generate_private_key(65537, 2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    teams.keys = {"keys": [public | {"kid": "k1", "use": "sig", "alg": "RS256"}]}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    for server in (slack, teams):
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(30)
    try:
        yield Workspaces(slack, teams, folder, key)
    finally:
        for server in (slack, teams):
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
