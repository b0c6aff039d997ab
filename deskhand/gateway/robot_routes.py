"""Robots over HTTP: what they have to do and have done, with its evidence; ask, stop, try again, switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from deskhand.gateway.door import Door, actor, door, session
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import Fields, fields_of, query_number
from deskhand.gateway.once import Answer, once
from deskhand.gateway.orders import idempotency
from deskhand.gateway.route import Route, Schema
from deskhand.gateway.scopes import Scope
from deskhand.gateway.text_routes import refusals_noted
from deskhand.orders.actions import QUERY_ROBOTS, RUN_ROBOTS, SWITCH_ROBOTS
from deskhand.orders.model import Actor
from deskhand.robots.errors import UnknownItem
from deskhand.robots.queue import MOST_PRIORITY, Wish
from deskhand.robots.robots_file import ORDER
from deskhand.robots.shift import folder_of
from deskhand.robots.words import problem_said
from deskhand.store import UnitOfWork, new_id
from deskhand.store.repositories.robots import EvidenceRow, Mode
from deskhand.store.work_item import ItemState, WorkItem

PAGE, MOST = 50, 200
MEDIA = {
    ".png": "image/png",
    ".html": "text/plain; charset=utf-8",  # another system's page is never run as one of ours
    ".txt": "text/plain; charset=utf-8",
    ".jsonl": "application/x-ndjson",
    ".zip": "application/zip",
}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
ITEM: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reference"],
    "properties": {
        "reference": {"type": "string", "maxLength": 200, "description": "What is never done twice; an order's number"},
        "input": {
            "type": "object",
            "description": "Of a robot that works on no orders: what it is handed",
            "additionalProperties": {"type": ["string", "number", "boolean", "null", "array", "object"]},
        },
        "priority": {"type": "integer", "minimum": 0, "maximum": MOST_PRIORITY},
        "not_before": _MOMENT,
        "deadline": _MOMENT,
        "attended": {"type": "boolean"},
        "dry_run": {"type": "boolean", "description": "Everything up to the last click"},
    },
}
MODE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["mode"],
    "properties": {"mode": {"type": "string", "enum": [*map(str, Mode)]}},
}
NOTHING: Schema = {"type": "object", "additionalProperties": False, "properties": {}}
QUERY: dict[str, Schema] = {
    "robot": {"type": "string"},
    "state": {"type": "string", "enum": [*map(str, ItemState)]},
    "limit": {"type": "integer", "minimum": 0},
    "before": {"type": "string"},
}


async def list_robots(request: web.Request) -> web.Response:
    at, who = door(request), actor(request)
    return web.json_response({"items": await at.threads.run(_robots, at, who)})


async def switch(request: web.Request) -> web.Response:
    at, who, fields = door(request), actor(request), await fields_of(request)
    mode = fields.one_of("mode", Mode)
    fields.done()
    if mode is None:
        raise InvalidRequest(field="mode", problem="is missing")
    robot = request.match_info["robot"]
    key = await idempotency(request)
    return answered(await at.threads.run(_once, at, who, SWITCH_ROBOTS, partial(_switch, at, robot, mode), key, 200))


async def add(request: web.Request) -> web.Response:
    """The item; of a reference that is known, the one that is there."""
    at, who = door(request), actor(request)
    wish = _wish(await fields_of(request))
    done = partial(_add, at, request.match_info["robot"], wish)
    return answered(await at.threads.run(_once, at, who, RUN_ROBOTS, done, await idempotency(request), 201))


async def list_items(request: web.Request) -> web.Response:
    at, who, state = door(request), actor(request), request.query.get("state")
    if state is not None and state not in [*map(str, ItemState)]:
        raise InvalidRequest(field="state", problem=f"must be one of {', '.join(map(str, ItemState))}")
    limit = max(1, query_number(request, "limit", PAGE, MOST))
    wanted = (request.query.get("robot"), state, limit, request.query.get("before"))
    return web.json_response(await at.threads.run(_items, at, who, *wanted))


async def show(request: web.Request) -> web.Response:
    at, who = door(request), actor(request)
    return web.json_response(await at.threads.run(_show, at, who, request.match_info["id"]))


async def retry(request: web.Request) -> web.Response:
    at, who = door(request), actor(request)
    (await fields_of(request)).done()
    done = partial(_retry, at, request.match_info["id"])
    return answered(await at.threads.run(_once, at, who, RUN_ROBOTS, done, await idempotency(request), 202))


async def stop(request: web.Request) -> web.Response:
    at, who = door(request), actor(request)
    (await fields_of(request)).done()
    done = partial(_stop, at, request.match_info["id"])
    return answered(await at.threads.run(_once, at, who, RUN_ROBOTS, done, await idempotency(request), 202))


async def evidence(request: web.Request) -> web.StreamResponse:
    """One file: a picture, the page's text, the trace, the log of steps."""
    at, who = door(request), actor(request)
    row = await at.threads.run(_evidence, at, who, request.match_info["id"])
    file = folder_of(at.settings.robots.kept, session(request).tenant, row.item_id, row.attempt) / row.file
    if not await at.threads.run(file.is_file):
        raise UnknownItem(item=row.id)
    kind = "inline" if file.suffix == ".png" else "attachment"
    headers = {
        "Content-Type": MEDIA.get(Path(row.file).suffix, "application/octet-stream"),
        "Content-Disposition": f'{kind}; filename="{row.file}"',
        "Cache-Control": "no-store",
    }
    return web.FileResponse(file, headers=headers)


