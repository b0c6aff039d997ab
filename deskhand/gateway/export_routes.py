"""Exports over HTTP. Each is written to a file first and sent from there, so a slow reader holds no transaction."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import date
from typing import IO

from aiohttp import web

from deskhand.erp.exporting import Kind, Wanted, export
from deskhand.erp.sheets import Format
from deskhand.gateway.door import actor, door, session
from deskhand.gateway.errors import InvalidRequest, RouteUnknown
from deskhand.gateway.fields import Fields
from deskhand.gateway.route import Schema
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import LANGUAGES

CHANNEL = "http"
PIECE = 1 << 18
_DAY: Schema = {"type": "string", "format": "date"}
_TEXT: Schema = {"type": "string", "minLength": 1}
QUERY: dict[str, Schema] = {
    "format": {"type": "string", "enum": [*map(str, Format)]},
    "language": {"type": "string", "enum": [*LANGUAGES]},
    "status": {"type": "string", "description": "One status, or several with commas between them"},
    "customer": _TEXT,
    "source": _TEXT,
    "warehouse": _TEXT,
    "since": {**_DAY, "description": "The first day of the orders"},
    "until": {**_DAY, "description": "The last day of the orders"},
}


async def export_kind(request: web.Request) -> web.StreamResponse:
    """A file of everything that the caller may see of one kind."""
    at, who = door(request), actor(request, CHANNEL)
    wanted = _wanted(request, session(request).language)
    file = tempfile.TemporaryFile()  # closed below, after it was sent
    try:
        await at.slow.run(export, at.desk, who, wanted, file)
        today = at.desk.tenant(who.tenant).today(at.clock())
        return await _sent(request, wanted, file, f"{wanted.kind}-{today}.{wanted.format}")
    finally:
        file.close()


async def _sent(request: web.Request, wanted: Wanted, file: IO[bytes], name: str) -> web.StreamResponse:
    response = web.StreamResponse()
    response.headers["Content-Type"] = wanted.format.media
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.content_length = file.seek(0, 2)
    file.seek(0)
    await response.prepare(request)
    while piece := await asyncio.to_thread(file.read, PIECE):
        await response.write(piece)
    await response.write_eof()
    return response


def _wanted(request: web.Request, language: str) -> Wanted:
    if request.match_info["kind"] not in [*Kind]:
        raise RouteUnknown()
    if len(set(request.query)) != len(request.query):
        raise InvalidRequest(field="query", problem="says something twice")
    fields = Fields({name: value for name, value in request.query.items() if value})
    since, until = _day(fields, "since"), _day(fields, "until")
    wanted = Wanted(
        Kind(request.match_info["kind"]),
        fields.one_of("format", Format) or Format.CSV,
        fields.optional_text("language", "^(zh|en)$") or language,
        _statuses(fields.optional_text("status")),
        fields.optional_text("customer"),
        fields.optional_text("source"),
        since,
        until,
        fields.optional_text("warehouse"),
    )
    fields.done()
    return wanted


def _day(fields: Fields, name: str) -> date | None:
    day = fields.day(name)
    if day is not None and not 1970 <= day.year <= 9000:
        raise InvalidRequest(field=name, problem="must be a date like 2026-11-27")
    return day


def _statuses(said: str | None) -> tuple[OrderStatus, ...]:
    try:
        return tuple(OrderStatus(each.strip()) for each in said.split(",")) if said else ()
    except ValueError as error:
        raise InvalidRequest(field="status", problem=f"must be one of {', '.join(OrderStatus)}") from error
