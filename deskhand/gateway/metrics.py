"""Counters for Prometheus. Names and numbers only: no user, no order, no text."""

from __future__ import annotations

import time

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from deskhand.gateway.addresses import FORWARDED, is_near_address
from deskhand.gateway.problems import Handler


class Metrics:
    """One registry for each application, so that several can run in one test process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "deskhand_http_requests", "HTTP requests", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "deskhand_http_seconds", "Seconds until the answer", ["method", "route"], registry=self.registry
        )
        self.turns = Histogram("deskhand_turn_seconds", "Seconds of an answered chat turn", registry=self.registry)
        self.failed_turns = Counter(
            "deskhand_failed_turns", "Turns without an answer, by reason", ["reason"], registry=self.registry
        )
        self.sockets = Gauge("deskhand_sockets", "Connected Socket.IO clients", registry=self.registry)
        self.pushed = Counter("deskhand_notifications_pushed", "Notifications pushed to rooms", registry=self.registry)
        self.evicted = Counter("deskhand_clients_evicted", "Clients cut off as too slow", registry=self.registry)

    def answered(self, seconds: float) -> None:
        self.turns.observe(seconds)

    def failed(self, reason: str) -> None:
        self.failed_turns.labels(reason).inc()

    def told(self, count: int) -> None:
        self.pushed.inc(count)

    async def measure(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Counts by route, never by path: paths carry order numbers."""
        started = time.perf_counter()
        response = await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        self.requests.labels(request.method, route, response.status).inc()
        self.seconds.labels(request.method, route).observe(time.perf_counter() - started)
        return response

    def exposition(self, request: web.Request) -> web.Response:
        """The numbers, for near callers only."""
        if not is_near(request):
            raise web.HTTPNotFound()
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": "text/plain; version=0.0.4"})


def is_near(request: web.Request) -> bool:
    """Whether the caller is on this machine or network; whom a proxy brings must be near as well."""
    brought = (hop.strip() for line in request.headers.getall(FORWARDED, []) for hop in line.split(","))
    return all(is_near_address(address) for address in (request.remote, *brought))
