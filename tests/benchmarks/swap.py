"""An adapter of the default model is changed for another while people are answered: how long it takes, what it costs.

Each person asks again as soon as there is an answer; a version is promoted, taken back and promoted again.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import numpy as np
from safetensors.numpy import save_file

from llm_server.registry import Evaluation, Registry
from llm_server.settings import DEFAULT_MODEL_DIR
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, percentile, spread
from tests.benchmarks.peers import THREADS, Peer, ours
from tests.support.deskhand import ROOT

PEOPLE, TOKENS, SWAPS, QUIET_SECONDS = 4, 24, 3, 8.0
RANK = 16


@dataclass
class Told:
    """What the people saw: when each piece of text came, and what failed."""

    pieces: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    answers: int = 0
    failed: list[str] = field(default_factory=list)


def measure(bench: Bench) -> Iterator[Row]:
    folder = bench.folder / "swap"
    folder.mkdir()
    model = ROOT / os.environ.get("BENCH_LLM_MODEL", str(DEFAULT_MODEL_DIR))
    registry = Registry(str(folder / "registry"))
    adapters = [_adapter(folder / f"adapter{number}", model, number) for number in (1, 2)]
    for adapter in adapters:
        registry.add("letters", adapter, Evaluation.of({"right": 1.0}, adapter))
    registry.promote("letters", 1)
    models = folder / "models.yml"
    models.write_text(
        f"models: [{{name: letters, backend: local, folder: {model}, adapters: [{{name: own, registry: letters}}]}}]\n"
    )
    server = ours(folder, model, {
        "LLM_MODELS_FILE": str(models), "LLM_REGISTRY": str(folder / "registry"),
        "LLM_REGISTRY_CACHE": str(folder / "cache"), "LLM_REGISTRY_SECONDS": "0.5",
    })  # fmt: skip
    try:
        yield from asyncio.run(_measured(server, registry))
    finally:
        server.stop()


async def _measured(server: Peer, registry: Registry) -> list[Row]:
    told, stop = Told(), asyncio.Event()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300)) as http:
        people = [asyncio.create_task(_person(http, server, told, stop, number)) for number in range(PEOPLE)]
        await asyncio.sleep(QUIET_SECONDS)
        before, quiet, memory = len(told.pieces), list(told.gaps), server.memory()
        told.gaps.clear()
        began = time.perf_counter()
        seconds, most = [], memory
        for number in range(SWAPS):
            taken, peak = await _swap(http, server, registry, 1 + (number + 1) % 2)
            seconds.append(taken)
            most = max(most, peak)
        during, spent = len(told.pieces) - before, time.perf_counter() - began
        stop.set()
        await asyncio.gather(*people)
    rates = before / QUIET_SECONDS, during / spent
    return [
        Row("promoted to answering", statistics.median(seconds), "s", f"{spread(seconds)}; {PEOPLE} ask all the time"),
        Row("requests that failed", len(told.failed), "", "; ".join([f"of {told.answers}", *told.failed[:2]])),
        Row("text before", rates[0], "pieces/s", f"{THREADS} threads"),
        Row("text while versions change", rates[1], "pieces/s", f"{rates[1] / rates[0]:.2f} of before"),
        _wait("longest wait between two pieces, before", quiet),
        _wait("the same while versions change", told.gaps),
        Row("memory before", memory, "MB", "all processes, shared pages once; the base beside it"),
        Row("memory at most", most, "MB", "two versions at a time"),
    ]  # fmt: skip


def _wait(name: str, gaps: list[float]) -> Row:
    return Row(name, max(gaps) * 1000, "ms", f"p99 {percentile(gaps, 99) * 1000:.0f}")


async def _swap(http: aiohttp.ClientSession, server: Peer, registry: Registry, version: int) -> tuple[float, float]:
    """Seconds from the word to the first answer of the other version, and the most memory meanwhile."""
    most = 0.0
    began = time.perf_counter()
    await asyncio.to_thread(_make_current, registry, version)
    while await _version(http, server) != version:
        most = max(most, await asyncio.to_thread(server.memory))
        await asyncio.sleep(0.05)
    return time.perf_counter() - began, most


def _make_current(registry: Registry, version: int) -> None:
    if registry.promoted("letters")[:-1][-1:] == [version]:
        registry.roll_back("letters")
    else:
        registry.promote("letters", version)


async def _version(http: aiohttp.ClientSession, server: Peer) -> int:
    async with http.get(f"{server.address}/v1/models/own") as response:
        return int((await response.json())["version"])


async def _person(http: aiohttp.ClientSession, server: Peer, told: Told, stop: asyncio.Event, number: int) -> None:
    asked = 0
    while not stop.is_set():
        asked += 1
        body = {
            "model": "own", "stream": True, "max_tokens": TOKENS, "temperature": 0, "ignore_eos": True,
            "messages": [{"role": "user", "content": f"Person {number}, question {asked}: tell of a harbour."}],
        }  # fmt: skip
        try:
            await _listen(http, server, body, told)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            told.failed.append(f"{type(problem).__name__}: {problem}"[:80])
        told.answers += 1


async def _listen(http: aiohttp.ClientSession, server: Peer, body: dict[str, object], told: Told) -> None:
    last, ended = 0.0, False
    async with http.post(f"{server.address}/v1/chat/completions", json=body) as response:
        response.raise_for_status()
        async for line in response.content:
            ended |= line.startswith(b"data: [DONE]")
            if not line.startswith(b"data: {"):
                continue
            if "error" in json.loads(line[6:]):
                raise ValueError(line.decode()[:80])
            now = time.perf_counter()
            told.pieces.append(now)
            if last:
                told.gaps.append(now - last)
            last = now
    if not ended:
        raise ValueError("the stream broke off")


def _adapter(folder: Path, base: Path, seed: int) -> Path:
    """A LoRA adapter that changes next to nothing, of the size of one that was trained on all attention."""
    folder.mkdir()
    config = json.loads((base / "config.json").read_text())
    width, draw = int(config["hidden_size"]), np.random.default_rng(seed)
    weights = {}
    for layer in range(int(config["num_hidden_layers"])):
        for side, shape in (("A", (RANK, width)), ("B", (width, RANK))):
            name = f"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_{side}.weight"
            weights[name] = draw.normal(0, 1e-4, shape).astype(np.float32)
    save_file(weights, folder / "adapter_model.safetensors")
    said = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": RANK, "target_modules": ["q_proj"]}
    (folder / "adapter_config.json").write_text(json.dumps(said))
    return folder
