"""The API's description in OpenAPI 3.1, made of the route table. Knows nothing of what the handlers do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from deskhand.gateway.route import Route

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; what programs decide by"},
        "detail": {"type": "string"},
        "data": {"type": "object"},
    },
}
_FILES = {".svg": "image/svg+xml", ".pdf": "application/pdf"}
_KEYS = "An API key with the scope that is named, and a role that may do it."


def describe(routes: Iterable[Route], version: str, cookie: str) -> dict[str, Any]:
    """The document for every route that is part of the API; `cookie` is what the session's is called here."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if not route.page:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Deskhand",
            "version": version,
            "description": "Amounts and quantities are strings. What changes an order or talks to the bot takes an "
            "`Idempotency-Key`: a repeat is answered and not carried out again.",
        },
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM},
            "responses": {
                "Problem": {
                    "description": "Refused",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": cookie},
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "dhk_...", "description": _KEYS},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    content = {} if route.success == 204 else {"content": _content(route)}
    operation: dict[str, Any] = {
        "operationId": _identifier(route),
        "summary": route.summary,
        "parameters": _parameters(route),
        "responses": {
            str(route.success): {"description": route.summary, **content},
            "default": {"$ref": "#/components/responses/Problem"},
        },
        "security": _security(route),
    }
    if route.body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": route.body}}}
    if route.form is not None:
        bodies = operation.setdefault("requestBody", {"content": {}})["content"]
        bodies["multipart/form-data"] = {"schema": route.form}
    return operation


def _security(route: Route) -> list[dict[str, list[str]]]:
    """Nothing, or any one of these; a key with this scope where there is one."""
    if route.public:
        return []
    people: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
    return people if route.scope is None else [*people, {"key": [str(route.scope)]}]


def _parameters(route: Route) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    in_query = [{"name": name, "in": "query", "schema": schema} for name, schema in route.query.items()]
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}
    return [*in_path, *in_query, *([key] if route.once else [])]


def _identifier(route: Route) -> str:
    words = re.findall(r"\w+", route.path.removeprefix("/api/"))
    return "_".join([route.method.lower(), *words]).replace("-", "_")


def _content(route: Route) -> dict[str, Any]:
    """Files are what their route says or their address ends in; everything else is an object."""
    files = route.media or tuple(media for ending, media in _FILES.items() if route.path.endswith(ending))
    if files:
        return {media: {"schema": {"type": "string", "format": "binary"}} for media in files}
    return {"application/json": {"schema": {"type": "object"}}}
