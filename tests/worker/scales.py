"""Another system on the loopback: answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Scales:
    """`answers`: status and body of the next calls, the last for all that follow. `slow`: none comes in time."""

    answers: list[tuple[int, Any]] = field(default_factory=lambda: [(200, {"result": {"pieces": 12}})])
    slow: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        said = {"method": request.method, "path": request.path, "query": dict(request.query)}
        body = await request.json() if request.can_read_body else None
        self.asked.append({**said, "body": body, "headers": dict(request.headers)})
        if self.slow:
            await asyncio.sleep(60)
        status, answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            return web.Response(status=status, text=answer, headers={"Location": "/elsewhere"})
        return web.json_response(answer, status=status)


@asynccontextmanager
async def standing() -> AsyncIterator[Scales]:
    scales = Scales()
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", scales.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        scales.url = f"http://127.0.0.1:{port}/api"
        yield scales
    finally:
        await runner.cleanup()
