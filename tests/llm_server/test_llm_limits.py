"""Who may ask how much: keys of a file, their limits, bounds of the queue, deadlines, kept answers, the drain."""

import asyncio
import json

import aiohttp
import openai
import pytest

from llm_server.api.answer_cache import AnswerCache
from llm_server.api.api_keys import ApiKey, digest_of, read_keys
from llm_server.api.key_limits import KeyUse
from llm_server.api.keys import QUEUE
from llm_server.engines.engine import ChoiceFinished, FinishReason, TextDelta
from llm_server.errors import EngineLost, InvalidSetting, KeyLimitReached
from llm_server.new_key import entry, main

ASK = {"model": "fake", "messages": [{"role": "user", "content": "say hello"}]}
SURE = {**ASK, "temperature": 0}


def key(name: str, **limits: int) -> ApiKey:
    return ApiKey(name, digest_of("key of " + name), **limits)


async def test_a_key_of_the_file_lets_in_and_its_requests_are_limited(serve, fake_engine):
    server = await serve(fake_engine(), api_keys=(key("ann", requests_per_minute=2), key("bob")))
    ann = server.client.with_options(api_key="key of ann")

    for _ in range(2):
        await ann.chat.completions.create(**ASK)
    with pytest.raises(openai.RateLimitError) as refused:
        await ann.chat.completions.create(**ASK)

    assert refused.value.code == "rate_limit_exceeded"
    assert 1 <= int(refused.value.response.headers["Retry-After"]) <= 30
    await server.client.with_options(api_key="key of bob").chat.completions.create(**ASK)
    with pytest.raises(openai.AuthenticationError):
        await server.client.with_options(api_key="key of eve").chat.completions.create(**ASK)


async def test_tokens_are_limited_and_so_are_requests_at_once(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine, api_keys=(key("ann", at_once=1), key("bob", tokens_per_minute=4)))
    ann, bob = (server.client.with_options(api_key="key of " + name) for name in ("ann", "bob"))
    first = asyncio.create_task(ann.chat.completions.create(**ASK))
    await eventually(lambda: server.app[QUEUE].running == 1)

    with pytest.raises(openai.RateLimitError):
        await ann.chat.completions.create(**ASK)

    engine.may_speak.set()
    await first
    await ann.chat.completions.create(**ASK)
    await bob.chat.completions.create(**ASK)  # 2 and 3 tokens
    with pytest.raises(openai.RateLimitError):
        await bob.chat.completions.create(**ASK)
    async with aiohttp.ClientSession() as session, session.get(server.url + "/metrics") as got:
        text = await got.text()
    assert 'llm_requests_shed_total{reason="key_at_once"} 1.0' in text
    assert 'llm_requests_shed_total{reason="key_tokens"} 1.0' in text
    assert 'llm_key_tokens_total{key="bob",kind="generation"} 3.0' in text


async def test_a_key_pays_for_what_was_drawn_before_it_went_away(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine, api_keys=(key("bob", tokens_per_minute=3),))
    bob = server.client.with_options(api_key="key of bob")

    stream = await bob.chat.completions.create(**ASK, stream=True)  # 2 tokens asked
    async for chunk in stream:
        if chunk.choices[0].delta.content:  # 1 drawn
            break
    await stream.close()

    async def told() -> str:
        async with aiohttp.ClientSession() as session, session.get(server.url + "/metrics") as got:
            return await got.text()

    await eventually(engine.saw_cancel.is_set)
    async with asyncio.timeout(30):
        while 'reason="client_gone"' not in await told():
            await asyncio.sleep(0.01)
    assert 'llm_key_tokens_total{key="bob",kind="generation"} 1.0' in await told()
    with pytest.raises(openai.RateLimitError):
        await bob.chat.completions.create(**ASK)


def test_an_allowance_fills_up_evenly_and_a_debt_is_paid_first():
    now = [0.0]
    use = KeyUse(key("ann", tokens_per_minute=60), lambda: now[0])

    use.charge_prompt(10)
    use.charge_answer(80)  # 30 more than there were
    with pytest.raises(KeyLimitReached) as refused, use.one_request():
        pass

    assert refused.value.retry_after == 31
    now[0] = 31.0
    with use.one_request():
        assert use.at_once == 1
    assert use.at_once == 0


def test_a_prompt_above_the_whole_allowance_is_served_when_that_is_full():
    now = [0.0]
    use = KeyUse(key("ann", tokens_per_minute=60), lambda: now[0])

    use.charge_prompt(100)
    with pytest.raises(KeyLimitReached) as refused:
        use.charge_prompt(100)

    assert refused.value.retry_after == 100
    now[0] = 100.0
    use.charge_prompt(100)


