"""Whatever is sent, a request is understood or refused by name, in bounded time; and nothing else happens."""

import io
import json
import string

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_server.api.chat_request import parse_chat_request
from llm_server.api.chat_schema import CHAT_SCHEMA
from llm_server.api.completion_request import COMPLETION_SCHEMA, parse_completion_request
from llm_server.api.embedding_request import EMBEDDING_SCHEMA, parse_embedding_request
from llm_server.api.sampling_schema import MOST_CHOICES
from llm_server.api.text_request import TextRequest
from llm_server.errors import InvalidRequest

CHAT = {"model": "fake", "messages": [{"role": "user", "content": "hi"}]}
PARSERS = {
    "chat/completions": (parse_chat_request, CHAT_SCHEMA, CHAT),
    "completions": (parse_completion_request, COMPLETION_SCHEMA, {"model": "fake", "prompt": "hi"}),
    "embeddings": (parse_embedding_request, EMBEDDING_SCHEMA, {"model": "vectors", "input": "hi"}),
}

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([1e308, -1, 2**64]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, bytes]:
    """A good request with some of its parameters, or of no known name, replaced by anything."""
    route = draw(st.sampled_from(sorted(PARSERS)))
    _, schema, good = PARSERS[route]
    names = st.sampled_from(sorted(schema["properties"])) | st.text(string.ascii_lowercase, min_size=1, max_size=6)
    changes = draw(st.dictionaries(names, ANY_JSON, max_size=3))
    return route, json.dumps({**good, **changes}).encode()


@given(bodies())
def test_a_body_is_understood_within_bounds_or_refused_by_name(given_body):
    route, body = given_body
    try:
        asked = PARSERS[route][0](body)
    except InvalidRequest as refused:
        assert refused.param or refused.told_code == "invalid_json"
        return

    if isinstance(asked, TextRequest):
        assert asked.max_tokens is None or asked.max_tokens >= 1
        assert 1 <= asked.choices <= MOST_CHOICES and len(asked.stop) <= 16
        assert 0 <= asked.sampling.temperature <= 2 and 0 <= asked.sampling.top_p <= 1
        assert asked.sampling.repetition_penalty > 0 and asked.sampling.top_k >= 0
        assert all(asked.sources)


@given(st.binary(max_size=64) | st.text(max_size=64).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_that_are_no_request_are_refused(body):
    for parse, _, _ in PARSERS.values():
        with pytest.raises(InvalidRequest):
            parse(body)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=50))
def test_any_text_without_a_nul_reaches_the_model_as_it_is(text):
    assert parse_completion_request(json.dumps({"model": "m", "prompt": text}).encode()).sources == (text,)
    asked = parse_chat_request(json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode())
    assert asked.sources[0][0].content == text


def schema_of(inner: object) -> dict[str, object]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": inner}}}


def deep(levels: int) -> dict[str, object]:
    made: dict[str, object] = {"type": "string"}
    for _ in range(levels):
        made = {"type": "object", "properties": {"a": made}}
    return made


ATTACKS: dict[str, tuple[dict[str, object] | bytes, str | None]] = {
    "deep JSON": (b'{"messages": ' + b"[" * 400_000, None),
    "deep JSON that ends": (b'{"metadata": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", None),
    "deep, but not too deep for Python": (
        b'{"model": "fake", "metadata": ' + b"[" * 500 + b"]" * 500 + b"}",
        "messages",
    ),
    "a number of many digits": (b'{"model": "fake", "max_tokens": ' + b"9" * 500_000 + b"}", None),
    "a number beyond float": (json.dumps({**CHAT, "temperature": 7}).replace("7", "1e999").encode(), "temperature"),
    "NaN": (json.dumps({**CHAT, "top_p": float("nan")}).encode(), None),
    "minus infinity": (json.dumps({**CHAT, "logit_bias": {"1": float("-inf")}}).encode(), None),
    "negative numbers": ({**CHAT, "max_tokens": -(2**70)}, "max_tokens"),
    "a huge max_tokens": ({**CHAT, "max_tokens": 2**70}, "messages"),
    "half a character": (
        b'{"model": "fake", "messages": [{"role": "user", "content": "\\udfff"}]}',
        "messages[0].content",
    ),
    "half a character, raw": (b'{"model": "\xed\xa0\x80", "messages": []}', "model"),
    "half a character as a name": (b'{"model": "fake", "messages": [], "metadata": {"\\ud800": 1}}', "metadata"),
    "NUL": ({**CHAT, "messages": [{"role": "user", "content": "a\0b"}]}, "messages[0].content"),
    "NUL in a stop string": ({**CHAT, "stop": "\0"}, "stop"),
    "a prompt of a megabyte": ({**CHAT, "messages": [{"role": "user", "content": "x" * 1_000_000}]}, "messages"),
    "many messages": ({**CHAT, "messages": [{}] * 200_000}, "messages"),
    "many parts": ({**CHAT, "messages": [{"role": "user", "content": [{}] * 200_000}]}, "messages[0].content"),
    "many stop strings": ({**CHAT, "stop": ["s"] * 10_000}, "stop"),
    "a long stop string": ({**CHAT, "stop": "s" * 100_000}, "stop"),
    "many biases": ({**CHAT, "logit_bias": {str(number): 1 for number in range(50_000)}}, "logit_bias"),
    "many unknown parameters": ({**CHAT, **{f"p{number}": 1 for number in range(50_000)}}, "p0"),
    "a long name": ({**CHAT, "x" * 500_000: 1}, "x" * 100),
    "a deep schema": ({**CHAT, **schema_of(deep(33))}, "response_format.json_schema.schema"),
    "a large schema": ({**CHAT, **schema_of({"enum": ["x"] * 50_000})}, "response_format.json_schema.schema"),
    "a long pattern": ({**CHAT, **schema_of({"pattern": "(a|b)*" * 200})}, "response_format.json_schema.schema"),
    "a schema with infinity": (
        json.dumps({**CHAT, **schema_of({"maximum": 7})}).replace("7", "1e999").encode(),
        "response_format.json_schema.schema",
    ),
    "the same name twice": (b'{"model": "fake", "messages": [], "messages": {"a": 1}}', "messages"),
}


@pytest.mark.parametrize("attack", list(ATTACKS))
async def test_what_is_meant_to_hurt_is_refused_and_the_next_is_served(serve, fake_engine, attack):
    engine = fake_engine()
    server = await serve(engine)
    given_body, param = ATTACKS[attack]
    body = given_body if isinstance(given_body, bytes) else json.dumps(given_body).encode()

    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(server.url + "/v1/chat/completions", data=io.BytesIO(body)) as got:
            told = (await got.json())["error"]

    assert (got.status, told["param"]) == (400, param)
    assert len(told["message"]) < 1_000  # what was sent is not sent back
    assert engine.requests == []
    assert (await server.client.chat.completions.create(**CHAT)).choices


async def test_a_body_of_any_length_is_given_up_at_its_bound(serve, fake_engine):
    server = await serve(fake_engine())
    sent = 0

    async def endless():
        nonlocal sent
        for _ in range(4_000):
            sent += 65_536
            yield b" " * 65_536

    async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:
        try:
            async with session.post(server.url + "/v1/chat/completions", data=endless()) as got:
                assert got.status == 413
        except aiohttp.ClientOSError:
            pass  # it hung up while we were still sending

    assert sent < 4_000 * 65_536
    assert (await server.client.chat.completions.create(**CHAT)).choices
