"""What is kept of an attempt: pictures, the page's text, the browser's trace, the log of steps. Knows no database.

One folder for each attempt; what is kept of it is listed, so that whoever runs the robot can write rows of it. Secrets
are taken out of every text; in pictures the robot covers their fields before it takes one.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from deskhand.robots.secret import Masker

MOST_PIECES = 200  # of one attempt
MOST_BYTES = 30 * 1024 * 1024  # of one attempt; the log of its steps is kept whatever else was
LARGEST_TEXT = 2 * 1024 * 1024
STEPS = "steps.jsonl"
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


class Kind(StrEnum):
    """What a piece of evidence is."""

    SCREENSHOT = "screenshot"
    DOM = "dom"
    TRACE = "trace"
    NOTE = "note"
    STEPS = "steps"


SUFFIXES: Mapping[Kind, str] = {
    Kind.SCREENSHOT: ".png",
    Kind.DOM: ".html",
    Kind.TRACE: ".zip",
    Kind.NOTE: ".txt",
    Kind.STEPS: ".jsonl",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of an attempt's folder."""

    kind: Kind
    name: str
    file: str
    size: int
    digest: str
    at: datetime


class Evidence:
    """Of one attempt, in one folder. What would go beyond its bounds is left out and said in the log of steps."""

    def __init__(self, folder: Path, mask: Masker | None = None) -> None:
        self.folder = folder
        self.mask = mask or Masker()
        self.pieces: list[Piece] = []
        self._bytes = 0
        self._left_out = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._number = sum(1 for _ in folder.iterdir())  # an attempt that was interrupted goes on in its folder

    @contextmanager
    def step(self, name: str, **detail: Any) -> Iterator[None]:
        """Logs that a named step began, and how it ended after how long."""
        began = time.monotonic()
        self.log(name, "began", **detail)
        try:
            yield
        except BaseException as error:
            self.log(name, "failed", ms=_ms(began), error=f"{type(error).__name__}: {error}"[:500])
            raise
        self.log(name, "ended", ms=_ms(began))

    def log(self, step: str, what: str, **detail: Any) -> None:
        """One line of the log of steps."""
        line = {"at": _now().isoformat(), "step": step, "what": what, **detail}
        text = self.mask.masked(json.dumps(line, ensure_ascii=False, default=str))
        with (self.folder / STEPS).open("a", encoding="utf-8") as file:
            file.write(text + "\n")

    def screenshot(self, name: str, png: bytes) -> Piece | None:
        """The caller has covered the secret fields already."""
        return self._keep(Kind.SCREENSHOT, name, png)

    def dom(self, name: str, html: str) -> Piece | None:
        return self._keep(Kind.DOM, name, self._text(html))

    def note(self, name: str, text: str) -> Piece | None:
        return self._keep(Kind.NOTE, name, self._text(text))

    def trace(self, name: str, data: bytes | Path) -> Piece | None:
        """The caller has seen to it that no secret was typed while it was taken."""
        return self._keep(Kind.TRACE, name, data.read_bytes() if isinstance(data, Path) else data)

    def finished(self) -> list[Piece]:
        """All pieces, the log of steps last."""
        if self._left_out:
            self.log("evidence", "left_out", pieces=self._left_out)
            self._left_out = 0
        log = self.folder / STEPS
        if log.exists():
            data = log.read_bytes()
            return [*self.pieces, _piece(Kind.STEPS, "steps", STEPS, data)]
        return list(self.pieces)

    @property
    def last_screenshot(self) -> Piece | None:
        return next((each for each in reversed(self.pieces) if each.kind is Kind.SCREENSHOT), None)

    def _text(self, text: str) -> bytes:
        return self.mask.masked(text)[:LARGEST_TEXT].encode("utf-8", "replace")

    def _keep(self, kind: Kind, name: str, data: bytes) -> Piece | None:
        if len(self.pieces) >= MOST_PIECES or self._bytes + len(data) > MOST_BYTES:
            self._left_out += 1
            return None
        said = _NOT_IN_A_NAME.sub("-", name.lower()).strip("-")[:60] or str(kind)
        self._number += 1
        file = f"{self._number:03d}-{said}{SUFFIXES[kind]}"
        (self.folder / file).write_bytes(data)
        piece = _piece(kind, self.mask.masked(name), file, data)
        self.pieces.append(piece)
        self._bytes += len(data)
        return piece


def pieces_in(folder: Path) -> list[Piece]:
    """What lies in the folder of an attempt whose robot died before it could say so."""
    kinds = {suffix: kind for kind, suffix in SUFFIXES.items()}
    files = sorted(file for file in folder.glob("*") if file.is_file() and file.suffix in kinds)
    return [_piece(kinds[file.suffix], file.stem.lstrip("0123456789-"), file.name, file.read_bytes()) for file in files]


def _piece(kind: Kind, name: str, file: str, data: bytes) -> Piece:
    return Piece(kind, name, file, len(data), hashlib.sha256(data).hexdigest(), _now())


def _now() -> datetime:
    return datetime.now(UTC)


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
