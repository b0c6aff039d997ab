"""``response_format`` -> the grammar that the answer must follow. Knows nothing of HTTP or of grammars' making.

Bounds what a schema may be before anything tries to make a grammar of it; whether a schema can be one, and within its
time, is found out where grammars are made.
"""

import json
from typing import Any

from llm_server.engines.engine import Grammar
from llm_server.errors import InvalidRequest

LARGEST_SCHEMA = 64 * 1024  # bytes
DEEPEST_SCHEMA = 32
LONGEST_PATTERN = 512

ANY_OBJECT = '{"type": "object"}'  # "any JSON" would be a list or a number too

_PARAM = "response_format.json_schema.schema"


def grammar_of(given: dict[str, Any]) -> Grammar | None:
    """The grammar of a checked ``response_format``; None for plain text.

    Raises:
        InvalidRequest: no schema where one is wanted, or one that is too large or too deep.
    """
    kind, wanted = given["type"], given.get("json_schema")
    if (kind == "json_schema") != (wanted is not None):
        raise InvalidRequest("'json_schema' belongs to the type json_schema, and to no other.", param="response_format")
    if kind == "text":
        return None
    return Grammar(_schema_text(wanted["schema"]) if wanted else ANY_OBJECT)


def _schema_text(schema: dict[str, Any]) -> str:
    _check_depth(schema)
    try:
        text = json.dumps(schema, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise InvalidRequest("The schema holds a number that JSON has not.", param=_PARAM) from None
    if len(text.encode()) > LARGEST_SCHEMA:
        raise InvalidRequest(f"The schema must be at most {LARGEST_SCHEMA} bytes.", param=_PARAM)
    return text


def _check_depth(schema: dict[str, Any]) -> None:
    left: list[tuple[int, Any]] = [(1, schema)]
    while left:
        depth, value = left.pop()
        if depth > DEEPEST_SCHEMA:
            raise InvalidRequest(f"The schema must be at most {DEEPEST_SCHEMA} levels deep.", param=_PARAM)
        if isinstance(value, dict):
            pattern = value.get("pattern")
            if isinstance(pattern, str) and len(pattern) > LONGEST_PATTERN:
                raise InvalidRequest(f"A pattern must be at most {LONGEST_PATTERN} characters.", param=_PARAM)
        left += [(depth + 1, inner) for inner in _inner(value) if isinstance(inner, (dict, list))]


def _inner(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value
