"""What other systems have said, and which of their files were taken over. Knows no files and no rules of merging."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, func, or_, select, tuple_

from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import imported_file, sales_order, source_record
from deskhand.store.staging import Ready, insert_ready, merge_ready, ready

FORGOTTEN = "forgotten"  # erased here: whatever the source says of it again is left alone
TAKEN = "taken"
DOUBTFUL = "doubtful"  # taken as it is, though it may be one with another: for a person to decide
ORDERS = "orders"
WAITING = "waiting"  # a cancellation whose order has not come yet

COLUMNS = (
    *("tenant", "source", "kind", "key", "match_hash", "digest", "stamped_at", "state", "customer_key", "order_id"),
    *("customer_id", "day", "amount", "said", "seen_at"),
)
Ours = tuple[str | None, str | None]  # an order and a customer here
KEY = ("tenant", "source", "kind", "key")


@dataclass(slots=True)
class SourceRecord:
    """One record of one system, as it said it last. Not frozen, since that takes most of the time of making one.

    Attributes:
        match_hash: of what makes records of several systems the same order.
        digest: of everything that it says.
        stamped_at: the source's own time.
        customer_key: the customer's id there; `customer_id`, `order_id`: ours.
        said: field -> value as JSON has it; lines too where another system's were taken.
    """

    source: str
    kind: str
    key: str
    match_hash: str
    digest: str
    stamped_at: datetime
    state: str = TAKEN
    customer_key: str | None = None
    order_id: str | None = None
    customer_id: str | None = None
    day: date | None = None
    amount: Decimal | None = None
    said: Mapping[str, Any] = field(default_factory=dict)


class Noted(NamedTuple):
    """What tells whether a record says anything new, without a look at what it says."""

    digest: str
    state: str
    order_id: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the records of a chunk.

    Attributes:
        by_key: (source, key) -> the record.
        by_hash: match_hash -> records of any system.
        near: (customer key, day) -> records of any system.
        orders: (source, number there) -> our order's id, for orders that came by another way than a file.
    """

    by_key: Mapping[tuple[str, str], SourceRecord]
    by_hash: Mapping[str, Sequence[SourceRecord]]
    near: Mapping[tuple[str, date], Sequence[SourceRecord]]
    orders: Mapping[tuple[str, str], str]


NOTHING = Known({}, {}, {}, {})


