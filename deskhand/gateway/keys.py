"""What is attached to a request on its way in."""

from __future__ import annotations

from aiohttp import web

from deskhand.gateway.sessions import Session

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)
ADDRESS: web.RequestKey[str] = web.RequestKey("address", str)
COMPANY: web.RequestKey[str] = web.RequestKey("company", str)  # named by somebody who is not known yet
FRESH_TOKEN: web.RequestKey[str] = web.RequestKey("fresh_token", str)  # for the cookie of the answer


def caller_of(request: web.Request) -> str:
    """Where the request comes from, as far as it can be believed."""
    return request[ADDRESS] if ADDRESS in request else "unknown"


def bearer_of(request: web.Request) -> str:
    """The token of the Authorization header; empty if there is none, and then the cookie counts."""
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
