"""The body of a plain completion request -> ``TextRequest``, or an ``InvalidRequest`` that says what is wrong.

Knows nothing of HTTP or of the model.
"""

from typing import Any

from jsonschema import Draft202012Validator

from llm_server.api.request_body import check, json_object, refuse_unsupported
from llm_server.api.sampling_schema import SAMPLING, sampling_of, stops_of, usage_in_stream
from llm_server.api.text_request import Source, TextRequest
from llm_server.errors import InvalidRequest

MOST_PROMPTS = 32
_MOST_TOKENS = 2**20
_DEFAULT_MAX_TOKENS = 16  # as OpenAI has it

COMPLETION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["model", "prompt"],
    "additionalProperties": False,
    "properties": {
        "model": {"type": "string", "minLength": 1},
        "prompt": {"type": ["string", "array"], "minItems": 1, "maxItems": _MOST_TOKENS},
        **SAMPLING,
        "logprobs": {"type": "integer", "minimum": 0, "maximum": 5},
    },
}

# OpenAI's parameters that are not supported, with the values that ask for nothing and so may be given.
UNSUPPORTED_IN_COMPLETION: dict[str, tuple[object, ...]] = {"echo": (False,), "suffix": ("",), "best_of": (1,)}

_VALIDATOR = Draft202012Validator(COMPLETION_SCHEMA)


def parse_completion_request(body: bytes) -> TextRequest:
    """Reads and checks a body.

    Raises:
        InvalidRequest: with ``param`` and ``code``.
    """
    given = json_object(body)
    refuse_unsupported(given, UNSUPPORTED_IN_COMPLETION)
    check(given, _VALIDATOR)
    return TextRequest(
        model=given["model"],
        sources=_sources(given["prompt"]),
        max_tokens=int(given.get("max_tokens", _DEFAULT_MAX_TOKENS)),
        sampling=sampling_of(given),
        choices=int(given.get("n", 1)),
        stop=stops_of(given),
        stream=given.get("stream", False),
        include_usage=usage_in_stream(given),
        top_logprobs=int(given["logprobs"]) if "logprobs" in given else None,
        ignore_end=given.get("ignore_eos", False),
    )


def _sources(given: str | list[Any]) -> tuple[Source, ...]:
    """A text, the tokens of one, or several of either."""
    if isinstance(given, str) or _is_token(given[0]):
        return (_source(given),)
    if len(given) > MOST_PROMPTS:
        raise InvalidRequest(f"'prompt' must have at most {MOST_PROMPTS} items.", param="prompt")
    return tuple(_source(one) for one in given)


def _source(given: Any) -> Source:
    if isinstance(given, str):
        return given
    if isinstance(given, list) and given and all(_is_token(token) for token in given):
        return tuple(given)
    raise InvalidRequest("'prompt' must be a text, a list of tokens, or a list of such.", param="prompt")


def _is_token(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
