"""The gateway as a program calls it, for the terminal client. Knows HTTP and JSON, nothing of screens and keyboards."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from deskhand.gateway.settings import LOOPBACK

Json = dict[str, Any]
ANSWER_SECONDS = 90.0  # longer than the gateway waits for the bot
_SOON = timedelta(minutes=5)


class Unreachable(Exception):
    """Nobody answers at the address, or what answers is not Deskhand."""


class Refused(Exception):
    """A problem that the gateway tells of."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(str(body.get("detail") or status))
        self.status = status
        self.code = str(body.get("code") or "")
        self.data: Mapping[str, Any] = body.get("data") or {}


class DeskApi:
    """One person, signed in. Calls block; each is safe to be made from any thread."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self._token = ""
        self._until: datetime | None = None
        near = is_near(address)  # a proxy of the company knows nothing of this machine
        self._opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if near else []))

    # --- signing in and out

    def sign_in(self, login: str, password: str, tenant: str) -> Json:
        return self._begin("/api/sessions", {"login": login, "password": password, "tenant": tenant})

    def sign_in_by_link(self, link: str) -> Json:
        """Raises ValueError when it is no sign-in link."""
        return self._begin("/api/sessions/link", {"token": token_of(link)})

    def use_token(self, token: str) -> Json:
        """A session that somebody else began."""
        self._token = token
        return self.call("GET", "/api/session")

    def _begin(self, path: str, body: Json) -> Json:
        answer = self.call("POST", path, body)
        self._keep(answer)
        return answer

    def _keep(self, answer: Json) -> None:
        self._token, self._until = answer["token"], datetime.fromisoformat(answer["token_expires_at"])

    def renew_if_due(self) -> None:
        """Tokens live half an hour, the session longer."""
        if self._until is not None and self._until - datetime.now(UTC) < _SOON:
            self._keep(self.call("POST", "/api/sessions/renew"))

    def sign_out(self) -> None:
        self.call("DELETE", "/api/sessions")

    # --- talking

    def say(self, said: Mapping[str, Any], conversation: str | None) -> Json:
        """A text or the press of a button; the same id again would not be carried out twice."""
        message = {"id": uuid.uuid4().hex, **said} | ({"conversation": conversation} if conversation else {})
        return self.call("POST", "/api/chat", message)

    def messages(self, conversation: str, after: int) -> list[Json]:
        found: list[Json] = self.call("GET", f"/api/conversations/{quote(conversation, safe='')}", after=after)[
            "messages"
        ]
        return found

    def notices(self, after: int) -> Json:
        return self.call("GET", "/api/notifications", after=after)

    def call(self, method: str, path: str, body: Json | None = None, **query: object) -> Json:
        """One request.

        Raises:
            Unreachable: there is no answer, or one that is not the gateway's.
            Refused: a problem.
        """
        address = self.address + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        data = json.dumps(body).encode() if body is not None else b"" if method == "POST" else None
        request = urllib.request.Request(address, data, {**headers, "Content-Type": "application/json"}, method=method)
        try:
            with self._opener.open(request, timeout=ANSWER_SECONDS) as response:
                return _read(response.read())
        except urllib.error.HTTPError as refused:
            with refused:
                raise Refused(refused.code, _read(refused.read())) from None
        except (OSError, ValueError) as problem:
            raise Unreachable(str(getattr(problem, "reason", problem))) from problem


def is_near(address: str) -> bool:
    """Whether the gateway is on this machine."""
    return urlsplit(address).hostname in LOOPBACK


def token_of(link: str) -> str:
    """The token of a sign-in link, whichever page it leads to.

    Raises:
        ValueError: there is none in it.
    """
    parts = urlsplit(link.strip())
    token = (parse_qs(parts.query).get("token") or [parts.fragment])[0]
    if not token:
        raise ValueError("that is no sign-in link")
    return token


def _read(body: bytes) -> Json:
    if not body:
        return {}
    value = json.loads(body)
    if not isinstance(value, dict):
        raise ValueError("what answers there is not Deskhand")
    return value
