"""What goes over the wire against the official client's own types, strictly: no field of another type, none unknown.

The client itself is lenient: it builds its objects without looking at types.
"""

import json
from collections.abc import Iterator

import aiohttp
import pytest
from openai.types import Completion, CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.shared import ErrorObject
from pydantic import BaseModel

CHAT = {"model": "fake", "messages": [{"role": "user", "content": "say hello"}]}
TEXT = {"model": "fake", "prompt": "say hello"}
VECTORS = {"model": "vectors", "input": ["a", "bb"]}
LOGPROBS = {"logprobs": True, "top_logprobs": 2}
USAGE = {"stream": True, "stream_options": {"include_usage": True}}
MORE_OF_A_MODEL = {"backend", "max_model_len", "digest", "version"}  # docs/llm-server.md


def unknown(made: object) -> Iterator[str]:
    """Fields that the client's types don't have, however deep."""
    if isinstance(made, BaseModel):
        yield from made.model_extra or {}
        for name in type(made).model_fields:
            yield from unknown(getattr(made, name))
    elif isinstance(made, list | dict):
        for each in made.values() if isinstance(made, dict) else made:
            yield from unknown(each)


def strictly(kind: type[BaseModel], raw: str) -> BaseModel:
    made = kind.model_validate_json(raw, strict=True)
    assert not [*unknown(made)], raw
    return made


async def said(server, path: str, body: dict) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as http, http.post(server.url + path, json=body) as answer:
        return answer.status, answer.content_type, await answer.text()


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/v1/chat/completions", CHAT, ChatCompletion),
        ("/v1/chat/completions", CHAT | LOGPROBS | {"n": 2, "max_tokens": 1, "seed": 7}, ChatCompletion),
        ("/v1/completions", TEXT, Completion),
        ("/v1/completions", TEXT | {"logprobs": 2, "n": 2, "echo": False}, Completion),
        ("/v1/completions", TEXT | {"prompt": ["a", "b"]}, Completion),
        ("/v1/embeddings", VECTORS | {"encoding_format": "float"}, CreateEmbeddingResponse),
    ],
)
async def test_an_answer_is_what_its_type_says(serve, fake_engine, path, body, kind):
    server = await serve(fake_engine())

    status, content_type, raw = await said(server, path, body)

    assert (status, content_type) == (200, "application/json")
    strictly(kind, raw)


async def test_an_answer_has_what_the_description_requires_though_it_is_null(serve, fake_engine):
    """The published description has these as required and nullable; the client's types have a default for them."""
    server = await serve(fake_engine())

    answer = json.loads((await said(server, "/v1/chat/completions", CHAT))[2])
    text = json.loads((await said(server, "/v1/completions", TEXT))[2])

    assert {"id", "object", "created", "model", "choices", "usage"} <= set(answer)
    assert {"finish_reason", "index", "message", "logprobs"} <= set(answer["choices"][0])
    assert {"role", "content", "refusal"} <= set(answer["choices"][0]["message"])
    assert {"finish_reason", "index", "logprobs", "text"} <= set(text["choices"][0])


@pytest.mark.parametrize("with_usage", [False, True])
@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/v1/chat/completions", CHAT | LOGPROBS | {"n": 2}, ChatCompletionChunk),
        ("/v1/completions", TEXT | {"logprobs": 1}, Completion),
    ],
)
async def test_every_chunk_is_what_its_type_says(serve, fake_engine, path, body, kind, with_usage):
    server = await serve(fake_engine())

    _, content_type, raw = await said(server, path, body | (USAGE if with_usage else {"stream": True}))

    lines = raw.strip().split("\n\n")
    assert content_type == "text/event-stream" and lines[-1] == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    for line, chunk in zip(lines, chunks, strict=False):
        if kind is Completion and chunk["choices"] and chunk["choices"][0]["finish_reason"] is None:
            chunk["choices"][0]["finish_reason"] = "stop"  # the type has no null here, OpenAI's streams and vLLM's do
            line = "data: " + json.dumps(chunk)
        strictly(kind, line.removeprefix("data: "))
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert [chunk["usage"] is not None for chunk in chunks if "usage" in chunk][-1:] == ([True] if with_usage else [])
    assert [chunk["choices"] for chunk in chunks].count([]) == int(with_usage)


async def test_a_model_has_openais_fields_and_those_that_are_described(serve, fake_engine):
    server = await serve(fake_engine())
    async with aiohttp.ClientSession() as http:
        async with http.get(server.url + "/v1/models") as answer:
            listed = await answer.json()
        async with http.get(server.url + "/v1/models/fake") as answer:
            one = await answer.json()

    assert set(listed) == {"object", "data"} and listed["object"] == "list"
    for each in [*listed["data"], one]:
        made = Model.model_validate_json(json.dumps(each), strict=True)
        assert set(unknown(made)) == MORE_OF_A_MODEL


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/chat/completions", CHAT | {"model": "none"}, 404),
        ("/v1/chat/completions", CHAT | {"temperature": 5}, 400),
        ("/v1/chat/completions", {"model": "fake"}, 400),
        ("/v1/chat/completions", CHAT | {"messages": [{"role": "user", "content": "word " * 70_000}]}, 400),
        ("/v1/completions", TEXT | {"max_tokens": -1}, 400),
        ("/v1/embeddings", VECTORS | {"input": []}, 400),
        ("/v1/nothing", {}, 404),
    ],
)
async def test_an_error_is_what_its_type_says(serve, fake_engine, path, body, status):
    server = await serve(fake_engine())

    told, content_type, raw = await said(server, path, body)

    assert (told, content_type) == (status, "application/json")
    assert set(json.loads(raw)) == {"error"}
    assert set(json.loads(raw)["error"]) == {"message", "type", "param", "code"}
    strictly(ErrorObject, json.dumps(json.loads(raw)["error"]))
