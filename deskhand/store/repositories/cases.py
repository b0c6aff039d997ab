"""Cases: the running processes. Executes the engine's plans, set-based, under the version that was read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, bindparam, func, or_, select, update

from deskhand.engine import Case, Change
from deskhand.orders.errors import VersionConflict
from deskhand.store.database import Encoded
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import case

Facts = Mapping[str, Any]
LONGEST_REASON = 500  # it stands in an index
NO_ANSWER = "no_answer: "  # how the reason begins while another system does not answer: the rest of the case goes on
_READ = ("id", "tenant", "process", "version", "marking", "row_version", "due_at", "data")
_MOVED = ("marking", "row_version", "due_at", "data", "ended", "stopped_node", "stopped_reason")
NOTHING = Encoded("{}")
_AS_JSON = frozenset({str, int, bool, type(None)})
_MARKED: Mapping[type, tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    Decimal: ("$decimal", str, Decimal),
    datetime: ("$moment", datetime.isoformat, datetime.fromisoformat),
    date: ("$date", date.isoformat, date.fromisoformat),
    time: ("$time", time.isoformat, time.fromisoformat),
    timedelta: ("$seconds", timedelta.total_seconds, lambda seconds: timedelta(seconds=seconds)),
}


class Cases(Repository):
    """Knows no process: markings are sets of node ids, stored sorted, with a space between."""

    def many(self, case_ids: Sequence[str]) -> dict[str, Case]:
        found, markings = {}, _Markings()  # the cases of a set share few
        for part in chunks(case_ids):
            query = select(*(case.c[name] for name in _READ)).where(self.own(case), case.c.id.in_(part))
            rows = self.connection.execute(query).all()
            for one, tenant, process, version, marking, row_version, due_at, data in rows:
                kept = from_data(data) if data else {}
                found[one] = Case(one, tenant, process, version, markings[marking], row_version, due_at, kept)
        return found

    def begin(
        self, process: str, version: int, changes: Sequence[Change], channel: str, automatic: bool = False
    ) -> None:
        """New cases, where the engine put them; `channel` and `automatic` decide which nodes run by themselves."""
        rows = [
            {
                "id": change.case_id,
                "process": process,
                "version": version,
                "marking": marking_text(change.after),
                "row_version": 1,
                "due_at": change.due_at,
                "data": to_data(change.data),
                "channel": channel,
                "automatic": automatic,
                "ended": change.ended,
            }
            for change in changes
        ]
        self.add_rows(case, rows)

    def apply(self, changes: Sequence[Change]) -> None:
        """Moves the cases; what stopped them before is forgotten.

        Raises:
            VersionConflict: if one of them has moved since it was read.
        """
        if not changes:
            return
        places = {after: marking_text(after) for after in {change.after for change in changes}}
        rows = [
            (
                *(places[change.after], change.row_version + 1, change.due_at, _stored(change.data)),
                *(change.ended, None, None, change.case_id, change.row_version),
            )
            for change in changes
        ]
        if self.change_many(case, _MOVED, ("id", "row_version"), rows) != len(rows):
            raise VersionConflict(number=", ".join(change.case_id for change in changes[:3]), status="?")

    def not_on(self, process: str, version: int, limit: int) -> list[Case]:
        """Live cases that run on another version, by id."""
        query = select(case).where(self.own(case), case.c.process == process, case.c.ended.is_(False))
        query = query.where(case.c.version != version).order_by(case.c.id).limit(limit)
        return [case_of(row) for row in self.rows(query)]

    def move_over(self, cases: Sequence[Case]) -> None:
        """Cases as they are in another version; what stopped them before is forgotten.

        Raises:
            VersionConflict: if one of them has moved since it was read.
        """
        if not cases:
            return
        values = ("version", "marking", "row_version", "due_at", "data")
        statement = (
            update(case)
            .where(self.own(case), case.c.id == bindparam("which"), case.c.row_version == bindparam("was_version"))
            .values({name: bindparam(name) for name in values} | {"stopped_node": None, "stopped_reason": None})
        )
        rows = [
            {
                "which": one.id,
                "was_version": one.row_version,
                "version": one.version,
                "marking": marking_text(one.marking),
                "row_version": one.row_version + 1,
                "due_at": one.due_at,
                "data": to_data(one.data),
            }
            for one in cases
        ]
        if self.connection.execute(statement, rows).rowcount != len(rows):
            raise VersionConflict(number=", ".join(one.id for one in cases[:3]), status="?")

    def stop(self, stopped: Sequence[tuple[str, str, str]]) -> None:
        """Says where and why a case stopped: (case id, node, reason)."""
        if not stopped:
            return
        statement = (
            update(case)
            .where(self.own(case), case.c.id == bindparam("which"))
            .values(stopped_node=bindparam("node"), stopped_reason=bindparam("reason"))
        )
        rows = [{"which": i, "node": n, "reason": r[:LONGEST_REASON]} for i, n, r in stopped]
        self.connection.execute(statement, rows)

    def resume(self, case_ids: Sequence[str]) -> None:
        """Something has changed: automatic processing may try again."""
        for part in chunks(case_ids):
            mine = (case.c.id.in_(part), case.c.stopped_reason.is_not(None))
            self.change(case, *mine, stopped_node=None, stopped_reason=None)

    def markings(self, process: str) -> list[tuple[int, frozenset[str]]]:
        """Every version and marking that a live case which has not stopped is in."""
        query = (
            select(case.c.version, case.c.marking)
            .where(self.own(case), case.c.process == process, case.c.ended.is_(False), case.c.stopped_reason.is_(None))
            .distinct()
        )
        return [(row["version"], frozenset(row["marking"].split())) for row in self.rows(query)]

    def live(self, process: str | None = None) -> dict[tuple[str, int, frozenset[str]], int]:
        """How many cases are not over, by process, version and marking."""
        columns = (case.c.process, case.c.version, case.c.marking)
        query = select(*columns, func.count().label("cases")).where(self.own(case), case.c.ended.is_(False))
        if process is not None:
            query = query.where(case.c.process == process)
        rows = self.rows(query.group_by(*columns))
        return {(row["process"], row["version"], frozenset(row["marking"].split())): row["cases"] for row in rows}

    def waiting_at(
        self,
        process: str,
        version: int,
        marking: Collection[str],
        limit: int,
        channels: Collection[str] | None = None,
        after: str = "",
    ) -> list[Case]:
        """Live cases of this version in exactly this marking that have not stopped, by id.

        With `channels` only those that came through one of them, or are automatic throughout.
        """
        query = select(case).where(
            self.own(case),
            case.c.process == process,
            case.c.version == version,
            case.c.ended.is_(False),
            case.c.marking == marking_text(marking),
            not_stopped(),
            case.c.id > after,
        )
        if channels is not None:
            query = query.where(or_(case.c.automatic, case.c.channel.in_(channels)))
        return [case_of(row) for row in self.rows(query.order_by(case.c.id).limit(limit))]

    def stopped(self, process: str | None = None, limit: int = 200) -> list[tuple[str, str, str]]:
        """(case id, node, reason) of those that wait for a person to see to what is missing."""
        columns = (case.c.id, case.c.stopped_node, case.c.stopped_reason)
        query = select(*columns).where(self.own(case), case.c.stopped_reason.is_not(None)).limit(limit)
        if process is not None:
            query = query.where(case.c.process == process)
        return [(row["id"], row["stopped_node"], row["stopped_reason"]) for row in self.rows(query)]


def not_stopped() -> ColumnElement[bool]:
    """The condition: nothing but another system's silence holds the case."""
    return or_(case.c.stopped_reason.is_(None), case.c.stopped_reason.startswith(NO_ANSWER, autoescape=True))


