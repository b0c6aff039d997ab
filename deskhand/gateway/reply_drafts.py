"""Drafts of replies made ahead of time, over HTTP: the model is asked for one, or a person words it. Knows no SQL.

Nothing is used of a draft before somebody approves it.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from deskhand.gateway.door import Door, actor, door
from deskhand.gateway.errors import InvalidRequest, ModelAway
from deskhand.gateway.fields import fields_of
from deskhand.gateway.once import once, repeated
from deskhand.gateway.orders import idempotency
from deskhand.gateway.reply_routes import inquiries_at, template_json
from deskhand.gateway.route import Schema
from deskhand.gateway.text_routes import refusals_noted
from deskhand.orders.actions import DRAFT_TEXTS
from deskhand.orders.errors import TextNotPossible
from deskhand.orders.model import Actor
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import UnitOfWork
from deskhand.store.replies import keep_draft
from deskhand.writing import Text
from deskhand.writing.replies import KIND, Inquiry, ReplyDraft, placeholders
from deskhand.writing.writer import FACTS_WRONG

DRAFT_SECONDS = 45.0
MADE = 201
_BY_PERSON = "person"
BODY: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["inquiry", "language"],
    "properties": {
        "inquiry": {"type": "string", "description": "A kind of inquiry of inquiries.yml"},
        "language": {"type": "string", "enum": [*LANGUAGES]},
        "text": {"type": "string", "maxLength": 2000, "description": "A person's words; left out, the model's"},
    },
}


async def draft_template(request: web.Request) -> web.Response:
    """The next version of a reply, checked with an order in every status.

    Where the model's draft is refused by the check, the sentences of the file are the draft, with the reason.
    """
    at, who, key = door(request), actor(request), await idempotency(request)
    await at.threads.run(at.desk.require, DRAFT_TEXTS, who)
    fields = await fields_of(request)
    name, language, words = fields.text("inquiry"), fields.text("language"), fields.optional_text("text")
    fields.done()
    known = inquiries_at(at)
    for field, value, allowed in (("inquiry", name, known), ("language", language, LANGUAGES)):
        if value not in allowed:
            raise InvalidRequest(field=field, problem=f"must be one of {', '.join(allowed)}")
    before = await at.threads.run(repeated, at, who, key)
    if before is not None:
        return web.json_response(before[1], status=before[0])
    inquiry = known[name]
    draft = ReplyDraft.of(at.writer.templates.get(KIND, language), inquiry)
    text = await _from_model(at, draft, inquiry) if words is None else await at.threads.run(_own, at, who, draft, words)

    def done(uow: UnitOfWork, who: Actor) -> dict[str, Any]:
        return _kept(uow, inquiry, text, who)

    status, body = await at.threads.run(once, at, who, done, key, MADE)
    return web.json_response(body, status=status)


async def _from_model(at: Door, draft: ReplyDraft, inquiry: Inquiry) -> Text:
    """
    Raises:
        ModelAway: it can't be asked, or gives no text in time.
    """
    text = await at.writer.write_with(draft, placeholders(inquiry), DRAFT_SECONDS)
    if text.reason not in (None, FACTS_WRONG):
        raise ModelAway(reason=text.reason)
    return text


def _own(at: Door, who: Actor, draft: ReplyDraft, words: str) -> Text:
    """
    Raises:
        TextNotPossible: it is not right for every order; its data say what is missing, and what is too much.
    """
    assert draft.inquiry is not None
    verdict = draft.check(words, {}, read=True)
    with refusals_noted(at, who, DRAFT_TEXTS):
        if not verdict.ok:
            raise TextNotPossible(number=draft.inquiry.name, status="", verdict=verdict.as_dict())
    return Text(KIND, draft.language, words, _BY_PERSON, None, verdict, None, 0.0)


def _kept(uow: UnitOfWork, inquiry: Inquiry, text: Text, who: Actor) -> dict[str, Any]:
    """As it stands, if the newest version says the same: asking again makes no heap of equals."""
    wanted = (inquiry.name, text.language)
    newest = next((each for each in uow.reply_templates.list() if (each.inquiry, each.language) == wanted), None)
    if newest is None or newest.text != text.text:
        newest = keep_draft(uow, inquiry, text, who)
        named = f"{newest.inquiry}/{newest.language}/{newest.version}"
        uow.audit.add(who, DRAFT_TEXTS, named, "done", {"source": text.source, "text": text.text})
    return template_json(newest, inquiry) | {"reason": text.reason}
