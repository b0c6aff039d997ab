"""Whether a stage fits into memory and on the disk: asked before hours are spent. Estimates; loads nothing large."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import torch

from llm_server.finetune.errors import NotEnough
from llm_server.finetune.plan import Method, Run, Stage

_FLOAT = 4  # bytes
_MOVING = 4  # weights, gradients and Adam's two moments of what is trained
_LEAST_FREE = 65_536  # bytes: less is none
_STILL = {Method.ADAPTER: 0.05, Method.HEAD: 0.1}  # share of the weights that moves at most, where not all do


def needed_memory(parameters: int, stage: Stage, width: int, layers: int, vocabulary: int) -> int:
    """Bytes: weights, gradients and moments, and what a batch leaves behind on its way through."""
    share = _STILL.get(stage.method, 1.0)
    weights = parameters * _FLOAT * (1 + (_MOVING - 1) * share)
    if stage.method is Method.DISTIL:
        weights += parameters * _FLOAT
    tokens = stage.batch * stage.length
    return int(weights + tokens * (layers * width * 16 + vocabulary * 2) * _FLOAT)


def check_room(run: Run, stage: Stage, weights: int, config: object) -> None:
    """Raises NotEnough.

    Args:
        weights: bytes of the model's files.
        config: transformers' configuration of the model.
    """
    parameters = weights // _FLOAT
    needed = needed_memory(
        parameters, stage, int(getattr(config, "hidden_size", 512)), int(getattr(config, "num_hidden_layers", 12)),
        int(getattr(config, "vocab_size", 32_000)),
    )  # fmt: skip
    there = _memory()
    if needed > there:
        raise NotEnough(
            f"The stage {stage.method} needs about {_size(needed)} of memory and {_size(there)} are free. "
            "Take a smaller `batch` with more `accumulation`, a smaller `length`, or method `adapter`."
        )
    share = _STILL.get(stage.method, 1.0)
    disk = int(weights * (1 + 3 * 3 * share))  # the outcome, and three checkpoints with Adam's moments
    disk -= sum(path.stat().st_size for path in run.output.glob("*/checkpoints/*/*") if path.is_file())  # goes on
    free = shutil.disk_usage(_there(run.output)).free
    if disk > free:
        raise NotEnough(f"The stage {stage.method} writes about {_size(disk)}, and {_size(free)} are free on its disk.")


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """Raises NotEnough for whatever fails while the disk of a folder is full; libraries say it in many ways."""
    try:
        yield
    except Exception as problem:
        full = isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        if full or shutil.disk_usage(_there(folder)).free < _LEAST_FREE:
            raise NotEnough(
                f"The disk of {folder} is full. Make room; the same command goes on from the last whole checkpoint."
            ) from problem
        raise


def _memory() -> int:
    if torch.cuda.is_available():
        free, _ = torch.cuda.mem_get_info()
        return int(free)
    return int(psutil.virtual_memory().available)


def _there(folder: Path) -> Path:
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())