class _Markings(dict[str, frozenset[str]]):
    """Places by the text of them."""

    def __missing__(self, text: str) -> frozenset[str]:
        self[text] = found = frozenset(text.split())
        return found


def marking_text(marking: Collection[str]) -> str:
    return " ".join(sorted(marking))


def to_data(data: Facts) -> dict[str, Any]:
    """A case's data as JSON; what decisions computed stays an exact number, a day a day."""
    return {name: value if type(value) in _AS_JSON else _to_json(value) for name, value in data.items()}


def _stored(data: Facts) -> Facts | Encoded:
    """As a JSON column takes it."""
    return to_data(data) if data else NOTHING


def from_data(data: Facts) -> dict[str, Any]:
    """The inverse of `to_data`."""
    return {name: value if type(value) in _AS_JSON else _of_json(value) for name, value in data.items()}


def _to_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return to_data(value)
    if isinstance(value, list | tuple):
        return [_to_json(each) for each in value]
    for kind, (mark, write, _) in _MARKED.items():
        if type(value) is kind:
            return {mark: write(value)}
    return value


def _of_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_of_json(each) for each in value]
    if not isinstance(value, dict):
        return value
    for mark, _, read in _MARKED.values():
        if mark in value:
            return read(value[mark])
    return from_data(value)


def case_of(row: RowMapping) -> Case:
    return Case(
        id=row["id"],
        tenant=row["tenant"],
        process=row["process"],
        version=row["version"],
        marking=frozenset(row["marking"].split()),
        row_version=row["row_version"],
        due_at=row["due_at"],
        data=from_data(row["data"]),
    )
