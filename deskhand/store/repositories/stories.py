"""Histories of cases of any process, many at once, as a new version is tried on them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, select

from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import case, history

Rows = Sequence[RowMapping]
_HEADS = (case.c.id, case.c.version, case.c.data, case.c.channel)
_ROWS = tuple(history.c[name] for name in ("order_id", "seq", "event", "after", "role", "at", "detail", "personal"))


class Stories(Repository):
    """Orders and other cases alike: the history of a case lies under its id."""

    def newest(self, process: str, limit: int) -> Rows:
        """Cases of a process, the newest first; ids grow with time."""
        query = select(*_HEADS).where(self.own(case), case.c.process == process)
        return self.rows(query.order_by(case.c.id.desc()).limit(limit))

    def histories(self, case_ids: Sequence[str]) -> dict[str, list[RowMapping]]:
        """Their rows, the first first."""
        found: dict[str, list[RowMapping]] = {case_id: [] for case_id in case_ids}
        for part in chunks(case_ids):
            mine = (self.own(history), history.c.order_id.in_(part))
            for row in self.rows(select(*_ROWS).where(*mine).order_by(history.c.order_id, history.c.seq)):
                found[row["order_id"]].append(row)
        return found
