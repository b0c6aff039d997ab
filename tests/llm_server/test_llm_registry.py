"""A model by its name in the registry: a promoted version comes without a restart and without a failed request.

The engines are real processes with a model of no size; they serve all tests of this file, one after another.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from llm_server.engines.engine import Engine, EngineState
from llm_server.engines.grammar_compiler import GrammarCompiler
from llm_server.engines.local_engine import LocalEngine
from llm_server.engines.model_spec import ModelSpec
from llm_server.engines.promoted_engine import PromotedEngine, Shelf
from llm_server.registry import Evaluation, Registry
from tests.llm_server.conftest import Server, eventually, serving
from tests.llm_server.tiny_model import make_tiny_adapter

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASK = {"model": "letters", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 8, "temperature": 0}
LONG = {**ASK, "max_tokens": 300, "extra_body": {"ignore_eos": True}}


class House:
    """A server with one model of a registry, and the adapters that can be put there."""

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder = folder
        self.registry = Registry(str(folder / "registry"))
        self.adapters = [make_tiny_adapter(folder / f"adapter{seed}", seed) for seed in (1, 2)]
        self.made: list[LocalEngine] = []
        self.versions: dict[int, Path] = {}
        spec = ModelSpec(
            "letters", folder=base, registry="letters", dtype="float32", device="cpu", at_once=4, cache_tokens=2048
        )
        self.engine = PromotedEngine(spec, Shelf(self.registry, folder / "cache", look_seconds=0.02), self._make)
        self.server: Server

    def _make(self, spec: ModelSpec) -> Engine:
        self.made.append(LocalEngine(spec, GrammarCompiler()))
        return self.made[-1]

    def add(self, folder: Path, promote: bool = True) -> int:
        entry = self.registry.add("letters", folder, Evaluation.of({"facts_right": 0.9}, folder))
        self.versions[entry.version] = folder
        if promote:
            self.registry.promote("letters", entry.version)
        return entry.version

    def other(self) -> Path:
        """The adapter that doesn't serve."""
        return next(one for one in self.adapters if one != self.versions[self.engine.version])

    async def until(self, version: int) -> None:
        await eventually(lambda: self.engine.version == version)

    async def said(self, **wanted: object) -> str:
        answer = await self.server.client.chat.completions.create(**{**ASK, **wanted})
        return answer.choices[0].message.content

    async def shown(self, path: str) -> dict:
        async with aiohttp.ClientSession() as http, http.get(self.server.url + path) as response:
            return await response.json()

    async def metric(self, name: str) -> float:
        async with aiohttp.ClientSession() as http, http.get(self.server.url + "/metrics") as response:
            lines = (await response.text()).splitlines()
        return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + "{"))

    @asynccontextmanager
    async def asking(self, people: int = 3) -> AsyncIterator[list[str]]:
        """People who ask all the time; what they were told. An answer that fails fails the test."""
        told: list[str] = []
        stop = asyncio.Event()

        async def ask() -> None:
            while not stop.is_set():
                told.append(await self.said())

        asking_people = [asyncio.create_task(ask()) for _ in range(people)]
        try:
            yield told
        finally:
            stop.set()
            await asyncio.gather(*asking_people)


async def more(told: list[str], count: int = 4) -> None:
    begun = len(told)
    await eventually(lambda: len(told) >= begun + count)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, tiny_folder):
    made = House(tmp_path_factory.mktemp("house"), tiny_folder)
    made.add(made.adapters[0])
    async with serving(made.engine, timeout_seconds=300.0, queue_limit=100, cache_bytes=0) as server:
        made.server = server
        yield made


async def test_a_promoted_version_and_a_rollback_come_under_load_without_a_failed_request(house):
    swaps, old = await house.metric("llm_model_swaps_total"), house.engine.version
    first = await house.said()
    async with house.asking() as told:
        await more(told)
        new = house.add(house.other())
        await house.until(new)
        await more(told)
        second = await house.said()
        house.registry.roll_back("letters")
        await house.until(old)
        await more(told)
        again = await house.said()

    assert first == again != second
    assert set(told) == {first, second}
    assert (await house.shown("/v1/models/letters"))["version"] == old
    await eventually(lambda: [engine.pid is None for engine in house.made].count(False) == 1)  # old ones are gone
    assert await house.metric("llm_model_swaps_total") == swaps + 2
    assert await house.metric("llm_model_version") == old


async def test_an_answer_that_has_begun_is_ended_by_the_version_that_began_it(house):
    whole, old = await house.said(**LONG), house.made[-1]
    stream = await house.server.client.chat.completions.create(**LONG, stream=True)
    pieces = [(await anext(stream)).choices[0].delta.content or "" for _ in range(2)]
    os.kill(old.pid, signal.SIGSTOP)  # in the middle of it, however quick the machine
    await house.until(house.add(house.other()))
    other = await house.said()
    os.kill(old.pid, signal.SIGCONT)
    pieces += [chunk.choices[0].delta.content or "" async for chunk in stream]

    assert "".join(pieces) == whole
    assert not whole.startswith(other)


async def test_a_version_that_cannot_be_loaded_leaves_the_old_one_serving_and_is_loud(house, caplog):
    serving_on = house.engine.version
    first = await house.said()
    broken = house.add(house.other(), promote=False)
    weights = house.folder / "registry" / "letters" / f"{broken:05}" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    house.registry.promote("letters", broken)
    await eventually(lambda: house.engine.models[0].problem is not None)

    problem = f"version {broken} can't be loaded; version {serving_on} serves on"
    assert await house.shown("/readyz") == {"status": "ready", "problems": {"letters": problem}}
    assert await house.metric("llm_model_version_problem") == 1
    assert await house.metric("llm_model_swap_failures_total") >= 1
    assert f"adapter_model.safetensors of letters version {broken} is not what was added" in caplog.text
    assert await house.said() == first

    house.registry.roll_back("letters")
    await eventually(lambda: house.engine.models[0].problem is None)
    assert await house.shown("/readyz") == {"status": "ready"}


async def test_a_new_process_that_is_killed_while_it_loads_harms_nobody_and_is_tried_again(house, monkeypatch):
    monkeypatch.setattr("llm_server.engines.promoted_engine.FIRST_WAIT", 0.02)
    failures, made = house.engine.figures("letters").swap_failures, len(house.made)
    async with house.asking() as told:
        new = house.add(house.other())
        await eventually(lambda: len(house.made) > made and house.made[made].pid is not None)
        os.kill(house.made[made].pid, signal.SIGKILL)
        await eventually(lambda: house.engine.figures("letters").swap_failures > failures)
        await more(told)
        await house.until(new)
        await more(told)

    assert len(set(told)) == 2


async def test_the_old_process_killed_while_the_new_one_loads_costs_nobody_an_answer(house):
    old, made = house.made[-1], len(house.made)
    new = house.add(house.other())
    await eventually(lambda: len(house.made) > made and house.made[made].pid is not None)
    os.kill(old.pid, signal.SIGKILL)
    await eventually(lambda: house.engine.state("letters") is not EngineState.READY or house.engine.version == new)
    assert await house.said()
    await house.until(new)
    assert await house.said()


async def test_a_model_that_computes_no_numbers_does_not_come_in(house):
    """It is loaded without complaint, and each of its answers would fail."""
    first, failures = await house.said(), house.engine.figures("letters").swap_failures
    house.add(make_tiny_adapter(house.folder / "diverged", 3, value=float("nan")))
    await eventually(lambda: house.engine.figures("letters").swap_failures > failures)

    assert await house.said() == first
