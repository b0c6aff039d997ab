"""Writing for 1, 8 and 16 people at once, streamed over HTTP, beside other servers with the same model in bfloat16.

The servers take turns, and all but one are held still while that one is measured.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp

from llm_server.settings import DEFAULT_MODEL_DIR
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, spread
from tests.benchmarks.peers import KINDS, THREADS, Peer, present, running
from tests.support.deskhand import ROOT

AT_ONCE, ROUNDS, TOKENS = (1, 8, 16), 3, 48
NUMBERS = itertools.count(100)


@dataclass
class Measured:
    """Of one server, by how many asked at once."""

    rates: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    firsts: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: float = 0.0


def measure(bench: Bench) -> Iterator[Row]:
    model = ROOT / os.environ.get("BENCH_LLM_MODEL", str(DEFAULT_MODEL_DIR))
    kinds = [kind for kind in KINDS if present(kind)]
    for kind in KINDS.keys() - set(kinds):
        yield Row(kind, None, "skipped", f"there is no var/peers/{kind}; tests/benchmarks/peers.py says how to make it")
    with running(bench.folder, model, kinds) as (peers, problems):
        measured = asyncio.run(_take_turns(peers))
    for kind, problem in problems.items():
        yield Row(kind, None, "skipped", problem)
    yield from _rows(measured)


async def _take_turns(peers: list[Peer]) -> dict[str, Measured]:
    measured = {peer.name: Measured() for peer in peers}
    apart = aiohttp.TCPConnector(force_close=True)  # who is held still for a while finds old connections closed
    async with aiohttp.ClientSession(connector=apart, timeout=aiohttp.ClientTimeout(total=300)) as http:
        for peer in peers:
            await _burst(http, peer, 2)  # what is made at the first request
            peer.rest()
        for number in range(ROUNDS):
            for at_once in AT_ONCE:
                for peer in peers[number % len(peers) :] + peers[: number % len(peers)]:
                    await _measure(http, peer, at_once, measured[peer.name])
    return measured


async def _measure(http: aiohttp.ClientSession, peer: Peer, at_once: int, measured: Measured) -> None:
    peer.go_on()
    rate, firsts = await _burst(http, peer, at_once)
    measured.rates[at_once].append(rate)
    measured.firsts[at_once].append(statistics.median(firsts))
    measured.memory = max(measured.memory, peer.memory())
    peer.rest()


async def _burst(http: aiohttp.ClientSession, peer: Peer, at_once: int) -> tuple[float, list[float]]:
    """Tokens a second of all together, and each one's seconds to the first text."""
    began = time.perf_counter()
    answers = await asyncio.gather(*(_stream(http, peer) for _ in range(at_once)))
    taken = time.perf_counter() - began
    return sum(tokens for _, tokens in answers) / taken, [first for first, _ in answers]


async def _stream(http: aiohttp.ClientSession, peer: Peer) -> tuple[float, int]:
    asked = f"Story {next(NUMBERS)}: tell at length what happened in the harbour on the day when the ship came in."
    body = {
        "model": peer.model, "messages": [{"role": "user", "content": asked}], "max_tokens": TOKENS, "temperature": 0,
        "stream": True, "stream_options": {"include_usage": True},
    }  # fmt: skip
    began, first, pieces, told = time.perf_counter(), 0.0, 0, 0
    async with http.post(f"{peer.address}/v1/chat/completions", json=body) as answer:
        answer.raise_for_status()
        async for line in answer.content:
            if not line.startswith(b"data: {"):
                continue
            chunk = json.loads(line[6:])
            told = (chunk.get("usage") or {}).get("completion_tokens") or told
            if any((choice.get("delta") or {}).get("content") for choice in chunk.get("choices") or ()):
                first, pieces = first or time.perf_counter() - began, pieces + 1
    return first or time.perf_counter() - began, told or pieces


def _rows(measured: dict[str, Measured]) -> Iterator[Row]:
    ours = measured["llm_server"]
    for at_once in AT_ONCE:
        for name, one in measured.items():
            rates, firsts = one.rates[at_once], one.firsts[at_once]
            beside = _beside(ours.rates[at_once], rates) if one is not ours else f"{THREADS} threads"
            yield Row(f"{at_once} at once: {name}", statistics.median(rates), "tokens/s", f"{spread(rates)}; {beside}")
            first = [second * 1000 for second in firsts]
            beside = _beside(ours.firsts[at_once], firsts) if one is not ours else "median of those who ask"
            yield Row(f"{at_once} at once: {name}, first text", statistics.median(first), "ms", beside)
    for name, one in measured.items():
        yield Row(f"memory: {name}", one.memory, "MB", "all its processes, shared pages once")


def _beside(ours: list[float], theirs: list[float]) -> str:
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    return f"llm_server is at {ratio:.2f} of it"
