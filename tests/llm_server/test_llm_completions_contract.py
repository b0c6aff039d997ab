"""Plain completions and log probabilities as the official OpenAI client sees them, over an engine without a model."""

import math

import openai
import pytest

ASK = {"model": "fake", "prompt": "say hello"}
CHAT = {"model": "fake", "messages": [{"role": "user", "content": "say hello"}]}


async def test_an_answer_has_text_reason_and_usage(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)

    answer = await server.client.completions.create(**ASK)

    assert (answer.object, answer.model, answer.choices[0].text) == ("text_completion", "fake", "Hello world!")
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (2, 3)
    assert (engine.messages, engine.requests[0].max_tokens) == ("say hello", 16)


async def test_several_prompts_and_choices_are_numbered_throughout(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)

    answer = await server.client.completions.create(model="fake", prompt=["one", "two words"], n=2, temperature=0)

    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert {choice.text for choice in answer.choices} == {"Hello world!"}
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 12)
    assert [request.choices for request in engine.requests] == [2, 2]


async def test_a_prompt_may_be_tokens(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)

    await server.client.completions.create(model="fake", prompt=[5, 6, 7])
    await server.client.completions.create(model="fake", prompt=[[8], [9, 10]])

    assert [request.prompt.ids for request in engine.requests] == [(5, 6, 7), (8,), (9, 10)]


async def test_a_stream_says_the_same_and_ends_with_its_usage(serve, fake_engine):
    server = await serve(fake_engine())

    stream = await server.client.completions.create(
        model="fake", prompt=["a", "b"], stream=True, logprobs=1, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]

    for index in (0, 1):
        said = [chunk.choices[0] for chunk in chunks if chunk.choices and chunk.choices[0].index == index]
        assert "".join(choice.text for choice in said) == "Hello world!"
        assert [choice.logprobs.text_offset for choice in said[:-1]] == [[0], [5], [11]]
        assert [choice.finish_reason for choice in said] == [None, None, None, "stop"]
    assert chunks[-1].choices == []
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (2, 6)


async def test_log_probabilities_come_with_each_token(serve, fake_engine):
    server = await serve(fake_engine())

    plain = (await server.client.completions.create(**ASK, logprobs=2)).choices[0].logprobs
    chat = (await server.client.chat.completions.create(**CHAT, logprobs=True, top_logprobs=2)).choices[0].logprobs

    assert plain.tokens == ["Hello", " world", "!"]
    assert plain.token_logprobs == pytest.approx([math.log(0.5)] * 3)
    assert plain.top_logprobs[0] == pytest.approx({"other0": -1.0, "never": -9999.0, "Hello": math.log(0.5)})
    assert plain.text_offset == [0, 5, 11]
    assert [token.token for token in chat.content] == plain.tokens
    assert bytes(chat.content[1].bytes) == b" world"
    assert [(one.token, one.logprob) for one in chat.content[0].top_logprobs] == [("other0", -1.0), ("never", -9999.0)]


async def test_log_probabilities_come_in_a_stream_too_and_not_unasked(serve, fake_engine):
    server = await serve(fake_engine())

    stream = await server.client.chat.completions.create(**CHAT, logprobs=True, stream=True)
    told = [chunk.choices[0].logprobs async for chunk in stream]
    unasked = await server.client.chat.completions.create(**CHAT)

    assert [one.content[0].token for one in told if one] == ["Hello", " world", "!"]
    assert unasked.choices[0].logprobs is None


BAD = [
    ({"prompt": None}, "prompt", "missing_required_parameter"),
    ({"prompt": []}, "prompt", "invalid_value"),
    ({"prompt": ""}, "prompt", "invalid_value"),
    ({"prompt": [[]]}, "prompt", "invalid_value"),
    ({"prompt": [1, "x"]}, "prompt", "invalid_value"),
    ({"prompt": [-1]}, "prompt", "invalid_value"),
    ({"prompt": [True]}, "prompt", "invalid_value"),
    ({"prompt": [1000]}, "prompt", "invalid_value"),
    ({"prompt": {"a": 1}}, "prompt", "invalid_type"),
    ({"prompt": ["x"] * 33}, "prompt", "invalid_value"),
    ({"prompt": list(range(65))}, "prompt", "context_length_exceeded"),
    ({"prompt": "word " * 65}, "prompt", "context_length_exceeded"),
    ({"prompt": "x" * 65 * 64}, "prompt", "context_length_exceeded"),
    ({"echo": True}, "echo", "unsupported_parameter"),
    ({"suffix": "end"}, "suffix", "unsupported_parameter"),
    ({"best_of": 2}, "best_of", "unsupported_parameter"),
    ({"logprobs": 6}, "logprobs", "invalid_value"),
    ({"logprobs": True}, "logprobs", "invalid_type"),
    ({"model": "vectors"}, "model", "model_not_suited"),
]


@pytest.mark.parametrize(("changes", "param", "code"), BAD, ids=lambda value: str(value)[:40])
async def test_what_can_not_be_served_is_refused_by_name(serve, fake_engine, changes, param, code):
    engine = fake_engine()
    server = await serve(engine)

    with pytest.raises(openai.BadRequestError) as refused:
        await server.client.completions.create(**ASK, extra_body=changes)

    assert (refused.value.type, refused.value.param) == ("invalid_request_error", param)
    assert refused.value.code == code
    assert engine.requests == []


async def test_of_several_prompts_all_are_queued_or_none(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine, queue_limit=1)

    with pytest.raises(openai.RateLimitError):
        await server.client.completions.create(model="fake", prompt=["a", "b", "c"])

    answer = await server.client.completions.create(model="fake", prompt=["a", "b"])
    assert len(answer.choices) == 2
    assert len(engine.requests) == 2
