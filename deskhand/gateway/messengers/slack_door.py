"""The one address that Slack calls: verified, counted, then handed to bolt. What is refused stands in the audit."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_sdk.signature import Clock, SignatureVerifier

from deskhand.channels.messengers.settings import SlackCredentials
from deskhand.gateway.errors import MessengerForged
from deskhand.gateway.keys import REQUEST_ID, caller_of
from deskhand.gateway.messengers.people import company_of
from deskhand.gateway.messengers.reception import Reception
from deskhand.gateway.messengers.refused import note_forged
from deskhand.gateway.messengers.slack_app import SlackListeners
from deskhand.orders.tenant import SLACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from deskhand.gateway.door import Door

JSON = "application/json"
_log = logging.getLogger("deskhand.gateway")


class _DeskClock(Clock):
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


class SlackDoor:
    """None of it exists without credentials."""

    def __init__(self, at: Door, credentials: SlackCredentials) -> None:
        self._at = at
        self._verifier = SignatureVerifier(credentials.signing_secret, _DeskClock(at.clock))
        self._reception = Reception(at)
        self._listeners = SlackListeners(at, credentials)
        self._app = self._listeners.app()

    async def close(self) -> None:
        """What was acknowledged is done."""
        await self._listeners.finish()

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Events, buttons, forms and commands.

        Raises:
            MessengerForged: not signed by Slack, more than five minutes old, or sent before.
        """
        raw = await request.read()
        team = _team_in(raw, request.content_type)
        if not self._is_signed(raw, request.headers):
            await note_forged(self._at, SLACK, team, request[REQUEST_ID], caller_of(request), "signature")
            raise MessengerForged()
        tenant = company_of(self._at.desk, SLACK, team)
        if tenant is not None and request.content_type != JSON:
            signature = request.headers["X-Slack-Signature"]
            if not await self._reception.first(tenant.id, SLACK, signature):
                await note_forged(self._at, SLACK, team, request[REQUEST_ID], caller_of(request), "replayed")
                raise MessengerForged()
        elif tenant is None and team:
            _log.warning("Slack workspace %s is no company's here", team)
            return web.Response(status=200)
        return await to_aiohttp_response(await self._app.async_dispatch(await to_bolt_request(request)))

    def _is_signed(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        try:
            return self._verifier.is_valid_request(raw, dict(headers))
        except ValueError:  # a time that is no number, a body that is no UTF-8
            return False


def _team_in(raw: bytes, content_type: str) -> str:
    """The workspace that a request names, whoever sent it."""
    try:
        body: Any = json.loads(raw) if content_type == JSON else _form(raw)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    team = body.get("team_id") or (body["team"].get("id") if isinstance(body.get("team"), dict) else "")
    return team if isinstance(team, str) else ""


def _form(raw: bytes) -> Any:
    fields = parse_qs(raw.decode("utf-8"), max_num_fields=100)
    if "payload" in fields:
        return json.loads(fields["payload"][0])
    return {name: values[0] for name, values in fields.items()}
