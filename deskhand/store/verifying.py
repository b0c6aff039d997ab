"""Every chain of a tenant, read in one stream and checked row by row. Reads only; knows no command.

Values are read as the database keeps them: a row that was tampered with may not even be readable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, String, and_, func, select, text, type_coerce

from deskhand.orders.actions import ERASE_PERSONAL_DATA
from deskhand.orders.chains import Fault, Walk
from deskhand.store.repositories.audit import CHAIN, newest
from deskhand.store.repositories.case_files import CASE_NUMBERS
from deskhand.store.repositories.order_writing import FIRST_NUMBER
from deskhand.store.row_hashes import audit_row_hash, history_row_hash, raw, said_in
from deskhand.store.schema import audit, case_file, chain_head, history, sales_order, sequence
from deskhand.store.types import to_scaled

AT_ONCE = 2000  # rows in memory
ORDER_NUMBERS = "order"  # the counter's name
RETENTION = "retention"  # the action under which a tenant's own forgetting stands in the audit
ERASED_HISTORY, ERASED_AUDIT = "history_rows", "audit_rows"  # what an erasure says in its audit row that it erased
Told = Callable[[int], None]
Anchor = Mapping[str, tuple[int, str]]  # order id, or `audit` -> the head that was kept elsewhere


@dataclass(slots=True)
class Verification:
    """What was looked at, and the first bad row of each chain that does not hold."""

    orders: int = 0
    cases: int = 0  # of the other processes
    history_rows: int = 0
    audit_rows: int = 0
    erased: int = 0  # rows whose personal part was erased
    faults: list[Fault] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.faults


@dataclass(slots=True)
class _Erased:
    """Rows found without their personal part, and what the audit says of it."""

    history: int = 0
    audit: int = 0
    history_said: int = 0
    audit_said: int = 0

    def hear(self, row: RowMapping) -> None:
        """A row of the audit, which may be one that says how much was erased."""
        if row["action"] not in (ERASE_PERSONAL_DATA, RETENTION):
            return
        said = _readable(row["detail"])
        try:
            self.history_said += int(said.get(ERASED_HISTORY, 0))
            self.audit_said += int(said.get(ERASED_AUDIT, 0))
        except (TypeError, AttributeError, ValueError):  # the chain's walk names such a row
            return


@dataclass(slots=True)
class _Told:
    """What an order's history says of its row in the end; the row must say the same."""

    status: object = None
    total: object = None

    def hear(self, row: RowMapping, detail: Any) -> None:
        """The first row has the total, each later one what it changed of it."""
        self.status = row["after"]
        try:
            if row["seq"] == 1:
                self.total = detail.get("total")
            elif pair := detail.get("changed", {}).get("total"):
                self.total = pair[1]
        except (TypeError, AttributeError, LookupError):  # the chain's walk names such a row
            return

    def differs(self, status: object, total: object) -> list[str]:
        """The fields in which the stored row says something else; both are as the database keeps them."""
        found = ["status"] if status != self.status else []
        if self.total is not None and str(total) != _scaled(self.total):
            found.append("total")
        return found


def verify(connection: Connection, tenant: str, anchor: Anchor | None = None, told: Told | None = None) -> Verification:
    """All chains of orders and cases and the tenant's own; each row's status and total against what its history says.

    Args:
        anchor: heads that were kept outside this database; each must still be part of its chain.
        told: is called with the number of rows read so far.
    """
    found, erased, kept = Verification(), _Erased(), dict(anchor or {})
    tell = told or (lambda rows: None)
    if connection.dialect.name == "postgresql":  # tables without fresh statistics would be joined row by row
        connection.execute(text("SET LOCAL enable_nestloop = off"))
    _orders(connection, tenant, None, found, erased, kept, tell)
    _without_history(connection, tenant, found)
    _missing_numbers(connection, tenant, found)
    _audit(connection, tenant, found, erased, kept, tell)
    found.faults += [Fault(chain, seq, "anchor_missing") for chain, (seq, _) in kept.items()]
    if erased.history > erased.history_said or erased.audit > erased.audit_said:
        found.faults.append(Fault("erasures", 0, "erased_without_a_word"))
    found.erased = erased.history + erased.audit
    return found


def verify_order(connection: Connection, tenant: str, order_id: str) -> Verification:
    """One order's chain."""
    found = Verification()
    _orders(connection, tenant, order_id, found, _Erased(), {}, lambda rows: None)
    if not found.history_rows:
        found.faults.append(Fault(order_id, 1, "no_history"))
    return found


def _orders(
    connection: Connection,
    tenant: str,
    order_id: str | None,
    found: Verification,
    erased: _Erased,
    anchor: dict[str, tuple[int, str]],
    told: Told,
) -> None:
    walk, current, said = Walk(""), None, _Told()
    head: tuple[Any, ...] = (0, "", None, None, None)
    for row in _stream(connection, _order_rows(tenant, order_id)):
        if row["order_id"] != current:
            _close(walk, head, current, said, found)
            current = row["order_id"]
            walk, said = Walk(row["number"] or str(current)), _Told()
            head = tuple(row[name] for name in ("history_seq", "history_hash", "status", "total", "process"))
        detail = _readable(row["detail"])
        walk.step(row["seq"], row["previous_hash"], row["hash"], history_row_hash(row, detail))
        said.hear(row, detail)
        _compare(anchor, str(current), row, found)
        erased.history += not row["salt"]
        found.history_rows += 1
        if found.history_rows % AT_ONCE == 0:
            told(found.history_rows)
    _close(walk, head, current, said, found)


