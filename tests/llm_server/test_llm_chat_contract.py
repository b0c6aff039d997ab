"""Chat completions as the official OpenAI client sees them: a server that listens, an engine without a model."""

import asyncio
import inspect
import typing

import openai
import pytest
from openai.types.chat import completion_create_params

from llm_server.api.chat_schema import CHAT_SCHEMA, UNSUPPORTED
from llm_server.api.keys import QUEUE
from llm_server.engines.engine import Grammar, Sampling

ASK = {"model": "fake", "messages": [{"role": "user", "content": "say hello"}]}


async def test_an_answer_has_text_reason_and_usage(serve, fake_engine):
    server = await serve(fake_engine())

    answer = await server.client.chat.completions.create(**ASK)

    assert answer.choices[0].message.content == "Hello world!"
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (2, 3, 5)
    assert (answer.object, answer.model) == ("chat.completion", "fake")


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_token_limit_ends_the_answer_with_length(serve, fake_engine, name):
    server = await serve(fake_engine())

    answer = await server.client.chat.completions.create(**ASK, **{name: 2})

    assert answer.choices[0].message.content == "Hello world"
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 2


async def test_what_the_client_asks_for_reaches_the_engine(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)

    await server.client.chat.completions.create(
        **ASK,
        temperature=0.5,
        top_p=0.9,
        seed=7,
        n=2,
        stop=["END"],
        max_tokens=9,
        presence_penalty=0.25,
        frequency_penalty=-0.5,
        logit_bias={"17": -100, "3": 2.5},
        logprobs=True,
        top_logprobs=2,
        response_format={"type": "json_schema", "json_schema": {"name": "order", "schema": {"type": "object"}}},
        extra_body={"top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1, "ignore_eos": True},
    )

    request = engine.requests[0]
    assert request.sampling == Sampling(
        temperature=0.5,
        top_p=0.9,
        seed=7,
        top_k=40,
        min_p=0.05,
        presence_penalty=0.25,
        frequency_penalty=-0.5,
        repetition_penalty=1.1,
        logit_bias=((3, 2.5), (17, -100.0)),
    )
    assert (request.choices, request.stop, request.max_tokens) == (2, ("END",), 9)
    assert (request.top_logprobs, request.grammar, request.ignore_end) == (2, Grammar('{"type": "object"}'), True)


async def test_a_json_object_is_asked_for_as_an_object(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)

    await server.client.chat.completions.create(**ASK, response_format={"type": "json_object"})
    await server.client.chat.completions.create(**ASK, response_format={"type": "text"})

    assert [request.grammar for request in engine.requests] == [Grammar('{"type": "object"}'), None]


async def test_roles_and_text_parts_are_understood(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)

    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    messages = [
        {"role": "developer", "content": "be short"},
        {"role": "user", "content": parts},
        {"role": "assistant", "content": "three", "refusal": None},
        {"role": "user", "content": "四"},
    ]
    await server.client.chat.completions.create(model="fake", messages=messages)

    heard = [(message.role.value, message.content) for message in engine.messages]
    assert heard == [("system", "be short"), ("user", "one two"), ("assistant", "three"), ("user", "四")]


async def test_n_gives_so_many_choices_and_counts_their_tokens(serve, fake_engine):
    server = await serve(fake_engine())

    answer = await server.client.chat.completions.create(**ASK, n=3)

    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert {choice.message.content for choice in answer.choices} == {"Hello world!"}
    assert answer.usage.completion_tokens == 9
    assert answer.usage.prompt_tokens == 2


async def test_a_stream_brings_role_pieces_reason_and_usage(serve, fake_engine):
    server = await serve(fake_engine())

    stream = await server.client.chat.completions.create(**ASK, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]

    spoken = [chunk for chunk in chunks if chunk.choices]
    assert spoken[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].delta.content for chunk in spoken] == ["", "Hello", " world", "!", None]
    assert [chunk.choices[0].finish_reason for chunk in spoken] == [None, None, None, None, "stop"]
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 5
    assert len({chunk.id for chunk in chunks}) == 1


async def test_a_stream_tells_no_usage_unless_asked(serve, fake_engine):
    server = await serve(fake_engine())

    stream = await server.client.chat.completions.create(**ASK, stream=True, n=2)
    chunks = [chunk async for chunk in stream]

    assert all(chunk.choices and chunk.usage is None for chunk in chunks)
    for index in (0, 1):
        of_choice = [chunk.choices[0] for chunk in chunks if chunk.choices[0].index == index]
        assert "".join(choice.delta.content or "" for choice in of_choice) == "Hello world!"


