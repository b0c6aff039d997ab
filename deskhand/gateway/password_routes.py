"""A person changes their own password: who is signed in and knows the present one. Knows no other person's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from deskhand.gateway.door import SOCKETS, actor, door, session
from deskhand.gateway.errors import InvalidRequest, PasswordWrong
from deskhand.gateway.fields import fields_of
from deskhand.gateway.guessing import Attempt, user_by_password
from deskhand.gateway.keys import REQUEST_ID, caller_of
from deskhand.gateway.passwords import LEAST_CHARACTERS, MOST_CHARACTERS, hash_password, password_problem
from deskhand.gateway.sessions_store import CHANGE_USER, end_all_sessions
from deskhand.gateway.signin import LINK_LIFETIME
from deskhand.gateway.signin_routes import BY_PASSWORD, let_in
from deskhand.orders.model import Actor
from deskhand.store import Desk, User

PASSWORD_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["password", "new_password"],
    "properties": {
        "password": {"type": "string", "description": "The present one"},
        "new_password": {"type": "string", "minLength": LEAST_CHARACTERS, "maxLength": MOST_CHARACTERS},
    },
}


async def change_password(request: web.Request) -> web.Response:
    """Everybody else who is signed in as this user is out, and links are withdrawn; the browser gets a new session."""
    at, who, fields = door(request), session(request), await fields_of(request)
    present, wanted = fields.text("password"), fields.text("new_password")
    fields.done()
    if problem := password_problem(wanted):
        raise InvalidRequest(field="new_password", problem=problem)
    user = await user_by_password(at, Attempt(who.tenant, who.login, present, caller_of(request), request[REQUEST_ID]))
    if user is None or user.id != who.user_id:
        raise PasswordWrong()
    hashed = await at.threads.run(hash_password, wanted)
    ended = await at.threads.run(_change, at.desk, actor(request), user, hashed)
    await request.app[SOCKETS].sign_out(*ended)
    return await let_in(request, user, BY_PASSWORD)


def _change(desk: Desk, who: Actor, user: User, hashed: str) -> list[str]:
    with desk.unit_of_work(who.tenant) as uow:
        uow.users.set_password(user.id, hashed)
        uow.audit.add(who, CHANGE_USER, user.id, "done", {"code": "password"})
        uow.sessions.withdraw_links(user, LINK_LIFETIME)
        ended = end_all_sessions(uow, who, user.id, "password_changed")
        uow.commit()
    return ended
