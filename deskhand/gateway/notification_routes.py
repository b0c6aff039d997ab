"""The inbox over HTTP: what came after a cursor, and acknowledging it."""

from __future__ import annotations

from aiohttp import web

from deskhand.gateway.door import door, session
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import fields_of, query_number
from deskhand.gateway.sessions import Session
from deskhand.notifications.audience import Listener
from deskhand.notifications.inbox import PAGE, acknowledge, replay


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