async def test_pieces_arrive_while_the_engine_is_still_at_work(serve, fake_engine):
    engine = fake_engine(held=True)
    server = await serve(engine)

    stream = await server.client.chat.completions.create(**ASK, stream=True)
    opening, first = [await anext(stream) for _ in range(2)]

    assert (opening.choices[0].delta.content, first.choices[0].delta.content) == ("", "Hello")
    engine.may_speak.set()
    assert [chunk.choices[0].finish_reason async for chunk in stream][-1] == "stop"


BAD = [
    ({"messages": []}, "messages", "invalid_value"),
    ({"messages": None}, "messages", "missing_required_parameter"),
    ({"messages": "hello"}, "messages", "invalid_type"),
    ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
    ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
    ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content", "invalid_type"),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        "messages[0].content[0].type",
        "invalid_value",
    ),
    ({"messages": [{"role": "user", "content": "x", "name": "Ann"}]}, "messages[0].name", "unsupported_parameter"),
    ({"temperature": 2.1}, "temperature", "invalid_value"),
    ({"temperature": -0.1}, "temperature", "invalid_value"),
    ({"temperature": "hot"}, "temperature", "invalid_type"),
    ({"temperature": True}, "temperature", "invalid_type"),
    ({"top_p": 1.5}, "top_p", "invalid_value"),
    ({"max_tokens": 0}, "max_tokens", "invalid_value"),
    ({"max_tokens": -1}, "max_tokens", "invalid_value"),
    ({"max_tokens": 1.5}, "max_tokens", "invalid_type"),
    ({"max_tokens": 3, "max_completion_tokens": 4}, "max_tokens", "invalid_value"),
    ({"n": 0}, "n", "invalid_value"),
    ({"n": 9}, "n", "invalid_value"),
    ({"seed": 2**63}, "seed", "invalid_value"),
    ({"stop": [str(number) for number in range(10_000)]}, "stop", "invalid_value"),
    ({"stop": ""}, "stop", "invalid_value"),
    ({"stream_options": {"include_usage": True}}, "stream_options", "invalid_value"),
    ({"frequency_penalty": 2.1}, "frequency_penalty", "invalid_value"),
    ({"presence_penalty": -3}, "presence_penalty", "invalid_value"),
    ({"repetition_penalty": 0}, "repetition_penalty", "invalid_value"),
    ({"top_k": -2}, "top_k", "invalid_value"),
    ({"min_p": 1.1}, "min_p", "invalid_value"),
    ({"logit_bias": {"5": 101}}, "logit_bias.5", "invalid_value"),
    ({"logit_bias": {"a": 1}}, "logit_bias", "invalid_value"),
    ({"logit_bias": {"1000": 1}}, "logit_bias", "invalid_value"),
    ({"logit_bias": {str(number): 1 for number in range(2000)}}, "logit_bias", "invalid_value"),
    ({"top_logprobs": 3}, "top_logprobs", "invalid_value"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "invalid_value"),
    ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
    ({"response_format": {"type": "json_schema"}}, "response_format", "invalid_value"),
    ({"response_format": {"type": "text", "json_schema": {"schema": {}}}}, "response_format", "invalid_value"),
    ({"tools": [{"type": "function"}]}, "tools", "unsupported_parameter"),
    ({"tools": [True]}, "tools", "unsupported_parameter"),
    ({"min_tokens": 3}, "min_tokens", "unknown_parameter"),
    ({"max_tokens": 63}, "messages", "context_length_exceeded"),
    ({"messages": [{"role": "user", "content": "word " * 64}]}, "messages", "context_length_exceeded"),
]


@pytest.mark.parametrize(("changes", "param", "code"), BAD, ids=lambda value: str(value)[:40])
async def test_what_can_not_be_served_is_refused_by_name(serve, fake_engine, changes, param, code):
    engine = fake_engine()
    server = await serve(engine)

    with pytest.raises(openai.BadRequestError) as refused:
        await server.client.chat.completions.create(**ASK, extra_body=changes)

    assert refused.value.type == "invalid_request_error"
    assert (refused.value.param, refused.value.code) == (param, code)
    assert engine.requests == []


async def test_a_value_that_asks_for_nothing_is_let_through(serve, fake_engine):
    server = await serve(fake_engine())

    nothing = {
        "frequency_penalty": 0,
        "presence_penalty": 0.0,
        "logprobs": False,
        "top_logprobs": 0,
        "logit_bias": {},
        "tools": [],
        "response_format": {"type": "text"},
        "seed": None,
        "user": "ann",
    }
    answer = await server.client.chat.completions.create(**ASK, extra_body=nothing)

    assert answer.choices[0].message.content == "Hello world!"


