"""Conversations that people take over from the bot, over HTTP. What becomes of them is decided in the channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from deskhand.channels.handovers import CLOSED, TAKEN, WAITING, Change, described
from deskhand.channels.inbound import read_text
from deskhand.gateway.door import Door, actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import fields_of, query_number
from deskhand.gateway.orders import idempotency
from deskhand.gateway.sessions import Session
from deskhand.orders.actions import TAKE_HANDOVERS
from deskhand.orders.model import Actor
from deskhand.orders.tenant import CHAT
from deskhand.store import Desk, new_id

STATES = (WAITING, TAKEN, CLOSED)
QUERY: Mapping[str, Any] = {"state": {"type": "string", "enum": ["open", *STATES]}}
PAGE_QUERY: Mapping[str, Any] = {"after": {"type": "integer", "minimum": 0}}
NOTHING: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
REPLY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 4000}},
}


async def list_handovers(request: web.Request) -> web.Response:
    """Those that wait or are taken, or those of one state; those that wait first."""
    at, wanted = door(request), request.query.get("state", "open")
    if wanted not in ("open", *STATES):
        raise InvalidRequest(field="state", problem=f"must be one of open, {', '.join(STATES)}")
    states = (WAITING, TAKEN) if wanted == "open" else (wanted,)
    items = await at.threads.run(at.chat.turns.handovers.queue, actor(request, CHAT), states)
    waiting = sum(1 for item in items if item["state"] == WAITING)
    return web.json_response({"items": items, "waiting": waiting})


async def show_handover(request: web.Request) -> web.Response:
    """With its newest messages, or those after `after`, and what could be said at once to the one who has it."""
    at, after = door(request), query_number(request, "after", 0, 2**53) if "after" in request.query else None
    shown = await at.threads.run(_shown_to, at, actor(request, CHAT), request.match_info["id"], after)
    return web.json_response(shown)


async def claim(request: web.Request) -> web.Response:
    await _no_fields(request)
    at = door(request)
    return await _answer(request, await at.chat.colleagues.claim(actor(request, CHAT), request.match_info["id"]))


async def reply(request: web.Request) -> web.Response:
    """The same `Idempotency-Key` is said once."""
    at, fields = door(request), await fields_of(request)
    said = fields.raw("text")
    fields.done()
    text = read_text(said)
    key = await idempotency(request)
    client_id = f"reply:{key[0] if key is not None else new_id()}"
    identifier = request.match_info["id"]
    return await _answer(request, await at.chat.colleagues.reply(actor(request, CHAT), identifier, text, client_id))


async def give_back(request: web.Request) -> web.Response:
    await _no_fields(request)
    at = door(request)
    return await _answer(request, await at.chat.colleagues.give_back(actor(request, CHAT), request.match_info["id"]))


async def close(request: web.Request) -> web.Response:
    await _no_fields(request)
    at = door(request)
    return await _answer(request, await at.chat.colleagues.close(actor(request, CHAT), request.match_info["id"]))


def may_take_over(desk: Desk, signed_in: Session) -> bool:
    """Whether the queue is anything to them; only a right that may be lent has to be looked up."""
    if desk.permissions.grant(TAKE_HANDOVERS, signed_in.role) is not None:
        return True
    with desk.unit_of_work(signed_in.tenant, read_only=True) as uow:
        return desk.granted(uow, TAKE_HANDOVERS, signed_in.actor(CHAT, signed_in.id)) is not None


async def _no_fields(request: web.Request) -> None:
    (await fields_of(request)).done()


async def _answer(request: web.Request, change: Change) -> web.Response:
    at = door(request)
    shown = await at.threads.run(_shown, at.desk, actor(request).tenant, change)
    return web.json_response(shown)


def _shown_to(at: Door, who: Actor, handover_id: str, after: int | None) -> dict[str, Any]:
    shown = at.chat.turns.handovers.show(who, handover_id, after)
    ready = at.chat.colleagues.ready
    return shown | {"offers": ready.offers(who, shown["conversation"]) if ready is not None else []}


def _shown(desk: Desk, tenant: str, change: Change) -> dict[str, Any]:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return described(uow, [change.handover])[0] | {"messages": list(change.messages)}
