"""The audit over HTTP, for who may look at it: newest first, page by page. Knows no SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from deskhand.gateway.door import actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import query_number
from deskhand.orders.actions import QUERY_AUDIT
from deskhand.orders.model import Actor
from deskhand.store import Desk
from deskhand.store.trail import Asked, Trail

PAGE, LONGEST = 50, 200
_TEXT: Mapping[str, Any] = {"type": "string", "maxLength": 200}
_TIME: Mapping[str, Any] = {"type": "string", "format": "date-time"}
QUERY: Mapping[str, Mapping[str, Any]] = {
    **{name: _TEXT for name in ("order", "user", "action", "outcome", "cause")},
    **{name: _TIME for name in ("since", "until")},
    **{name: {"type": "integer", "minimum": 0} for name in ("cursor", "limit")},
}


async def list_audit(request: web.Request) -> web.Response:
    """Refusals and administration; an order's own changes are its history."""
    at, who, given = door(request), actor(request), request.query
    asked = Asked(
        order=given.get("order"),
        user=given.get("user"),
        since=_time(request, "since"),
        until=_time(request, "until"),
        action=given.get("action"),
        outcome=given.get("outcome"),
        cause=given.get("cause"),
    )
    limit = max(1, query_number(request, "limit", PAGE, LONGEST))
    cursor = query_number(request, "cursor", 0, 2**53)
    return web.json_response(await at.threads.run(_page, at.desk, who, asked, limit, cursor))


def _page(desk: Desk, who: Actor, asked: Asked, limit: int, cursor: int) -> dict[str, Any]:
    who = desk.require(QUERY_AUDIT, who)
    with desk.unit_of_work(who.tenant, read_only=True) as uow:
        page = Trail(uow.connection, uow.tenant.id, uow.clock).page(asked, limit, cursor or None)
    return {"items": [asdict(each) | {"at": each.at.isoformat()} for each in page.items], "next": page.next_cursor}


def _time(request: web.Request, name: str) -> datetime | None:
    text = request.query.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(field=name, problem="must be a time as in 2026-11-20T08:00:00Z") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
