"""The bytes of a request -> a JSON object that fits its schema, or an ``InvalidRequest`` that says what is wrong.

In bounded time: the first fault ends it, and bounds stand before what they bound. Knows nothing of HTTP or of what the
parameters mean.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from llm_server.errors import InvalidRequest

Unsupported = Mapping[str, Iterable[object]]


def json_object(body: bytes) -> dict[str, Any]:
    """The object that the body is, without its nulls.

    Raises:
        InvalidRequest: it is no JSON, no object, or has text that is no Unicode or holds a NUL.
    """
    try:
        given = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not valid JSON.", code="invalid_json") from None
    if not isinstance(given, dict):
        raise InvalidRequest("The body must be a JSON object.", code="invalid_json")
    _check_texts(given)
    return without_nulls(given)


def check(given: dict[str, Any], validator: Draft202012Validator) -> None:
    """Holds the object against its schema.

    Raises:
        InvalidRequest: with ``param`` and ``code`` of the first fault.
    """
    error = next(validator.iter_errors(given), None)
    if error is not None:
        raise _explained(error)


def without_nulls(given: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter that is null counts as left out, as with OpenAI."""
    return {name: value for name, value in given.items() if value is not None}


def refuse_unsupported(given: dict[str, Any], unsupported: Unsupported, where: str = "") -> None:
    """Takes the parameters that ask for nothing out of ``given``; refuses those that ask for something."""
    for name in sorted(given.keys() & unsupported.keys()):
        if not _is_one_of(given.pop(name), unsupported[name]):
            raise InvalidRequest(
                f"'{where}{name}' is not supported by this server; leave it out.",
                param=where + name,
                code="unsupported_parameter",
            )


def _is_one_of(value: object, allowed: Iterable[object]) -> bool:
    """Equal and of one kind: to Python, True is 1."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in allowed)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")  # Python would read NaN, which is neither above 2 nor below 0


def _check_texts(given: dict[str, Any]) -> None:
    """Half a character would fail in the tokenizer, and a NUL ends a text wherever C reads it."""
    left: list[tuple[str, object]] = [("", given)]
    while left:
        path, value = left.pop()
        if isinstance(value, str):
            _check_text(value, path)
        elif isinstance(value, dict):
            for name, inner in value.items():
                _check_text(name, path)
                left.append((f"{path}.{name[:100]}" if path else name[:100], inner))
        elif isinstance(value, list):
            left += [(f"{path}[{at}]", inner) for at, inner in enumerate(value) if inner and isinstance(inner, _DEEPER)]


_DEEPER = (str, dict, list)


def _check_text(text: str, path: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest("The text is not valid Unicode.", param=path) from None
    if "\0" in text:
        raise InvalidRequest("The text holds a NUL character.", param=path)


def _explained(error: ValidationError) -> InvalidRequest:
    """An error in words that never repeat what the client sent, which may be long or private."""
    schema: Any = error.schema
    instance: Any = error.instance
    where, rule = _path(error), str(error.validator)
    if rule == "required":
        name = next(name for name in schema["required"] if name not in instance)
        return _fault(where, name, "is required.", "missing_required_parameter")
    if rule == "additionalProperties":
        name = next(name for name in instance if name not in schema["properties"])
        return _fault(where, name[:100], "is not a known parameter.", "unknown_parameter")
    if rule == "type":
        kinds = schema["type"]
        wanted = kinds if isinstance(kinds, str) else " or ".join(kinds)
        return _fault("", where, f"must be of type {wanted}.", "invalid_type")
    return _fault("", where, _BOUNDS.get(rule, "can't be used.").format(schema[rule]), "invalid_value")


_BOUNDS = {
    "minimum": "must be at least {}.",
    "maximum": "must be at most {}.",
    "exclusiveMinimum": "must be above {}.",
    "minItems": "must have at least {} item(s).",
    "maxItems": "must have at most {} items.",
    "maxProperties": "must have at most {} entries.",
    "minLength": "must have at least {} character(s).",
    "maxLength": "must have at most {} characters.",
    "enum": "must be one of {}.",
}


def _fault(where: str, name: str, what: str, code: str) -> InvalidRequest:
    param = f"{where}.{name}" if where else name
    return InvalidRequest(f"'{param}' {what}", param=param, code=code)


def _path(error: ValidationError) -> str:
    path = ""
    for part in error.absolute_path:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path[:200]
