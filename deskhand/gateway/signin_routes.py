"""Signing in and out: by password, or by a link; one's own sessions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiohttp import web

from deskhand.gateway.cookies import clear_session_cookie, set_session_cookie
from deskhand.gateway.door import SOCKETS, actor, door, session
from deskhand.gateway.errors import GatewayError, SessionExpired, SessionForged, SignInRefused, TooManyRequests
from deskhand.gateway.excess import note_excess_of
from deskhand.gateway.fields import fields_of
from deskhand.gateway.guessing import Attempt, user_by_password
from deskhand.gateway.keys import COMPANY, REQUEST_ID, bearer_of, caller_of
from deskhand.gateway.notices import notice
from deskhand.gateway.refused_tokens import USE_LINK, Shown, company_in, note_refused
from deskhand.gateway.security import refuse_cross_site
from deskhand.gateway.sessions import Session
from deskhand.gateway.sessions_store import (
    bearer_token,
    cookie_token,
    end_all_sessions,
    end_session,
    own_sessions,
    start_session,
)
from deskhand.gateway.settings import LOOPBACK
from deskhand.gateway.signin import Link, read_signin_link, signin_link
from deskhand.orders.model import Actor
from deskhand.store import Desk, StoredSession, User

BY_PASSWORD, BY_LINK, BY_DEMO_LINK = "password", "link", "demo_link"


async def sign_in(request: web.Request) -> web.Response:
    """Login and password against a session; a wrong login and a wrong password look and take the same."""
    at, fields = door(request), await fields_of(request)
    _refuse_foreign_page(request)
    login, password = fields.text("login"), fields.text("password")
    tenant = fields.optional_text("tenant") or at.settings.tenant
    fields.done()
    request[COMPANY] = tenant
    at.sign_in_addresses.take(caller_of(request))
    user = await user_by_password(at, Attempt(tenant, login, password, caller_of(request), request[REQUEST_ID]))
    if user is None:
        raise SignInRefused()
    return await let_in(request, user, BY_PASSWORD)


async def sign_in_by_link(request: web.Request) -> web.Response:
    """The link's user gets a session. Outside the demo a link is good for one sign-in."""
    fields = await fields_of(request)
    _refuse_foreign_page(request)
    token = fields.text("token")
    fields.done()
    user, link = await _user_of_link(request, token)
    return await let_in(request, user, BY_LINK, link)


async def open_link(request: web.Request) -> web.StreamResponse:
    """The demo's links lead to the desk at once, any other to a page with a button.

    Mail programs open links by themselves, and a page of another site could sign somebody in as another.
    """
    at, given = door(request), request.query.get("token", "")
    if not at.settings.demo:
        return web.Response(status=303, headers={"Location": f"/static/link.html#{quote(given)}"})
    try:
        user, link = await _user_of_link(request, given)
        _, token = await start_session(at, user, BY_DEMO_LINK, request, link)
    except GatewayError as refused:
        if not _asks_for_a_page(request):
            raise
        if isinstance(refused, TooManyRequests):
            await note_excess_of(request, refused)
        return notice(refused.code, refused.status, request[REQUEST_ID])
    response = web.Response(status=303, headers={"Location": "/desk"})
    set_session_cookie(response, token, at)
    return response


async def show_session(request: web.Request) -> web.Response:
    return web.json_response(session_json(session(request)))


async def list_sessions(request: web.Request) -> web.Response:
    """Where this user is signed in."""
    at, signed_in = door(request), session(request)
    found = await at.threads.run(own_sessions, at.desk, signed_in, at.clock())
    return web.json_response({"items": [_row(one, signed_in.id) for one in found]})