def _close(walk: Walk, head: tuple[Any, ...], order_id: object, said: _Told, found: Verification) -> None:
    if order_id is None:
        return
    if head[4] is None:
        found.orders += 1
    else:
        found.cases += 1
    if head[0] is None:
        walk.fault = Fault(walk.chain, 1, "order_gone")
    seq, head_hash, status, total, _ = head
    walk.end(seq, head_hash)
    if walk.fault is None and (fields := said.differs(status, total)):
        walk.fault = Fault(walk.chain, walk.seq, f"row_differs: {', '.join(fields)}")
    if walk.fault is not None:
        found.faults.append(walk.fault)


def _audit(
    connection: Connection,
    tenant: str,
    found: Verification,
    erased: _Erased,
    anchor: dict[str, tuple[int, str]],
    told: Told,
) -> None:
    walk, head = Walk(CHAIN), newest(connection, tenant)
    for row in _stream(connection, _audit_rows(tenant)):
        head = (row["head_seq"], row["head_hash"])
        walk.step(row["seq"], row["previous_hash"], row["hash"], audit_row_hash(row))
        _compare(anchor, CHAIN, row, found)
        erased.audit += not row["salt"]
        erased.hear(row)
        found.audit_rows += 1
        if found.audit_rows % AT_ONCE == 0:
            told(found.history_rows + found.audit_rows)
    walk.end(*head)
    if walk.fault is not None:
        found.faults.append(walk.fault)


def _compare(anchor: dict[str, tuple[int, str]], chain: str, row: RowMapping, found: Verification) -> None:
    """A head that was kept elsewhere: the row must be there still, with the same hash."""
    known = anchor.get(chain)
    if known is not None and known[0] == row["seq"]:
        del anchor[chain]
        if known[1] != row["hash"]:
            found.faults.append(Fault(chain, known[0], "differs_from_anchor"))


def _order_rows(tenant: str, order_id: str | None) -> Select[Any]:
    """With the head of the order, or of the case, beside each row."""
    same = and_(sales_order.c.tenant == history.c.tenant, sales_order.c.id == history.c.order_id)
    same_case = and_(case_file.c.tenant == history.c.tenant, case_file.c.id == history.c.order_id)
    names = ("number", "history_seq", "history_hash", "status")
    heads = (func.coalesce(sales_order.c[name], case_file.c[name]).label(name) for name in names)
    total = type_coerce(sales_order.c.total, String).label("total")
    query = select(*raw(history), *heads, total, case_file.c.process)
    query = query.select_from(history.outerjoin(sales_order, same).outerjoin(case_file, same_case))
    query = query.where(history.c.tenant == tenant).order_by(history.c.order_id, history.c.seq)
    return query if order_id is None else query.where(history.c.order_id == order_id)


def _audit_rows(tenant: str) -> Select[Any]:
    """With the head beside each row: read in one statement, both are of one moment."""
    same = and_(chain_head.c.tenant == audit.c.tenant, chain_head.c.name == CHAIN)
    heads = (chain_head.c.seq.label("head_seq"), chain_head.c.hash.label("head_hash"))
    query = select(*raw(audit), *heads).select_from(audit.outerjoin(chain_head, same))
    return query.where(audit.c.tenant == tenant).order_by(audit.c.seq)


def _without_history(connection: Connection, tenant: str, found: Verification) -> None:
    for table in (sales_order, case_file):
        linked = select(history.c.seq).where(history.c.tenant == tenant, history.c.order_id == table.c.id)
        query = select(table.c.number).where(table.c.tenant == tenant, ~linked.exists()).limit(100)
        found.faults += [Fault(number, 1, "no_history") for number in connection.execute(query).scalars()]


def _missing_numbers(connection: Connection, tenant: str, found: Verification) -> None:
    """Numbers are given without gaps: an order or a case that is gone with all its history leaves one."""
    kept = sequence.c.name.like(f"{CASE_NUMBERS}%") | (sequence.c.name == ORDER_NUMBERS)
    given = connection.execute(select(sequence.c.name, sequence.c.value).where(sequence.c.tenant == tenant, kept))
    last = {ORDER_NUMBERS: 0, **{row.name: row.value for row in given}}
    for name, value in last.items():
        of_cases = name.startswith(CASE_NUMBERS)
        table, prefix = (case_file, name.removeprefix(CASE_NUMBERS)) if of_cases else (sales_order, "SO")
        own = (table.c.tenant == tenant, *([table.c.number.like(f"{prefix}-%")] if of_cases else []))
        count = connection.execute(select(func.count()).select_from(table).where(*own)).scalar_one()
        if (value or FIRST_NUMBER - 1) - (FIRST_NUMBER - 1) != count:
            known = set(connection.execute(select(table.c.number).where(*own)).scalars())
            numbers = range(FIRST_NUMBER, FIRST_NUMBER + count + 1)
            gap = next((number for number in numbers if f"{prefix}-{number}" not in known), 0)
            found.faults.append(Fault(f"{prefix}-{gap}", 0, "number_missing"))


def _stream(connection: Connection, query: Select[Any]) -> Iterator[RowMapping]:
    yield from connection.execute(query, execution_options={"yield_per": AT_ONCE}).mappings()


def _readable(value: Any) -> Any:
    """None where it is no JSON."""
    try:
        return said_in(value)
    except ValueError:
        return None


def _scaled(said: object) -> str | None:
    """An amount that the history says, as the database keeps it."""
    try:
        return str(to_scaled(Decimal(str(said))))
    except (InvalidOperation, OverflowError, ValueError):
        return None
