"""Texts over HTTP: one is asked for, written from the facts within seconds, checked, and given back. Knows no SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from deskhand.gateway.door import Door, actor, door, session
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import Fields, fields_of
from deskhand.gateway.once import once, repeated
from deskhand.gateway.orders import idempotency
from deskhand.gateway.route import Schema
from deskhand.orders.actions import DRAFT_TEXTS
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import UnitOfWork
from deskhand.store.text_jobs import facts_of, keep
from deskhand.writing import Facts, Text
from deskhand.writing.jobs import KINDS, OF_ORDERS, TextJob

TEXT_SECONDS = 15.0
_WHOLE = {"type": "integer", "minimum": 0}
BODY: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "about"],
    "properties": {
        "kind": {"type": "string", "enum": [*KINDS]},
        "about": {"type": "string", "description": "An order's number, a batch, or a customer's id, by the kind"},
        "language": {"type": "string", "enum": [*LANGUAGES]},
        "message": {"type": "string", "maxLength": 4000, "description": "What a customer wrote: data, never followed"},
        "payment_days": _WHOLE,
        "warranty_months": _WHOLE,
        "amount": {"type": "string"},
        "currency": {"type": "string"},
        "delivery_date": {"type": "string", "format": "date"},
    },
}


async def write_text(request: web.Request) -> web.Response:
    """The text, who wrote it, and what the fact check said."""
    at, who = door(request), actor(request)
    await at.threads.run(at.desk.require, DRAFT_TEXTS, who)
    job, key = _job(await fields_of(request), session(request).language), await idempotency(request)
    before = await at.threads.run(repeated, at, who, key)
    if before is not None:
        return web.json_response(before[1], status=before[0])
    facts, order = await at.threads.run(_facts, at, who, job)
    text = await at.writer.write(job.kind, facts, job.language, TEXT_SECONDS, job.asked)

    def done(uow: UnitOfWork, who: Actor) -> dict[str, Any]:
        keep(uow, text, order)
        return text_json(text)

    status, body = await at.threads.run(once, at, who, done, key, 200)
    return web.json_response(body, status=status)


def text_json(text: Text) -> dict[str, Any]:
    return {
        "kind": text.kind,
        "language": text.language,
        "text": text.text,
        "source": text.source,
        "reason": text.reason,
        "verdict": text.verdict.as_dict(),
    }


def _job(fields: Fields, spoken: str) -> TextJob:
    kind, about = fields.text("kind"), fields.text("about")
    language = fields.optional_text("language") or spoken
    asked = fields.optional_text("message") or ""
    spans = {name: fields.integer(name) for name in ("payment_days", "warranty_months")}
    amount, day = fields.decimal("amount"), fields.day("delivery_date")
    currency = fields.optional_text("currency")
    fields.done()
    for name, value, known in (("kind", kind, KINDS), ("language", language, LANGUAGES)):
        if value not in known:
            raise InvalidRequest(field=name, problem=f"must be one of {', '.join(known)}")
    said: dict[str, object] = {**spans, "amount": amount, "currency": currency, "delivery_date": day}
    terms = {name: value for name, value in said.items() if value is not None}
    return TextJob(kind, language, about, asked, {name: str(value) for name, value in terms.items()})


def _facts(at: Door, who: Actor, job: TextJob) -> tuple[Facts, str | None]:
    with refusals_noted(at, who, DRAFT_TEXTS), at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        order = uow.orders.get(job.about).id if job.kind in OF_ORDERS else None
        return facts_of(at.desk, uow, job, who), order


@contextmanager
def refusals_noted(at: Door, who: Actor, action: str) -> Iterator[None]:
    """A refusal stands in the audit: an order that isn't the company's looks as if it were not there."""
    try:
        yield
    except DeskhandError as refused:
        at.desk.note_refused(who, action, refused)
        raise
