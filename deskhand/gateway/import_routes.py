"""Imports over HTTP: a file is looked at, agreed to, carried out by a worker, and its refused rows can be had."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from deskhand.channels.inbound import Inbound
from deskhand.channels.turns import Speaker
from deskhand.erp.jobs import NotImportable, Wanted, job_json
from deskhand.erp.kinds import Kind
from deskhand.erp.rights import right_to_begin
from deskhand.erp.sources.errors import NoSpace
from deskhand.erp.words import problem_said
from deskhand.gateway.channels import require_channels
from deskhand.gateway.door import Door, actor, door, session
from deskhand.gateway.errors import DiskFull, FileRefused, InvalidRequest
from deskhand.gateway.fields import Fields, fields_of, query_number
from deskhand.gateway.keys import REQUEST_ID
from deskhand.gateway.orders import digest, key_of
from deskhand.gateway.route import Schema
from deskhand.gateway.uploads import kept_form
from deskhand.orders.actions import IMPORT_ORDERS as IMPORT
from deskhand.orders.errors import ImportGone
from deskhand.orders.model import Actor
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import CHAT
from deskhand.store.repositories.import_jobs import ImportJob, JobState

CHANNEL = "import"
PAGE = 50
SORTS = ("created", "updated", "paid")
QUERY: dict[str, Schema] = {"limit": {"type": "integer", "minimum": 0}}
_TEXT: Schema = {"type": "string", "maxLength": 64}
FORM: Schema = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "One or several, of one kind"},
        "kind": {"type": "string", "enum": [*map(str, Kind)], "description": "As the columns say, if it is left out"},
        "source": {**_TEXT, "description": "The system that they come from"},
        "mapping": {"type": "string", "description": "How columns are read, as a file of erp/mappings says it"},
        "sort": {"type": "string", "enum": [*SORTS]},
        "start_status": {"type": "string", "enum": [*map(str, OrderStatus)]},
        "automatic": {"type": "string", "enum": ["0", "1"]},
        "incomplete": {"type": "string", "enum": ["0", "1"], "description": "Take orders without their refused rows"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "language": {"type": "string", "enum": ["zh", "en"]},
        "chat": {"type": "string", "enum": ["0", "1"], "description": "Show the preview in one's own conversation"},
    },
}
NOTHING: Schema = {"type": "object", "additionalProperties": False, "properties": {}}


async def look(request: web.Request) -> web.Response:
    """Nothing is written but what the preview is: with it comes the id to agree to."""
    at, who, signed_in = door(request), actor(request, CHANNEL), session(request)
    await at.threads.run(at.desk.require, right_to_begin(at.desk, who), who)
    if request.content_type != "multipart/form-data":
        raise InvalidRequest(field="body", problem="is not multipart/form-data")
    at.limits.file(who.tenant)
    largest = at.desk.tenant(who.tenant).limits.largest_import_mb << 20
    try:
        files, said = await kept_form(request, at.imports.kept, who.tenant, largest)
    except NoSpace as error:
        raise DiskFull() from error
    try:
        wanted, language, chat = _wanted(Fields(said))
        if not files:
            raise InvalidRequest(field="file", problem="is missing")
        if chat and signed_in.scopes is not None:
            raise InvalidRequest(field="chat", problem="is for people")
    except InvalidRequest:
        at.imports.kept.remove(who.tenant, [place for _, place in files])
        raise
    job = await _looked_at(at, who, files, wanted, language or signed_in.language, chat, _cause(request, who))
    if chat:
        await _into_chat(request, job)
    return web.json_response(job_json(job), status=201)


def _cause(request: web.Request, who: Actor) -> str:
    """The same key of the same caller is the same import; its files are not looked at again."""
    key = key_of(request)
    return request[REQUEST_ID] if key is None else digest(f"{who.user_id} {request.path} {key}".encode())


async def _looked_at(
    at: Door, who: Actor, files: list[tuple[str, str]], wanted: Wanted, language: str, chat: bool, cause: str
) -> ImportJob:
    try:
        conversation = await at.threads.run(_conversation, at, who) if chat else None
        return await at.slow.run(at.imports.look, who, files, wanted, language, cause, conversation)
    except NotImportable as refused:
        problem = refused.problem
        raise FileRefused(reason=problem["code"], problem=str(refused), said=problem_said(problem)) from refused


def _conversation(at: Door, who: Actor) -> str:
    return at.chat.turns.open(Speaker(who.tenant, who.user_id))[0].id


async def _into_chat(request: web.Request, job: ImportJob) -> None:
    """The file is a message of the person; the bot answers it with the preview."""
    at, signed_in = door(request), session(request)
    require_channels(at.desk, signed_in.tenant, (CHAT,))
    inbound = Inbound(f"file-{job.id}"[:64], text=", ".join(job.names), file=job.id)
    received = await at.chat.receive(Speaker(signed_in.tenant, signed_in.user_id), inbound)
    at.chat.wake(signed_in.tenant, received.conversation.id)


async def list_imports(request: web.Request) -> web.Response:
    """Those of the company, newest first."""
    at, who = door(request), actor(request, CHANNEL)
    limit = max(1, query_number(request, "limit", PAGE, 200))
    jobs = await at.threads.run(_list, at, who, limit)
    return web.json_response({"items": [job_json(job) for job in jobs]})


async def show(request: web.Request) -> web.Response:
    return web.json_response(job_json(await _visible(request)))


async def apply(request: web.Request) -> web.Response:
    """The explicit yes; a worker carries it out."""
    at, who = door(request), actor(request, CHANNEL)
    (await fields_of(request)).done()
    return web.json_response(await at.threads.run(_apply, at, who, request.match_info["id"]), status=202)


async def discard(request: web.Request) -> web.Response:
    at, who = door(request), actor(request, CHANNEL)
    await at.threads.run(_discard, at, who, request.match_info["id"])
    return web.Response(status=204)


async def rejected(request: web.Request) -> web.StreamResponse:
    """The rows that were refused, each with its reason: to be corrected and imported again."""
    at, job = door(request), await _visible(request)
    path = await at.threads.run(at.imports.rejected, job, session(request).tenant)
    if path is None:
        with _noted(at, actor(request, CHANNEL)):
            raise ImportGone()
    headers = {"Content-Disposition": f'attachment; filename="rejected-{job.id[:8]}.csv"',
               "Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store"}  # fmt: skip
    return web.FileResponse(path, headers=headers)


async def _visible(request: web.Request) -> ImportJob:
    at, who = door(request), actor(request, CHANNEL)
    return await at.threads.run(_get, at, who, request.match_info["id"])


def _get(at: Door, who: Actor, job_id: str) -> ImportJob:
    """Raises ImportGone, RoleNotAllowed."""
    at.desk.require(right_to_begin(at.desk, who), who)
    with _noted(at, who), at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        job = uow.import_jobs.get(job_id)
        if job is None or job.state is JobState.DISCARDED:
            raise ImportGone()
    at.desk.require(at.imports.right_to(who, job), who)
    return job


@contextmanager
def _noted(at: Door, who: Actor) -> Iterator[None]:
    """Asking for an import that is not here, or another company's, stands in the audit."""
    try:
        yield
    except ImportGone as refused:
        at.desk.note_refused(who, IMPORT, refused)
        raise


