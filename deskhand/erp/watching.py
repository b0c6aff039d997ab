"""A folder into which other systems put files: each is taken once it is written to its end, and moved away afterwards.

A file that is taken lies in `.working` under a lock of the process that has it, so several watchers never take the
same one, and what a process that died leaves there is taken again by the next. Knows no import.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORKING, DONE, REJECTED = ".working", "done", "rejected"
SETTLED_SECONDS = 2.0  # without a change: nobody writes any more
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp", "~")


@dataclass(frozen=True)
class Outcome:
    """What became of a file: `taken`, or nothing of it could be."""

    taken: bool
    report: Mapping[str, Any]


Take = Callable[[Path, Path], Outcome]  # the file, and where its refused rows go


@dataclass
class Watch:
    """`take` is called for one file after the other; the same file again must do no harm."""

    folder: Path
    take: Take
    settled_seconds: float = SETTLED_SECONDS
    now: Callable[[], float] = time.time
    _seen: dict[str, tuple[int, int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (WORKING, DONE, REJECTED):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def round(self, stop: Callable[[], bool] = lambda: False) -> Iterator[tuple[str, Outcome]]:
        """Every file that is there now, what was left by others first."""
        for path in [*self._left(), *self._settled()]:
            if stop():
                return
            with self._held(path) as held:
                if held is not None:
                    yield held.name.partition("-")[2], self._taken(held)

    def _left(self) -> list[Path]:
        return sorted(self.folder.joinpath(WORKING).iterdir())

    def _settled(self) -> Iterator[Path]:
        """Files that have not changed for a while; what somebody renames into place is old enough at once."""
        present = [path for path in sorted(self.folder.iterdir()) if _is_wanted(path)]
        self._seen = {path.name: self._seen[path.name] for path in present if path.name in self._seen}
        for path in present:
            try:
                state = path.stat()
            except FileNotFoundError:
                continue  # another watcher has it
            size, changed, since = self._seen.get(path.name, (-1, -1, self.now()))
            if (size, changed) != (state.st_size, state.st_mtime_ns):
                since = self.now()
            self._seen[path.name] = (state.st_size, state.st_mtime_ns, since)
            if max(self.now() - since, self.now() - state.st_mtime) >= self.settled_seconds:
                yield path

    @contextmanager
    def _held(self, path: Path) -> Iterator[Path | None]:
        """The file in `.working`, ours alone while the block lasts; None: it is somebody else's."""
        held = path if path.parent.name == WORKING else self._moved(path)
        try:
            file = held.open("rb") if held is not None else None
        except FileNotFoundError:
            file = None
        if held is None or file is None:
            yield None
            return
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield None
                return
            still = held.exists() and held.stat().st_ino == os.fstat(file.fileno()).st_ino
            yield held if still else None

    def _moved(self, path: Path) -> Path | None:
        """Renaming is atomic: of two watchers one finds it gone."""
        held = self.folder / WORKING / f"{os.urandom(6).hex()}-{path.name}"
        try:
            path.rename(held)
        except FileNotFoundError:
            return None
        return held

    def _taken(self, held: Path) -> Outcome:
        name, refused = held.name.partition("-")[2], self.folder / f".{held.name}.rejected"
        refused.unlink(missing_ok=True)
        outcome = self.take(held, refused)
        place = _free(self.folder / (DONE if outcome.taken else REJECTED), name)
        report = json.dumps({"file": name, **outcome.report}, ensure_ascii=False, indent=2, default=str)
        _beside(place, ".report.json").write_text(report + "\n", encoding="utf-8")
        if refused.exists():
            refused.replace(_beside(place, ".rejected.csv"))
        held.rename(place)
        return outcome


def _is_wanted(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and not path.name.lower().endswith(_UNFINISHED)


def _free(folder: Path, name: str) -> Path:
    """A name that is not taken: orders.csv, orders-2.csv."""
    path, number = folder / name, 2
    while path.exists():
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
        number += 1
    return path


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
