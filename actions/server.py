"""rasa-sdk's HTTP server with our actions on it, for one caller only: Rasa, which shows the shared header.

Knows no action. `GET /health` answers anybody; everything else is refused without the header.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from actions.registry import all_actions
from actions.services import Services
from deskhand.store import StatementCount

HEADER = "X-Deskhand-Actions-Token"
_OPEN = frozenset({("GET", "/health")})

_log = logging.getLogger(__name__)


class DeskExecutor(ActionExecutor):  # type: ignore[misc]  # rasa_sdk has no types
    """No action reads Rasa's domain, and Rasa is told not to send it (`enable_selective_domain`)."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        return payload.get("domain") or {}


def make_app(services: Services, actions_tokens: Sequence[str]) -> Sanic[Any, Any]:
    """The server as an application; the caller runs it."""
    executor = DeskExecutor()
    for action in all_actions(services):
        executor.register_action(action)
    app: Sanic[Any, Any] = create_app(executor, cors_origins=[])
    app.config.KEEP_ALIVE_TIMEOUT = 120
    app.config.REQUEST_MAX_SIZE = 16_000_000  # Rasa sends the whole session with each call
    app.config.MOTD = False

    registry = CollectorRegistry()
    registry.register(StatementCount(services.desk.database))
    registry.register(services.catalogues.taken)
    registry.register(services.catalogues.built)

    @app.get("/metrics")
    async def metrics(_: Request) -> HTTPResponse:
        return raw(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    @app.on_request
    async def only_rasa(request: Request) -> HTTPResponse | None:
        shown = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        known = [hmac.compare_digest(shown, token.encode()) for token in actions_tokens]  # all, whichever it is
        if (request.method, request.path) in _OPEN or any(known):
            return None
        _log.warning("a request without Rasa's header was refused")
        return json({"error": "actions_token_refused"}, status=401)

    return app
