"""The figures of an evaluation, and the checksums of the files that they were measured on. Measures nothing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm_server.registry.errors import NotItsEvaluation
from llm_server.registry.model_files import checksums

# What is better when it is lower; any other figure is better when it is higher.
_LOWER = re.compile(r"perplexity|loss|fallback|seconds")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`figures`: name -> value; `files`: (file name, SHA-256) of everything that was evaluated."""

    figures: Mapping[str, float]
    files: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, figures: Mapping[str, float], *folders: Path) -> Evaluation:
        """Figures that were measured on the model in these folders."""
        return cls(dict(figures), _pairs(checksums(*folders)))

    def check(self, sums: Mapping[str, str], what: str) -> None:
        """Raises NotItsEvaluation unless each of these files (name -> SHA-256) was evaluated; cards don't count."""
        for name, checksum in sums.items():
            if not name.endswith(".md") and (name, checksum) not in self.files:
                raise NotItsEvaluation(
                    f"The evaluation is of other files than {what}: {name} differs. Evaluate it again."
                )


def read_evaluation(path: Path) -> Evaluation:
    """Of `done.json` of a training stage, or of a file of figures that `stamp` has bound to a folder.

    Raises:
        NotItsEvaluation: no figures, or it doesn't say of which files.
    """
    said = _said(path)
    figures = figures_of(said)
    if not figures:
        raise NotItsEvaluation(f"{path} has no figures.")
    if not isinstance(said.get("files"), Mapping):
        raise NotItsEvaluation(
            f"{path} doesn't say which files it is of. `stamp FOLDER {path}` says that it is of those in FOLDER."
        )
    return Evaluation(figures, _pairs(said["files"]))


def stamp(path: Path, *folders: Path) -> None:
    """Writes into a file of figures that they are of the model in these folders."""
    said = {"figures": figures_of(_said(path)), "files": checksums(*folders)}
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


def figures_of(said: Mapping[str, Any]) -> dict[str, float]:
    """Figures of a file; of a training stage's those measured afterwards."""
    inner = next((said[key] for key in ("after", "figures") if isinstance(said.get(key), Mapping)), said)
    numbers = {name: value for name, value in inner.items() if isinstance(value, int | float) and name != "files"}
    return {name: float(value) for name, value in numbers.items() if math.isfinite(value)}


def worse(before: Mapping[str, float], now: Mapping[str, float], tolerance: float) -> Iterator[str]:
    """Sentences about figures that are worse, or missing."""
    for figure, value in before.items():
        if figure not in now:
            yield f"{figure} was not measured"
        elif _LOWER.search(figure):
            if now[figure] > value + abs(value) * tolerance:
                yield f"{figure} rose from {value:g} to {now[figure]:g}"
        elif now[figure] < value - abs(value) * tolerance:
            yield f"{figure} fell from {value:g} to {now[figure]:g}"


def _said(path: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise NotItsEvaluation(f"{path} is not JSON.") from None
    if not isinstance(said, Mapping):
        raise NotItsEvaluation(f"{path} has no figures.")
    return said


def _pairs(files: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((name.rpartition("/")[2], str(checksum)) for name, checksum in files.items())