def test_every_parameter_of_the_official_client_is_served_or_refused_by_name():
    """So that none is first known when a user misses it."""
    params = set(typing.get_type_hints(completion_create_params.CompletionCreateParamsNonStreaming))
    create = inspect.signature(openai.resources.chat.Completions.create).parameters
    of_the_call = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}

    known = set(CHAT_SCHEMA["properties"]) | set(UNSUPPORTED)

    assert (params | set(create)) - of_the_call - known == set()


async def test_another_model_is_not_found(serve, fake_engine):
    server = await serve(fake_engine())

    with pytest.raises(openai.NotFoundError) as refused:
        await server.client.chat.completions.create(**{**ASK, "model": "gpt-4o"})

    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


async def test_more_than_the_limit_waiting_is_told_to_come_back(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine, queue_limit=2)
    tasks = []
    for _ in range(3):  # one on the engine, two waiting
        tasks.append(asyncio.create_task(server.client.chat.completions.create(**ASK)))
        await eventually(lambda: server.app[QUEUE].running + server.app[QUEUE].waiting == len(tasks))

    with pytest.raises(openai.RateLimitError) as refused:
        await server.client.chat.completions.create(**ASK)

    assert refused.value.code == "queue_full"
    assert int(refused.value.response.headers["Retry-After"]) >= 1
    engine.may_speak.set()
    answers = await asyncio.gather(*tasks)
    assert [answer.choices[0].finish_reason for answer in answers] == ["stop"] * 3


async def test_without_places_to_wait_a_free_engine_still_serves(serve, fake_engine):
    server = await serve(fake_engine(), queue_limit=0)

    assert (await server.client.chat.completions.create(**ASK)).choices


async def test_a_request_past_its_deadline_is_stopped_and_told_so(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine, timeout_seconds=0.1)

    with pytest.raises(openai.InternalServerError) as late:
        await server.client.chat.completions.create(**ASK)

    assert (late.value.status_code, late.value.code) == (504, "timeout")
    await eventually(engine.saw_cancel.is_set)


async def test_a_deadline_within_a_stream_comes_as_an_error_event(serve, fake_engine):
    server = await serve(fake_engine(held=True), timeout_seconds=0.2)

    stream = await server.client.chat.completions.create(**ASK, stream=True)
    with pytest.raises(openai.APIError) as late:
        [chunk async for chunk in stream]

    assert late.value.code == "timeout"


async def test_a_client_that_goes_away_stops_its_generation(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine)
    task = asyncio.create_task(server.client.chat.completions.create(**ASK))
    await eventually(lambda: server.app[QUEUE].running == 1)

    task.cancel()

    await eventually(engine.saw_cancel.is_set)
    await eventually(lambda: server.app[QUEUE].running == 0)


async def test_a_dropped_stream_stops_its_generation_and_no_other(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine)
    stream = await server.client.chat.completions.create(**ASK, stream=True)
    await anext(stream)
    other = asyncio.create_task(server.client.chat.completions.create(**ASK))
    await eventually(lambda: server.app[QUEUE].waiting == 1)

    await stream.close()

    await eventually(engine.saw_cancel.is_set)
    engine.may_speak.set()
    assert (await other).choices[0].message.content == "Hello world!"


async def test_a_client_that_goes_away_leaves_the_queue(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine)
    running = asyncio.create_task(server.client.chat.completions.create(**ASK))
    await eventually(lambda: server.app[QUEUE].running == 1)
    waiting = asyncio.create_task(server.client.chat.completions.create(**ASK))
    await eventually(lambda: server.app[QUEUE].waiting == 1)

    waiting.cancel()

    await eventually(lambda: server.app[QUEUE].waiting == 0)
    engine.may_speak.set()
    await running
    assert len(engine.requests) == 1


async def test_an_engine_that_fails_is_a_server_error_and_the_next_request_is_served(serve, fake_engine, caplog):
    engine = fake_engine()
    engine.fails_with = RuntimeError("secret detail")
    server = await serve(engine)

    with pytest.raises(openai.InternalServerError) as failed:
        await server.client.chat.completions.create(**ASK)

    assert failed.value.code == "generation_failed"
    assert "secret" not in failed.value.response.text
    assert "secret detail" in caplog.text
    engine.fails_with = None
    assert (await server.client.chat.completions.create(**ASK)).choices


async def test_an_engine_that_fails_within_a_stream_says_so(serve, fake_engine):
    engine = fake_engine(held=True)
    server = await serve(engine)
    stream = await server.client.chat.completions.create(**ASK, stream=True)
    await anext(stream)

    engine.fails_with = RuntimeError("boom")
    engine.may_speak.set()
    with pytest.raises(openai.APIError) as failed:
        [chunk async for chunk in stream]

    assert failed.value.code == "generation_failed"
