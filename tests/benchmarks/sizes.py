"""How much disk both environments take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row
from tests.support.deskhand import ROOT

ENVIRONMENTS = (".venv", ".venv-dialogue")


def measure(bench: Bench) -> Iterator[Row]:
    for name in ENVIRONMENTS:
        folder = ROOT / name
        size = disk_use(folder) / 1e6 if folder.is_dir() else None
        yield Row(f"size of {name}", size, "MB", "" if size else "is not installed")


def disk_use(folder: Path) -> int:
    """Bytes on disk as `du` counts them: a file with several names once."""
    seen: dict[tuple[int, int], int] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(parent, name))
            seen[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(seen.values())
