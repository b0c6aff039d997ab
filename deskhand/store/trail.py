"""What happened, as one trail: the rows of the audit, and on request an order's history among them. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, and_, func, or_, select

from deskhand.store.records import AuditRow, Page
from deskhand.store.repositories.audit import IN_BOTH_CHAINS, audit_row
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import audit, case_file, history, sales_order

BATCH = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows; all that is given must fit. `user` also finds what was done on somebody's behalf."""

    order: str | None = None
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    action: str | None = None
    outcome: str | None = None
    cause: str | None = None


class Trail(Repository):
    """Both chains of a tenant, newest first."""

    def page(self, asked: Asked, limit: int, before_seq: int | None = None) -> Page[AuditRow]:
        """Rows of the audit alone, by their numbers in its chain; the cursor is such a number."""
        query = self._audit(asked).order_by(audit.c.seq.desc()).limit(limit + 1)
        if before_seq is not None:
            query = query.where(audit.c.seq < before_seq)
        found = [audit_row(row) for row in self.rows(query)]
        cursor = str(found[limit - 1].seq) if len(found) > limit else None
        return Page(tuple(found[:limit]), cursor)

    def latest(self, asked: Asked, limit: int) -> list[AuditRow]:
        """Both chains, the newest `limit` rows of them together."""
        audited = self._audit(asked).order_by(audit.c.at.desc(), audit.c.seq.desc()).limit(limit)
        changes = self._history(asked).order_by(history.c.at.desc(), history.c.seq.desc()).limit(limit)
        found = [*map(audit_row, self.rows(audited)), *map(_of_history, self.rows(changes))]
        return sorted(found, key=lambda each: (each.at, each.seq), reverse=True)[:limit]

    def all(self, asked: Asked) -> Iterator[AuditRow]:
        """Everything that fits, in a stream: first the audit, then the orders' changes, each oldest first."""
        yield from map(audit_row, self._stream(self._audit(asked).order_by(audit.c.seq)))
        changes = self._history(asked).order_by(history.c.at, history.c.order_id, history.c.seq)
        yield from map(_of_history, self._stream(changes))

    def _stream(self, query: Select[Any]) -> Iterator[Any]:
        yield from self.connection.execute(query, execution_options={"yield_per": BATCH}).mappings()

    def _audit(self, asked: Asked) -> Select[Any]:
        query = select(audit).where(self.own(audit), *_common(audit, asked))
        given = ((audit.c.target, asked.order), (audit.c.action, asked.action), (audit.c.outcome, asked.outcome))
        return query.where(*(column == value for column, value in given if value is not None))

    def _history(self, asked: Asked) -> Select[Any]:
        """A change of an order or a case has been done: it fits no other outcome."""
        same = and_(sales_order.c.tenant == history.c.tenant, sales_order.c.id == history.c.order_id)
        same_case = and_(case_file.c.tenant == history.c.tenant, case_file.c.id == history.c.order_id)
        number = func.coalesce(sales_order.c.number, case_file.c.number)
        query = select(history, number.label("number"), case_file.c.id.label("case"))
        query = query.select_from(history.outerjoin(sales_order, same).outerjoin(case_file, same_case))
        query = query.where(self.own(history), *_common(history, asked))
        if asked.order is not None:
            query = query.where(number == asked.order)
        if asked.action is not None:
            query = query.where(history.c.event == asked.action)
        return query if asked.outcome in (None, "done") else query.where(history.c.seq < 0)


def _common(table: Table, asked: Asked) -> Sequence[Any]:
    conditions = []
    if asked.user is not None:
        conditions.append(or_(table.c.actor == asked.user, table.c.on_behalf_of == asked.user))
    if asked.since is not None:
        conditions.append(table.c.at >= asked.since)
    if asked.until is not None:
        conditions.append(table.c.at < asked.until)
    if asked.cause is not None:
        conditions.append(table.c.cause == asked.cause)
    return conditions


def _of_history(row: Any) -> AuditRow:
    """What the order's chain calls event is the action; before and after are the statuses and what changed."""
    detail = {**row["detail"], **(row["personal"] or {})} if row["case"] is None else _of_case(row)
    pairs = {**detail.pop("changed", {}), **detail.pop("changed_personal", {})}
    plain = {name: pair for name, pair in pairs.items() if isinstance(pair, list) and len(pair) == 2}
    detail |= {name: pair for name, pair in pairs.items() if name not in plain}
    return AuditRow(
        chain=row["number"],
        action=row["event"],
        target=row["number"],
        outcome="done",
        detail=detail,
        before={"status": row["before"], **{name: pair[0] for name, pair in plain.items()}},
        after={"status": row["after"], **{name: pair[1] for name, pair in plain.items()}},
        **{name: row[name] for name in IN_BOTH_CHAINS},
    )


def _of_case(row: Any) -> dict[str, Any]:
    """What its fields say is for those whom the process shows it: here stands which were given, and by which rules it
    went. What may be seen of a case is asked of the case.
    """
    detail, personal = dict(row["detail"]), row["personal"] or {}
    given = {**detail.pop("values", {}), **personal.get("values", {})}
    if given:
        detail["values"] = sorted(given)
    return detail | ({"reason": personal["reason"]} if personal.get("reason") else {})
