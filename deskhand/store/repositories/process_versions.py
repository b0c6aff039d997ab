"""Versions of processes as they are kept. Knows no rule of who may publish what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select

from deskhand.store.process_files import ProcessFiles
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import case, process_version

PROPOSED, PUBLISHED, WITHDRAWN = "proposed", "published", "withdrawn"
_COLUMNS = tuple(column for column in process_version.c if column.name not in ("tenant", "files"))


@dataclass(frozen=True, slots=True)
class ProcessVersion:
    """One version, without its files. It runs from `active_from` on, once somebody else has approved it."""

    process: str
    version: int
    digest: str
    state: str
    proposed_by: str
    proposed_at: datetime
    active_from: datetime
    notes: str = ""
    approved_by: str | None = None
    approved_at: datetime | None = None


class ProcessVersions(Repository):
    """All of them, withdrawn ones too: a number is never given twice."""

    def list(self, process: str | None = None) -> list[ProcessVersion]:
        """By process and number."""
        query = select(*_COLUMNS).where(self.own(process_version))
        if process is not None:
            query = query.where(process_version.c.process == process)
        rows = self.rows(query.order_by(process_version.c.process, process_version.c.version))
        return [_version(row) for row in rows]

    def get(self, process: str, version: int) -> ProcessVersion | None:
        row = self.row(select(*_COLUMNS).where(*self._one(process, version)))
        return None if row is None else _version(row)

    def files(self, process: str, version: int) -> ProcessFiles | None:
        """None: there is no such version."""
        found: Mapping[str, str] | None = self.value(
            select(process_version.c.files).where(*self._one(process, version))
        )
        return None if found is None else ProcessFiles(process, dict(found))

    def add(self, one: ProcessVersion, files: ProcessFiles) -> bool:
        """False: the number is taken."""
        values: dict[str, Any] = {name: getattr(one, name) for name in ProcessVersion.__slots__}
        return self.add_missing(process_version, [{**values, "files": dict(files.texts)}]) > 0

    def next_number(self, process: str) -> int:
        """Above everything stored, and above what live cases run on. Of two who ask at once, one waits here."""
        self.next_numbers(f"process:{process}")
        stored = self.value(
            select(func.max(process_version.c.version)).where(
                self.own(process_version), process_version.c.process == process
            )
        )
        begun = self.value(select(func.max(case.c.version)).where(self.own(case), case.c.process == process))
        return max(int(stored or 0), int(begun or 0)) + 1

    def approve(self, process: str, version: int, by: str, at: datetime, active_from: datetime) -> bool:
        """False: it is no proposal any more."""
        found = {"state": PUBLISHED, "approved_by": by, "approved_at": at, "active_from": active_from}
        return self._moved(process, version, found)

    def withdraw(self, process: str, version: int) -> bool:
        """False: it is no proposal any more."""
        return self._moved(process, version, {"state": WITHDRAWN})

    def _moved(self, process: str, version: int, values: Mapping[str, Any]) -> bool:
        proposed = process_version.c.state == PROPOSED
        return self.change(process_version, *self._one(process, version), proposed, **values) > 0

    def _one(self, process: str, version: int) -> tuple[Any, ...]:
        columns = process_version.c
        return self.own(process_version), columns.process == process, columns.version == version


def _version(row: RowMapping) -> ProcessVersion:
    return ProcessVersion(**{name: row[name] for name in ProcessVersion.__slots__})
