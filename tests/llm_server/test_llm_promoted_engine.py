"""How a model of the registry is served when things are not as they should be; the engines have no model."""

from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from llm_server.engines.engine import EngineState, GenerationRequest, Message, Role, Sampling
from llm_server.engines.engines import Engines
from llm_server.engines.model_spec import ModelSpec
from llm_server.engines.models_file import specs_from
from llm_server.engines.promoted_engine import PromotedEngine, Shelf
from llm_server.engines.template_engine import TemplateEngine
from llm_server.errors import ContextLengthExceeded, EngineFailed, GenerationFailed, InvalidModels, InvalidSetting
from llm_server.registry import Evaluation, Registry
from llm_server.serving import engines_from
from llm_server.settings import Settings
from tests.llm_server.conftest import FakeEngine, eventually
from tests.training.weights import write_weights

HELLO = [Message(Role.USER, "good morning to you")]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(str(tmp_path / "registry"))


@pytest.fixture
def promote(tmp_path: Path, registry: Registry) -> Callable[[], int]:
    """Adds a version, promotes it and says which it is."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    write_weights(folder / "model.safetensors", 1, 1000)

    def one_more() -> int:
        entry = registry.add("letters", folder, Evaluation.of({"right": 1.0}, folder))
        return registry.promote("letters", entry.version).version

    return one_more


class Fakes:
    """Engines that are made, in order; `told`: which folders they were told to load."""

    def __init__(self, *engines: FakeEngine) -> None:
        self.engines = list(engines)
        self.told: list[ModelSpec] = []

    def __call__(self, spec: ModelSpec) -> FakeEngine:
        self.told.append(spec)
        return self.engines[len(self.told) - 1]


def fake(*words: str, **more: object) -> FakeEngine:
    return FakeEngine(words or ("Hello",), names=("letters",), **more)


def engine_of(tmp_path: Path, registry: Registry, fakes: Fakes, **more: float) -> PromotedEngine:
    shelf = Shelf(registry, tmp_path / "cache", **{"look_seconds": 0.01, **more})
    return PromotedEngine(ModelSpec("letters", registry="letters"), shelf, fakes)


@pytest.fixture
async def closing():
    """Closes what was started."""
    async with AsyncExitStack() as stack:
        yield lambda engine: stack.push_async_callback(engine.close)


async def request(engine: PromotedEngine, max_tokens: int = 8) -> GenerationRequest:
    return GenerationRequest("letters", await engine.encode(HELLO, "letters"), max_tokens, Sampling(0.0))


async def test_a_server_that_starts_with_a_broken_version_serves_the_one_before(tmp_path, registry, promote, closing):
    promote(), promote()
    (tmp_path / "registry" / "letters" / "00002" / "model.safetensors").unlink()
    engine = engine_of(tmp_path, registry, Fakes(fake()))
    closing(engine)

    await engine.start()

    assert engine.models[0].version == 1
    assert engine.models[0].problem == "version 2 can't be loaded; version 1 serves on"
    assert engine.state("letters") is EngineState.READY


async def test_a_store_that_cannot_be_read_leaves_everything_as_it_is(tmp_path, registry, promote, closing, caplog):
    promote()
    engine = engine_of(tmp_path, registry, Fakes(fake(), fake()))
    closing(engine)
    await engine.start()

    (tmp_path / "registry" / "letters" / "current.json").write_text("{")
    await eventually(lambda: engine.models[0].problem is not None)

    assert engine.models[0].problem == "the registry can't be read; version 1 serves on"
    assert engine.state("letters") is EngineState.READY
    assert "current.json can't be read" in caplog.text
    (tmp_path / "registry" / "letters" / "current.json").write_text("[1]")
    await eventually(lambda: engine.models[0].problem is None)


async def test_without_a_promoted_version_nothing_is_ready_until_there_is_one(tmp_path, registry, promote, closing):
    engine = engine_of(tmp_path, registry, Fakes(fake()))
    closing(engine)
    await engine.start()

    assert engine.state("letters") is EngineState.FAILED  # only a person can help
    assert engine.models[0].problem == "no version of letters has been promoted; no version serves"
    with pytest.raises(EngineFailed):
        await engine.until_ready("letters")
    promote()
    await eventually(lambda: engine.models[0].version == 1)
    await engine.until_ready("letters")


async def test_a_fallback_answers_while_nothing_is_promoted(tmp_path, registry, promote, closing):
    engine = engine_of(tmp_path, registry, Fakes(fake("by", " the", " model")))
    both = Engines(
        [TemplateEngine(ModelSpec("plain", "template", text="by heart")), engine], fallbacks={"letters": "plain"}
    )
    closing(both)
    await both.start()

    async def said() -> str:
        prompt = await both.encode(HELLO, "letters")
        async with aclosing(both.generate(GenerationRequest("letters", prompt, 8))) as events:
            return "".join([event.text async for event in events if hasattr(event, "text")])

    assert (await said(), both.state("letters")) == ("by heart", EngineState.READY)
    promote()
    await eventually(lambda: engine.version == 1)
    assert await said() == "by the model"


async def test_a_prompt_of_the_old_tokenizer_is_made_anew_and_must_fit(tmp_path, registry, promote, closing):
    """Numbers of one tokenizer mean nothing to another."""
    new = fake()
    engine = engine_of(tmp_path, registry, Fakes(fake(), new))
    closing(engine)
    promote()
    await engine.start()
    fits, does_not = await request(engine), await request(engine, max_tokens=61)
    foreign = replace(fits, prompt=replace(fits.prompt, ids=(9, 9)))
    promote()
    await eventually(lambda: engine.version == 2)

    async with aclosing(engine.generate(foreign)) as events:
        assert [event async for event in events]
    with pytest.raises(ContextLengthExceeded):
        await anext(engine.generate(does_not))

    assert new.requests[-1].prompt.ids == (0, 1, 2, 3)


async def test_an_old_version_that_never_gets_done_is_ended_after_a_while(tmp_path, registry, promote, closing):
    old = fake("one", "two", held=True)
    old.may_speak.set()
    engine = engine_of(tmp_path, registry, Fakes(old, fake()), drain_seconds=0.01)
    closing(engine)
    closed = []
    old.close = lambda: _note(closed)
    promote()
    await engine.start()
    old.may_speak.clear()
    stuck = engine.generate(await request(engine))
    await anext(stuck)

    promote()
    await eventually(lambda: bool(closed))

    assert engine.version == 2
    await stuck.aclose()


async def test_a_version_whose_trial_fails_never_serves_and_is_tried_again_later(tmp_path, registry, promote, closing):
    diverged = fake()
    diverged.fails_with = GenerationFailed()
    fakes = Fakes(fake(), diverged, fake())
    engine = engine_of(tmp_path, registry, fakes)
    closing(engine)
    promote()
    await engine.start()
    promote()
    await eventually(lambda: engine.models[0].problem == "version 2 can't be loaded; version 1 serves on")
    tried = len(fakes.told)
    promote()
    await eventually(lambda: engine.version == 3)

    assert tried == 2  # not again at each look, and the next version at once
    assert engine.models[0].problem is None
    assert engine.figures("letters").swap_failures == 1


async def test_an_adapter_is_laid_over_its_base_and_a_model_stands_alone(tmp_path, registry, promote, closing):
    promote()
    for base in (None, tmp_path / "base"):
        fakes = Fakes(fake())
        shelf = Shelf(registry, tmp_path / "cache")
        engine = PromotedEngine(ModelSpec("letters", registry="letters", folder=base), shelf, fakes)
        closing(engine)
        await engine.start()

        fetched = next(path for path in (tmp_path / "cache").iterdir() if path.name.startswith("letters-00001"))
        assert (fakes.told[0].folder, fakes.told[0].adapter) == ((base, fetched) if base else (fetched, None))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("models: [{name: a, folder: x, registry: y}]", "either its folder or its name in the registry"),
        ("models: [{name: a, registry: y, adapters: [{name: b, folder: z}]}]", "laid over a model in a folder"),
        ("models: [{name: a, registry: ../up}]", "does not match"),
        (
            "models: [{name: a, folder: x, adapters: [{name: b}]}]",
            "not valid under any of the given schemas",
        ),
    ],
)
def test_a_file_that_names_no_one_place_is_refused(tmp_path, text, says):
    path = tmp_path / "models.yml"
    path.write_text(text)

    with pytest.raises(InvalidModels, match=says):
        specs_from(Settings(models_file=path))


def test_a_store_that_is_not_known_is_named(tmp_path):
    path = tmp_path / "models.yml"
    path.write_text("models: [{name: a, registry: letters}]")

    with pytest.raises(InvalidSetting, match="LLM_REGISTRY='nowhere://b/models' can't be used: expected a store"):
        engines_from(Settings(models_file=path, registry="nowhere://b/models"))


async def _note(closed: list[bool]) -> None:
    closed.append(True)
