"""Chat completions, plain completions and embeddings over HTTP. Knows nothing of torch."""

import asyncio
import math
from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from llm_server.api.answer import Answer
from llm_server.api.chat_request import parse_chat_request
from llm_server.api.chat_response import ChatCompletion
from llm_server.api.completion_request import parse_completion_request
from llm_server.api.completion_response import TextCompletion
from llm_server.api.embedding_request import embeddings_body, parse_embedding_request
from llm_server.api.event_stream import send_stream
from llm_server.api.growing import GrowingAnswer
from llm_server.api.keys import ADMISSION, CALLER, EMBEDDINGS, JOBS, METRICS, QUEUE, SETTINGS
from llm_server.api.text_request import TextRequest
from llm_server.errors import GenerationFailed, InvalidRequest

DEADLINE_HEADER = "X-Request-Timeout"

# A body up to this size is read faster than a thread is found for it.
_SMALL_BODY = 32 * 1024

Asked = TypeVar("Asked")


async def chat_completions(request: web.Request) -> web.StreamResponse:
    """``POST /v1/chat/completions``."""
    return await _answered(request, parse_chat_request, ChatCompletion)


async def completions(request: web.Request) -> web.StreamResponse:
    """``POST /v1/completions``."""
    return await _answered(request, parse_completion_request, TextCompletion)


async def embeddings(request: web.Request) -> web.Response:
    """``POST /v1/embeddings``."""
    with request.app[QUEUE].taking(), request[CALLER].one_request():
        asked = await _parsed(request, parse_embedding_request)
        request.app[ADMISSION].served(asked.model, embeds=True)
        made = await request.app[EMBEDDINGS].embed(asked.texts, asked.model, _seconds(request))
        request[CALLER].charge_answer(made.tokens)
        request.app[METRICS].prompt_tokens.labels(asked.model).inc(made.tokens)
        return web.json_response(await asyncio.to_thread(embeddings_body, asked, made))


async def _answered(
    request: web.Request, parse: Callable[[bytes], TextRequest], make: type[GrowingAnswer]
) -> web.StreamResponse:
    """Leaving it early, for whatever reason, stops the generation."""
    with request.app[QUEUE].taking(), request[CALLER].one_request():
        asked = await _parsed(request, parse)
        answer = await request.app[ADMISSION].admit(
            asked, request[CALLER], _seconds(request), may_be_kept=_may_be_kept(request)
        )
        request[JOBS] = answer.jobs
        growing = make(
            asked.model,
            asked.choices * len(answer.jobs),
            with_usage=asked.include_usage,
            with_logprobs=asked.top_logprobs is not None,
        )
        try:
            return await _sent(request, asked, answer, growing)
        finally:
            request.app[ADMISSION].give_up(answer.jobs)
            request[CALLER].charge_answer(sum(job.completion_tokens for job in answer.jobs if not job.from_cache))


async def _sent(request: web.Request, asked: TextRequest, answer: Answer, growing: GrowingAnswer) -> web.StreamResponse:
    if asked.stream:
        return await send_stream(request, answer, growing)
    async for event in answer.events():
        growing.add(event)
    if not growing.is_complete:
        raise GenerationFailed()
    return web.json_response(growing.body(answer.usage()))


async def _parsed(request: web.Request, parse: Callable[[bytes], Asked]) -> Asked:
    """The checked body. A browser page of another site can't send this content type without asking first."""
    if request.content_type != "application/json":
        raise InvalidRequest("The Content-Type must be application/json.", code="unsupported_media_type")
    body = await request.read()
    return parse(body) if len(body) <= _SMALL_BODY else await asyncio.to_thread(parse, body)


def _seconds(request: web.Request) -> float:
    """The client's own deadline, if it is sooner than the server's."""
    given, limit = request.headers.get(DEADLINE_HEADER), request.app[SETTINGS].timeout_seconds
    if given is None:
        return limit
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InvalidRequest(f"{DEADLINE_HEADER} must be a number of seconds above 0.", param=DEADLINE_HEADER)
    return min(seconds, limit)


def _may_be_kept(request: web.Request) -> bool:
    """``Cache-Control: no-store`` asks for an answer made for this request alone."""
    return "no-store" not in request.headers.get("Cache-Control", "").lower()
