"""The worker's own small HTTP server: alive, ready, figures. Knows nothing of orders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from aiohttp import web

from deskhand.worker.loops import Running
from deskhand.worker.metrics import Metrics


class Health:
    """`measure` refreshes the figures that stand in the database, `database_ready` asks whether it answers."""

    def __init__(
        self,
        loops: Sequence[Running],
        metrics: Metrics,
        database_ready: Callable[[], bool],
        measure: Callable[[], None],
    ) -> None:
        self._loops = loops
        self._metrics = metrics
        self._database_ready = database_ready
        self._measure = measure

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self.healthz),
                web.get("/readyz", self.readyz),
                web.get("/metrics", self.metrics),
            ]
        )
        return app

    async def healthz(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(self, request: web.Request) -> web.Response:
        """503 names what is not ready."""
        waiting = [loop.name for loop in self._loops if not loop.healthy]
        if not await asyncio.to_thread(self._database_ready):
            waiting.append("database")
        return web.json_response({"ready": not waiting, "waiting": waiting}, status=503 if waiting else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        await asyncio.to_thread(self._measure)
        return web.Response(body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})
