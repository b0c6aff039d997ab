"""What stands before and after every request: its id, who asks, cross-site requests, headers of the answer."""

from __future__ import annotations

import re
import uuid
from urllib.parse import urlsplit

from aiohttp import web

from deskhand.gateway.addresses import FORWARDED, caller_address
from deskhand.gateway.api_keys import PREFIX, session_of_key
from deskhand.gateway.cookies import cookie_name, set_session_cookie
from deskhand.gateway.door import door
from deskhand.gateway.errors import RequestForged, SessionExpired, SessionForged, SignInRequired
from deskhand.gateway.keys import ADDRESS, FRESH_TOKEN, REQUEST_ID, bearer_of, caller_of
from deskhand.gateway.problems import Handler
from deskhand.gateway.refused_tokens import USE_SESSION, Shown, note_refused
from deskhand.gateway.sessions import Session, read_token
from deskhand.gateway.sessions_store import check_session, cookie_token
from deskhand.gateway.settings import Settings

_USABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})  # as a browser says it in Sec-Fetch-Site; `none`: typed by a person

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
    """The caller's `X-Request-Id` if it is one, else a new one; audit rows name it as their cause.

    Also notes where the request comes from, and gives the answer the cookie that the request has earned.
    """
    given = request.headers.get("X-Request-Id", "")
    request[REQUEST_ID] = given if _USABLE_ID.fullmatch(given) else uuid.uuid4().hex
    trusted = door(request).settings.trusted_proxies
    request[ADDRESS] = caller_address(request.remote, request.headers.getall(FORWARDED, []), trusted)
    response = await handler(request)
    if FRESH_TOKEN in request and cookie_name(door(request).settings) not in response.cookies:
        set_session_cookie(response, request[FRESH_TOKEN], door(request))
    return response


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
        TooManyRequests: this address has tried too many keys that are none.
    """
    at, bearer = door(request), bearer_of(request)
    token = bearer or request.cookies.get(cookie_name(at.settings))
    if not token:
        raise SignInRequired()
    if bearer.startswith(PREFIX):
        return await session_of_key(at, bearer, request[REQUEST_ID], caller_of(request))
    try:
        return await _session_of(request, token, by_cookie=not bearer)
    except (SessionForged, SessionExpired, RequestForged) as refused:
        shown = Shown(token, USE_SESSION, "http", request[REQUEST_ID], caller_of(request))
        await note_refused(at, shown, refused)
        raise


async def _session_of(request: web.Request, token: str, by_cookie: bool) -> Session:
    at = door(request)
    if by_cookie:
        refuse_cross_site(request)
    ticket = read_token(token, at.settings.session_secrets, at.clock())
    signed_in = await at.threads.run(check_session, at.desk, ticket.tenant, ticket.session_id, at.clock())
    if ticket.outdated and by_cookie:
        request[FRESH_TOKEN] = cookie_token(at, signed_in)
    return signed_in


def refuse_cross_site(request: web.Request) -> None:
    """A request that changes something must come from our own page, as the browser says, and show it.

    Raises:
        RequestForged.
    """
    if request.method in _HARMLESS:
        return
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_SITES:
        raise RequestForged()
    if request.headers.get("X-Requested-With") == "deskhand":
        return
    if not own_origin(request.headers.get("Origin"), request.host, door(request).settings):
        raise RequestForged()


def own_origin(origin: str | None, host: str | None, settings: Settings) -> bool:
    """Whether a page of ours asks: the configured origin, or the host that the request itself was sent to."""
    if not origin:
        return False
    try:
        page = urlsplit(origin)
    except ValueError:  # such as http://[
        return False
    return origin in settings.origins() or (
        page.netloc == host and (page.scheme == "https" or not settings.secure_cookie)
    )
