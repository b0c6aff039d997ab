"""How far an import is, and how it is stopped: what a door shows while it runs. Knows no files and no storage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What an import is doing."""

    READING = "reading"  # read, cleaned and grouped; nothing is written
    ALIGNING = "aligning"  # compared with each other and with what is known here
    WRITING = "writing"  # whole orders, some hundreds in one commit


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` rows (reading) or records (after that); `total` None: it is not known yet."""

    phase: Phase
    name: str
    done: int
    total: int | None = None


Told = Callable[[Step], None]
Stop = Callable[[], bool]


class ImportStopped(Exception):
    """Somebody has stopped it. What was written until then are whole orders; the same import again goes on there."""

    def __init__(self, written: int) -> None:
        self.written = written
        super().__init__(f"stopped after {written} records were written")


def untold(_: Step) -> None:
    """For whoever does not want to know."""


def never() -> bool:
    """For what nobody can stop."""
    return False
