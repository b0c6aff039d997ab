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
from deskhand.store.repositories.order_writing import FIRST_NUMBER
from deskhand.store.row_hashes import audit_row_hash, history_row_hash, raw, said_in
from deskhand.store.schema import audit, chain_head, history, sales_order, sequence
from deskhand.store.types import to_scaled

AT_ONCE = 2000  # rows in memory
RETENTION = "retention"  # the action under which a tenant's own forgetting stands in the audit
ERASED_HISTORY, ERASED_AUDIT = "history_rows", "audit_rows"  # what an erasure says in its audit row that it erased
Told = Callable[[int], None]
Anchor = Mapping[str, tuple[int, str]]  # order id, or `audit` -> the head that was kept elsewhere


@dataclass(slots=True)
class Verification:
    """What was looked at, and the first bad row of each chain that does not hold."""

    orders: int = 0
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
    """All order chains and the tenant's own; each order's status and total against what its history says.

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
    walk, head, current, said = Walk(""), (0, "", None, None), None, _Told()
    for row in _stream(connection, _order_rows(tenant, order_id)):
        if row["order_id"] != current:
            _close(walk, head, current, said, found)
            current = row["order_id"]
            walk, said = Walk(row["number"] or str(current)), _Told()
            head = (row["history_seq"], row["history_hash"], row["status"], row["total"])
        detail = _readable(row["detail"])
        walk.step(row["seq"], row["previous_hash"], row["hash"], history_row_hash(row, detail))
        said.hear(row, detail)
        _compare(anchor, str(current), row, found)
        erased.history += not row["salt"]
        found.history_rows += 1
        if found.history_rows % AT_ONCE == 0:
            told(found.history_rows)
    _close(walk, head, current, said, found)


def _close(walk: Walk, head: tuple[Any, Any, Any, Any], order_id: object, said: _Told, found: Verification) -> None:
    if order_id is None:
        return
    found.orders += 1
    if head[0] is None:
        walk.fault = Fault(walk.chain, 1, "order_gone")
    seq, head_hash, status, total = head
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
    same = and_(sales_order.c.tenant == history.c.tenant, sales_order.c.id == history.c.order_id)
    heads = (sales_order.c.number, sales_order.c.history_seq, sales_order.c.history_hash, sales_order.c.status)
    total = type_coerce(sales_order.c.total, String).label("total")
    query = select(*raw(history), *heads, total).select_from(history.outerjoin(sales_order, same))
    query = query.where(history.c.tenant == tenant).order_by(history.c.order_id, history.c.seq)
    return query if order_id is None else query.where(history.c.order_id == order_id)


def _audit_rows(tenant: str) -> Select[Any]:
    """With the head beside each row: read in one statement, both are of one moment."""
    same = and_(chain_head.c.tenant == audit.c.tenant, chain_head.c.name == CHAIN)
    heads = (chain_head.c.seq.label("head_seq"), chain_head.c.hash.label("head_hash"))
    query = select(*raw(audit), *heads).select_from(audit.outerjoin(chain_head, same))
    return query.where(audit.c.tenant == tenant).order_by(audit.c.seq)


def _without_history(connection: Connection, tenant: str, found: Verification) -> None:
    linked = select(history.c.seq).where(history.c.tenant == tenant, history.c.order_id == sales_order.c.id)
    query = select(sales_order.c.number).where(sales_order.c.tenant == tenant, ~linked.exists()).limit(100)
    found.faults += [Fault(number, 1, "no_history") for number in connection.execute(query).scalars()]


def _missing_numbers(connection: Connection, tenant: str, found: Verification) -> None:
    """Numbers are given without gaps: an order that is gone with all its history leaves one."""
    given = select(sequence.c.value).where(sequence.c.tenant == tenant, sequence.c.name == "order")
    there = select(func.count()).select_from(sales_order).where(sales_order.c.tenant == tenant)
    last, count = connection.execute(select(given.scalar_subquery(), there.scalar_subquery())).one()
    if (last or FIRST_NUMBER - 1) - (FIRST_NUMBER - 1) == count:
        return
    numbers = select(sales_order.c.number).where(sales_order.c.tenant == tenant)
    known = set(connection.execute(numbers).scalars())
    gap = next((n for n in range(FIRST_NUMBER, FIRST_NUMBER + count + 1) if f"SO-{n}" not in known), 0)
    found.faults.append(Fault(f"SO-{gap}", 0, "number_missing"))


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
