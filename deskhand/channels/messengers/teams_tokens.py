"""The bot's own token for Teams, by client credentials, kept until shortly before it is over. Knows no message."""

from __future__ import annotations

import asyncio
import time

import aiohttp
from azure.core.credentials_async import AsyncTokenCredential
from microsoft_agents.hosting.core import AccessTokenProviderBase, AgentAuthConfiguration

from deskhand.channels.messengers.settings import TeamsCredentials

SCOPE = "https://api.botframework.com/.default"
SECONDS, EARLY_SECONDS = 10, 300.0
_NOTHING_ELSE = "nothing of Microsoft is called but the Bot Connector"


class TeamsTokens(AccessTokenProviderBase):
    """One for each process; asked by many at once it asks once."""

    def __init__(self, credentials: TeamsCredentials) -> None:
        self._credentials = credentials
        self._one = asyncio.Lock()
        self._token = ""
        self._until = 0.0

    @property
    def configuration(self) -> AgentAuthConfiguration:
        return AgentAuthConfiguration(client_id=self._credentials.app_id, tenant_id=self._credentials.directory)

    async def get_access_token(self, resource_url: str, scopes: list[str], force_refresh: bool = False) -> str:
        """For the Bot Connector alone, whatever else is asked for."""
        async with self._one:
            if force_refresh or time.monotonic() >= self._until:
                self._token, self._until = await self._fetch()
            return self._token

    def get_token_credential(self) -> AsyncTokenCredential:
        raise NotImplementedError(_NOTHING_ELSE)

    async def acquire_token_on_behalf_of(self, scopes: list[str], user_assertion: str) -> str:
        raise NotImplementedError(_NOTHING_ELSE)

    async def get_agentic_application_token(self, tenant_id: str, agent_app_instance_id: str) -> str | None:
        raise NotImplementedError(_NOTHING_ELSE)

    async def get_agentic_instance_token(self, tenant_id: str, agent_app_instance_id: str) -> tuple[str, str]:
        raise NotImplementedError(_NOTHING_ELSE)

    async def get_agentic_user_token(
        self, tenant_id: str, agent_app_instance_id: str, agentic_user_id: str, scopes: list[str]
    ) -> str | None:
        raise NotImplementedError(_NOTHING_ELSE)

    async def _fetch(self) -> tuple[str, float]:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.app_id,
            "client_secret": self._credentials.app_secret,
            "scope": SCOPE,
        }
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
            http.post(self._credentials.token_address, data=asked, allow_redirects=False) as response,
        ):
            response.raise_for_status()
            said = await response.json(content_type=None)
        lasts = max(float(said.get("expires_in", 0)) - EARLY_SECONDS, 0.0)
        return str(said["access_token"]), time.monotonic() + lasts