def test_a_new_key_is_said_once_and_its_entry_lets_it_in(tmp_path, capsys):
    assert main(["actions"]) == 0
    said = capsys.readouterr()
    made = next(word for word in said.err.split() if word.startswith("dhk_llm_"))

    file = tmp_path / "keys.yml"
    file.write_text("keys:\n" + said.out + entry("worker", "another") + "    at_once: 2\n")

    actions, worker = read_keys(file)
    assert (actions.name, actions.sha256, actions.at_once) == ("actions", digest_of(made), None)
    assert (worker.name, worker.at_once) == ("worker", 2)
    assert made not in said.out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "keys: []",
        "keys: [{name: a}]",
        "keys: [{name: a, sha256: short}]",
        "keys: [{name: 'A B', sha256: " + "0" * 64 + "}]",
        "keys: [{name: a, sha256: " + "0" * 64 + ", at_once: 0}]",
        "keys: [{name: a, sha256: " + "0" * 64 + ", more: 1}]",
        "keys: [{name: a, sha256: " + "0" * 64 + "}, {name: a, sha256: " + "1" * 64 + "}]",
        "keys: [{name: a, sha256: '" + "0" * 64 + "'}, {name: b, sha256: '" + "0" * 64 + "'}]",
        "{",
    ],
    ids=lambda text: text[:30],
)
def test_a_file_of_keys_that_is_not_right_is_refused(tmp_path, text):
    (tmp_path / "keys.yml").write_text(text)

    with pytest.raises(InvalidSetting, match="LLM_API_KEYS_FILE"):
        read_keys(tmp_path / "keys.yml")


async def test_the_queue_is_bounded_by_prompt_tokens_too(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine, queue_limit=9, queue_tokens=5)
    tasks = []
    for _ in range(3):  # one on the engine, two with two tokens each waiting
        tasks.append(asyncio.create_task(server.client.chat.completions.create(**ASK)))
        await eventually(lambda: server.app[QUEUE].running + server.app[QUEUE].waiting == len(tasks))

    with pytest.raises(openai.RateLimitError) as refused:
        await server.client.chat.completions.create(**ASK)

    assert refused.value.code == "queue_full"
    engine.may_speak.set()
    await asyncio.gather(*tasks)


async def test_a_client_may_want_it_sooner_than_the_server(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine)

    with pytest.raises(openai.InternalServerError) as late:
        await server.client.chat.completions.create(**ASK, extra_headers={"X-Request-Timeout": "0.05"})

    assert (late.value.status_code, late.value.code) == (504, "timeout")
    await eventually(engine.saw_cancel.is_set)


@pytest.mark.parametrize("given", ["soon", "0", "-1", "nan", "inf"])
async def test_a_deadline_that_is_none_is_refused(serve, fake_engine, given):
    server = await serve(fake_engine())

    with pytest.raises(openai.BadRequestError):
        await server.client.chat.completions.create(**ASK, extra_headers={"X-Request-Timeout": given})


async def test_the_same_question_is_answered_once_if_it_must_be_answered_alike(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)
    ask = server.client.chat.completions.create

    first, again = await ask(**SURE), await ask(**SURE)
    streamed = [chunk async for chunk in await ask(**SURE, stream=True)]

    assert len(engine.requests) == 1
    assert first.choices == again.choices and first.id != again.id
    assert "".join(chunk.choices[0].delta.content or "" for chunk in streamed) == "Hello world!"
    assert again.usage.prompt_tokens_details.cached_tokens == 2
    await ask(**ASK)
    await ask(**ASK)
    await ask(**{**SURE, "max_tokens": 7})
    await ask(**SURE, extra_headers={"Cache-Control": "no-store"})
    assert len(engine.requests) == 5


async def test_what_is_known_is_answered_while_the_queue_is_full(serve, fake_engine, eventually):
    engine = fake_engine()
    server = await serve(engine, queue_limit=0)
    first = await server.client.chat.completions.create(**SURE)
    engine.may_speak.clear()
    running = asyncio.create_task(server.client.chat.completions.create(**ASK))
    await eventually(lambda: len(engine.requests) == 2)

    with pytest.raises(openai.RateLimitError):
        await server.client.chat.completions.create(**ASK)
    again = await server.client.chat.completions.create(**SURE)

    assert again.choices == first.choices
    assert (again.usage.prompt_tokens, again.usage.completion_tokens) == (2, 3)
    engine.may_speak.set()
    await running


async def test_a_cut_off_answer_is_not_kept_and_kept_ones_are_counted(serve, fake_engine):
    engine = fake_engine()
    engine.fails_with = RuntimeError("boom")
    server = await serve(engine)
    with pytest.raises(openai.InternalServerError):
        await server.client.chat.completions.create(**SURE)
    engine.fails_with = None

    for _ in range(2):
        assert (await server.client.chat.completions.create(**SURE)).choices[0].message.content == "Hello world!"

    assert len(engine.requests) == 2
    async with aiohttp.ClientSession() as session, session.get(server.url + "/metrics") as got:
        text = await got.text()
    assert "llm_answer_cache_queries_total 3.0" in text
    assert "llm_answer_cache_hits_total 1.0" in text
    assert 'llm_generation_tokens_total{model_name="fake"} 4.0' in text


