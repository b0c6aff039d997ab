"""The body of an embeddings request -> ``EmbeddingRequest``, and vectors -> the body of its answer.

Knows nothing of HTTP or of the model.
"""

import base64
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from llm_server.api.openai_bodies import Body
from llm_server.api.request_body import check, json_object
from llm_server.engines.engine import Embeddings
from llm_server.errors import InvalidRequest

EMBEDDING_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["model", "input"],
    "additionalProperties": False,
    "properties": {
        "model": {"type": "string", "minLength": 1},
        "input": {
            "type": ["string", "array"],
            "minLength": 1,
            "minItems": 1,
            "maxItems": 2048,
            "items": {"type": "string", "minLength": 1},
        },
        "encoding_format": {"enum": ["float", "base64"]},
        "dimensions": {"type": "integer", "minimum": 1, "maximum": 2**16},
        "user": {"type": "string"},
    },
}

_VALIDATOR = Draft202012Validator(EMBEDDING_SCHEMA)


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """The texts, and how their vectors are wanted; ``dimensions`` is None for all there are."""

    model: str
    texts: tuple[str, ...]
    dimensions: int | None
    as_base64: bool


def parse_embedding_request(body: bytes) -> EmbeddingRequest:
    """Reads and checks a body.

    Raises:
        InvalidRequest: with ``param`` and ``code``.
    """
    given = json_object(body)
    check(given, _VALIDATOR)
    texts = given["input"]
    return EmbeddingRequest(
        model=given["model"],
        texts=(texts,) if isinstance(texts, str) else tuple(texts),
        dimensions=int(given["dimensions"]) if "dimensions" in given else None,
        as_base64=given.get("encoding_format") == "base64",
    )


def embeddings_body(asked: EmbeddingRequest, made: Embeddings) -> Body:
    """The answer.

    Raises:
        InvalidRequest: more dimensions are wanted than there are.
    """
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(_shortened(vector, asked.dimensions), asked)}
        for index, vector in enumerate(made.vectors)
    ]
    usage = {"prompt_tokens": made.tokens, "total_tokens": made.tokens}
    return {"object": "list", "data": data, "model": asked.model, "usage": usage}


def _shortened(vector: Sequence[float], dimensions: int | None) -> Sequence[float]:
    """The first dimensions, of length 1 again."""
    if dimensions is None:
        return vector
    if dimensions > len(vector):
        raise InvalidRequest(f"'dimensions' must be at most {len(vector)} for this model.", param="dimensions")
    kept = vector[:dimensions]
    length = math.sqrt(sum(value * value for value in kept)) or 1.0
    return [value / length for value in kept]


def _encoded(vector: Sequence[float], asked: EmbeddingRequest) -> str | list[float]:
    """Numbers, or what the official client asks for by itself: little-endian float32, in base64."""
    if asked.as_base64:
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    return list(vector)
