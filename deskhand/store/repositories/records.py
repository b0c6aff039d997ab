"""Repeated requests, the texts that went out, reports of imports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select

from deskhand.orders.errors import RequestRepeated
from deskhand.store.ids import new_id
from deskhand.store.records import ImportRun, StoredResponse, TextRecord
from deskhand.store.repositories.base import Repository
from deskhand.store.repositories.exports import AT_ONCE
from deskhand.store.schema import import_run, inbox, sales_order, text_record


class Inbox(Repository):
    """What was already asked and answered, by idempotency key."""

    def begin(self, key: str, fingerprint: str) -> StoredResponse | None:
        """None: go on and do it. Otherwise the stored answer, whose status is None while the first is at work.

        Raises:
            RequestRepeated: if the key was used with another request.
        """
        row = {"key": key, "fingerprint": fingerprint, "created_at": self.clock()}
        if self.add_missing(inbox, [row]):
            return None
        found = self.known(key, fingerprint)
        if found is None:
            raise RequestRepeated(key=key)
        return found

    def known(self, key: str, fingerprint: str) -> StoredResponse | None:
        """The stored answer, without beginning anything.

        Raises:
            RequestRepeated: if the key was used with another request.
        """
        found = self.row(select(inbox).where(self.own(inbox), inbox.c.key == key))
        if found is not None and found["fingerprint"] != fingerprint:
            raise RequestRepeated(key=key)
        return None if found is None else StoredResponse(found["status"], found["body"])

    def finish(self, key: str, status: int, body: object) -> None:
        self.change(inbox, inbox.c.key == key, status=status, body=body)

    def has(self, key: str) -> bool:
        return self.value(select(inbox.c.key).where(self.own(inbox), inbox.c.key == key)) is not None

    def forget(self, key: str) -> None:
        """It failed on our side: the same key may be tried again."""
        self.connection.execute(delete(inbox).where(self.own(inbox), inbox.c.key == key))


class Texts(Repository):
    """Texts for people, each with where it came from."""

    def add(self, record: TextRecord) -> str:
        made = new_id()
        self.add_row(
            text_record,
            id=made,
            kind=record.kind,
            order_id=record.order_id,
            language=record.language,
            text=record.text,
            source=record.source,
            reason=record.reason,
            verdict=None if record.verdict is None else dict(record.verdict),
            model=record.model,
            seconds=record.seconds,
            at=self.clock(),
            written_from=None if record.written_from is None else dict(record.written_from),
        )
        return made

    def of_order(self, order_id: str) -> list[TextRecord]:
        query = select(text_record).where(self.own(text_record), text_record.c.order_id == order_id)
        skipped = {"tenant", "id", "at"}
        rows = self.rows(query.order_by(text_record.c.id))
        return [TextRecord(**{name: value for name, value in row.items() if name not in skipped}) for row in rows]

    def all(self, chosen: ChosenTexts) -> Iterator[Mapping[str, Any]]:
        """Oldest first, a thousand at a time however many there are; `order_number` is None for one of no order."""
        found = text_record.outerjoin(
            sales_order, and_(sales_order.c.tenant == text_record.c.tenant, sales_order.c.id == text_record.c.order_id)
        )
        columns = (*text_record.c, sales_order.c.number.label("order_number"))
        query = select(*columns).select_from(found).where(self.own(text_record), *_chosen(chosen))
        rows = self.connection.execute(
            query.order_by(text_record.c.at, text_record.c.id), execution_options={"yield_per": AT_ONCE}
        )
        return (dict(row) for row in rows.mappings())


@dataclass(frozen=True, slots=True)
class ChosenTexts:
    """Which texts; what is empty leaves nothing out. `until` is not included."""

    kinds: Collection[str] = ()
    languages: Collection[str] = ()
    sources: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None


def _chosen(chosen: ChosenTexts) -> Iterator[ColumnElement[bool]]:
    columns = text_record.c
    for column, wanted in (
        (columns.kind, chosen.kinds), (columns.language, chosen.languages), (columns.source, chosen.sources)
    ):  # fmt: skip
        if wanted:
            yield column.in_(sorted(wanted))
    if chosen.since is not None:
        yield columns.at >= chosen.since
    if chosen.until is not None:
        yield columns.at < chosen.until


class ImportRuns(Repository):
    """Reports of imports."""

    def add(self, run: ImportRun) -> str:
        made = new_id()
        self.add_row(
            import_run,
            id=made,
            source=run.source,
            file=run.file,
            started_at=run.started_at,
            finished_at=run.finished_at,
            report=dict(run.report),
        )
        return made

    def list(self, limit: int = 50) -> list[ImportRun]:
        """Newest first."""
        query = select(import_run).where(self.own(import_run)).order_by(import_run.c.id.desc()).limit(limit)
        skipped = {"tenant", "id"}
        return [ImportRun(**{k: v for k, v in row.items() if k not in skipped}) for row in self.rows(query)]
