"""Cases over HTTP: what may be started, starting it, a page of cases, one with its history and texts, withdrawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from deskhand.cases import CaseCommand, GiveFields, StartCase, UnknownCase, WithdrawCase
from deskhand.cases.words import Speaker
from deskhand.gateway.case_json import case_json, process_json, row_json, rules_json, summary
from deskhand.gateway.door import actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import Fields, fields_of, query_number
from deskhand.gateway.once import once
from deskhand.gateway.orders import LARGEST_PAGE, PAGE, idempotency
from deskhand.orders.actions import QUERY_CASES
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.model import Actor
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import Desk, UnitOfWork
from deskhand.store.case_reading import (
    SeenCase,
    linked,
    seen_case,
    seen_cases,
    seen_document,
    seen_history,
    startable,
)

TEXT: Mapping[str, Any] = {"type": "string"}
LONG: Mapping[str, Any] = {"type": "string", "maxLength": 2000}
VERSION: Mapping[str, Any] = {"type": "integer", "description": "Refused with 409 if the case has another one by now"}
VALUE: Mapping[str, Any] = {"type": ["string", "number", "boolean", "null"]}
VALUES: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": VALUE,
    "description": "By the names of the process's fields",
}
START_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"fields": VALUES},
}
WITHDRAW_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"reason": LONG, "expected_version": VERSION},
}
GIVE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"fields": VALUES, "expected_version": VERSION},
    "required": ["fields"],
}
LIST_QUERY: Mapping[str, Mapping[str, Any]] = {
    **{name: TEXT for name in ("process", "status", "cursor")},
    "open": {"type": "string", "enum": ["0", "1"]},
    "mine": {"type": "string", "enum": ["0", "1"]},
    "limit": {"type": "integer", "minimum": 0},
}
DOCUMENT_QUERY: Mapping[str, Mapping[str, Any]] = {"language": {"type": "string", "enum": [*LANGUAGES]}}
MOST_FIELDS = 200


async def list_processes(request: web.Request) -> web.Response:
    """What the caller may start."""
    at = door(request)
    return web.json_response({"items": await at.threads.run(_startable, at.desk, actor(request))})


async def start_case(request: web.Request) -> web.Response:
    fields = await fields_of(request)
    command = StartCase(request.match_info["name"], values_of(fields))
    fields.done()
    return await carry_out(request, command, 201)


async def list_cases(request: web.Request) -> web.Response:
    at = door(request)
    asked: dict[str, Any] = {name: request.query.get(name) or None for name in ("process", "status", "cursor")}
    is_open = _flag(request, "open")
    asked |= {"is_open": is_open, "mine": bool(_flag(request, "mine"))}
    asked["limit"] = max(1, query_number(request, "limit", PAGE, LARGEST_PAGE))
    return web.json_response(await at.threads.run(_list, at.desk, actor(request), asked))


async def show_case(request: web.Request) -> web.Response:
    at = door(request)
    return web.json_response(await at.threads.run(_shown, at.desk, actor(request), request.match_info["number"]))


async def show_history(request: web.Request) -> web.Response:
    at = door(request)
    return web.json_response(await at.threads.run(_history, at.desk, actor(request), request.match_info["number"]))


async def show_document(request: web.Request) -> web.Response:
    """The text as it was written then; gone when what was personal in it was forgotten."""
    at, language = door(request), request.query.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise InvalidRequest(field="language", problem=f"must be one of {', '.join(LANGUAGES)}")
    number, name = request.match_info["number"], request.match_info["name"]
    return web.Response(text=await at.threads.run(_document, at.desk, actor(request), number, name, language))


async def give_fields(request: web.Request) -> web.Response:
    """What was not said at the start, or was wrong there; by who started it, before anybody has decided it."""
    fields = await fields_of(request)
    values, version = values_of(fields), fields.integer("expected_version")
    command = GiveFields(request.match_info["number"], values, version)
    fields.done()
    return await carry_out(request, command)


async def withdraw(request: web.Request) -> web.Response:
    fields = await fields_of(request)
    reason, version = fields.optional_text("reason"), fields.integer("expected_version")
    command = WithdrawCase(request.match_info["number"], reason, version)
    fields.done()
    return await carry_out(request, command)


def values_of(fields: Fields) -> dict[str, Any]:
    """The values of a case's fields, as they were given; each is read by the process's own rules.

    Raises:
        InvalidRequest: it is no object, or too large to be anybody's.
    """
    given = fields.raw("fields")
    if given is None:
        return {}
    if not isinstance(given, Mapping) or len(given) > MOST_FIELDS:
        raise InvalidRequest(field="fields", problem="must be an object of values by the names of fields")
    return dict(given)


async def carry_out(request: web.Request, command: CaseCommand, created: int = 200) -> web.Response:
    """The command, and the case as it is then; with an `Idempotency-Key` a repeat is answered, never carried out."""
    at, key = door(request), await idempotency(request)

    def done(uow: UnitOfWork, who: Actor) -> dict[str, Any]:
        outcome = at.desk.handle_in(uow, command, who)
        seen = _again(at.desk, uow, outcome.case.number, who)
        return {
            "case": _case(at.desk, uow, seen) if seen else {"number": outcome.case.number},
            "events": [str(event.name) for event in outcome.events],
            "on_behalf_of": outcome.on_behalf_of,
        }

    status, body = await at.threads.run(once, at, actor(request), done, key, created)
    return web.json_response(body, status=status)


def _again(desk: Desk, uow: UnitOfWork, number: str, who: Actor) -> SeenCase | None:
    """Whoever may do something with a case may see it; unless its process says otherwise since."""
    try:
        return seen_case(desk, uow, number, who)
    except (UnknownCase, RoleNotAllowed):
        return None


def _case(desk: Desk, uow: UnitOfWork, seen: SeenCase) -> dict[str, Any]:
    claims = uow.case_files.claims([seen.file.id]).get(seen.file.id, {})
    names = uow.names_of({seen.file.started_by, *(each.claimed_by for each in claims.values())})
    documents = uow.case_files.documents(seen.file.id)
    return case_json(seen, _speaker(desk, uow), names, claims, documents, linked(uow, seen.file))


def _speaker(desk: Desk, uow: UnitOfWork) -> Speaker:
    return Speaker(uow, uow.tenant, desk.shared_words(uow.tenant.id))


def _startable(desk: Desk, who: Actor) -> list[dict[str, Any]]:
    with desk.unit_of_work(who.tenant, read_only=True) as uow:
        return [process_json(each) for each in startable(desk, uow, who)]


@contextmanager
def _reading(desk: Desk, who: Actor) -> Iterator[UnitOfWork]:
    """A refused look stands in the audit, also one at a case that does not exist."""
    try:
        with desk.unit_of_work(who.tenant, read_only=True) as uow:
            yield uow
    except (UnknownCase, RoleNotAllowed) as refused:
        desk.note_refused(who, QUERY_CASES, refused)
        raise


def _list(desk: Desk, who: Actor, asked: dict[str, Any]) -> dict[str, Any]:
    with _reading(desk, who) as uow:
        page = seen_cases(desk, uow, who, **asked)
        names, speaker = uow.names_of({each.file.started_by for each in page.items}), _speaker(desk, uow)
        items = [summary(each, speaker, names) for each in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


def _shown(desk: Desk, who: Actor, number: str) -> dict[str, Any]:
    with _reading(desk, who) as uow:
        seen = seen_case(desk, uow, number, who)
        return _case(desk, uow, seen) | {"rules": rules_json(seen_history(uow, seen))}


def _history(desk: Desk, who: Actor, number: str) -> dict[str, Any]:
    with _reading(desk, who) as uow:
        seen = seen_case(desk, uow, number, who)
        rows = seen_history(uow, seen)
        names = uow.names_of({user for row in rows for user in (row.actor, row.on_behalf_of) if user})
        return {"case": seen.file.number, "items": [row_json(seen, row, names) for row in rows]}


def _document(desk: Desk, who: Actor, number: str, name: str, language: str) -> str:
    with _reading(desk, who) as uow:
        return seen_document(desk, uow, number, name, language, who)[1].text or ""


def _flag(request: web.Request, name: str) -> bool | None:
    said = request.query.get(name)
    if said not in (None, "0", "1"):
        raise InvalidRequest(field=name, problem="must be 0 or 1")
    return None if said is None else said == "1"
