"""Embeddings as the official OpenAI client asks for them; the packaged encoder by itself."""

import asyncio

import openai
import pytest

from llm_server.api.embedding_queue import BATCH
from llm_server.engines.embedding_engine import CONTEXT_LENGTH, WIDTH, PackagedEmbeddings
from llm_server.engines.engine import EngineState
from llm_server.errors import ContextLengthExceeded, EngineFailed


async def test_texts_get_their_vectors_in_order(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)

    made = await server.client.embeddings.create(model="vectors", input=["a", "bb"])  # asks for base64 by itself

    assert [item.index for item in made.data] == [0, 1]
    assert made.data[1].embedding == pytest.approx([0.6, 1.6, 0.0])
    assert (made.model, made.usage.prompt_tokens, made.usage.total_tokens) == ("vectors", 2, 2)


async def test_numbers_are_given_when_they_are_asked_for_and_dimensions_are_cut_to_length_one(serve, fake_engine):
    server = await serve(fake_engine())

    whole = await server.client.embeddings.create(model="vectors", input="a", encoding_format="float")
    short = await server.client.embeddings.create(model="vectors", input="a", encoding_format="float", dimensions=1)

    assert whole.data[0].embedding == [0.6, 0.8, 0.0]
    assert short.data[0].embedding == [1.0]


async def test_many_texts_are_done_a_few_at_a_time(serve, fake_engine):
    engine = fake_engine()
    server = await serve(engine)

    made = await server.client.embeddings.create(model="vectors", input=["a"] * (BATCH + 1))

    assert len(made.data) == BATCH + 1
    assert [len(texts) for texts in engine.embedded] == [BATCH, 1]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": [""]}, "input[0]"),
        ({"input": ["x"] * 2049}, "input"),
        ({"input": [1, 2]}, "input[0]"),
        ({"input": "a\0b"}, "input"),
        ({"encoding_format": "int8"}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 4}, "dimensions"),
        ({"model": "fake"}, "model"),
        ({"task": "query"}, "task"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_can_not_be_served_is_refused_by_name(serve, fake_engine, changes, param):
    server = await serve(fake_engine())

    with pytest.raises(openai.BadRequestError) as refused:
        await server.client.embeddings.create(model="vectors", input="text", extra_body=changes)

    assert refused.value.param == param


async def test_more_than_may_wait_are_told_to_come_back(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine, queue_limit=0)
    first = asyncio.create_task(server.client.embeddings.create(model="vectors", input="a"))
    await eventually(lambda: len(engine.embedded) == 1)

    with pytest.raises(openai.RateLimitError) as refused:
        await server.client.embeddings.create(model="vectors", input="b")

    assert refused.value.response.headers["Retry-After"]
    engine.may_speak.set()
    await first


async def test_vectors_that_are_late_are_a_timeout_and_make_room(serve, fake_engine):
    engine = fake_engine(held=True)
    server = await serve(engine, queue_limit=0)

    for _ in range(2):
        with pytest.raises(openai.InternalServerError) as late:
            await server.client.embeddings.create(
                model="vectors", input="a", extra_headers={"X-Request-Timeout": "0.05"}
            )
        assert late.value.status_code == 504


@pytest.fixture
async def packaged():
    engine = PackagedEmbeddings()
    await engine.start()
    yield engine
    await engine.close()


async def test_the_packaged_encoder_finds_the_same_thing_said_in_another_language(packaged):
    texts = ["Where is my parcel?", "我的包裹到哪里了?", "I would like to cancel the order.", "我想取消订单。"]

    made = await packaged.embed(texts, packaged.models[0].name)

    def likeness(one: int, other: int) -> float:
        return sum(a * b for a, b in zip(made.vectors[one], made.vectors[other], strict=True))

    assert {len(vector) for vector in made.vectors} == {WIDTH}
    assert likeness(0, 0) == pytest.approx(1.0, abs=1e-4)
    assert likeness(0, 1) > max(likeness(0, 2), likeness(0, 3))
    assert likeness(2, 3) > max(likeness(2, 0), likeness(2, 1))


async def test_a_passage_is_no_query(packaged):
    made = await packaged.embed(["parcel", "query: parcel", "passage: parcel"], "any")

    assert made.vectors[0] == made.vectors[1] != made.vectors[2]


@pytest.mark.parametrize("text", ["word " * (CONTEXT_LENGTH + 1), "x" * 1_000_000], ids=["words", "a megabyte"])
async def test_a_text_beyond_what_the_model_reads_is_refused_not_cut(packaged, text):
    with pytest.raises(ContextLengthExceeded) as refused:
        await packaged.embed(["short", text], "any")

    assert refused.value.param == "input"


async def test_the_packaged_encoder_says_that_it_is_not_ready():
    engine = PackagedEmbeddings()

    assert engine.state("any") is EngineState.LOADING
    with pytest.raises(EngineFailed):
        await engine.until_ready("any")
    await engine.close()
