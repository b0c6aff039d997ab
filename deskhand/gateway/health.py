"""Whether the gateway lives and whether it can work."""

from __future__ import annotations

from aiohttp import web

from deskhand.gateway.door import door


async def healthz(request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Database and bot are there; 503 says which is not."""
    at = door(request)
    parts = {"database": await at.threads.run(at.desk.database.ready), "rasa": await at.bot.ready()}
    return web.json_response({"ready": all(parts.values()), **parts}, status=200 if all(parts.values()) else 503)


async def metrics(request: web.Request) -> web.Response:
    """Numbers for Prometheus, for callers of this machine or network."""
    return door(request).metrics.exposition(request)
