"""The table of routes, and those that tell of the server: models, health, metrics. Knows nothing of torch.

The table stands at the foot.
"""

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from llm_server.api.keys import ENGINE, METRICS, QUEUE, SERVING, STARTED
from llm_server.api.openai_bodies import model_body
from llm_server.api.text_routes import chat_completions, completions, embeddings
from llm_server.engines.engine import EngineState
from llm_server.errors import ModelNotFound


async def models(request: web.Request) -> web.Response:
    """``GET /v1/models``: every model and adapter, by the name under which it is asked for."""
    created = request.app[STARTED]
    data = [model_body(served, created) for served in request.app[ENGINE].models]
    return web.json_response({"object": "list", "data": data})


async def model(request: web.Request) -> web.Response:
    """``GET /v1/models/{id}``."""
    name, served = request.match_info["id"], request.app[ENGINE].models
    found = next((one for one in served if one.name == name), None)
    if found is None:
        raise ModelNotFound(name, ", ".join(one.name for one in served))
    return web.json_response(model_body(found, request.app[STARTED]))


async def livez(request: web.Request) -> web.Response:
    """``GET /livez``: the process answers, whatever the model does."""
    return web.json_response({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """``GET /readyz``: 503 whenever a request would not be taken; says which model is not at its promoted version."""
    ready = request.app[QUEUE].ready
    body = {"status": _state(request.app), **_problems(request.app)}
    return web.json_response(body, status=200 if ready else 503)


async def healthz(request: web.Request) -> web.Response:
    """``GET /healthz``: what a person wants to know at a glance; 503 only when the server can't recover."""
    app = request.app
    state = _state(app)
    body = {
        "status": state,
        "model": app[ENGINE].models[0].name,
        "waiting": app[QUEUE].waiting,
        "running": app[QUEUE].running,
        **_problems(app),
    }
    return web.json_response(body, status=503 if state == "failed" else 200)


async def metrics(request: web.Request) -> web.Response:
    """``GET /metrics``, for Prometheus."""
    body = generate_latest(request.app[METRICS].registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_1_0_0})


def _problems(app: web.Application) -> dict[str, dict[str, str]]:
    found = {served.name: served.problem for served in app[ENGINE].models if served.problem}
    return {"problems": found} if found else {}


def _state(app: web.Application) -> str:
    """The worst of what its models are in; ``draining`` when it takes nothing new."""
    if app[QUEUE].ready:
        return "ready"
    if app[QUEUE].draining and not app[SERVING].done():
        return "draining"
    states = {app[ENGINE].state(served.name) for served in app[ENGINE].models}
    if app[SERVING].done() or EngineState.FAILED in states:
        return EngineState.FAILED.value
    return (EngineState.RECOVERING if EngineState.RECOVERING in states else EngineState.LOADING).value


ROUTES = [
    web.post("/v1/chat/completions", chat_completions),
    web.post("/v1/completions", completions),
    web.post("/v1/embeddings", embeddings),
    web.get("/v1/models", models),
    web.get("/v1/models/{id}", model),
    web.get("/livez", livez),
    web.get("/readyz", readyz),
    web.get("/healthz", healthz),
    web.get("/health", readyz),
    web.get("/metrics", metrics),
]
