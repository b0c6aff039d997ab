"""Signing in and out: by password, or by a link of the demo."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from deskhand.gateway.door import SOCKETS, Door, door, session
from deskhand.gateway.errors import SessionForged, SignInRefused
from deskhand.gateway.fields import fields_of
from deskhand.gateway.passwords import password_matches
from deskhand.gateway.security import refuse_cross_site
from deskhand.gateway.sessions import COOKIE, Session, mint_session, open_session
from deskhand.gateway.signin import read_signin_token, signin_link
from deskhand.store import Desk, User


async def sign_in(request: web.Request) -> web.Response:
    """Login and password against a session; a wrong login and a wrong password look and take the same."""
    at, fields = door(request), await fields_of(request)
    if request.headers.get("Origin"):
        refuse_cross_site(request)
    login, password = fields.text("login"), fields.text("password")
    tenant = fields.optional_text("tenant") or at.settings.tenant
    fields.done()
    at.sign_in_addresses.take(f"{request.remote}")
    at.sign_ins.take(f"{tenant} {login}")
    user = await at.threads.run(_user_by_password, at.desk, tenant, login, password)
    if user is None:
        raise SignInRefused()
    signed_in = open_session(user, at.clock())
    token = mint_session(signed_in, at.settings.session_secret)
    response = web.json_response({"token": token} | session_json(signed_in), status=201)
    _set_cookie(response, token, at)
    return response


async def sign_in_by_link(request: web.Request) -> web.StreamResponse:
    """The link's user gets a session and their page."""
    at = door(request)
    at.sign_in_addresses.take(f"{request.remote}")
    tenant, user_id = read_signin_token(request.query.get("token", ""), at.settings.session_secret, at.clock())
    user = await at.threads.run(_user_by_id, at.desk, tenant, user_id)
    if user is None:
        raise SessionForged()
    response = web.Response(status=303, headers={"Location": "/desk"})
    _set_cookie(response, mint_session(open_session(user, at.clock()), at.settings.session_secret), at)
    return response


async def show_session(request: web.Request) -> web.Response:
    return web.json_response(session_json(session(request)))


async def sign_out(request: web.Request) -> web.Response:
    """Forgets the cookie and closes the sockets of this session."""
    await request.app[SOCKETS].sign_out(session(request).id)
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path="/")
    return response


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


def _asked_by_loopback_name(request: web.Request) -> bool:
    """A foreign page whose name was pointed at this machine asks under its own name."""
    return request.host.rsplit(":", 1)[0].strip("[]") in {"127.0.0.1", "localhost", "::1"}


def _set_cookie(response: web.Response, token: str, at: Door) -> None:
    response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="Strict", secure=at.settings.secure_cookie)


def _user_by_password(desk: Desk, tenant: str, login: str, password: str) -> User | None:
    user = None
    if tenant in desk.tenants:
        with desk.unit_of_work(tenant, read_only=True) as uow:
            user = uow.users.by_login(login)
    known = user is not None and user.active
    matches = password_matches(password, user.password_hash if user is not None and known else None)
    return user if matches else None


def _user_by_id(desk: Desk, tenant: str, user_id: str) -> User | None:
    if tenant not in desk.tenants:
        return None
    with desk.unit_of_work(tenant, read_only=True) as uow:
        user = uow.users.get(user_id)
    return user if user is not None and user.active else None


def _users(desk: Desk, tenant: str) -> list[User]:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return [user for user in uow.users.all() if user.active]