class SourceRecords(Repository):
    """The newest record of each system for each of its orders, customers, goods."""

    def known(self, records: Sequence[SourceRecord], elsewhere: bool = True) -> Known:
        """All that matters for these; `elsewhere`: what other systems have said too."""
        kind = records[0].kind if records else ""
        keys = [(one.source, one.key) for one in records]
        found = self._of(kind, tuple_(source_record.c.source, source_record.c.key), keys)
        hashes = self._of(
            kind, source_record.c.match_hash, [one.match_hash for one in records if one.match_hash and elsewhere]
        )
        places = [(one.customer_key, one.day) for one in records if one.customer_key and one.day]
        close = self._of(kind, tuple_(source_record.c.customer_key, source_record.c.day), places) if elsewhere else []
        by_hash: dict[str, list[SourceRecord]] = {}
        for one in hashes:
            by_hash.setdefault(one.match_hash, []).append(one)
        by_place: dict[tuple[str, date], list[SourceRecord]] = {}
        for one in close:
            if one.customer_key and one.day:
                by_place.setdefault((one.customer_key, one.day), []).append(one)
        return Known(
            {(one.source, one.key): one for one in found},
            by_hash,
            by_place,
            self._orders(keys) if kind == ORDERS else {},
        )

    def noted(self, kind: str, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Noted]:
        """Of these (source, key) those that are known."""
        by_source: dict[str, set[str]] = {}
        for source, key in keys:
            by_source.setdefault(source, set()).add(key)
        found = {}
        columns = (source_record.c.key, source_record.c.digest, source_record.c.state, source_record.c.order_id)
        for source, some in by_source.items():
            for part in chunks(sorted(some)):
                mine = (source_record.c.source == source, source_record.c.kind == kind, source_record.c.key.in_(part))
                for key, *rest in self.connection.execute(select(*columns).where(self.own(source_record), *mine)):
                    found[source, key] = Noted(*rest)
        return found

    def of_orders(self, order_ids: Sequence[str]) -> list[SourceRecord]:
        """Everything that was said of these orders."""
        found: list[SourceRecord] = []
        for part in chunks(order_ids):
            query = select(source_record).where(self.own(source_record), source_record.c.order_id.in_(part))
            found += map(_record, self.rows(query))
        return found

    def waiting(self, source: str, kind: str) -> list[SourceRecord]:
        """Those whose order has not come yet."""
        mine = (source_record.c.source == source, source_record.c.kind == kind, source_record.c.state == WAITING)
        return [_record(row) for row in self.rows(select(source_record).where(self.own(source_record), *mine))]

    def all_of(self, kind: str) -> list[SourceRecord]:
        """Of every source."""
        query = select(source_record).where(self.own(source_record), source_record.c.kind == kind)
        return [_record(row) for row in self.rows(query)]

    def is_new(self, sources: Collection[str]) -> bool:
        """Whether nothing at all is known of these systems, nor any order of theirs."""
        names = sorted(sources)
        return not self.is_there(source_record, source_record.c.source.in_(names)) and not self.is_there(
            sales_order, sales_order.c.source.in_(names)
        )

    def add(self, rows: Sequence[Ready]) -> None:
        """Records of systems of which nothing was known; refused by the database where that is so no longer."""
        insert_ready(self.connection, source_record, COLUMNS, rows)

    def with_keys(self, kind: str, keys: Sequence[str]) -> dict[str, list[SourceRecord]]:
        """By key, what every system has said of it."""
        found: dict[str, list[SourceRecord]] = {}
        for one in self._of(kind, source_record.c.key, keys):
            found.setdefault(one.key, []).append(one)
        return found

    def sources(self) -> set[str]:
        """The systems of which anything is known."""
        query = select(source_record.c.source).where(self.own(source_record)).distinct()
        return {row["source"] for row in self.rows(query)}

    def count(self, source: str, kind: str) -> int:
        mine = (source_record.c.source == source, source_record.c.kind == kind)
        return int(self.value(select(func.count()).select_from(source_record).where(self.own(source_record), *mine)))

    def ready(self, records: Sequence[SourceRecord], ours: Sequence[Ours] = ()) -> list[Ready]:
        """Their rows, to be merged in a transaction; `ours`: order and customer of each, where they are new here."""
        now, tenant = self.clock(), self.tenant
        places: Sequence[Ours] = ours or [(one.order_id, one.customer_id) for one in records]
        rows = [
            (tenant, one.source, one.kind, one.key, one.match_hash, one.digest, one.stamped_at, one.state,
             one.customer_key, *place, one.day, one.amount, one.said, now)
            for one, place in zip(records, places, strict=True)
        ]  # fmt: skip
        return ready(self.connection.dialect, source_record, COLUMNS, rows)

    def merge(self, rows: Sequence[Ready]) -> None:
        """New ones are added, known ones replaced by what they say now."""
        merge_ready(self.connection, source_record, COLUMNS, rows, KEY, self.tenant, noted=("seen_at",))

    def file(self, digest: str) -> RowMapping | None:
        """What came of a file that was taken over whole."""
        return self.row(select(imported_file).where(self.own(imported_file), imported_file.c.digest == digest))

    def note_file(self, digest: str, source: str, kind: str, records: int, report: Mapping[str, Any]) -> None:
        row = {"digest": digest, "source": source, "kind": kind, "records": records, "report": dict(report)}
        self.upsert(imported_file, [{**row, "at": self.clock()}], ("digest",))

    def _of(self, kind: str, column: Any, values: Sequence[Any]) -> list[SourceRecord]:
        found: list[SourceRecord] = []
        for part in chunks(sorted(set(values))):
            mine = (source_record.c.kind == kind, column.in_(part))
            found += map(_record, self.rows(select(source_record).where(self.own(source_record), *mine)))
        return found

    def _orders(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        found = {}
        columns = (sales_order.c.source, sales_order.c.external_number, sales_order.c.id)
        for part in chunks(sorted(set(keys))):
            here = or_(tuple_(sales_order.c.source, sales_order.c.external_number).in_(part))
            for row in self.rows(select(*columns).where(self.own(sales_order), here)):
                found[row["source"], row["external_number"]] = row["id"]
        return found


def _record(row: RowMapping) -> SourceRecord:
    return SourceRecord(**{name: row[name] for name in COLUMNS if name not in ("tenant", "seen_at")})
