"""Who asked for too much, in the audit: at most one row a minute for each caller and limit, saying how many it counts.

The first refusal is noted at once, the others of the same minute together with the next row. Decides no limit.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aiohttp import web

from deskhand.channels.errors import TooManyMessages
from deskhand.gateway.addresses import address_digest
from deskhand.gateway.api_keys import PREFIX, company_in_key
from deskhand.gateway.door import door
from deskhand.gateway.errors import TooManyRequests
from deskhand.gateway.keys import COMPANY, REQUEST_ID, SESSION, bearer_of, caller_of
from deskhand.gateway.problems import Handler
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.store import Desk

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

EXCEED_LIMIT = "exceed_limit"
TOO_MANY = (TooManyRequests, TooManyMessages)

_log = logging.getLogger("deskhand.gateway")


@dataclass(frozen=True, slots=True)
class Excess:
    """One refusal. `address` is a digest; it tells apart those of whom nobody knows who they are."""

    tenant: str
    refused: DeskhandError
    channel: str
    cause: str
    address: str
    who: Actor | None = None

    @property
    def limit(self) -> str:
        """Which one: `chat`, `api`, ...; a conversation's own queue has no name."""
        return str(self.refused.data.get("limit", "queue"))

    @property
    def key(self) -> tuple[str, str, str]:
        """What shares a row."""
        return self.tenant, self.who.user_id if self.who is not None else self.address, self.limit


@web.middleware
async def excess_noted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whichever limit a request ran into."""
    try:
        return await handler(request)
    except TOO_MANY as refused:
        await note_excess_of(request, refused)
        raise


async def note_excess_of(request: web.Request, refused: DeskhandError) -> None:
    """For a request whose sender is known, or has at least named a company."""
    at, cause = door(request), request[REQUEST_ID]
    address = address_digest(caller_of(request), at.settings.session_secret)
    signed_in = request.get(SESSION)
    if signed_in is not None:
        who = signed_in.actor("http", cause)
        await note_excess(at, Excess(signed_in.tenant, refused, "http", cause, address, who))
    else:
        await note_excess(at, Excess(_company_named(request), refused, "http", cause, address))


async def note_excess(at: Door, excess: Excess) -> None:
    """Names of companies that are not served are one: made up anew each time, they would fill what is counted here."""
    if excess.tenant not in at.desk.tenants:
        excess = replace(excess, tenant="")
    if at.excesses.count(excess.key, excess):
        await at.threads.run(_note, at.desk, [(excess, 1)])


async def note_due(at: Door) -> None:
    """What has come again since, where the minute is over."""
    if due := at.excesses.due():
        await at.threads.run(_note, at.desk, due)


async def note_rest(at: Door) -> None:
    """The gateway stops."""
    if rest := at.excesses.rest():
        await at.threads.run(_note, at.desk, rest)


def _company_named(request: web.Request) -> str:
    bearer = bearer_of(request)
    return company_in_key(bearer) if bearer.startswith(PREFIX) else request.get(COMPANY, "")


def _note(desk: Desk, excesses: Sequence[tuple[Excess, int]]) -> None:
    for excess, times in excesses:
        if excess.tenant not in desk.tenants:
            _log.warning("request %s: refused by the limit %s, %d times", excess.cause, excess.limit, times)
            continue
        detail = {"code": excess.refused.code, "kind": excess.limit, "times": times}
        with desk.unit_of_work(excess.tenant) as uow:
            if excess.who is not None:
                uow.audit.add(excess.who, EXCEED_LIMIT, None, "refused", detail)
            else:
                uow.audit.add_unknown(excess.channel, excess.cause, EXCEED_LIMIT, excess.address, "refused", detail)
            uow.commit()
