"""What every repository has: the unit of work's connection, the tenant, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Executable, RowMapping, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from deskhand.store.bulk import execute_many, insert_rows, update_rows
from deskhand.store.schema import customer, product, sequence

Clock = Callable[[], datetime]
Value = TypeVar("Value")
Row = dict[str, Any]

NUMBERED = ("order", "invoice", "credit_note")  # what commands give numbers to
CHUNK = 500  # ids in one IN list
FEW = 50  # rows of which it isn't worth while to prepare the values ourselves
_COUNTED = frozenset({customer, product})  # what services keep in memory: they look whether it was written


class Repository:
    """Rows of one tenant inside one transaction."""

    def __init__(self, connection: Connection, tenant: str, clock: Clock) -> None:
        self.connection = connection
        self.tenant = tenant
        self.clock = clock

    def own(self, table: Table) -> ColumnElement[bool]:
        """The condition that every query carries."""
        return table.c.tenant == self.tenant

    def rows(self, query: Executable) -> Sequence[RowMapping]:
        return self.connection.execute(query).mappings().all()

    def row(self, query: Executable) -> RowMapping | None:
        return self.connection.execute(query).mappings().first()

    def value(self, query: Executable) -> Any:
        return self.connection.execute(query).scalar()

    def add_row(self, table: Table, **values: Any) -> None:
        self.connection.execute(insert(table).values(tenant=self.tenant, **values))
        self._count(table)

    def add_rows(self, table: Table, rows: Sequence[Row]) -> None:
        """One executemany; `rows` all have the same keys."""
        if (
            len(rows) > FEW and self.connection.dialect.name == "sqlite"
        ):  # COPY would not say what it met as we catch it
            names = [*rows[0]]
            self.add_many(table, names, map(itemgetter(*names), rows) if len(names) > 1 else map(tuple, rows))
        elif rows:
            self.connection.execute(insert(table), [{"tenant": self.tenant, **row} for row in rows])
            self._count(table)

    def add_many(self, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Tuples in the order of `names`: few as any others, many at the driver's speed."""
        rows = [(self.tenant, *row) for row in rows]
        columns = ["tenant", *names]
        if len(rows) > FEW:
            insert_rows(self.connection, table, columns, rows)
        elif rows:
            self.connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
        self._count(table)

    def change_many(
        self, table: Table, names: Sequence[str], keys: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> int:
        """Tuples of the new values of `names`, then of the `keys` that find the row; says how many were found.

        They are changed by their first key, whatever the order they come in: two transactions that change the same
        rows wait for each other instead of locking each other out.
        """
        rows = sorted(rows, key=itemgetter(len(names)))
        if len(rows) > FEW:
            at = len(names)
            own = ((*row[:at], self.tenant, *row[at:]) for row in rows)
            done = update_rows(self.connection, table, names, ["tenant", *keys], own)
        else:
            asked = [f"asked_{name}" for name in keys]
            found = (table.c[name] == bindparam(key) for name, key in zip(keys, asked, strict=True))
            statement = update(table).where(self.own(table), *found).values({name: bindparam(name) for name in names})
            given = [dict(zip((*names, *asked), row, strict=True)) for row in rows]
            done = self.connection.execute(statement, given).rowcount
        self._count(table)
        return done

    def add_missing(self, table: Table, rows: Sequence[Row]) -> int:
        """Inserts those whose key is not there yet; says how many."""
        if not rows:
            return 0
        statement = self._dialect_insert(table).on_conflict_do_nothing().returning(table.c.tenant)
        added = self.connection.execute(statement, [{"tenant": self.tenant, **row} for row in rows])
        self._count(table)
        return len(added.all())  # rowcount is not known on every driver

    def upsert(self, table: Table, rows: Sequence[Row], key: Sequence[str], keep: Sequence[str] = ()) -> None:
        """Inserts or replaces by `key`; the columns in `keep` stay as they were."""
        if not rows:
            return
        statement = self._dialect_insert(table)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in {*key, *keep}}
        statement = statement.on_conflict_do_update(index_elements=["tenant", *key], set_=changed)
        given = [{"tenant": self.tenant, **row} for row in rows]
        if len(rows) > FEW and self.connection.dialect.name == "sqlite":
            execute_many(self.connection, statement, table, given)
        else:
            self.connection.execute(statement, given)
        self._count(table)

    def change(self, table: Table, *conditions: ColumnElement[bool], **values: Any) -> int:
        """Updates own rows; says how many."""
        done = self.connection.execute(update(table).where(self.own(table), *conditions).values(**values)).rowcount
        self._count(table)
        return done

    def is_there(self, table: Table, *conditions: ColumnElement[bool]) -> bool:
        return bool(self.value(select(func.count()).select_from(table).where(self.own(table), *conditions)))

    def next_numbers(self, name: str, count: int = 1, first: int = 1) -> int:
        """The first of `count` consecutive numbers. Holds the tenant's counter until the transaction ends."""
        query = (
            update(sequence)
            .where(self.own(sequence), sequence.c.name == name)
            .values(value=sequence.c.value + count)
            .returning(sequence.c.value)
        )
        last = self.value(query)
        if last is None:
            self.add_missing(sequence, [{"name": name, "value": first - 1}])
            last = self.value(query)
        return int(last) - count + 1

    def hold_numbers(self) -> None:
        """Holds the counters that commands number by, in one order, before several commands of one transaction take
        them in whatever order was said: two such transactions would wait for each other.
        """
        for name in sorted(NUMBERED):
            self.change(sequence, sequence.c.name == name, value=sequence.c.value)

    def writes(self, table: Table) -> int:
        """A number that is another one once the tenant's rows of a counted table were written; costs one row."""
        query = select(sequence.c.value).where(self.own(sequence), sequence.c.name == _counter(table))
        return int(self.value(query) or 0)

    def _count(self, table: Table) -> None:
        if table in _COUNTED:
            self.next_numbers(_counter(table))

    def _dialect_insert(self, table: Table) -> Any:
        return (sqlite if self.connection.dialect.name == "sqlite" else postgresql).insert(table)


def _counter(table: Table) -> str:
    return f"{table.name}_writes"


def chunks(values: Sequence[Value], size: int = CHUNK) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


__all__ = ["CHUNK", "Clock", "IntegrityError", "Repository", "Row", "chunks"]
