"""What stands before and after every request: its id, who asks, cross-site requests, headers of the answer."""

from __future__ import annotations

import re
import uuid
from urllib.parse import urlsplit

from aiohttp import web

from deskhand.gateway.api_keys import PREFIX, session_of_key
from deskhand.gateway.door import door
from deskhand.gateway.errors import RequestForged, SessionExpired, SignInRequired
from deskhand.gateway.keys import REQUEST_ID
from deskhand.gateway.problems import Handler
from deskhand.gateway.sessions import COOKIE, Session, read_session
from deskhand.gateway.settings import Settings
from deskhand.store import Desk

_USABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "Server": "deskhand",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@web.middleware
async def request_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The caller's `X-Request-Id` if it is one, else a new one; audit rows name it as their cause."""
    given = request.headers.get("X-Request-Id", "")
    request[REQUEST_ID] = given if _USABLE_ID.fullmatch(given) else uuid.uuid4().hex
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """On every answer, also on those that aiohttp makes by itself."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if REQUEST_ID in request:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")


async def require_session(request: web.Request) -> Session:
    """Who asks, by bearer token or cookie; a cookie alone does not authorise a request from another site.

    Raises:
        SignInRequired, SessionForged, SessionExpired, ApiKeyRefused, RequestForged.
    """
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    token = bearer or request.cookies.get(COOKIE)
    if not token:
        raise SignInRequired()
    if not bearer:
        refuse_cross_site(request)
    at = door(request)
    if bearer.startswith(PREFIX):
        return await session_of_key(at, bearer, request[REQUEST_ID], f"{request.remote}")
    signed_in = read_session(token, at.settings.session_secret, at.clock())
    await at.threads.run(check_user, at.desk, signed_in)
    return signed_in


def check_user(desk: Desk, signed_in: Session) -> None:
    """A user who was locked or has another role since must sign in again.

    Raises:
        SessionExpired.
    """
    if signed_in.tenant not in desk.tenants:
        raise SessionExpired()
    with desk.unit_of_work(signed_in.tenant, read_only=True) as uow:
        user = uow.users.get(signed_in.user_id)
    if user is None or not user.active or (user.role, user.customer_id) != (signed_in.role, signed_in.customer_id):
        raise SessionExpired()


def refuse_cross_site(request: web.Request) -> None:
    """A request that changes something needs our own header or our own origin.

    Raises:
        RequestForged.
    """
    if request.method in _HARMLESS or request.headers.get("X-Requested-With") == "deskhand":
        return
    if not own_origin(request.headers.get("Origin"), request.host, door(request).settings):
        raise RequestForged()


def own_origin(origin: str | None, host: str | None, settings: Settings) -> bool:
    """Whether a page of ours asks: the configured origin, or the host that the request itself was sent to."""
    if not origin:
        return False
    return origin in settings.origins() or urlsplit(origin).netloc == host
