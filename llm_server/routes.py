"""The HTTP routes: OpenAI's chat completions and models, health, metrics. Knows nothing of torch.

The table of routes stands at the foot.
"""

import asyncio
from typing import Any

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from llm_server.chat_request import ChatRequest, parse_chat_request
from llm_server.chat_response import ChatCompletion, model_body
from llm_server.engine import Engine, GenerationRequest
from llm_server.errors import ContextLengthExceeded, GenerationFailed, InvalidRequest, ModelNotFound
from llm_server.event_stream import send_stream
from llm_server.generation_queue import Job
from llm_server.keys import ENGINE, JOB, METRICS, QUEUE, SERVING, SETTINGS, STARTED

# An answer whose length the client leaves open: about a page, so that one request can't hold the engine for minutes.
DEFAULT_MAX_TOKENS = 512


async def chat_completions(request: web.Request) -> web.StreamResponse:
    """``POST /v1/chat/completions``. Leaving it early, for whatever reason, stops the generation."""
    asked = await asyncio.to_thread(parse_chat_request, await _json_bytes(request))
    job = await _admit(request.app, asked)
    request[JOB] = job
    try:
        completion = ChatCompletion(asked.model, asked.choices, asked.include_usage)
        if asked.stream:
            return await send_stream(request, job, completion)
        return web.json_response(await _whole(job, completion))
    finally:
        request.app[QUEUE].cancel(job)


async def models(request: web.Request) -> web.Response:
    """``GET /v1/models``."""
    return web.json_response(
        {"object": "list", "data": [_model(request.app, served.name) for served in request.app[ENGINE].models]}
    )


async def model(request: web.Request) -> web.Response:
    """``GET /v1/models/{id}``."""
    _check_model(request.match_info["id"], request.app[ENGINE])
    return web.json_response(_model(request.app, request.match_info["id"]))


async def livez(request: web.Request) -> web.Response:
    """``GET /livez``: the process answers, whatever the model does."""
    return web.json_response({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """``GET /readyz``: 503 until requests are taken."""
    ready = request.app[QUEUE].ready
    return web.json_response({"status": _state(request.app)}, status=200 if ready else 503)


async def healthz(request: web.Request) -> web.Response:
    """``GET /healthz``: what a person wants to know at a glance; 503 only when the server can't recover."""
    app = request.app
    state = _state(app)
    body = {
        "status": state,
        "model": app[ENGINE].models[0].name,
        "waiting": app[QUEUE].waiting,
        "running": app[QUEUE].running,
    }
    return web.json_response(body, status=503 if state == "failed" else 200)


async def metrics(request: web.Request) -> web.Response:
    """``GET /metrics``, for Prometheus."""
    body = generate_latest(request.app[METRICS].registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_1_0_0})


async def _json_bytes(request: web.Request) -> bytes:
    """The body. A browser page of another site can't send this content type without asking first."""
    if request.content_type != "application/json":
        raise InvalidRequest("The Content-Type must be application/json.", code="unsupported_media_type")
    return await request.read()


async def _admit(app: web.Application, asked: ChatRequest) -> Job:
    engine, queue = app[ENGINE], app[QUEUE]
    _check_model(asked.model, engine)
    prompt = await queue.encode(asked.messages, asked.model)
    limit = _max_tokens(asked, prompt.tokens, engine)
    wanted = GenerationRequest(asked.model, prompt, limit, asked.sampling, asked.choices, asked.stop)
    return queue.submit(wanted, app[SETTINGS].timeout_seconds)


def _check_model(name: str, engine: Engine) -> None:
    served = [model.name for model in engine.models]
    if name not in served:
        raise ModelNotFound(name, ", ".join(served))


def _max_tokens(asked: ChatRequest, prompt_tokens: int, engine: Engine) -> int:
    """The limit that was asked for, if it fits; else as much of the default as fits."""
    length = next(model.context_length or 0 for model in engine.models if model.name == asked.model)
    room = length - prompt_tokens
    wanted = asked.max_tokens or min(DEFAULT_MAX_TOKENS, max(room, 1))
    if wanted > room:
        raise ContextLengthExceeded(prompt_tokens, wanted, length)
    return wanted


async def _whole(job: Job, completion: ChatCompletion) -> dict[str, Any]:
    async for event in job.events():
        completion.add(event)
    if not completion.is_complete:
        raise GenerationFailed()
    return completion.body(job.request.prompt.tokens)


def _model(app: web.Application, name: str) -> dict[str, Any]:
    return model_body(name, app[STARTED])


def _state(app: web.Application) -> str:
    if app[QUEUE].ready:
        return "ready"
    return "failed" if app[SERVING].done() else "loading"


ROUTES = [
    web.post("/v1/chat/completions", chat_completions),
    web.get("/v1/models", models),
    web.get("/v1/models/{id}", model),
    web.get("/livez", livez),
    web.get("/readyz", readyz),
    web.get("/healthz", healthz),
    web.get("/metrics", metrics),
]