async def renew_session(request: web.Request) -> web.Response:
    """The same session with a new token; for a page with the cookie there is nothing that it could read."""
    at, signed_in = door(request), session(request)
    if bearer_of(request):
        token, until = bearer_token(at, signed_in)
        return web.json_response({"token": token, "token_expires_at": until.isoformat()} | session_json(signed_in))
    response = web.json_response(session_json(signed_in))
    set_session_cookie(response, cookie_token(at, signed_in), at)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Ends this session, whatever its tokens say, and closes its sockets."""
    at, signed_in = door(request), session(request)
    await at.threads.run(end_session, at.desk, signed_in, actor(request))
    return await _out(request, signed_in.id)


async def sign_out_everywhere(request: web.Request) -> web.Response:
    """Ends all sessions of this user."""
    at = door(request)
    ended = await at.threads.run(_end_all, at.desk, actor(request))
    return await _out(request, *ended)


async def demo_users(request: web.Request) -> web.Response:
    """Sign-in links of the demo's users; on this machine only, and only in the demo."""
    at = door(request)
    if not at.settings.lists_demo_users or not _asked_by_loopback_name(request):
        return web.json_response({"users": []})
    users = await at.threads.run(_users, at.desk, at.settings.tenant)
    secret, now = at.settings.session_secret, at.clock()
    rows = [{"login": u.login, "name": u.name, "role": u.role, "link": signin_link(u, secret, "", now)} for u in users]
    return web.json_response({"users": rows})


def session_json(signed_in: Session) -> dict[str, Any]:
    return {
        "user": {
            "id": signed_in.user_id,
            "login": signed_in.login,
            "name": signed_in.name,
            "role": signed_in.role,
            "customer": signed_in.customer_id,
            "tenant": signed_in.tenant,
            "language": signed_in.language,
        },
        "expires_at": signed_in.expires_at.isoformat(),
    }


def _row(one: StoredSession, current: str) -> dict[str, Any]:
    """Without its id: whoever reads this can do nothing with it."""
    return {
        "how": one.how,
        "created_at": one.created_at.isoformat(),
        "seen_at": one.seen_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "current": one.id == current,
    }


async def let_in(request: web.Request, user: User, how: str, link: Link | None = None) -> web.Response:
    """A new session of somebody who has shown who they are: its cookie, and a token for programs."""
    at = door(request)
    signed_in, cookie = await start_session(at, user, how, request, link)
    token, until = bearer_token(at, signed_in)
    body = {"token": token, "token_expires_at": until.isoformat()} | session_json(signed_in)
    response = web.json_response(body, status=201)
    set_session_cookie(response, cookie, at)
    return response


async def _user_of_link(request: web.Request, token: str) -> tuple[User, Link]:
    at = door(request)
    request[COMPANY] = company_in(token)
    at.sign_in_addresses.take(caller_of(request))
    try:
        link = read_signin_link(token, at.settings.session_secrets, at.clock())
        user = await at.threads.run(_user_by_id, at.desk, link.tenant, link.user_id)
        if user is None:
            raise SessionForged()
    except (SessionForged, SessionExpired) as refused:
        await note_refused(at, Shown(token, USE_LINK, "http", request[REQUEST_ID], caller_of(request)), refused)
        raise
    return user, link


async def _out(request: web.Request, *ended: str) -> web.Response:
    await request.app[SOCKETS].sign_out(*ended)
    response = web.Response(status=204)
    clear_session_cookie(response, door(request))
    return response


def _refuse_foreign_page(request: web.Request) -> None:
    """A page of another site must not sign anybody in as another; a program sends none of these headers."""
    if {"Origin", "Sec-Fetch-Site"} & request.headers.keys():
        refuse_cross_site(request)


def _asks_for_a_page(request: web.Request) -> bool:
    """A browser that opens an address says so; a program gets JSON."""
    return "text/html" in request.headers.get("Accept", "")


def _asked_by_loopback_name(request: web.Request) -> bool:
    """A foreign page whose name was pointed at this machine asks under its own name."""
    return request.url.host in LOOPBACK


def _end_all(desk: Desk, who: Actor) -> list[str]:
    with desk.unit_of_work(who.tenant) as uow:
        ended = end_all_sessions(uow, who, who.user_id, "signed_out_everywhere")
        uow.commit()
    return ended


def _user_by_id(desk: Desk, tenant: str, user_id: str) -> User | None:
    if tenant not in desk.tenants:
        return None
    with desk.unit_of_work(tenant, read_only=True) as uow:
        user = uow.users.get(user_id)
    return user if user is not None and user.active else None


def _users(desk: Desk, tenant: str) -> list[User]:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return [user for user in uow.users.all() if user.active]
