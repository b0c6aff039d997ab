"""Puts the gateway together: one aiohttp application with the API, the socket, the pages and the background tasks."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from deskhand.channels.chat import RETRY_SECONDS, Chat
from deskhand.channels.rasa import Bot
from deskhand.channels.ready_replies import ReadyReplies
from deskhand.channels.turns import Turns
from deskhand.erp.jobs import Imports
from deskhand.gateway.cookies import cookie_name
from deskhand.gateway.door import DOOR, SLOW_THREADS, SOCKETS, Door, Threads
from deskhand.gateway.excess import excess_noted, note_due, note_rest
from deskhand.gateway.handshakes import handshakes
from deskhand.gateway.import_news import NEWS_SECONDS, tell_of_imports
from deskhand.gateway.limits import SIGN_IN_ADDRESS, Allowances, Guesses, Rate, RateLimit
from deskhand.gateway.messengers.mounting import MESSENGERS, Messengers
from deskhand.gateway.metrics import Metrics
from deskhand.gateway.odd_requests import HANDLER_ARGS
from deskhand.gateway.oidc_provider import Providers
from deskhand.gateway.oidc_routes import PROVIDERS
from deskhand.gateway.openapi import describe
from deskhand.gateway.pages import Pages
from deskhand.gateway.problems import Handler, problems
from deskhand.gateway.robot_news import tell_of_robots
from deskhand.gateway.routes import all_routes, guarded
from deskhand.gateway.security import add_headers, own_origin, request_id
from deskhand.gateway.settings import Settings
from deskhand.gateway.slow_bodies import CONNECTIONS, in_time
from deskhand.gateway.socket_server import make_server
from deskhand.gateway.sockets import LARGEST_MESSAGE, DeskNamespace
from deskhand.notifications.hub import POLL_SECONDS, Hub
from deskhand.notifications.redis_fan_out import RedisFanOut
from deskhand.store import Desk, StatementCount, utc_now
from deskhand.store.desk import PROCESS
from deskhand.store.live_processes import FRESH_SECONDS
from deskhand.store.tally import Tally
from deskhand.writing import Writer
from deskhand.writing.replies import inquiries_of

VERSION = "0.1.0"
LARGEST_BODY = 256 << 10
CHECK_SESSIONS_SECONDS = 30.0
TAKE_BACK_SECONDS = 15.0  # handovers; their times are minutes
NOTE_EXCESSES_SECONDS = 10.0

_log = logging.getLogger("deskhand.gateway")


def build_app(
    desk: Desk,
    settings: Settings,
    bot: Bot,
    writer: Writer,
    clock: Callable[[], datetime] = utc_now,
    chat_rate: Rate | None = None,
    sign_in_rate: Rate | None = None,
    environ: Mapping[str, str] = os.environ,
) -> web.Application:
    """The gateway over an opened desk. Closes the bot's client at the end, and leaves the desk to its owner.

    Args:
        environ: where the secrets of the companies' OpenID providers are, under the names that their files give.
    """
    metrics, threads, sockets = Metrics(), Threads(), DeskNamespace()
    metrics.registry.register(StatementCount(desk.database))

    @web.middleware
    async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await metrics.measure(request, handler)

    app = web.Application(
        middlewares=[request_id, measured, problems, excess_noted, handshakes, in_time],
        client_max_size=LARGEST_BODY,
        handler_args=HANDLER_ARGS | CONNECTIONS,
    )
    ready = ReadyReplies(desk, writer, inquiries_of(settings.processes_dir / PROCESS))
    door = Door(
        desk=desk,
        settings=settings,
        clock=clock,
        threads=threads,
        bot=bot,
        chat=Chat(Turns(desk, clock), bot, sockets, threads, metrics, settings.turn_secret, clock, ready=ready),
        hub=Hub(desk, sockets.push, threads, metrics),
        writer=writer,
        metrics=metrics,
        sign_in_addresses=RateLimit("sign_in_address", SIGN_IN_ADDRESS),
        guesses=Guesses(),
        limits=Allowances(desk.tenants, chat_rate, sign_in_rate),
        excesses=Tally(clock),
        imports=Imports.at(desk, settings.imports),
        robots=settings.robots.queue(desk),
        slow=Threads(SLOW_THREADS),
    )
    app[DOOR], app[SOCKETS], app[PROVIDERS] = door, sockets, Providers(environ, clock)
    app[MESSENGERS] = Messengers(door, settings.messengers)
    sockets.open(door)
    _mount_socket(app, sockets, settings)
    _mount_routes(app, settings)
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(_running)
    app.on_shutdown.append(_close_sockets)
    return app


_SOCKET_LOGS = ("socketio.server", "engineio.server")


def _mount_socket(app: web.Application, sockets: DeskNamespace, settings: Settings) -> None:
    def allowed(origin: str | None, environ: dict[str, Any]) -> bool:
        return own_origin(origin, environ.get("HTTP_HOST"), settings)

    for name in _SOCKET_LOGS:
        logging.getLogger(name).setLevel(logging.ERROR)  # unset, each would write past our one handler and its masks
    server = make_server(allowed, LARGEST_MESSAGE, settings.redis_url)
    server.manager.slow = sockets.slow
    if isinstance(server.manager, RedisFanOut):
        server.manager.missed = sockets.missed
    server.register_namespace(sockets)
    server.attach(app)


def _mount_routes(app: web.Application, settings: Settings) -> None:
    async def openapi(request: web.Request) -> web.Response:
        return web.json_response(document)

    routes = all_routes(Pages(settings.widget_dir), openapi)
    document = describe(routes, VERSION, cookie_name(settings))
    for route in routes:
        app.router.add_route(route.method, route.path, guarded(route))


async def _running(app: web.Application) -> AsyncIterator[None]:
    """The background tasks, from the first request to the last."""
    at, sockets = app[DOOR], app[SOCKETS]
    await at.hub.start()
    sockets.server.begin()
    tasks = [
        asyncio.create_task(_every(POLL_SECONDS, at.hub.poll)),
        asyncio.create_task(_every(POLL_SECONDS, sockets.sweep)),
        asyncio.create_task(_every(POLL_SECONDS, sockets.catch_up)),
        asyncio.create_task(_every(CHECK_SESSIONS_SECONDS, sockets.check_sessions)),
        asyncio.create_task(_every(NOTE_EXCESSES_SECONDS, lambda: note_due(at))),
        asyncio.create_task(_every(FRESH_SECONDS, lambda: at.threads.run(at.desk.versions.look_again))),
        asyncio.create_task(_every(TAKE_BACK_SECONDS, lambda: at.chat.colleagues.take_back([*at.desk.tenants]))),
        asyncio.create_task(_every(NEWS_SECONDS, lambda: tell_of_imports(at, sockets))),
        asyncio.create_task(_every(NEWS_SECONDS, lambda: tell_of_robots(at, sockets))),
        asyncio.create_task(_every(RETRY_SECONDS, lambda: at.chat.retry(timedelta(seconds=RETRY_SECONDS)))),
    ]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await each_closed(app[MESSENGERS].close, lambda: note_rest(at), at.chat.close, at.bot.close, app[PROVIDERS].close,
                      at.slow.close, at.threads.close)  # fmt: skip


async def each_closed(*closing: Callable[[], Awaitable[object]]) -> None:
    """One after the other; what fails is logged and keeps none of the later ones open."""
    for close in closing:
        try:
            await close()
        except Exception:  # whatever it is, there are others to close
            _log.exception("something could not be closed")


async def _close_sockets(app: web.Application) -> None:
    await app[SOCKETS].close()


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """One failed round is logged and does not end the next ones."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            _log.exception("a background round failed")