def _list(at: Door, who: Actor, limit: int) -> Any:
    at.desk.require(right_to_begin(at.desk, who), who)
    with at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        jobs = uow.import_jobs.list(limit=limit)
        return [job for job in jobs if at.desk.granted(uow, at.imports.right_to(who, job), who) is not None]


def _apply(at: Door, who: Actor, job_id: str) -> dict[str, Any]:
    """A repeat of the yes is answered with how it stands."""
    at.desk.require(right_to_begin(at.desk, who), who)
    job = _get(at, who, job_id)
    if job.state is JobState.READY:
        with _noted(at, who), at.desk.unit_of_work(who.tenant) as uow:
            at.imports.agree(uow, who, job_id)
            uow.commit()
    return job_json(_get(at, who, job_id))


def _discard(at: Door, who: Actor, job_id: str) -> None:
    at.desk.require(right_to_begin(at.desk, who), who)
    with _noted(at, who), at.desk.unit_of_work(who.tenant) as uow:
        at.imports.discard(uow, who, job_id)
        uow.commit()


def _wanted(fields: Fields) -> tuple[Wanted, str | None, bool]:
    kind, sort = fields.one_of("kind", Kind), fields.optional_text("sort") or "created"
    status = fields.one_of("start_status", OrderStatus)
    if sort not in SORTS:
        raise InvalidRequest(field="sort", problem=f"must be one of {', '.join(SORTS)}")
    wanted = Wanted(
        source=fields.optional_text("source", r"^[^\x00-\x1f]{1,64}$") or "upload",
        kind=str(kind) if kind else None,
        mapping=_mapping(fields.raw("mapping")),
        sort=sort,
        start_status=str(status) if status else None,
        automatic=fields.optional_text("automatic", "^[01]$") == "1",
        currency=fields.optional_text("currency", "^[A-Z]{3}$"),
        incomplete=fields.optional_text("incomplete", "^[01]$") == "1",
    )
    language, chat = fields.optional_text("language", "^(zh|en)$"), fields.optional_text("chat", "^[01]$") == "1"
    fields.done()
    return wanted, language, chat


def _mapping(said: object) -> str | None:
    return said if isinstance(said, str) and said.strip() else None
