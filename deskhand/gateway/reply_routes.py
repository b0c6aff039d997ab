"""Replies made ahead of time over HTTP: an answer to what a customer wrote, at once; versions listed and approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from deskhand.gateway.door import Door, actor, door, session
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import fields_of
from deskhand.gateway.once import Answer, once
from deskhand.gateway.orders import idempotency
from deskhand.gateway.route import Schema
from deskhand.gateway.text_routes import refusals_noted, text_json
from deskhand.orders.actions import APPROVE_TEXTS, DRAFT_TEXTS
from deskhand.orders.model import Actor
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import UnitOfWork
from deskhand.store.desk import PROCESS
from deskhand.store.replies import approve, hand_over, reply_at_once
from deskhand.store.repositories.reply_templates import ReplyTemplate
from deskhand.store.text_jobs import facts_of, keep
from deskhand.writing.jobs import TextJob
from deskhand.writing.replies import KIND, Inquiry, inquiries_of

BODY: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["order", "message"],
    "properties": {
        "order": {"type": "string"},
        "message": {"type": "string", "maxLength": 4000, "description": "What the customer wrote"},
        "language": {"type": "string", "enum": [*LANGUAGES]},
    },
}
_NO_TEMPLATE = "no_template"


async def reply(request: web.Request) -> web.Response:
    """From the approved template of what the customer asks; without one, the sentences that fit every order.

    An approved one is sent at once where the company's file says so; anything else is offered to staff.
    """
    at, who = door(request), actor(request)
    await at.threads.run(at.desk.require, DRAFT_TEXTS, who)
    fields = await fields_of(request)
    order, message = fields.text("order"), fields.text("message")
    language = fields.optional_text("language") or session(request).language
    fields.done()
    if language not in LANGUAGES:
        raise InvalidRequest(field="language", problem=f"must be one of {', '.join(LANGUAGES)}")
    job, from_program = TextJob(KIND, language, order, message), session(request).scopes is not None
    status, body = await at.threads.run(_reply, at, who, job, from_program, await idempotency(request))
    return web.json_response(body, status=status)


async def list_templates(request: web.Request) -> web.Response:
    """Every version, the newest first, and whether one may approve them."""
    at, who = door(request), actor(request)
    await at.threads.run(at.desk.require, DRAFT_TEXTS, who)
    return web.json_response(await at.threads.run(_list, at, who))


async def approve_template(request: web.Request) -> web.Response:
    """From now on customers are answered with this version."""
    at, who = door(request), actor(request)
    await at.threads.run(at.desk.require, APPROVE_TEXTS, who)
    told = request.match_info
    if not told["version"].isdecimal():
        raise InvalidRequest(field="version", problem="must be a whole number")
    wanted = (told["inquiry"], told["language"], int(told["version"]))
    return web.json_response(await at.threads.run(_approve, at, who, wanted))


def inquiries_at(at: Door) -> Mapping[str, Inquiry]:
    return inquiries_of(at.settings.processes_dir / PROCESS)


def _reply(at: Door, who: Actor, job: TextJob, from_program: bool, key: tuple[str, str] | None) -> Answer:
    """Sent once, however often the request comes."""

    def done(uow: UnitOfWork, who: Actor) -> dict[str, Any]:
        text = reply_at_once(at.desk, uow, at.writer.templates, inquiries_at(at), job, who)
        if text is None:
            known = facts_of(at.desk, uow, job, who)
            text = at.writer.from_template(KIND, known, job.language, _NO_TEMPLATE, job.asked)
        order = uow.orders.get(job.about)
        keep(uow, text, order.id)
        return text_json(text) | {"outcome": hand_over(uow, text, order, who, from_program=from_program)}

    with refusals_noted(at, who, DRAFT_TEXTS):
        return once(at, who, done, key, 200)


def _list(at: Door, who: Actor) -> dict[str, Any]:
    known = inquiries_at(at)
    with at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        items = [template_json(each, known.get(each.inquiry)) for each in uow.reply_templates.list()]
        may_approve = at.desk.granted(uow, APPROVE_TEXTS, who) is not None
    kinds = [{"inquiry": each.name, "title": dict(each.title), "facts": list(each.needs)} for each in known.values()]
    return {"items": items, "inquiries": kinds, "may_approve": may_approve}


def _approve(at: Door, who: Actor, wanted: tuple[str, str, int]) -> dict[str, Any]:
    with refusals_noted(at, who, APPROVE_TEXTS), at.desk.unit_of_work(who.tenant) as uow:
        found = approve(at.desk, uow, at.writer.templates, inquiries_at(at), wanted, who)
        uow.commit()
    return template_json(found, inquiries_at(at).get(found.inquiry))


def template_json(template: ReplyTemplate, inquiry: Inquiry | None) -> dict[str, Any]:
    return {
        "inquiry": template.inquiry,
        "title": dict(inquiry.title) if inquiry else dict.fromkeys(LANGUAGES, template.inquiry),
        "language": template.language,
        "version": template.version,
        "text": template.text,
        "source": template.source,
        "drafted_by": template.drafted_by,
        "drafted_at": template.drafted_at.isoformat(),
        "approved_by": template.approved_by,
    }
