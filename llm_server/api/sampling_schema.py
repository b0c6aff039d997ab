"""The parameters that chat and plain completions share: their JSON Schema and what it means. Knows nothing of HTTP.

OpenAI's names, and the common servers' own for what OpenAI has not (``top_k``, ``min_p``, ``repetition_penalty``,
``ignore_eos``, ``num_beams``, ``length_penalty``). In each schema a bound stands before what it bounds.
"""

from typing import Any

from llm_server.engines.engine import Sampling
from llm_server.errors import InvalidRequest

INT64 = 2**63
MOST_CHOICES = 8

SAMPLING: dict[str, Any] = {
    "max_tokens": {"type": "integer", "minimum": 1},
    "temperature": {"type": "number", "minimum": 0, "maximum": 2},
    "top_p": {"type": "number", "minimum": 0, "maximum": 1},
    "top_k": {"type": "integer", "minimum": -1, "maximum": 2**31 - 1},
    "min_p": {"type": "number", "minimum": 0, "maximum": 1},
    "presence_penalty": {"type": "number", "minimum": -2, "maximum": 2},
    "frequency_penalty": {"type": "number", "minimum": -2, "maximum": 2},
    "repetition_penalty": {"type": "number", "exclusiveMinimum": 0, "maximum": 10},
    "logit_bias": {
        "type": "object",
        "maxProperties": 1024,
        "additionalProperties": {"type": "number", "minimum": -100, "maximum": 100},
    },
    "num_beams": {"type": "integer", "minimum": 1, "maximum": MOST_CHOICES},
    "length_penalty": {"type": "number", "minimum": -10, "maximum": 10},
    "ignore_eos": {"type": "boolean"},
    "n": {"type": "integer", "minimum": 1, "maximum": MOST_CHOICES},
    "seed": {"type": "integer", "minimum": -INT64, "maximum": INT64 - 1},
    "stop": {
        "type": ["string", "array"],
        "minLength": 1,
        "maxLength": 200,
        "maxItems": 16,
        "items": {"type": "string", "minLength": 1, "maxLength": 200},
    },
    "stream": {"type": "boolean"},
    "stream_options": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"include_usage": {"type": "boolean"}, "include_obfuscation": {"enum": [False]}},
    },
    "user": {"type": "string"},  # whose request it is, never what the answer is
}

# Below this, dividing by the temperature only loses digits: the likeliest token wins anyway.
_COLDEST = 0.01
_LONGEST_TOKEN_ID = 9


def sampling_of(given: dict[str, Any]) -> Sampling:
    """What checked parameters say of how tokens are chosen."""
    temperature, seed = float(given.get("temperature", 1.0)), given.get("seed")
    return Sampling(
        temperature=0.0 if temperature < _COLDEST else temperature,
        top_p=float(given.get("top_p", 1.0)),
        seed=None if seed is None else int(seed),
        top_k=max(0, int(given.get("top_k", 0))),
        min_p=float(given.get("min_p", 0.0)),
        presence_penalty=float(given.get("presence_penalty", 0.0)),
        frequency_penalty=float(given.get("frequency_penalty", 0.0)),
        repetition_penalty=float(given.get("repetition_penalty", 1.0)),
        logit_bias=_biases(given.get("logit_bias", {})),
        beams=int(given.get("num_beams", 1)),
        length_penalty=float(given.get("length_penalty", 1.0)),
    )


def stops_of(given: dict[str, Any]) -> tuple[str, ...]:
    """The stop strings, each once."""
    stop = given.get("stop", ())
    return (stop,) if isinstance(stop, str) else tuple(dict.fromkeys(stop))


def usage_in_stream(given: dict[str, Any]) -> bool:
    """Whether a stream is to end with its usage.

    Raises:
        InvalidRequest: options of a stream, and no stream.
    """
    options = given.get("stream_options")
    if options is not None and not given.get("stream"):
        raise InvalidRequest("'stream_options' may only be given with 'stream': true.", param="stream_options")
    return bool((options or {}).get("include_usage", False))


def _biases(given: dict[str, float]) -> tuple[tuple[int, float], ...]:
    if not all(name.isascii() and name.isdigit() and len(name) <= _LONGEST_TOKEN_ID for name in given):
        raise InvalidRequest("The names in 'logit_bias' must be numbers of tokens.", param="logit_bias")
    biases = {int(name): float(bias) for name, bias in given.items()}
    return tuple(sorted(biases.items()))
