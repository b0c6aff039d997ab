"""Cuts a connection whose request never gets whole: half open, or sent a byte at a time to hold it. Reads no body."""

from __future__ import annotations

import asyncio

from aiohttp import web

from deskhand.gateway.problems import Handler

LOOK_SECONDS = 30.0
LEAST = 32 << 10  # bytes that come within that time, unless the body is whole
IDLE_SECONDS = 75.0  # a connection between two requests, and before its first; longer than a balancer keeps one
CONNECTIONS = {"keepalive_timeout": IDLE_SECONDS}  # for aiohttp's own part of the work


@web.middleware
async def in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Looks from time to time at what has come of the body."""
    if not request.body_exists:
        return await handler(request)
    watch = _Watch(request)
    try:
        return await handler(request)
    finally:
        watch.end()


class _Watch:
    """Of one request."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._seen = 0
        self._next = self._later()

    def end(self) -> None:
        self._next.cancel()

    def _later(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        body = self._request.content
        if body.is_eof():
            return
        if body.total_bytes - self._seen < LEAST:
            if self._request.transport is not None:
                self._request.transport.abort()
            return
        self._seen = body.total_bytes
        self._next = self._later()
