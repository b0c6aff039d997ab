"""Versions of processes over HTTP: which there are, proposing one, approving it; and the drawing. Knows no SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web

from deskhand.gateway.door import actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import Fields, fields_of
from deskhand.orders.actions import SHOW_PROCESSES
from deskhand.orders.model import Actor
from deskhand.store import Desk
from deskhand.store.process_drawing import draw
from deskhand.store.process_errors import NoSuchProcess, NoSuchVersion
from deskhand.store.process_files import KINDS
from deskhand.store.process_list import listed
from deskhand.store.publishing import Proposal, WantedVersion, approve, propose, withdraw
from deskhand.store.repositories.process_versions import ProcessVersion

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 2000}
PROPOSE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "active_from": {**_TEXT, "description": "A time, or a day in the company's zone; by default at once"},
        "accept_broken": {**_TEXT, "description": "Why it does not matter that histories would break"},
        "notes": _TEXT,
        "files": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "File name -> text; by default the process's folder as it lies",
        },
    },
}
NOTHING: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
DIAGRAM_QUERY: Mapping[str, Mapping[str, Any]] = {"version": {"type": "integer", "minimum": 1}}
LONGEST_NAME, LARGEST_NUMBER = 64, 2**31 - 1


async def list_versions(request: web.Request) -> web.Response:
    """All versions of a process, with how many cases are on each."""
    at = door(request)
    return web.json_response({"items": await at.threads.run(_listed, at.desk, actor(request), _name(request))})


async def propose_version(request: web.Request) -> web.Response:
    """What the check and the simulation found is in the answer."""
    at, fields = door(request), await fields_of(request)
    wanted = _wanted(_name(request), fields)
    made = await at.threads.run(propose, at.desk, actor(request), wanted)
    return web.json_response(_proposal(made), status=201)


async def approve_version(request: web.Request) -> web.Response:
    at = door(request)
    (await fields_of(request)).done()
    done = await at.threads.run(
        approve, at.desk, actor(request), _name(request), _number(request.match_info["version"])
    )
    return web.json_response(_version(done))


async def withdraw_version(request: web.Request) -> web.Response:
    at = door(request)
    (await fields_of(request)).done()
    done = await at.threads.run(
        withdraw, at.desk, actor(request), _name(request), _number(request.match_info["version"])
    )
    return web.json_response(_version(done))


async def show_diagram(request: web.Request) -> web.Response:
    """The drawing with the counts of this moment."""
    at = door(request)
    said = request.query.get("version")
    version = None if said is None else _number(said)
    svg = await at.threads.run(_drawn, at.desk, actor(request), _name(request), version)
    return web.Response(text=svg, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _listed(desk: Desk, who: Actor, process: str) -> list[dict[str, Any]]:
    who = desk.require(SHOW_PROCESSES, who)
    rows = listed(desk, who.tenant, process)
    if not rows:
        raise NoSuchProcess(process=process)
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _drawn(desk: Desk, who: Actor, process: str, version: int | None) -> str:
    who = desk.require(SHOW_PROCESSES, who)
    if process not in desk.versions.names(who.tenant):
        raise NoSuchProcess(process=process)
    if version is None:
        return draw(desk, who.tenant, desk.versions.active(who.tenant, process)).svg
    return draw(desk, who.tenant, desk.versions.of(who.tenant, process, version)).svg


def _wanted(process: str, fields: Fields) -> WantedVersion:
    wanted = WantedVersion(
        process=process,
        active_from=fields.optional_text("active_from"),
        accept_broken=fields.optional_text("accept_broken"),
        notes=fields.optional_text("notes") or "",
        files=_files(fields.raw("files")),
    )
    fields.done()
    return wanted


def _files(given: object) -> Mapping[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise InvalidRequest(field="files", problem="must be texts by the names of their files")
    for name in given:
        if "/" in name or name.startswith(".") or not name.endswith(KINDS) or len(name) > LONGEST_NAME:
            raise InvalidRequest(field="files", problem=f"must have names ending in {', '.join(KINDS)}")
    return given


def _name(request: web.Request) -> str:
    name = request.match_info["name"]
    if len(name) > LONGEST_NAME or not name.replace("_", "").isalnum():
        raise NoSuchProcess(process=name[:LONGEST_NAME])
    return name


def _number(said: str) -> int:
    if not said.isascii() or not said.isdigit() or not 0 < int(said[:12]) <= LARGEST_NUMBER:
        raise NoSuchVersion(process="?", version=said[:12])
    return int(said)


def _proposal(made: Proposal) -> dict[str, Any]:
    return {
        **_version(made.version),
        "findings": [each.as_row() for each in made.checked.findings],
        "simulation": {
            "cases": made.simulation.cases,
            "steps": made.simulation.steps,
            "unclear": made.simulation.unclear,
            "broken": [asdict(each) for each in made.simulation.broken],
            "goes_another_way": [asdict(each) for each in made.simulation.elsewhere],
            "cannot_be_judged": [asdict(each) for each in made.simulation.unsure],
        },
    }


def _version(one: ProcessVersion) -> dict[str, Any]:
    return {name: _plain(getattr(one, name)) for name in ProcessVersion.__slots__}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
