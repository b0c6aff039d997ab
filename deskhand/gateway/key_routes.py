"""API keys over HTTP, for those who may manage them. The text of a key is in one answer alone, and never repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web

from deskhand.gateway.door import actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import Fields, fields_of
from deskhand.gateway.key_making import (
    DAYS,
    LONGEST_NAME,
    MOST_DAYS,
    MOST_OVERLAP_HOURS,
    OVERLAP_HOURS,
    ROLES,
    WantedKey,
    key_json,
    make_key,
    revoke_key,
    rotate_key,
    scopes_of,
)
from deskhand.gateway.scopes import Scope
from deskhand.orders.actions import MANAGE_KEYS
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import ApiKey, Desk, UnitOfWork

R = TypeVar("R")

KEY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "role", "scopes"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
        "role": {"type": "string", "enum": [str(role) for role in ROLES]},
        "scopes": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": [str(one) for one in Scope]}},
        "customer": {"type": "string", "description": "For role customer: whose orders it sees"},
        "days": {"type": "integer", "minimum": 0, "maximum": MOST_DAYS, "description": "0: does not expire"},
    },
}
ROTATE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"overlap_hours": {"type": "integer", "minimum": 0, "maximum": MOST_OVERLAP_HOURS}},
}


async def list_keys(request: web.Request) -> web.Response:
    at, who = door(request), actor(request)
    return web.json_response({"items": await at.threads.run(_list, at.desk, who)})


async def add_key(request: web.Request) -> web.Response:
    """The answer holds `key`, which nobody can be shown again; so a repeat makes another key."""
    wanted = _wanted(await fields_of(request))
    return await _made(request, lambda uow, who: make_key(uow, who, wanted))


async def rotate(request: web.Request) -> web.Response:
    """A new key in place of an old one, which works on for some hours."""
    fields, key_id = await fields_of(request), request.match_info["id"]
    overlap = fields.integer("overlap_hours")
    fields.done()
    hours = OVERLAP_HOURS if overlap is None else overlap
    return await _made(request, lambda uow, who: rotate_key(uow, who, key_id, hours))


async def revoke(request: web.Request) -> web.Response:
    at, who, key_id = door(request), actor(request), request.match_info["id"]
    await at.threads.run(_carried_out, at.desk, who, lambda uow, who: revoke_key(uow, who, key_id))
    return web.Response(status=204)


async def _made(request: web.Request, make: Callable[[UnitOfWork, Actor], tuple[ApiKey, str]]) -> web.Response:
    at = door(request)
    key, bearer = await at.threads.run(_carried_out, at.desk, actor(request), make)
    return web.json_response({"key": bearer, **key_json(key)}, status=201)


def _wanted(fields: Fields) -> WantedKey:
    role = fields.one_of("role", Role)
    if role is None:
        raise InvalidRequest(field="role", problem="is missing")
    days = fields.integer("days")
    wanted = WantedKey(
        name=fields.text("name"),
        role=role,
        scopes=scopes_of(fields.texts("scopes") or ()),
        customer_id=fields.optional_text("customer"),
        days=DAYS if days is None else days,
    )
    fields.done()
    return wanted


def _list(desk: Desk, who: Actor) -> list[dict[str, Any]]:
    desk.require(MANAGE_KEYS, who)
    with desk.unit_of_work(who.tenant, read_only=True) as uow:
        return [key_json(key) for key in uow.api_keys.all()]


def _carried_out(desk: Desk, who: Actor, work: Callable[[UnitOfWork, Actor], R]) -> R:
    """In one transaction; a refusal stands in the audit."""
    desk.require(MANAGE_KEYS, who)
    try:
        with desk.unit_of_work(who.tenant) as uow:
            done = work(uow, who)
            uow.commit()
    except DeskhandError as refused:
        desk.note_refused(who, MANAGE_KEYS, refused)
        raise
    return done
