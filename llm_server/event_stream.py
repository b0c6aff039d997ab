"""A completion as server-sent events. Knows HTTP and chunks, nothing of the model."""

import asyncio
import json
from collections.abc import AsyncIterator

from aiohttp import web

from llm_server.chat_response import Body, ChatCompletion, error_body
from llm_server.engine import GenerationEvent
from llm_server.errors import GenerationFailed, RequestError
from llm_server.generation_queue import Job
from llm_server.keys import OUTCOME

# A client that takes nothing for so long is given up, so that it can't hold memory for ever.
SEND_SECONDS = 10.0

_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def send_stream(request: web.Request, job: Job, completion: ChatCompletion) -> web.StreamResponse:
    """Sends a job's events as they come.

    The headers wait for the first event: an error before it keeps its own HTTP status, a later one is sent as an event.
    """
    events = aiter(job.events())
    first = await anext(events, None)
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    try:
        await _send_all(response, job, completion, first, events)
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
    job: Job,
    completion: ChatCompletion,
    first: GenerationEvent | None,
    rest: AsyncIterator[GenerationEvent],
) -> None:
    for chunk in completion.opening_chunks():
        await _send(response, chunk)
    if first is not None:
        await _send_event(response, completion, first)
    async for event in rest:
        await _send_event(response, completion, event)
    if not completion.is_complete:
        raise GenerationFailed()
    if completion.with_usage_chunk:
        await _send(response, completion.usage_chunk(job.request.prompt.tokens))
    await _send(response, "[DONE]")


async def _send_event(response: web.StreamResponse, completion: ChatCompletion, event: GenerationEvent) -> None:
    completion.add(event)
    await _send(response, completion.chunk(event))


async def _send(response: web.StreamResponse, data: Body | str) -> None:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    async with asyncio.timeout(SEND_SECONDS):
        await response.write(f"data: {text}\n\n".encode())
