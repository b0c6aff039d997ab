"""Notifications over HTTP: the inbox after a cursor, acknowledging it, and posting to somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from deskhand.gateway.door import actor, door, session
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import Fields, fields_of, query_number
from deskhand.gateway.json_body import json_object
from deskhand.gateway.once import once
from deskhand.gateway.orders import idempotency
from deskhand.gateway.sessions import Session
from deskhand.notifications.audience import Listener
from deskhand.notifications.hours import Every
from deskhand.notifications.inbox import PAGE, acknowledge, replay
from deskhand.notifications.posting import MOST_CHARACTERS, AudienceInvalid, Notice, post
from deskhand.notifications.preferences import PreferencesInvalid
from deskhand.notifications.settings import SET, save, settings_json, show
from deskhand.orders.actions import POST_NOTIFICATION
from deskhand.orders.errors import MustBeHeard, UnknownUser
from deskhand.orders.model import Actor
from deskhand.orders.tenant import LANGUAGES
from deskhand.orders.working_hours import DAYS
from deskhand.store import Desk, UnitOfWork, User

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS}
POST_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["to"],
    "properties": {
        "to": {"type": "string", "pattern": "^(role|user|customer):.+$", "examples": ["role:warehouse", "user:clerk"]},
        **dict.fromkeys(LANGUAGES, _TEXT),
        "order": {"type": "string"},
    },
}

_NAME: Mapping[str, Any] = {"type": "string"}
_TIME: Mapping[str, Any] = {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "examples": ["22:00"]}
PREFERENCES_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "kinds": {
            "type": "object",
            "description": "Kind -> channel -> at_once, unread, digest or off; what is left out stays",
            "additionalProperties": {"type": "object", "additionalProperties": _NAME},
        },
        "quiet": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "required": ["from", "to"],
            "properties": {
                "from": _TIME,
                "to": _TIME,
                "days": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": [*DAYS]}},
            },
        },
        "time_zone": {"type": "string", "minLength": 1, "maxLength": 64},
        "digest": {
            "type": "object",
            "additionalProperties": False,
            "required": ["every"],
            "properties": {"every": {"type": "string", "enum": [*map(str, Every)]}, "at": _TIME},
        },
        "muted_until": {"type": ["string", "null"], "format": "date-time"},
    },
}


def listener_of(signed_in: Session) -> Listener:
    """Audiences follow from the sign-in; nobody chooses theirs."""
    return Listener(signed_in.tenant, signed_in.user_id, signed_in.role, signed_in.customer_id)


async def list_notifications(request: web.Request) -> web.Response:
    at, listener = door(request), listener_of(session(request))
    after = query_number(request, "after", 0, 2**53)
    inbox = await at.threads.run(replay, at.desk, listener, after, query_number(request, "limit", PAGE, PAGE))
    more = inbox.items[-1]["seq"] if inbox.more else None
    return web.json_response({"items": list(inbox.items), "unread": inbox.unread, "next": more})


async def acknowledge_notifications(request: web.Request) -> web.Response:
    """Everything up to `seq` counts as read."""
    at, listener, fields = door(request), listener_of(session(request)), await fields_of(request)
    seq = fields.integer("seq")
    fields.done()
    if seq is None or seq < 0:
        raise InvalidRequest(field="seq", problem="must be a whole number")
    return web.json_response({"unread": await at.threads.run(acknowledge, at.desk, listener, seq)})


async def post_notification(request: web.Request) -> web.Response:
    """Told in the words given; in the language that was left out, in the other's."""
    at, fields = door(request), await fields_of(request)
    notice = _notice(fields)
    key = await idempotency(request)
    who = await at.threads.run(at.desk.require, POST_NOTIFICATION, actor(request))

    def done(uow: UnitOfWork, who: Actor) -> dict[str, Any]:
        try:
            return {"id": post(uow, who, notice)}
        except AudienceInvalid as error:
            raise InvalidRequest(field="to", problem=str(error)) from error

    status, body = await at.threads.run(once, at, who, done, key, web.HTTPCreated.status_code)
    return web.json_response(body, status=status)


def _notice(fields: Fields) -> Notice:
    """Raises InvalidRequest: no words, or too many."""
    to, order = fields.text("to"), fields.optional_text("order")
    words = {language: said for language in LANGUAGES if (said := fields.optional_text(language))}
    fields.done()
    if not words:
        raise InvalidRequest(field=LANGUAGES[0], problem=f"or {LANGUAGES[1]}: the words are missing")
    for language, said in words.items():
        if len(said) > MOST_CHARACTERS:
            raise InvalidRequest(field=language, problem=f"has more than {MOST_CHARACTERS} characters")
    return Notice(to, words, order)


async def show_preferences(request: web.Request) -> web.Response:
    """How one is told: by kind and channel, with quiet hours and the time of the digest."""
    at, who = door(request), session(request)
    return web.json_response(await at.threads.run(_shown, at.desk, who.tenant, who.user_id))


async def change_preferences(request: web.Request) -> web.Response:
    """What is left out stays as it is."""
    at, who, body = door(request), actor(request), await json_object(request)
    said = {("wants" if name == "kinds" else name): value for name, value in body.items()}
    return web.json_response(await at.threads.run(_changed, at.desk, who, said))


def _shown(desk: Desk, tenant: str, user_id: str) -> dict[str, Any]:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return settings_json(show(desk, uow, _user(uow, user_id)))


def _changed(desk: Desk, who: Actor, said: Mapping[str, Any]) -> dict[str, Any]:
    try:
        with desk.unit_of_work(who.tenant) as uow:
            now = save(desk, uow, who, _user(uow, who.user_id), said)
            uow.commit()
    except PreferencesInvalid as error:
        raise InvalidRequest(field=error.field, problem=error.problem) from error
    except MustBeHeard as refused:
        desk.note_refused(who, SET, refused)
        raise
    return settings_json(now)


def _user(uow: UnitOfWork, user_id: str) -> User:
    user = uow.users.get(user_id)
    if user is None:  # an API key is nobody's desk
        raise UnknownUser(user=user_id)
    return user
