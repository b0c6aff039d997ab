"""``python -m llm_server``: reads the settings, serves until told to stop or until the model can't be loaded."""

import asyncio
import gc
import logging
import os
import signal
import sys

from aiohttp import web

from llm_server.api.keys import QUEUE, SERVING
from llm_server.app import build_app, served
from llm_server.engines.engine import Engine
from llm_server.engines.models_file import specs_from
from llm_server.errors import LlmError
from llm_server.log_format import set_up
from llm_server.serving import engines_from
from llm_server.settings import Settings, settings_from

log = logging.getLogger("llm_server")


def main() -> int:
    """The process's exit code: 0 if stopped, 1 if it can't serve, 2 if a setting can't be used."""
    set_up()
    try:
        settings = settings_from(os.environ)
        specs_from(settings)  # a wrong file is known before anything is started
    except LlmError as error:
        log.error("%s", error)
        return 2
    try:
        asyncio.run(_run(settings))
    except (LlmError, OSError) as error:
        log.error("%s", error)
        return 1
    return 0


async def _run(settings: Settings) -> None:
    engine: Engine = engines_from(settings)
    if settings.is_open_to_the_network and settings.api_key is None and not settings.api_keys:
        log.warning("LLM_HOST=%s lets other machines in and LLM_API_KEY is not set", settings.host)
    app = build_app(engine, settings)
    async with served(app, settings.host, settings.port) as (host, port):
        log.info("listening on http://%s:%d, loading the model", host, port)
        _collect_seldom()
        await _until_stopped(app)
        log.info("stopping: what was taken is answered, for %.0f s at most", settings.drain_seconds)
        await _drained(app, settings.drain_seconds)


def _collect_seldom() -> None:
    """What is there now stays: walking through it again and again would keep requests waiting."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, *gc.get_threshold()[1:])


async def _until_stopped(app: web.Application) -> None:
    """Waits for a signal; raises what loading the model raised."""
    serving, stopped = app[SERVING], asyncio.create_task(_signal())
    await asyncio.wait([serving, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if serving.done():
        serving.result()


async def _drained(app: web.Application, seconds: float) -> None:
    """Answers what was taken and refuses what is new; a second signal ends that at once."""
    draining, told_again = asyncio.create_task(app[QUEUE].drain(seconds)), asyncio.create_task(_signal())
    await asyncio.wait([draining, told_again], return_when=asyncio.FIRST_COMPLETED)
    for task in (draining, told_again):
        task.cancel()


async def _signal() -> None:
    """Waits for the next signal to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
