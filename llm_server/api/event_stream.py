"""A completion as server-sent events. Knows HTTP and chunks, nothing of the model."""

import asyncio
import json
from collections.abc import AsyncIterator

from aiohttp import web

from llm_server.api.answer import Answer
from llm_server.api.growing import GrowingAnswer
from llm_server.api.keys import OUTCOME
from llm_server.api.openai_bodies import Body, error_body
from llm_server.engines.engine import GenerationEvent
from llm_server.errors import GenerationFailed, RequestError

# A client that takes nothing for so long is given up, so that it can't hold memory for ever.
SEND_SECONDS = 10.0

_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def send_stream(request: web.Request, answer: Answer, growing: GrowingAnswer) -> web.StreamResponse:
    """Sends an answer's events as they come.

    The headers wait for the first event: an error before it keeps its own HTTP status, a later one is sent as an event.
    """
    events = aiter(answer.events())
    first = await anext(events, None)
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    try:
        await _send_all(response, answer, growing, first, events)
    except RequestError as error:
        request[OUTCOME] = error.told_code
        await _send(response, error_body(error))
    except (ConnectionError, TimeoutError):
        request[OUTCOME] = "client_gone"
        if request.transport is not None:
            request.transport.abort()
    return response


async def _send_all(
    response: web.StreamResponse,
    answer: Answer,
    growing: GrowingAnswer,
    first: GenerationEvent | None,
    rest: AsyncIterator[GenerationEvent],
) -> None:
    for chunk in growing.opening_chunks():
        await _send(response, chunk)
    if first is not None:
        await _send_event(response, growing, first)
    async for event in rest:
        await _send_event(response, growing, event)
    if not growing.is_complete:
        raise GenerationFailed()
    if growing.with_usage:
        await _send(response, growing.usage_chunk(answer.usage()))
    await _send(response, "[DONE]")


async def _send_event(response: web.StreamResponse, growing: GrowingAnswer, event: GenerationEvent) -> None:
    chunk = growing.chunk(event)
    growing.add(event)
    await _send(response, chunk)


async def _send(response: web.StreamResponse, data: Body | str) -> None:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    async with asyncio.timeout(SEND_SECONDS):
        await response.write(f"data: {text}\n\n".encode())
