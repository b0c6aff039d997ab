"""Writing for 1, 8 and 16 people at once, streamed over HTTP, beside other servers with the same model in bfloat16.

All are told the same: prompts, tokens, threads, room of the cache. They take turns, and all but one are held still
while that one is measured. What they wrote is counted here, by the model's own tokenizer, not taken from what they say.
A server that fails is left out from then on, and the table says so. The end of a text is a token that none of them
writes, so that all write as many: whose answers were shorter would have fewer at once towards the end.

The same command measures on a GPU: every server finds it by itself.
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
from pathlib import Path

import aiohttp
from tokenizers import Tokenizer

from llm_server.settings import DEFAULT_MODEL_DIR
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, spread
from tests.benchmarks.peers import KINDS, THREADS, Peer, present, running
from tests.support.deskhand import ROOT

AT_ONCE, ROUNDS, TOKENS = (1, 8, 16), 5, 48
MOST_SECONDS = 200  # of all rounds together: on a busy machine there are fewer of them
ANSWER_SECONDS = 60


@dataclass
class Measured:
    """Of one server, by how many asked at once: tokens a second, seconds to the first text, processor seconds a token,
    tokens an answer (as its text is read again: special ones are not in it).
    """

    rates: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    firsts: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    work: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: float = 0.0
    failed: str = ""


def measure(bench: Bench) -> Iterator[Row]:
    model = _endless(ROOT / os.environ.get("BENCH_LLM_MODEL", str(DEFAULT_MODEL_DIR)), bench.folder)
    kinds = [kind for kind in KINDS if present(kind)]
    for kind in KINDS.keys() - set(kinds):
        yield Row(kind, None, "skipped", f"there is no var/peers/{kind}; `make peers` makes it")
    with running(bench.folder, model, kinds) as (peers, problems):
        measured = asyncio.run(_take_turns(peers, Tokenizer.from_file(str(model / "tokenizer.json"))))
    for kind, problem in problems.items():
        yield Row(kind, None, "skipped", problem)
    yield from _rows(measured)


def _endless(model: Path, folder: Path) -> Path:
    """The same model, whose texts end with the last special token of its tokenizer; the weights are not copied."""
    made = folder / model.name
    made.mkdir()
    for file in model.iterdir():
        (made / file.name).symlink_to(file.resolve())
    added = json.loads((model / "tokenizer.json").read_text())["added_tokens"]
    end = max((one for one in added if one["special"]), key=lambda one: one["id"])
    for name, key in (("config.json", "id"), ("generation_config.json", "id"), ("tokenizer_config.json", "content")):
        said = json.loads((model / name).read_text())
        said["eos_token_id" if key == "id" else "eos_token"] = end[key]
        (made / name).unlink()
        (made / name).write_text(json.dumps(said))
    return made


async def _take_turns(peers: list[Peer], tokenizer: Tokenizer) -> dict[str, Measured]:
    measured = {peer.name: Measured() for peer in peers}
    apart = aiohttp.TCPConnector(force_close=True)  # who is held still for a while finds old connections closed
    async with aiohttp.ClientSession(connector=apart, timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as http:
        for peer in peers:
            peer.rest()
        for peer in peers:  # what is made at the first requests
            await _measure(http, peer, _asked(max(AT_ONCE), ROUNDS), measured[peer.name], tokenizer, counts=False)
        until = time.monotonic() + MOST_SECONDS
        for number in range(ROUNDS):
            if time.monotonic() > until:
                break
            first = number % len(peers)
            for at_once, peer in itertools.product(AT_ONCE, peers[first:] + peers[:first]):
                if not measured[peer.name].failed:
                    await _measure(http, peer, _asked(at_once, number), measured[peer.name], tokenizer)
    return measured


def _asked(at_once: int, turn: int) -> list[str]:
    """What is asked for in one turn of each server: never what was asked for before, nor as it began."""
    first = 1000 + (turn * len(AT_ONCE) + AT_ONCE.index(at_once)) * max(AT_ONCE)
    what = "tell at length what happened in the harbour on the day when the ship came in."
    return [f"Story {number}: {what}" for number in range(first, first + at_once)]


async def _measure(
    http: aiohttp.ClientSession,
    peer: Peer,
    asked: list[str],
    measured: Measured,
    tokenizer: Tokenizer,
    *,
    counts: bool = True,
) -> None:
    peer.go_on()
    worked, began = peer.worked(), time.perf_counter()
    try:
        answers = await asyncio.gather(*(stream(http, peer, one) for one in asked))
    except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
        measured.failed = f"{len(asked)} at once: {type(problem).__name__} {problem}"[:200]
    else:
        taken = time.perf_counter() - began
        tokens = sum(len(tokenizer.encode(text, add_special_tokens=False).ids) for _, text in answers)
        if counts:
            measured.rates[len(asked)].append(tokens / taken)
            measured.firsts[len(asked)].append(statistics.median(first for first, _ in answers))
            measured.work[len(asked)].append((peer.worked() - worked) / tokens)
            measured.lengths[len(asked)].append(tokens / len(asked))
        measured.memory = max(measured.memory, peer.memory())
    peer.rest()


async def stream(http: aiohttp.ClientSession, peer: Peer, asked: str) -> tuple[float, str]:
    """Seconds to the first text, and the whole text.

    Raises:
        ValueError: there is none.
    """
    body = {
        "model": peer.model, "messages": [{"role": "user", "content": asked}], "max_tokens": TOKENS, "temperature": 0,
        "stream": True,
    }  # fmt: skip
    began, firsts, pieces = time.perf_counter(), [], []
    async with http.post(f"{peer.address}/v1/chat/completions", json=body) as answer:
        answer.raise_for_status()
        async for line in answer.content:
            said = json.loads(line[6:]) if line.startswith(b"data: {") else {}
            if said.get("error"):
                raise ValueError(str(said["error"]))
            if new := [(choice.get("delta") or {}).get("content") or "" for choice in said.get("choices") or ()]:
                pieces += new
                firsts += [time.perf_counter() - began] if any(new) else []
    if not firsts:
        raise ValueError("an answer without text")
    return firsts[0], "".join(pieces)


def _rows(measured: dict[str, Measured]) -> Iterator[Row]:
    ours = measured["llm_server"]
    for name, one in measured.items():
        if one.failed:
            yield Row(name, None, "failed" if one is ours else "left out", one.failed)
    for at_once in AT_ONCE:
        for name, one in measured.items():
            if one.rates[at_once]:
                yield from _row_of(f"{at_once} at once: {name}", at_once, one, ours)
    for name, one in measured.items():
        yield Row(f"memory: {name}", one.memory, "MB", "all its processes, shared pages once")


def _row_of(name: str, at_once: int, one: Measured, ours: Measured) -> Iterator[Row]:
    rates, firsts, work = one.rates[at_once], one.firsts[at_once], one.work[at_once]
    beside = f"{THREADS} threads" if one is ours else _beside(ours.rates[at_once], rates)
    length = statistics.mean(one.lengths[at_once])
    yield Row(name, statistics.median(rates), "tokens/s", f"{spread(rates)} of {length:.1f} tokens; {beside}")
    beside = "median of those who ask" if one is ours else _beside(ours.firsts[at_once], firsts)
    yield Row(f"{name}, first text", statistics.median(firsts) * 1000, "ms", beside)
    beside = "a busy machine changes it little" if one is ours else _beside(ours.work[at_once], work)
    yield Row(f"{name}, processor time a token", statistics.median(work) * 1000, "ms", beside)


def _beside(ours: list[float], theirs: list[float]) -> str:
    """By rounds, so that a noisy neighbour hits both."""
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=False))
    return f"llm_server is at {ratio:.2f} of it"
