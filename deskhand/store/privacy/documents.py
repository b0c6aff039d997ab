"""The files of the outbox folder that carry a customer's name: invoices, delivery notes, letters. Knows file names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]|^\.+")


class Documents:
    """`<folder>/<tenant>/<number of the document>-<sending>.<kind>`; a folder that is not there holds nothing."""

    def __init__(self, folder: Path, tenant: str) -> None:
        self._folder = folder / _UNSAFE.sub("_", tenant)

    def of(self, numbers: Iterable[str]) -> list[Path]:
        """Everything that was made for these invoices and delivery notes."""
        wanted = set(numbers)
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if _number(path.name) in wanted)

    def forget(self, paths: Iterable[Path]) -> int:
        """Deletes the files; says how many were there."""
        gone = 0
        for path in paths:
            if path.exists():
                path.unlink()
                gone += 1
        return gone


def must_be_kept(path: Path, issued_at: datetime | None, years: int | None, now: datetime) -> bool:
    """The invoice itself, while the law wants it; never the letter that it came with."""
    if years is None or issued_at is None or path.suffix != ".pdf":
        return False
    return now < issued_at + timedelta(days=366 * years)


def _number(name: str) -> str:
    """INV-1001 of INV-1001-2.pdf, DN-1001 of DN-1001.eml and of DN-1001-1.html."""
    return "-".join(name.split(".")[0].split("-")[:2])
