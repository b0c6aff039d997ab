"""What happens to the others when the engine is killed, runs out of memory, or is given what it can't bear."""

import asyncio
import json
import os
import resource
import signal
from dataclasses import replace

import aiohttp
import openai
import pytest
import pytest_asyncio

from llm_server.api.keys import ENGINE, QUEUE
from llm_server.engines.engine import EngineState, GenerationRequest, Grammar, Message, Prompt, Role, Sampling
from llm_server.engines.grammar_compiler import GrammarCompiler
from llm_server.engines.local_engine import LocalEngine
from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import InvalidRequest, RequestError
from tests.llm_server.conftest import eventually, serving, until_ready

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASK = {"model": "tiny", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 8}
ENDLESS = {**ASK, "max_tokens": 1500, "extra_body": {"ignore_eos": True}}
HANGS = "tests.llm_server.hanging_compiler"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tiny_folder):
    """One server for this file: that it comes back each time is what the tests are about."""
    spec = ModelSpec("tiny", folder=tiny_folder, dtype="float32", device="cpu", at_once=2, cache_tokens=2048)
    engine = LocalEngine(spec, GrammarCompiler(1.0, HANGS))
    async with serving(engine, timeout_seconds=120.0, cache_bytes=0) as listening:
        yield listening


@pytest.fixture
def engine(server):
    return server.app[ENGINE]


async def asked(server, **wanted):
    answer = await server.client.chat.completions.create(**{**ASK, **wanted})
    return answer.choices[0]


async def test_a_stream_is_told_that_the_engine_was_killed_and_who_waits_is_answered(server, engine):
    await until_ready(server)
    queue = server.app[QUEUE]
    good = GenerationRequest("tiny", await engine.encode([Message(Role.USER, "hi")], "tiny"), 8, Sampling(0.0))
    stream = await server.client.chat.completions.create(**ENDLESS, stream=True, logprobs=True, top_logprobs=20)
    await anext(stream)
    await anext(stream)  # the first chunk only says who speaks
    os.kill(engine.pid, signal.SIGSTOP)  # in the middle of its text, however busy the machine
    jobs = [queue.submit(good, 300) for _ in range(4)]
    await eventually(lambda: queue.waiting == 3)

    os.kill(engine.pid, signal.SIGKILL)

    with pytest.raises(openai.APIError) as lost:
        async for _ in stream:
            pass
    assert lost.value.code == "engine_lost"
    for job in jobs:
        assert [event async for event in job.events()]
    assert engine.figures("tiny").restarts >= 1


async def test_it_comes_back_by_itself_when_memory_runs_out(server, engine):
    await until_ready(server)
    before = engine.figures("tiny").restarts
    _, most = resource.prlimit(engine.pid, resource.RLIMIT_DATA)
    resource.prlimit(engine.pid, resource.RLIMIT_DATA, (1, most))  # nothing more can be had

    asking = asked(server, messages=[{"role": "user", "content": "word " * 300}], max_tokens=400)
    (outcome,) = await asyncio.gather(asking, return_exceptions=True)

    # Told so, or tried again on the engine that came back: never left without an answer.
    assert getattr(outcome, "status_code", None) in {500, 503} or outcome.finish_reason in {"stop", "length"}
    await eventually(lambda: engine.figures("tiny").restarts > before)
    await until_ready(server)
    assert (await asked(server)).finish_reason in {"stop", "length"}


async def test_a_request_that_kills_the_engine_takes_nobody_along(server, engine):
    await until_ready(server)
    queue = server.app[QUEUE]
    good = GenerationRequest("tiny", await engine.encode([Message(Role.USER, "hi")], "tiny"), 8, Sampling(0.0))
    poison = replace(good, prompt=Prompt(4, (10**6,) * 4))  # no such token: HTTP would have refused it

    bad, others = queue.submit(poison, 120), [queue.submit(good, 120) for _ in range(3)]

    for job in others:
        assert [event async for event in job.events()]
    with pytest.raises(RequestError):
        assert not [event async for event in bad.events()]
    await until_ready(server)


async def test_a_grammar_that_never_gets_ready_is_given_up_and_the_others_go_on(server, engine):
    await until_ready(server)
    prompt = await engine.encode([Message(Role.USER, "hi")], "tiny")
    schema = json.dumps({"type": "object"})
    hanging = GenerationRequest("tiny", prompt, 8, Sampling(0.0), grammar=Grammar(schema))

    async def first_event() -> object:
        return await anext(engine.generate(hanging))

    stuck = asyncio.create_task(first_event())
    while not stuck.done():
        assert (await asked(server)).finish_reason in {"stop", "length"}

    with pytest.raises(InvalidRequest, match="takes too long"):
        await stuck


async def test_health_answers_while_the_engine_computes_and_says_nothing(server, engine):
    await until_ready(server)
    os.kill(engine.pid, signal.SIGSTOP)  # as deep in a long prompt as can be
    asking = asyncio.create_task(asked(server))
    try:
        async with aiohttp.ClientSession() as http:
            for path in ("/livez", "/readyz", "/metrics"):
                async with http.get(server.url + path) as answer:
                    assert answer.status == 200
        assert not asking.done()
    finally:
        os.kill(engine.pid, signal.SIGCONT)

    assert (await asking).finish_reason in {"stop", "length"}


async def test_an_engine_that_dies_while_it_waits_is_noticed_before_the_next_request(server, engine):
    await until_ready(server)

    os.kill(engine.pid, signal.SIGKILL)
    await eventually(lambda: engine.state("tiny") is EngineState.RECOVERING)
    async with aiohttp.ClientSession() as http, http.get(server.url + "/readyz") as answer:
        assert answer.status == 503

    await until_ready(server)
    assert (await asked(server)).finish_reason in {"stop", "length"}
