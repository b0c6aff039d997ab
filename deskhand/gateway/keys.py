"""What is attached to a request on its way in."""

from __future__ import annotations

from aiohttp import web

from deskhand.gateway.sessions import Session

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)
