"""The body of a chat completion request -> ``TextRequest``, or an ``InvalidRequest`` that says what is wrong.

Knows nothing of HTTP or of the model.
"""

from typing import Any

from jsonschema import Draft202012Validator

from llm_server.api.chat_schema import CHAT_SCHEMA, MOST_MESSAGES, UNSUPPORTED, UNSUPPORTED_IN_MESSAGE
from llm_server.api.request_body import check, json_object, refuse_unsupported, without_nulls
from llm_server.api.response_format import grammar_of
from llm_server.api.sampling_schema import sampling_of, stops_of, usage_in_stream
from llm_server.api.text_request import TextRequest
from llm_server.engines.engine import Grammar, Message, Role
from llm_server.errors import InvalidRequest

_VALIDATOR = Draft202012Validator(CHAT_SCHEMA)


def parse_chat_request(body: bytes) -> TextRequest:
    """Reads and checks a body.

    Raises:
        InvalidRequest: with ``param`` and ``code``.
    """
    given = json_object(body)
    refuse_unsupported(given, UNSUPPORTED)
    messages = given.get("messages")
    if isinstance(messages, list) and len(messages) <= MOST_MESSAGES:  # else the schema refuses them, unseen
        given["messages"] = [_plain_message(message, index) for index, message in enumerate(messages)]
    check(given, _VALIDATOR)
    return _request(given)


def _plain_message(message: object, index: int) -> object:
    if not isinstance(message, dict):
        return message
    plain = without_nulls(message)
    refuse_unsupported(plain, UNSUPPORTED_IN_MESSAGE, f"messages[{index}].")
    return plain


def _request(given: dict[str, Any]) -> TextRequest:
    return TextRequest(
        model=given["model"],
        sources=(tuple(_message(message) for message in given["messages"]),),
        max_tokens=_max_tokens(given),
        sampling=sampling_of(given),
        choices=int(given.get("n", 1)),
        stop=stops_of(given),
        stream=given.get("stream", False),
        include_usage=usage_in_stream(given),
        top_logprobs=_top_logprobs(given),
        grammar=_grammar(given),
        ignore_end=given.get("ignore_eos", False),
    )


def _message(given: dict[str, Any]) -> Message:
    content = given["content"]
    text = content if isinstance(content, str) else "".join(part["text"] for part in content)
    return Message(Role.SYSTEM if given["role"] == "developer" else Role(given["role"]), text)


def _max_tokens(given: dict[str, Any]) -> int | None:
    limits = {int(given[name]) for name in ("max_tokens", "max_completion_tokens") if name in given}
    if len(limits) > 1:
        raise InvalidRequest(
            "'max_tokens' and 'max_completion_tokens' mean the same and differ; give one of them.", param="max_tokens"
        )
    return limits.pop() if limits else None


def _top_logprobs(given: dict[str, Any]) -> int | None:
    top = int(given.get("top_logprobs", 0))
    if given.get("logprobs"):
        return top
    if top:
        raise InvalidRequest("'top_logprobs' may only be given with 'logprobs': true.", param="top_logprobs")
    return None


def _grammar(given: dict[str, Any]) -> Grammar | None:
    return grammar_of(given["response_format"]) if "response_format" in given else None
