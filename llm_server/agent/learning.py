"""Training for an agent: its examples as files, the commands of data and training in a process of their own.

What takes hours is refused before it begins: examples that don't fit their form, too few of them, a method that there
isn't. Knows no torch; what training took of memory is given back with its process.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from llm_server.agent.errors import BadExamples, TrainingFailed
from llm_server.agent.form import Form
from llm_server.finetune.plan import Method

FEWEST = 10
_METHODS = [str(method) for method in Method if method is not Method.PRETRAIN]


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it. `before`, `after`: figures of the test part, such as `perplexity_answers` (lower is better)."""

    folder: Path  # of the new model, whole
    adapter: Path | None  # what was learnt, alone, where the method makes an adapter
    evaluation: Path  # what the registry takes with it
    seconds: float
    before: Mapping[str, float]
    after: Mapping[str, float]


def rows_of(examples: Iterable[tuple[object, object]], form: Form[Any], system: str) -> list[dict[str, str]]:
    """Examples as llm_server.data reads pairs, asked as the agent asks.

    Raises:
        BadExamples: which one, and why; or there are too few.
    """
    rows: list[dict[str, str]] = []
    for number, example in enumerate(examples, 1):
        if not isinstance(example, Sequence) or isinstance(example, str) or len(example) != 2:
            raise BadExamples(f"Example {number} is no pair of an input and an answer: {str(example)[:80]!r}.")
        given, answer = example
        asked = form.asked(given)
        if not asked.strip():
            raise BadExamples(f"Example {number} has an empty input.")
        try:
            rows.append({"prompt": asked, "text": form.written(answer), "system": system, "group": str(number)})
        except BadExamples as problem:
            raise BadExamples(f"Example {number} can't be learnt: {problem}.") from None
    if len(rows) < FEWEST:
        raise BadExamples(f"There are {len(rows)} examples; {FEWEST} are the fewest, some hundred are sensible.")
    return rows


def check_method(method: str) -> None:
    """Raises TypeError for a method that there isn't."""
    if method not in _METHODS:
        raise TypeError(
            f"{method!r} is none of {', '.join(_METHODS)}. Unlabelled text is learnt by python -m llm_server.finetune."
        )


async def train(
    rows: Sequence[Mapping[str, str]], base: Path, folder: Path, method: str, hyper: Mapping[str, Any]
) -> Trained:
    """Trains in `folder`, which may hold an unfinished training of the same: that is gone on with.

    Raises:
        TrainingFailed: in the words of the command that failed.
    """
    _write(rows, base, folder, method, hyper)
    await _run("llm_server.data", folder / "data.yml")
    await _run("llm_server.finetune", folder / "run.yml")
    stage = folder / "run" / f"1-{method}"
    done = json.loads((stage / "done.json").read_text(encoding="utf-8"))
    adapter = stage / "adapter"
    return Trained(
        stage / "model", adapter if adapter.is_dir() else None, stage / "done.json", float(done["seconds"]),
        _numbers(done["before"]), _numbers(done["after"]),
    )  # fmt: skip


def _write(rows: Sequence[Mapping[str, str]], base: Path, folder: Path, method: str, hyper: Mapping[str, Any]) -> None:
    """Each part has a file of its own, so that even ten examples have something to be examined by."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(rows, key=lambda row: hashlib.sha256(row["prompt"].encode()).hexdigest())
    tenth = max(1, len(rows) // 10)
    parts = {"test": ordered[:tenth], "dev": ordered[tenth : 2 * tenth], "train": ordered[2 * tenth :]}
    for part, some in parts.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in some)
        (folder / f"{part}.jsonl").write_text(lines, encoding="utf-8")
    sources = [{"kind": "pair", "path": f"{part}.jsonl", "part": part} for part in parts]
    data = {"sources": sources, "output": "data", "leaks": {"shared": 1.0}}
    run = {"data": "data", "base": str(base.absolute()), "output": "run", "stages": [{"method": method, **hyper}]}
    (folder / "data.yml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    (folder / "run.yml").write_text(yaml.safe_dump(run, allow_unicode=True), encoding="utf-8")


async def _run(module: str, plan: Path) -> None:
    """A command of ours; ended when nobody waits for it any more."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, str(plan), env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    if process.returncode:
        lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
        raise TrainingFailed(f"{module}: {lines[-1].partition(': ')[2] or lines[-1] if lines else 'it died'}")


def _numbers(said: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in said.items() if isinstance(value, int | float)}
