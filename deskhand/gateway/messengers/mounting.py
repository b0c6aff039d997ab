"""The doors that are open: those of messengers whose credentials are there. Says once which are not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import web

from deskhand.channels.messengers.settings import MessengerSettings
from deskhand.gateway.errors import RouteUnknown
from deskhand.gateway.messengers.slack_door import SlackDoor
from deskhand.gateway.messengers.teams_door import TeamsDoor

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

_log = logging.getLogger("deskhand.gateway")


class Messengers:
    """Slack's and Teams' doors of one gateway."""

    def __init__(self, at: Door, settings: MessengerSettings) -> None:
        self._slack = SlackDoor(at, settings.slack) if settings.slack is not None else None
        self._teams = TeamsDoor(at, settings.teams) if settings.teams is not None else None
        for channel, wanted in settings.missing().items():
            _log.info("%s is off; it needs %s", channel, wanted)

    async def close(self) -> None:
        """Nothing comes in any more; what has been acknowledged is done first."""
        if self._slack is not None:
            await self._slack.close()

    async def slack(self, request: web.Request) -> web.StreamResponse:
        if self._slack is None:
            raise RouteUnknown()
        return await self._slack.receive(request)

    async def teams(self, request: web.Request) -> web.StreamResponse:
        if self._teams is None:
            raise RouteUnknown()
        return await self._teams.receive(request)


MESSENGERS: web.AppKey[Messengers] = web.AppKey("messengers", Messengers)


async def from_slack(request: web.Request) -> web.StreamResponse:
    return await request.app[MESSENGERS].slack(request)


async def from_teams(request: web.Request) -> web.StreamResponse:
    return await request.app[MESSENGERS].teams(request)
