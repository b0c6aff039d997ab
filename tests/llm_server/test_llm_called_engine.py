"""Models that share a room: loaded when they are called for, unloaded when others need their place."""

import asyncio

import pytest

from llm_server.engines.called_engine import CalledEngine, Room
from llm_server.engines.engine import EngineState, GenerationRequest, Prompt
from llm_server.engines.engines import Engines
from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import EngineFailed, EngineLost, ModelUnloadable
from tests.llm_server.conftest import FakeEngine, eventually

NAMES = ("base", "acme", "other")


class Loaded(FakeEngine):
    """A fake that says whether it runs."""

    def __init__(self, spec):
        super().__init__(names=(spec.name,))
        self.models = self.models[:1]
        self.spec, self.closed = spec, False

    async def close(self):
        self.closed = True


@pytest.fixture
def made():
    return []


@pytest.fixture
def models(made):
    def make(spec):
        made.append(Loaded(spec))
        return made[-1]

    room = Room(2)
    return {name: CalledEngine(ModelSpec(name, loaded_at_once=2), room, make) for name in NAMES}


async def said(engine: CalledEngine) -> str:
    (model,) = engine.models
    request = GenerationRequest(model.name, Prompt(1, (1,)), 8)
    return "".join([getattr(event, "text", "") async for event in engine.generate(request)])


def running(made) -> list[str]:
    return [one.spec.name for one in made if not one.closed]


async def test_nothing_is_loaded_before_it_is_called_for_and_it_is_ready_all_the_same(models, made):
    engines = Engines(list(models.values()))
    await engines.start()

    assert not made
    assert {engines.state(name) for name in NAMES} == {EngineState.READY}
    await engines.encode("hello", "acme")
    assert running(made) == ["acme"]
    assert engines.models[1].digest == "digest of acme"


async def test_who_was_called_least_lately_gives_way(models, made):
    for name in ("base", "acme", "base"):
        assert await said(models[name]) == "Hello world!"

    await said(models["other"])

    assert running(made) == ["base", "other"]
    assert await said(models["acme"]) == "Hello world!"
    assert running(made) == ["other", "acme"]


async def test_who_answers_is_not_unloaded_and_the_next_waits_for_a_place(models, made):
    streams = [models[name].generate(GenerationRequest(name, Prompt(1, (1,)), 8)) for name in ("base", "acme")]
    for stream in streams:
        await anext(stream)

    waiting = asyncio.create_task(said(models["other"]))
    await eventually(lambda: models["other"].callers == 1)
    await asyncio.sleep(0)
    assert running(made) == ["base", "acme"]
    await streams[1].aclose()

    assert await waiting == "Hello world!"
    assert running(made) == ["base", "other"]
    await streams[0].aclose()


async def test_many_calls_load_it_once(models, made):
    assert await asyncio.gather(*(said(models["base"]) for _ in range(5))) == ["Hello world!"] * 5

    assert len(made) == 1


async def test_there_may_be_no_place_for_too_long(models, made, monkeypatch):
    monkeypatch.setattr("llm_server.engines.called_engine.WAIT_SECONDS", 0.01)
    streams = [models[name].generate(GenerationRequest(name, Prompt(1, (1,)), 8)) for name in ("base", "acme")]
    for stream in streams:
        await anext(stream)

    with pytest.raises(EngineLost):
        await said(models["other"])

    for stream in streams:
        await stream.aclose()
    assert await said(models["other"]) == "Hello world!"


async def test_one_that_can_not_be_loaded_gives_its_place_back(models, made):
    class Broken(Loaded):
        async def start(self):
            raise ModelUnloadable("damaged")

    broken = CalledEngine(ModelSpec("broken"), room := Room(1), Broken)
    good = CalledEngine(ModelSpec("good"), room, Loaded)

    for _ in range(2):
        with pytest.raises(EngineFailed):
            await said(broken)

    assert await said(good) == "Hello world!"
