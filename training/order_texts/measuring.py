"""How right an adapter writes: held-out cases, put by the product's writer to a model server of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import yaml

from deskhand.writing import LlmClient, load_templates
from deskhand.writing.trial import Outcome, cases, run
from llm_server.shipped import ORDER_TEXTS

TEXTS = Path("processes/order_to_cash/writing")
_BARE, _ADAPTED = "bare", ORDER_TEXTS.name
_UP = " listening on "
_READY_SECONDS = 300.0
_AT_ONCE = 16  # as many as the server computes together
_TEXT_SECONDS = 600.0  # a slow machine is not a wrong text
_SLOW = {"LLM_TIMEOUT_SECONDS": str(_TEXT_SECONDS)}


async def measured(base: Path, adapter: Path, count: int, seed: int) -> Sequence[Outcome]:
    """What came of `count` cases of each job and language, as the product asks."""
    with _adapted(base, adapter) as url:
        await ready(url)
        return await _outcomes(url, count, seed)


async def _outcomes(url: str, count: int, seed: int) -> Sequence[Outcome]:
    done: list[Outcome] = []

    def told(outcome: Outcome) -> None:
        done.append(outcome)
        sys.stderr.write(f"{len(done)}: {outcome.job} {outcome.language} {outcome.how} {outcome.causes}\n")

    async with LlmClient(url, _ADAPTED) as client:
        wanted = cases(count, seed)
        return await run(load_templates(TEXTS), client, wanted, told, at_once=_AT_ONCE, seconds=_TEXT_SECONDS)


@contextmanager
def _adapted(base: Path, adapter: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as room:
        models = Path(room) / "models.yml"
        adapters = [{"name": _ADAPTED, "folder": str(adapter.absolute())}]
        model = {"name": _BARE, "folder": str(base.absolute()), "adapters": adapters, "threads": os.cpu_count() or 1}
        models.write_text(yaml.safe_dump({"models": [model]}), encoding="utf-8")
        with served({"LLM_MODELS_FILE": str(models)}) as url:
            yield url


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[str]:
    """The address of a model server of its own with these settings; it ends with the block.

    Raises:
        OSError: it doesn't start.
    """
    with tempfile.NamedTemporaryFile(encoding="utf-8", mode="w", suffix=".log") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "llm_server"],
            env={**os.environ, "LLM_PORT": "0", "HF_HUB_OFFLINE": "1", **_SLOW, **environment},
            stderr=said,
        )
        try:
            yield _address(server, Path(said.name))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if _UP in line:
                return line.partition(_UP)[2].partition(",")[0]
        time.sleep(0.1)
    raise OSError(f"the model server did not start: {log.read_text(encoding='utf-8')[-500:]}")


async def ready(url: str) -> None:
    """Waits until the models are loaded. Raises OSError: they don't load."""
    until = time.monotonic() + _READY_SECONDS
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until:
            async with session.get(f"{url}/readyz") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.2)
    raise OSError("the models of the server did not load")
