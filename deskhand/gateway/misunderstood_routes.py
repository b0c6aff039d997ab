"""What was not understood, over HTTP, for those who may label it. Masked in the store; knows no intents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from deskhand.gateway.door import actor, door
from deskhand.gateway.errors import InvalidRequest, MisunderstoodUnknown
from deskhand.gateway.fields import fields_of, query_number
from deskhand.orders.actions import LABEL_MISUNDERSTOOD
from deskhand.orders.model import Actor
from deskhand.store import Desk
from deskhand.store.misunderstood import Alike, label, like, misunderstood

PAGE, LONGEST = 50, 500
_INTENT = re.compile(r"[a-z][a-z_]{0,60}")
QUERY: Mapping[str, Mapping[str, Any]] = {
    "labelled": {"type": "string", "enum": ["0", "1"]},
    "limit": {"type": "integer", "minimum": 0},
}
LABEL_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["intent"],
    "properties": {
        "intent": {"type": "string", "pattern": f"^({_INTENT.pattern})?$", "description": "Empty: no label"}
    },
}


async def list_misunderstood(request: web.Request) -> web.Response:
    """The newest first; what differs in numbers and signs only is one item."""
    at, who, labelled = door(request), actor(request), request.query.get("labelled")
    if labelled not in (None, "0", "1"):
        raise InvalidRequest(field="labelled", problem="must be 0 or 1")
    limit = max(1, query_number(request, "limit", PAGE, LONGEST))
    only = None if labelled is None else labelled == "1"
    return web.json_response({"items": await at.threads.run(_list, at.desk, who, only, limit)})


async def label_misunderstood(request: web.Request) -> web.Response:
    """What the message and all like it mean; `deskhand misunderstood export` makes training data of it."""
    at, fields, message = door(request), await fields_of(request), request.match_info["id"]
    intent = fields.raw("intent")
    fields.done()
    if not isinstance(intent, str) or (intent and not _INTENT.fullmatch(intent)):
        raise InvalidRequest(field="intent", problem="must be the name of an intent, or empty")
    return web.json_response(await at.threads.run(_label, at.desk, actor(request), message, intent or None))


def _list(desk: Desk, who: Actor, labelled: bool | None, limit: int) -> list[dict[str, Any]]:
    who = desk.require(LABEL_MISUNDERSTOOD, who)
    with desk.unit_of_work(who.tenant, read_only=True) as uow:
        return [_json(each) for each in misunderstood(uow, labelled)[:limit]]


def _label(desk: Desk, who: Actor, message: str, intent: str | None) -> dict[str, Any]:
    who = desk.require(LABEL_MISUNDERSTOOD, who)
    try:
        with desk.unit_of_work(who.tenant, read_only=True) as uow:
            ids = like(uow, message)
        with desk.unit_of_work(who.tenant) as uow:
            count = label(uow, who, ids, intent)
            uow.commit()
    except KeyError:
        refused = MisunderstoodUnknown(message=message)
        desk.note_refused(who, LABEL_MISUNDERSTOOD, refused)
        raise refused from None
    return {"id": message, "label": intent, "messages": count}


def _json(alike: Alike) -> dict[str, Any]:
    one = alike.newest
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "times": alike.count,
        "how": str(one.how),
        "taken_for": one.intent,
        "confidence": one.confidence,
        "others": dict(one.others),
        "chosen": one.chosen,
        "label": one.label,
        "text": one.text,
    }