def item_json(item: WorkItem, language: str) -> dict[str, Any]:
    return {
        "id": item.id,
        "robot": item.robot,
        "reference": item.reference,
        "state": str(item.state),
        "priority": item.priority,
        "attempts": item.attempts,
        "attended": item.attended,
        "dry_run": item.dry_run,
        "owner": item.owner,
        "step": item.step,
        "input": dict(item.input),
        "output": dict(item.output) if item.output is not None else None,
        "problem": {**item.problem, "said": problem_said(item.problem, language)} if item.problem else None,
        "not_before": _at(item.not_before),
        "deadline": _at(item.deadline),
        "created_at": _at(item.created_at),
        "updated_at": _at(item.updated_at),
        "finished_at": _at(item.finished_at),
    }


def evidence_json(row: EvidenceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "attempt": row.attempt,
        "kind": row.kind,
        "name": row.name,
        "file": row.file,
        "size": row.size,
        "sha256": row.digest,
        "at": row.at.isoformat(),
        "link": f"/api/robot-evidence/{row.id}",
    }


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _wish(fields: Fields) -> Wish:
    said = fields.raw("input")
    if said is not None and not isinstance(said, dict):
        raise InvalidRequest(field="input", problem="must be an object")
    priority = fields.integer("priority") or 0
    if not 0 <= priority <= MOST_PRIORITY:
        raise InvalidRequest(field="priority", problem=f"must be 0 to {MOST_PRIORITY}")
    wish = Wish(
        reference=fields.text("reference")[:200],
        input=said or {},
        priority=priority,
        not_before=fields.moment("not_before"),
        deadline=fields.moment("deadline"),
        attended=fields.optional_flag("attended"),
        dry_run=fields.flag("dry_run"),
    )
    fields.done()
    return wish


def _robots(at: Door, who: Actor) -> list[dict[str, Any]]:
    at.desk.require(QUERY_ROBOTS, who)
    with at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        modes, counts = uow.robots.modes(), uow.work_items.count()
    return [
        {
            "name": spec.name,
            "title": dict(spec.title),
            "mode": str(modes.get(spec.name, Mode.RUNNING)),
            "attended": spec.attended,
            "items": {str(state): counts.get((spec.name, str(state)), 0) for state in ItemState},
        }
        for spec in at.robots.robots.all()
    ]


def answered(answer: Answer) -> web.Response:
    return web.json_response(answer[1], status=answer[0])


def _once(
    at: Door,
    who: Actor,
    right: str,
    done: Callable[[UnitOfWork, Actor], dict[str, Any]],
    key: tuple[str, str] | None,
    status: int,
) -> Answer:
    """A refusal stands in the audit; a repeat is answered and not carried out again."""
    at.desk.require(right, who)
    with refusals_noted(at, who, right):
        return once(at, who, done, key, status)


