"""The application factory: an engine and settings -> an aiohttp application. Knows no particular engine."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from llm_server.api.admission import Admission
from llm_server.api.answer_cache import AnswerCache
from llm_server.api.api_keys import ApiKey, digest_of
from llm_server.api.callers import Callers
from llm_server.api.embedding_queue import EmbeddingQueue
from llm_server.api.generation_queue import GenerationQueue
from llm_server.api.keys import ADMISSION, CALLERS, EMBEDDINGS, ENGINE, METRICS, QUEUE, SERVING, SETTINGS, STARTED
from llm_server.api.metrics import Metrics
from llm_server.api.middleware import caller_known, errors_as_json, name_response, observed
from llm_server.api.routes import ROUTES
from llm_server.engines.engine import Engine
from llm_server.settings import Settings

log = logging.getLogger(__name__)

# Several times the longest prompt that fits the context, in a script of three bytes a character.
LARGEST_BODY = 1024 * 1024

CLOSING_SECONDS = 5.0


def build_app(engine: Engine, settings: Settings) -> web.Application:
    """Builds the application; the engine is loaded when it starts, while it answers already."""
    app = web.Application(
        middlewares=[observed, errors_as_json, caller_known], client_max_size=LARGEST_BODY, logger=log
    )
    app[ENGINE] = engine
    app[SETTINGS] = settings
    app[CALLERS] = Callers(_keys(settings))
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
    engine, settings = app[ENGINE], app[SETTINGS]
    queue = GenerationQueue(engine, settings.queue_limit, settings.queue_tokens)
    cache = AnswerCache(settings.cache_bytes)
    app[QUEUE] = queue
    app[ADMISSION] = Admission(engine, queue, cache)
    app[EMBEDDINGS] = EmbeddingQueue(engine, queue, settings.queue_limit)
    app[METRICS] = Metrics(engine, queue, cache)
    app[SERVING] = asyncio.create_task(queue.serve(), name="generation queue")
    yield
    app[SERVING].cancel()
    with suppress(asyncio.CancelledError, Exception):
        await app[SERVING]


async def _close_queue(app: web.Application) -> None:
    app[QUEUE].close()


def _keys(settings: Settings) -> tuple[ApiKey, ...]:
    """The one key without limits, and those of the file."""
    own = (ApiKey("default", digest_of(settings.api_key)),) if settings.api_key is not None else ()
    return own + settings.api_keys