def test_kept_answers_are_bounded_and_the_least_asked_for_goes_first():
    events = (TextDelta(0, "x" * 100), ChoiceFinished(0, FinishReason.STOP, 1))  # 1,000 bytes
    cache = AnswerCache(10_000)
    for number in range(10):
        cache.keep(b"%d" % number, events)
    assert len(cache) == 10

    cache.find(b"0")
    cache.keep(b"new", events)

    assert (cache.find(b"0"), cache.find(b"1"), cache.find(b"new")) == (events, None, events)
    assert cache.size <= 10_000
    cache.keep(b"large", (TextDelta(0, "x" * 1_000),))
    assert cache.find(b"large") is None
    nothing = AnswerCache(0)
    nothing.keep(b"a", events)
    assert nothing.find(b"a") is None


async def test_a_drain_refuses_what_is_new_and_finishes_what_was_taken(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine)
    tasks = [asyncio.create_task(server.client.chat.completions.create(**ASK)) for _ in range(2)]
    await eventually(lambda: server.app[QUEUE].running + server.app[QUEUE].waiting == 2)

    drained = asyncio.create_task(server.app[QUEUE].drain(30))
    await eventually(lambda: server.app[QUEUE].draining)

    with pytest.raises(openai.InternalServerError) as refused:
        await server.client.chat.completions.create(**ASK)
    assert (refused.value.status_code, refused.value.code) == (503, "server_closing")
    assert refused.value.response.headers["Retry-After"]
    async with aiohttp.ClientSession() as session:
        ready, alive = await session.get(server.url + "/readyz"), await session.get(server.url + "/livez")
        assert (ready.status, await ready.json(), alive.status) == (503, {"status": "draining"}, 200)
    engine.may_speak.set()
    await drained
    assert [answer.choices[0].finish_reason for answer in await asyncio.gather(*tasks)] == ["stop", "stop"]


async def test_a_drain_waits_for_what_is_not_in_the_queue_yet(serve, fake_engine, eventually):
    engine = fake_engine()
    reading, may_read = asyncio.Event(), asyncio.Event()
    encode = engine.encode

    async def encoded_slowly(*given):
        reading.set()
        await may_read.wait()
        return await encode(*given)

    engine.encode = encoded_slowly
    server = await serve(engine)
    host, port = server.url.removeprefix("http://").split(":")
    body = json.dumps(ASK).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    answer, say = await asyncio.open_connection(host, int(port))
    say.write(head.encode() + body[:10])  # the rest of it comes later
    await eventually(lambda: server.app[QUEUE].in_hand == 1)
    task = asyncio.create_task(server.client.chat.completions.create(**ASK))
    await reading.wait()

    drained = asyncio.create_task(server.app[QUEUE].drain(30))
    await eventually(lambda: server.app[QUEUE].draining)
    say.write(body[10:])
    may_read.set()

    assert (await task).choices[0].finish_reason == "stop"
    assert (await answer.read()).startswith(b"HTTP/1.1 200")
    say.close()
    await drained
    assert server.app[QUEUE].in_hand == 0


async def test_a_drain_waits_for_vectors_that_were_asked_for(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine)
    task = asyncio.create_task(server.client.embeddings.create(model="vectors", input=["a"] * 40))
    await eventually(lambda: engine.embedded)

    drained = asyncio.create_task(server.app[QUEUE].drain(30))
    await eventually(lambda: server.app[QUEUE].draining)
    with pytest.raises(openai.InternalServerError):
        await server.client.embeddings.create(model="vectors", input="a")
    assert not drained.done()
    engine.may_speak.set()

    assert len((await task).data) == 40
    await drained


async def test_a_prompt_is_encoded_again_when_the_engine_died_over_it(serve, fake_engine):
    engine = fake_engine()
    encode, lost = engine.encode, [EngineLost(3)]

    async def encoded(*given):
        if lost:
            raise lost.pop()
        return await encode(*given)

    engine.encode = encoded
    server = await serve(engine)

    assert (await server.client.chat.completions.create(**ASK)).choices[0].finish_reason == "stop"


async def test_a_drain_ends_at_its_limit(serve, fake_engine, eventually):
    server = await serve(fake_engine(held=True))
    task = asyncio.create_task(server.client.chat.completions.create(**ASK))
    await eventually(lambda: server.app[QUEUE].running == 1)

    await server.app[QUEUE].drain(0.05)
    server.app[QUEUE].close()

    with pytest.raises(openai.InternalServerError):
        await task