def _switch(at: Door, robot: str, mode: Mode, uow: UnitOfWork, who: Actor) -> dict[str, Any]:
    at.robots.switch(uow, who, robot, mode)
    return {"robot": robot, "mode": str(mode)}


def _add(at: Door, robot: str, wish: Wish, uow: UnitOfWork, who: Actor) -> dict[str, Any]:
    """A dry run is an item of its own: what is tried out is not done."""
    if at.robots.spec(robot).input == ORDER and not wish.input.get("order"):
        wish = _with_order(wish)
    return item_json(at.robots.add(uow, who, robot, wish), uow.tenant.languages[0])


def _with_order(wish: Wish) -> Wish:
    reference = f"{wish.reference}/dry/{new_id()}" if wish.dry_run else wish.reference
    return replace(wish, reference=reference, input={**wish.input, "order": wish.reference})


def _items(at: Door, who: Actor, robot: str | None, state: str | None, limit: int, before: str | None) -> Any:
    at.desk.require(QUERY_ROBOTS, who)
    with at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        states = [ItemState(state)] if state else []
        found = uow.work_items.newest(robot, states, limit=limit + 1, before=before)
        items = [item_json(item, uow.tenant.languages[0]) for item in found[:limit]]
    return {"items": items, "next": items[-1]["id"] if len(found) > limit else None}


def _show(at: Door, who: Actor, item_id: str) -> dict[str, Any]:
    at.desk.require(QUERY_ROBOTS, who)
    with refusals_noted(at, who, QUERY_ROBOTS), at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        item = at.robots.item(uow, item_id)
        kept = [evidence_json(row) for row in uow.robots.evidence_of(item.id)]
        return {**item_json(item, uow.tenant.languages[0]), "evidence": kept}


def _retry(at: Door, item_id: str, uow: UnitOfWork, who: Actor) -> dict[str, Any]:
    return item_json(at.robots.again(uow, who, item_id), uow.tenant.languages[0])


def _stop(at: Door, item_id: str, uow: UnitOfWork, who: Actor) -> dict[str, Any]:
    return item_json(at.robots.stop(uow, who, item_id), uow.tenant.languages[0])


def _evidence(at: Door, who: Actor, evidence_id: str) -> EvidenceRow:
    at.desk.require(QUERY_ROBOTS, who)
    with refusals_noted(at, who, QUERY_ROBOTS), at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        row = uow.robots.evidence(evidence_id)
        if row is None:
            raise UnknownItem(item=evidence_id[:80])
        return row


def robot_table() -> list[Route]:
    """For people who may have robots work, and for keys that may do so with cases."""
    everything, one = "/api/robot-items", "/api/robot-items/{id}"
    return [
        Route("GET", "/api/robots", list_robots, "Robots, whether they run, and their items", scope=Scope.CASES_READ),
        Route("POST", "/api/robots/{robot}/switch", switch, "Pause it, stop it, or let it run", people=True,
              body=MODE, once=True),
        Route("POST", "/api/robots/{robot}/items", add, "Ask for work, once for each reference",
              scope=Scope.CASES_WRITE, body=ITEM, success=201, once=True),
        Route("GET", everything, list_items, "What robots have to do and have done", scope=Scope.CASES_READ,
              query=QUERY),
        Route("GET", one, show, "An item, with what was kept of its attempts", scope=Scope.CASES_READ),
        Route("POST", one + "/retry", retry, "Try again what did not succeed", scope=Scope.CASES_WRITE, body=NOTHING,
              success=202, once=True),
        Route("POST", one + "/stop", stop, "Stop it before the robot's next step", scope=Scope.CASES_WRITE,
              body=NOTHING, success=202, once=True),
        Route("GET", "/api/robot-evidence/{id}", evidence, "A picture, a page, a trace or a log of an attempt",
              scope=Scope.CASES_READ, media=("image/png", "text/plain", "application/x-ndjson", "application/zip")),
    ]  # fmt: skip
