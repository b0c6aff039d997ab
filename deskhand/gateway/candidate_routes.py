"""Orders that may be one, over HTTP: listed, and decided by a person."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from deskhand.erp.candidates import candidate_json, decide
from deskhand.gateway.door import Door, actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import fields_of, query_number
from deskhand.gateway.route import Schema
from deskhand.orders.actions import IMPORT_ORDERS as IMPORT
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.store.repositories.candidates import Verdict

CHANNEL = "import"
PAGE = 50
QUERY: dict[str, Schema] = {
    "limit": {"type": "integer", "minimum": 0},
    "state": {"type": "string", "enum": [*map(str, Verdict)]},
}
BODY: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["verdict"],
    "properties": {
        "verdict": {
            "type": "string",
            "enum": [*map(str, Verdict)],
            "description": "same: the second is cancelled, and the first stands for both; open takes a decision back",
        }
    },
}


async def list_candidates(request: web.Request) -> web.Response:
    """The oldest first."""
    at, who = door(request), actor(request, CHANNEL)
    limit = max(1, query_number(request, "limit", PAGE, 200))
    asked = request.query.get("state", "open")
    state = Verdict(asked) if asked in {*map(str, Verdict)} else Verdict.OPEN
    return web.json_response({"items": await at.threads.run(_list, at, who, state, limit)})


async def decide_candidate(request: web.Request) -> web.Response:
    """Once decided, a candidate is decided anew only after it was taken back."""
    at, who = door(request), actor(request, CHANNEL)
    fields = await fields_of(request)
    verdict = fields.one_of("verdict", Verdict)
    fields.done()
    if verdict is None:
        raise InvalidRequest(field="verdict", problem="is missing")
    candidate = request.match_info["id"]
    return web.json_response(await at.threads.run(_decide, at, who, candidate, verdict))


def _list(at: Door, who: Actor, state: Verdict, limit: int) -> list[dict[str, Any]]:
    at.desk.require(IMPORT, who)
    with at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        return [candidate_json(one) for one in uow.candidates.standing(state, limit)]


def _decide(at: Door, who: Actor, candidate: str, verdict: Verdict) -> dict[str, Any]:
    at.desk.require(IMPORT, who)
    try:
        with at.desk.unit_of_work(who.tenant) as uow:
            decide(at.desk, uow, who, candidate, verdict)
            found = uow.candidates.get(candidate)
            uow.commit()
    except DeskhandError as refused:
        at.desk.note_refused(who, IMPORT, refused)
        raise
    assert found is not None
    return candidate_json(found)
