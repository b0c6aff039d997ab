"""Every refusal as `application/problem+json` with a stable code. A caller never sees a traceback."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from deskhand.cases import errors as cases
from deskhand.channels import errors as channel
from deskhand.gateway.errors import GatewayError, InvalidRequest, RequestTooLarge, RouteUnknown, TooManyRequests
from deskhand.gateway.keys import REQUEST_ID
from deskhand.orders import errors as orders
from deskhand.orders.errors import DeskhandError
from deskhand.robots import errors as robots
from deskhand.store import process_errors as process

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger("deskhand.gateway")

_STATUS: tuple[tuple[type[DeskhandError], int], ...] = (
    (orders.UnknownOrder, 404),
    (orders.CardUnknown, 404),
    (orders.ImportGone, 404),
    (orders.CandidateGone, 404),
    (robots.RobotNotKnown, 404),
    (robots.UnknownItem, 404),
    (robots.ItemNotStopped, 409),
    (robots.ItemNotTriedAgain, 409),
    (orders.UnknownDelegation, 404),
    (channel.ConversationUnknown, 404),
    (channel.HandoverUnknown, 404),
    (channel.NotLinked, 404),
    (channel.AlreadyLinked, 409),
    (channel.LinkOver, 410),
    (channel.HandoverError, 409),
    (channel.PersonAnswers, 409),
    (cases.UnknownCase, 404),
    (cases.UnknownProcess, 404),
    (cases.UnknownTask, 404),
    (cases.UnknownDocument, 404),
    (cases.CaseNotPossibleNow, 409),
    (cases.CaseStuck, 409),
    (cases.TaskClaimed, 409),
    (cases.AlreadyDecided, 409),
    (orders.RoleNotAllowed, 403),
    (orders.TenantNotServed, 403),
    (orders.VersionConflict, 409),
    (orders.ProcessVersionUnknown, 409),
    (process.NoSuchProcess, 404),
    (process.NoSuchVersion, 404),
    (process.ProcessFaulty, 422),
    (process.NotAMoment, 422),
    (process.ProcessError, 409),
    (orders.DuplicateOrder, 409),
    (orders.PossibleDuplicate, 409),
    (orders.CreditRefused, 409),
    (orders.PaymentAboveTotal, 409),
    (orders.NotPossibleNow, 409),
    (orders.InsufficientStock, 409),
    (orders.NothingToUndo, 409),
    (orders.UndoWindowOver, 409),
    (orders.CardUsed, 409),
    (orders.CardExpired, 410),
    (channel.MessageTooLong, 413),
    (channel.TooManyMessages, 429),
    (channel.BotUnavailable, 503),
)
UNPROCESSABLE = 422


def status_of(error: DeskhandError) -> int:
    """The HTTP status of a refusal; what is not in the table is a request that can't be processed."""
    if isinstance(error, GatewayError):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), UNPROCESSABLE)


def problem(status: int, code: str, detail: str, data: dict[str, Any] | None = None) -> web.Response:
    """RFC 9457, with our `code` and the refusal's `data` as extension members."""
    body = {
        "type": f"urn:deskhand:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
        "data": data or {},
    }
    text = json.dumps(body, ensure_ascii=False, default=str)
    return web.Response(text=text, status=status, content_type="application/problem+json")


def problem_of(error: DeskhandError) -> web.Response:
    response = problem(status_of(error), error.code, str(error), dict(error.data))
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.data["seconds"])
    if response.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever a handler raises into a problem, and logs only what nobody foresaw."""
    try:
        return await handler(request)
    except DeskhandError as error:
        return problem_of(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _of_http(error, request)
    except web.RequestPayloadError:
        return problem_of(InvalidRequest(field="body", problem="can't be read"))
    except Exception:
        _log.exception("request %s failed: %s %s", request.get(REQUEST_ID), request.method, request.path)
        return problem(500, "internal_error", "Something went wrong.", {"request": request.get(REQUEST_ID)})


def _of_http(error: web.HTTPException, request: web.Request) -> web.Response:
    if isinstance(error, web.HTTPNotFound):
        return problem_of(RouteUnknown())
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return problem_of(RequestTooLarge(limit=request.client_max_size))
    response = problem(error.status, error.reason.lower().replace(" ", "_"), error.reason)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
