"""What a chat completion request may say: its JSON Schema, and OpenAI's parameters that this server refuses.

Knows nothing of HTTP. Nothing that would change the answer is ignored in silence: a parameter is served, or is an
advisory tag, or has the one value that changes nothing, or is refused by name.
"""

from typing import Any

from llm_server.api.sampling_schema import SAMPLING

MOST_MESSAGES = 2048

# What is wrong first is told: of an image that it is no text, not that it lacks one.
_TEXT_PART = {
    "type": "object",
    "properties": {"type": {"enum": ["text"]}, "text": {"type": "string"}},
    "required": ["type", "text"],
    "additionalProperties": False,
}

_MESSAGE = {
    "type": "object",
    "required": ["role", "content"],
    "additionalProperties": False,
    "properties": {
        "role": {"enum": ["system", "developer", "user", "assistant"]},
        "content": {"type": ["string", "array"], "minItems": 1, "maxItems": 256, "items": _TEXT_PART},
    },
}

_RESPONSE_FORMAT = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["text", "json_object", "json_schema"]},
        "json_schema": {
            "type": "object",
            "required": ["schema"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "maxLength": 64},
                "description": {"type": "string"},
                "strict": {"type": ["boolean", "null"]},
                "schema": {"type": "object"},
            },
        },
    },
}

CHAT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["model", "messages"],
    "additionalProperties": False,
    "properties": {
        "model": {"type": "string", "minLength": 1},
        "messages": {"type": "array", "minItems": 1, "maxItems": MOST_MESSAGES, "items": _MESSAGE},
        **SAMPLING,
        "max_completion_tokens": {"type": "integer", "minimum": 1},
        "logprobs": {"type": "boolean"},
        "top_logprobs": {"type": "integer", "minimum": 0, "maximum": 20},
        "response_format": _RESPONSE_FORMAT,
        # Advisory tags: whose request it is, never what the answer is.
        "safety_identifier": {"type": "string"},
        "prompt_cache_key": {"type": "string"},
        "metadata": {"type": "object"},
    },
}

# OpenAI's parameters that are not supported, with the values that ask for nothing and so may be given.
UNSUPPORTED: dict[str, tuple[object, ...]] = {
    "audio": (),
    "function_call": ("none", "auto"),
    "functions": ([],),
    "modalities": (["text"],),
    "moderation": (),
    "parallel_tool_calls": (True, False),
    "prediction": (),
    "prompt_cache_options": (),
    "prompt_cache_retention": (),
    "reasoning_effort": ("none",),
    "service_tier": ("auto", "default"),
    "store": (False,),
    "tool_choice": ("none", "auto"),
    "tools": ([],),
    "verbosity": ("medium",),
    "web_search_options": (),
}

# The same for a message; clients send an earlier answer back whole.
UNSUPPORTED_IN_MESSAGE: dict[str, tuple[object, ...]] = {
    "annotations": ([],),
    "audio": (),
    "function_call": (),
    "name": (),
    "refusal": (),
    "tool_call_id": (),
    "tool_calls": ([],),
}
