"""Small bodies in OpenAI's shapes: usage, errors, models, log probabilities. Knows nothing of HTTP or of the model."""

import math
from collections.abc import Sequence
from typing import Any

from llm_server.engines.engine import Candidate, DrawnToken, ServedModel
from llm_server.errors import RequestError

Body = dict[str, Any]

_LEAST_LOGPROB = -9999.0  # stands for minus infinity, which JSON has not


def usage_body(prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> Body:
    """What a request took, in tokens; the prompt counts once however many choices were asked for."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": cached_tokens},
    }


def error_body(error: RequestError) -> Body:
    """An error as OpenAI's clients expect it."""
    return {
        "error": {"message": str(error), "type": error.kind, "param": error.param, "code": error.told_code},
    }


def model_body(model: ServedModel, created: int) -> Body:
    """One entry of the list of models; what follows the owner is not OpenAI's."""
    return {
        "id": model.name,
        "object": "model",
        "created": created,
        "owned_by": "deskhand",
        "backend": model.backend,
        "max_model_len": model.context_length,
        "digest": model.digest,
        "version": model.version,
    }


def chat_logprobs(tokens: Sequence[DrawnToken]) -> Body:
    """Log probabilities as chat completions have them."""
    content = [
        {**_candidate(token.drawn), "top_logprobs": [_candidate(one) for one in token.likeliest]} for token in tokens
    ]
    return {"content": content, "refusal": None}


def completion_logprobs(tokens: Sequence[DrawnToken], offset: int) -> Body:
    """Log probabilities as plain completions have them; ``offset`` is the text's length before these tokens."""
    offsets = []
    for token in tokens:
        offsets.append(offset)
        offset += len(token.drawn.text)
    return {
        "tokens": [token.drawn.text for token in tokens],
        "token_logprobs": [_finite(token.drawn.logprob) for token in tokens],
        "top_logprobs": [
            {one.text: _finite(one.logprob) for one in (*token.likeliest, token.drawn)} for token in tokens
        ],
        "text_offset": offsets,
    }


def _candidate(one: Candidate) -> Body:
    return {"token": one.text, "logprob": _finite(one.logprob), "bytes": list(one.raw)}


def _finite(logprob: float) -> float:
    return logprob if math.isfinite(logprob) else _LEAST_LOGPROB
