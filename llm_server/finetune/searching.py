"""A small search over hyper-parameters: short trials of a stage, judged by their loss on the dev part.

Each trial leaves its result beside its checkpoints, so that a search that was cut off goes on where it was.
"""

from __future__ import annotations

import itertools
import json
import logging
import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from llm_server.finetune.errors import NothingToLearn
from llm_server.finetune.plan import Search, Stage

log = logging.getLogger(__name__)
RESULTS = "search.json"
_RESULT = "result.json"

Log = Sequence[Mapping[str, float]]
Train = Callable[[Stage, Path], Log]  # trains one trial in a folder of its own; what was logged
Write = Callable[[Path, object], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """`loss`: the lowest on the dev part; infinite where training came apart."""

    values: Mapping[str, Any]
    loss: float
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return {
            "values": dict(self.values), "loss": self.loss if math.isfinite(self.loss) else None,
            "seconds": round(self.seconds, 1),
        }  # fmt: skip


def tuned(
    search: Search, stage: Stage, seed: int, folder: Path, train: Train, write: Write
) -> tuple[Stage, list[Trial]]:
    """The stage with the values that did best, and every trial, best first.

    Raises:
        NothingToLearn: no trial ended with a loss on the dev part.
    """
    trials = []
    for number, values in enumerate(candidates(search, seed), 1):
        trial = _trial(search, stage, values, folder / f"trial-{number:02d}", train, write)
        log.info("trial %d %s: loss %.4f on the dev part", number, dict(values), trial.loss)
        trials.append(trial)
    trials.sort(key=lambda trial: trial.loss)
    if not math.isfinite(trials[0].loss):
        raise NothingToLearn("The search can't choose: no trial has a loss on the dev part (is it empty?).")
    write(folder / RESULTS, [trial.as_json() for trial in trials])
    return replace(stage, **trials[0].values), trials


def candidates(search: Search, seed: int) -> Iterator[dict[str, Any]]:
    """Every combination in order, or as many as wanted, drawn without one twice."""
    found = [dict(zip(search.over, values, strict=True)) for values in itertools.product(*search.over.values())]
    if search.trials is not None and search.trials < len(found):
        found = Random(seed).sample(found, search.trials)
    yield from found


def _trial(
    search: Search, stage: Stage, values: Mapping[str, Any], folder: Path, train: Train, write: Write
) -> Trial:  # fmt: skip
    result = folder / _RESULT
    if result.is_file():
        said = json.loads(result.read_text(encoding="utf-8"))
        return Trial(values, math.inf if said["loss"] is None else said["loss"], said["seconds"])
    began = time.monotonic()
    short = replace(stage, **values, steps=search.steps, evaluate_every=search.steps, patience=0)
    logged = train(short, folder)
    losses = [row["eval_loss"] for row in logged if math.isfinite(row.get("eval_loss", math.inf))]
    trial = Trial(values, min(losses, default=math.inf), time.monotonic() - began)
    write(result, trial.as_json())
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    return trial
