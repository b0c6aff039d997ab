"""The application factory: an engine and settings -> an aiohttp application. Knows no particular engine."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from llm_server.engine import Engine
from llm_server.generation_queue import GenerationQueue
from llm_server.keys import ENGINE, METRICS, QUEUE, SERVING, SETTINGS, STARTED
from llm_server.metrics import Metrics
from llm_server.middleware import bearer_token_checked, errors_as_json, name_response, observed
from llm_server.routes import ROUTES
from llm_server.settings import Settings

log = logging.getLogger(__name__)

# Several times the longest prompt that fits the context, in a script of three bytes a character.
LARGEST_BODY = 1024 * 1024

CLOSING_SECONDS = 5.0


def build_app(engine: Engine, settings: Settings) -> web.Application:
    """Builds the application; the engine is loaded when it starts, while it answers already."""
    app = web.Application(
        middlewares=[observed, errors_as_json, bearer_token_checked], client_max_size=LARGEST_BODY, logger=log
    )
    app[ENGINE] = engine
    app[SETTINGS] = settings
    app[STARTED] = int(time.time())
    app.add_routes(ROUTES)
    app.on_response_prepare.append(name_response)
    app.on_shutdown.append(_close_queue)
    app.cleanup_ctx.append(_queue_served)
    return app


@asynccontextmanager
async def served(app: web.Application, host: str, port: int) -> AsyncIterator[tuple[str, int]]:
    """Listens while the context is open; gives the address. A client that goes away cancels its handler."""
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=CLOSING_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        address = runner.addresses[0]
        yield address[0], address[1]
    finally:
        await runner.cleanup()


async def _queue_served(app: web.Application) -> AsyncIterator[None]:
    queue = GenerationQueue(app[ENGINE], app[SETTINGS].queue_limit)
    app[QUEUE] = queue
    app[METRICS] = Metrics(queue)
    app[SERVING] = asyncio.create_task(queue.serve(), name="generation queue")
    yield
    app[SERVING].cancel()
    with suppress(asyncio.CancelledError, Exception):
        await app[SERVING]


async def _close_queue(app: web.Application) -> None:
    app[QUEUE].close()
