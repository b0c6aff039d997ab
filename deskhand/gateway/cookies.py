"""The cookie of a session: out of reach of scripts, of other sites, and over HTTPS of other hosts and plain HTTP."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from deskhand.gateway.door import Door
    from deskhand.gateway.settings import Settings

COOKIE = "deskhand_session"


def cookie_name(settings: Settings) -> str:
    return bound_name(COOKIE, settings)


def bound_name(name: str, settings: Settings) -> str:
    """Over HTTPS with the prefix by which browsers refuse it from other hosts, of other paths and over plain HTTP."""
    return f"__Host-{name}" if settings.secure_cookie else name


def set_session_cookie(response: web.StreamResponse, token: str, at: Door) -> None:
    response.set_cookie(
        cookie_name(at.settings),
        token,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=at.settings.secure_cookie,
    )


def clear_session_cookie(response: web.StreamResponse, at: Door) -> None:
    response.del_cookie(
        cookie_name(at.settings), path="/", httponly=True, samesite="Strict", secure=at.settings.secure_cookie
    )


def session_cookie(header: str, settings: Settings) -> str | None:
    """The token in a `Cookie` header."""
    try:
        found = SimpleCookie(header).get(cookie_name(settings))
    except CookieError:
        return None
    return found.value if found is not None else None
