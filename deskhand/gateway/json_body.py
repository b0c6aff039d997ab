"""Reads a JSON body strictly: what two readers could understand differently is refused. Knows nothing of fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from aiohttp import web

from deskhand.gateway.errors import InvalidRequest

JSON = "application/json"
_HALVED = re.compile(r"\\u[dD][89a-fA-F]")  # the escape of half a character, if its other half does not follow


async def json_object(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object.

    Raises:
        InvalidRequest: not UTF-8, not JSON, a name that stands twice, NaN or Infinity, half a character.
    """
    raw = await request.read()
    if not raw.strip():
        return {}
    if request.content_type != JSON:
        raise InvalidRequest(field="Content-Type", problem=f"must be {JSON}")
    try:
        body = parsed(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(field="body", problem="is not JSON") from error
    if not isinstance(body, dict):
        raise InvalidRequest(field="body", problem="must be a JSON object")
    return body


def parsed(raw: bytes) -> Any:
    """The value.

    Raises:
        ValueError, RecursionError: it is none.
    """
    text = raw.decode("utf-8-sig")
    body = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    if _HALVED.search(text):
        json.dumps(body, ensure_ascii=False).encode()  # a UnicodeEncodeError is a ValueError
    return body


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Of a name that stands twice one reader takes the first value and another the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
