"""What happens to every request: a name, a log line, OpenAI-shaped errors, the bearer token.

Knows nothing of engines or prompts; no text of a request or an answer is logged.
"""

import logging
import re
import time
import uuid
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from llm_server import errors
from llm_server.api.job import Job
from llm_server.api.keys import CALLER, CALLERS, JOBS, METRICS, OUTCOME, REQUEST_ID
from llm_server.api.openai_bodies import error_body

log = logging.getLogger("llm_server.access")

REQUEST_ID_HEADER = "X-Request-Id"
CLIENT_GONE = 499  # nobody reads it; the usual number in logs

_CLEAN_REQUEST_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)

STATUS: dict[type[errors.RequestError], int] = {
    errors.InvalidRequest: 400,
    errors.ContextLengthExceeded: 400,
    errors.InvalidApiKey: 401,
    errors.ModelNotFound: 404,
    errors.QueueFull: 429,
    errors.KeyLimitReached: 429,
    errors.ModelLoading: 503,
    errors.EngineLost: 503,
    errors.EngineFailed: 503,
    errors.ServerClosing: 503,
    errors.GenerationTimeout: 504,
    errors.GenerationFailed: 500,
}


@web.middleware
async def observed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives the request its id (the client's, if it is clean) and leaves one log line and its metrics."""
    given = request.headers.get(REQUEST_ID_HEADER, "")
    request[REQUEST_ID] = given if _CLEAN_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    began, status = time.monotonic(), CLIENT_GONE
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        _account(request, status, time.monotonic() - began)


async def name_response(request: web.Request, response: web.StreamResponse) -> None:
    """Echoes the request's id; a signal, because a stream's headers leave before its handler returns."""
    response.headers[REQUEST_ID_HEADER] = request.get(REQUEST_ID, "")


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever is raised into an OpenAI-shaped error; tracebacks stay in the log."""
    try:
        return await handler(request)
    except errors.RequestError as error:
        if isinstance(error, errors.Overloaded):
            request.app[METRICS].observe_shed(error)
        return error_response(error)
    except web.HTTPException as error:
        told = errors.InvalidRequest(f"{error.reason}.", code=error.reason.lower().replace(" ", "_"))
        return error_response(told, error.status)
    except Exception:  # whatever it is, who asked gets an answer in the API's shape
        log.exception("request %s failed", request[REQUEST_ID])
        return error_response(errors.GenerationFailed())


@web.middleware
async def caller_known(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Asks whose request it is on ``/v1/*``; health and metrics stay open for the supervisor."""
    if request.path.startswith("/v1/"):
        request[CALLER] = request.app[CALLERS].caller(request.headers.get("Authorization", ""))
    return await handler(request)


def error_response(error: errors.RequestError, status: int | None = None) -> web.Response:
    """The response of one error."""
    response = web.json_response(error_body(error), status=status or STATUS.get(type(error), 500))
    if isinstance(error, errors.Overloaded):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _account(request: web.Request, status: int, seconds: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "unknown"
    request.app[METRICS].requests.labels(route, str(status)).inc()
    jobs = request.get(JOBS)
    if jobs:
        outcome = request.get(OUTCOME) or _outcome(status)
        for job in jobs:
            request.app[METRICS].observe(job, outcome, request[CALLER].key.name)
        _log_jobs(request, jobs, status, outcome, seconds)
    elif route.startswith("/v1/") or resource is None:
        log.info("%s %s %s status=%d %.3fs", request[REQUEST_ID], request.method, route, status, seconds)


def _outcome(status: int) -> str:
    return _OUTCOMES.get(status, "generation_failed")


_OUTCOMES = {
    200: "finished",
    400: "refused",  # by the engine: a grammar that can't be made
    CLIENT_GONE: "client_gone",
    503: "server_closing",
    504: "timeout",
}


def _log_jobs(request: web.Request, jobs: Sequence[Job], status: int, outcome: str, seconds: float) -> None:
    first, now = jobs[0], time.monotonic()
    began, ended = first.started_at or first.queued_at, max(job.ended_at or now for job in jobs)
    drawn = sum(job.completion_tokens for job in jobs)
    log.info(
        "%s %s key=%s model=%s status=%d outcome=%s %.3fs queue=%.3fs prompt_tokens=%d completion_tokens=%d%s "
        "tokens_per_s=%.1f",
        request[REQUEST_ID],
        "chat" if request.path.endswith("/chat/completions") else "completion",
        request[CALLER].key.name,
        first.request.model,
        status,
        outcome,
        seconds,
        began - first.queued_at,
        sum(job.prompt_tokens for job in jobs),
        drawn,
        " kept" if all(job.from_cache for job in jobs) else "",
        drawn / max(ended - began, 1e-6),
    )
