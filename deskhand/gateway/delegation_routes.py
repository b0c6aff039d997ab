"""Who acts for whom while they are away, over HTTP. The rules stand in the store; a delegation is made by a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from deskhand.gateway.door import actor, door
from deskhand.gateway.fields import Fields, fields_of
from deskhand.orders.model import Actor
from deskhand.store import Desk, WantedDelegation, delegate, delegation_json, delegations, end_delegation

_LOGIN = {"type": "string", "minLength": 1}
_WHEN = {"type": "string", "description": "A time, or a day in the company's zone, which counts whole"}
DELEGATION_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["delegate", "until"],
    "properties": {
        "away": {**_LOGIN, "description": "Whose rights; by default those of whoever asks"},
        "delegate": _LOGIN,
        "from": {**_WHEN, "description": "By default now"},
        "until": _WHEN,
        "reason": {"type": "string", "maxLength": 2000},
    },
}


async def list_delegations(request: web.Request) -> web.Response:
    """All of them for whoever may lend anybody's rights, else those that concern the one who asks."""
    at = door(request)
    return web.json_response({"items": await at.threads.run(delegations, at.desk, actor(request))})


async def add_delegation(request: web.Request) -> web.Response:
    at, wanted = door(request), _wanted(await fields_of(request))
    made = await at.threads.run(_made, at.desk, actor(request), wanted)
    return web.json_response(made, status=201)


async def remove_delegation(request: web.Request) -> web.Response:
    """It ends at once and stays on record."""
    at = door(request)
    await at.threads.run(end_delegation, at.desk, actor(request), request.match_info["id"])
    return web.Response(status=204)


def _wanted(fields: Fields) -> WantedDelegation:
    wanted = WantedDelegation(
        away=fields.optional_text("away"),
        delegate=fields.text("delegate"),
        ends=fields.text("until"),
        begins=fields.optional_text("from"),
        reason=fields.optional_text("reason") or "",
    )
    fields.done()
    return wanted


def _made(desk: Desk, who: Actor, wanted: WantedDelegation) -> dict[str, object]:
    made = delegate(desk, who, wanted)
    with desk.unit_of_work(who.tenant, read_only=True) as uow:
        logins = {user.id: user.login for user in uow.users.many({made.from_user, made.to_user, made.created_by})}
        return delegation_json(made, logins, uow.now)
