"""Whether the gateway lives and whether it can work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from deskhand.gateway.door import SOCKETS, door
from deskhand.gateway.metrics import is_near
from deskhand.notifications.redis_fan_out import RedisFanOut
from deskhand.store import LiveTenants, Tenant


async def healthz(request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Database and bot are there; 503 says which is not. Without Redis all is stored and some of it shown later: ready.

    Companies whose files are wrong are told to near callers; the others are served, so they keep nobody from working.
    """
    at = door(request)
    parts = {"database": await at.threads.run(at.desk.database.ready), "rasa": await at.bot.ready()}
    said: dict[str, Any] = {"ready": all(parts.values()), **parts}
    manager = request.app[SOCKETS].server.manager
    if isinstance(manager, RedisFanOut):
        said["redis"] = manager.is_reached
    if is_near(request) and (broken := await at.threads.run(_broken, at.desk.tenants)):
        said["broken_tenants"] = broken
    return web.json_response(said, status=200 if said["ready"] else 503)


def _broken(tenants: Mapping[str, Tenant]) -> dict[str, list[dict[str, Any]]]:
    """Where each file is wrong; not what stands there, which may be anything, nor where the folder is."""
    if not isinstance(tenants, LiveTenants):
        return {}
    return {
        name or faults[0].file: [{"file": one.file, "line": one.line, "setting": one.setting} for one in faults]
        for name, faults in sorted(tenants.faulty.items())
    }


async def metrics(request: web.Request) -> web.Response:
    """Numbers for Prometheus, for callers of this machine or network."""
    return door(request).metrics.exposition(request)
