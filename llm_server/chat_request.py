"""The body of a chat completion request -> ``ChatRequest``, or an ``InvalidRequest`` that says what is wrong.

Knows nothing of HTTP or of the model.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from llm_server.chat_schema import CHAT_SCHEMA, UNSUPPORTED, UNSUPPORTED_IN_MESSAGE
from llm_server.engine import Message, Role, Sampling
from llm_server.errors import InvalidRequest

_VALIDATOR = Draft202012Validator(CHAT_SCHEMA)

# Below this, dividing by the temperature only loses digits: the likeliest token wins anyway.
_COLDEST = 0.01


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a client asks for, checked; ``max_tokens`` is None when he leaves it to the server."""

    model: str
    messages: tuple[Message, ...]
    max_tokens: int | None
    sampling: Sampling
    choices: int
    stop: tuple[str, ...]
    stream: bool
    include_usage: bool


def parse_chat_request(body: bytes) -> ChatRequest:
    """Reads and checks a body.

    Raises:
        InvalidRequest: with ``param`` and ``code``.
    """
    given = _without_nulls(_json_object(body))
    _refuse_unsupported(given, UNSUPPORTED, "")
    messages = given.get("messages")
    if isinstance(messages, list):
        given["messages"] = [_plain_message(message, index) for index, message in enumerate(messages)]
    error = best_match(_VALIDATOR.iter_errors(given))
    if error is not None:
        raise _explained(error)
    return _chat_request(given)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not valid JSON.", code="invalid_json") from None
    if not isinstance(given, dict):
        raise InvalidRequest("The body must be a JSON object.", code="invalid_json")
    return given


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")  # Python would read NaN, which is neither above 2 nor below 0


def _without_nulls(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _plain_message(message: object, index: int) -> object:
    if not isinstance(message, dict):
        return message
    plain = _without_nulls(message)
    _refuse_unsupported(plain, UNSUPPORTED_IN_MESSAGE, f"messages[{index}].")
    return plain


def _refuse_unsupported(given: dict[str, Any], unsupported: Mapping[str, Iterable[object]], where: str) -> None:
    """Takes the parameters that ask for nothing out of ``given``; refuses those that ask for something."""
    for name in given.keys() & unsupported.keys():
        if given.pop(name) not in unsupported[name]:
            raise InvalidRequest(
                f"'{where}{name}' is not supported by this server; leave it out.",
                param=where + name,
                code="unsupported_parameter",
            )


def _chat_request(given: dict[str, Any]) -> ChatRequest:
    options = given.get("stream_options")
    if options is not None and not given.get("stream"):
        raise InvalidRequest("'stream_options' may only be given with 'stream': true.", param="stream_options")
    stop = given.get("stop", [])
    return ChatRequest(
        model=given["model"],
        messages=tuple(_message(message, index) for index, message in enumerate(given["messages"])),
        max_tokens=_max_tokens(given),
        sampling=_sampling(given),
        choices=int(given.get("n", 1)),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        stream=given.get("stream", False),
        include_usage=(options or {}).get("include_usage", False),
    )


def _message(given: dict[str, Any], index: int) -> Message:
    content = given["content"]
    text = content if isinstance(content, str) else "".join(part["text"] for part in content)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest("The text is not valid Unicode.", param=f"messages[{index}].content") from None
    role = Role.SYSTEM if given["role"] == "developer" else Role(given["role"])
    return Message(role, text)


def _max_tokens(given: dict[str, Any]) -> int | None:
    limits = {int(given[name]) for name in ("max_tokens", "max_completion_tokens") if name in given}
    if len(limits) > 1:
        raise InvalidRequest(
            "'max_tokens' and 'max_completion_tokens' mean the same and differ; give one of them.", param="max_tokens"
        )
    return limits.pop() if limits else None


def _sampling(given: dict[str, Any]) -> Sampling:
    temperature = float(given.get("temperature", 1.0))
    seed = given.get("seed")
    return Sampling(
        temperature=0.0 if temperature < _COLDEST else temperature,
        top_p=float(given.get("top_p", 1.0)),
        seed=None if seed is None else int(seed),
    )


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
    return _fault("", where, _BOUNDS[rule].format(schema[rule]), "invalid_value")


_BOUNDS = {
    "minimum": "must be at least {}.",
    "maximum": "must be at most {}.",
    "minItems": "must have at least {} item(s).",
    "maxItems": "must have at most {} items.",
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
    return path
