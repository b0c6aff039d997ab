"""The one address that Teams calls: token, directory and service address are looked at, then the SDK has it.

The SDK checks signature, audience and time, and the issuer since it is told to; what it leaves open is closed here.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

import jwt
from aiohttp import web
from microsoft_agents.hosting.core import AgentAuthConfiguration, ClaimsIdentity
from microsoft_agents.hosting.core.authorization import JwtTokenValidator

from deskhand.channels.messengers.settings import ISSUER, TeamsCredentials
from deskhand.channels.messengers.teams_posting import adapter_of
from deskhand.gateway.errors import MessengerForged
from deskhand.gateway.json_body import json_object
from deskhand.gateway.keys import REQUEST_ID, bearer_of, caller_of
from deskhand.gateway.messengers.people import company_of
from deskhand.gateway.messengers.reception import Reception
from deskhand.gateway.messengers.refused import note_forged
from deskhand.gateway.messengers.teams_agent import TeamsAgent
from deskhand.orders.tenant import TEAMS

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

LEEWAY_SECONDS = 300  # as the SDK allows
_log = logging.getLogger("deskhand.gateway")


class _KeysAt:
    """The SDK has the addresses of the keys in its code; where ours differ, they are fetched from there."""

    def __init__(self, keys_url: str) -> None:
        self._url = keys_url
        self._keys = JwtTokenValidator._jwk_client_manager

    async def get_signing_key(self, jwks_uri: str, header: dict[str, Any]) -> Any:
        return await self._keys.get_signing_key(self._url, header)


class _Validator(JwtTokenValidator):
    def __init__(self, credentials: TeamsCredentials) -> None:
        super().__init__(
            AgentAuthConfiguration(
                client_id=credentials.app_id, tenant_id=credentials.directory, issuers=[ISSUER], validate_issuer=True,
                anonymous_allowed=False,
            )
        )  # fmt: skip
        self._jwk_client_manager = _KeysAt(credentials.keys_url)  # type: ignore[assignment]  # the same one method


class _Verified:
    """A request as the SDK wants to see it, with who sent it."""

    method = "POST"

    def __init__(self, request: web.Request, body: dict[str, Any], claims: ClaimsIdentity) -> None:
        self._request, self._body, self._claims = request, body, claims

    @property
    def headers(self) -> dict[str, str]:
        return dict(self._request.headers)

    async def json(self) -> dict[str, Any]:
        return self._body

    def get_claims_identity(self) -> ClaimsIdentity:
        return self._claims

    def get_path_param(self, name: str) -> str:
        return str(self._request.match_info[name])


class TeamsDoor:
    """None of it exists without credentials."""

    def __init__(self, at: Door, credentials: TeamsCredentials) -> None:
        self._at = at
        self._credentials = credentials
        self._validator = _Validator(credentials)
        self._adapter = adapter_of(credentials)
        self._reception = Reception(at)
        self._agent = TeamsAgent(at, credentials)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """An activity.

        Raises:
            MessengerForged: not from Teams, for another bot, from no company of ours, of a foreign service, or sent
                before.
        """
        body = await json_object(request)
        directory = directory_in(body)
        claims, problem = await self._claims(bearer_of(request), body)
        tenant = company_of(self._at.desk, TEAMS, directory)
        if problem is None and tenant is None:
            problem = "tenant"
        if problem is None and body.get("type") == "invoke" and tenant is not None:
            name = f"{(body.get('conversation') or {}).get('id')} {body.get('id')}"
            problem = None if await self._reception.first(tenant.id, TEAMS, name) else "replayed"
        if problem is not None or claims is None:
            await note_forged(self._at, TEAMS, directory, request[REQUEST_ID], caller_of(request), problem or "token")
            raise MessengerForged()
        answer = await self._adapter.process_request(_Verified(request, body, claims), self._agent)
        if answer.body is None:
            return web.Response(status=answer.status_code)
        return web.json_response(answer.body, status=answer.status_code)

    async def _claims(self, token: str, body: dict[str, Any]) -> tuple[ClaimsIdentity | None, str | None]:
        """Who sends it, or why that is not believed."""
        if not token:
            return None, "token"
        try:
            claims = await self._validator.validate_token(token)
        except (jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
            _log.info("a token for Teams was refused: %s", type(error).__name__)
            return None, "token"
        said = claims.claims
        if not _lasts(said.get("exp"), self._at.clock()):
            return None, "token"
        address = body.get("serviceUrl")
        same = isinstance(address, str) and said.get("serviceurl") == address
        if not same or not self._credentials.may_send_to(address):
            return None, "service_address"
        return claims, None


def directory_in(body: dict[str, Any]) -> str:
    """The Entra tenant that an activity names, whoever sent it; none where it names two."""
    data = body.get("channelData")
    conversation, tenant = body.get("conversation"), data.get("tenant") if isinstance(data, dict) else None
    named = {
        part.get(name)
        for part, name in ((conversation, "tenantId"), (tenant, "id"))
        if isinstance(part, dict) and part.get(name)
    }
    (found,) = named if len(named) == 1 else ("",)
    return found.lower() if isinstance(found, str) else ""


def _lasts(until: object, now: datetime) -> bool:
    """The SDK takes a token without an end for one that lasts."""
    return isinstance(until, int | float) and now.timestamp() < until + LEEWAY_SECONDS
