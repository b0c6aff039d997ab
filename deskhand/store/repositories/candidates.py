"""Orders of two records that may be one: found by imports, decided by people. Knows no rules of likeness."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, select, tuple_

from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import order_candidate, sales_order, source_record

ORDERS = "orders"
Place = tuple[str, str]  # a system, and the record's key there


class Verdict(StrEnum):
    """What was decided of two orders."""

    OPEN = "open"  # nothing yet
    SAME = "same"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class OrderCandidate:
    """Two records, and the orders here that they belong to now; `like` was there first.

    `undo` tells how it was before the two became one.
    """

    id: str
    source: str
    key: str
    like_source: str
    like_key: str
    difference: Decimal
    state: Verdict
    found_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    undo: Mapping[str, Any] | None
    order_id: str | None
    like_order_id: str | None
    number: str | None
    like_number: str | None


def candidate_id(source: str, key: str, like_source: str, like_key: str) -> str:
    """The same for the same two records, whichever was found first."""
    both = sorted([(source, key), (like_source, like_key)])
    return hashlib.sha256("\x1f".join(part for one in both for part in one).encode()).hexdigest()[:20]


class Candidates(Repository):
    """Each two records stand here once; what was decided of them stays."""

    def add(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Those that are not known yet, as `source`, `key`, `like_source`, `like_key`, `difference`."""
        now, rows = self.clock(), []
        for one in found:
            pair = one["source"], one["key"], one["like_source"], one["like_key"]
            rows.append({**one, "id": candidate_id(*pair), "state": str(Verdict.OPEN), "found_at": now})
        self.add_missing(order_candidate, rows)

    def get(self, candidate: str) -> OrderCandidate | None:
        found = self._some(order_candidate.c.id == candidate)
        return found[0] if found else None

    def standing(self, state: Verdict | None = Verdict.OPEN, limit: int = 200) -> list[OrderCandidate]:
        """The oldest first; those whose orders were erased here are left out."""
        wanted = [order_candidate.c.state == str(state)] if state is not None else []
        return [one for one in self._some(*wanted, limit=limit) if one.order_id and one.like_order_id]

    def last_of(self, user_id: str) -> OrderCandidate | None:
        """What this person decided last and has not taken back."""
        mine = order_candidate.c.decided_by == user_id, order_candidate.c.state != str(Verdict.OPEN)
        found = self._some(*mine, order=order_candidate.c.decided_at.desc(), limit=1)
        return found[0] if found else None

    def decide(self, one: OrderCandidate, state: Verdict, user_id: str, undo: Mapping[str, Any] | None = None) -> bool:
        """Whether it still stood as it was seen."""
        values = {"state": str(state), "decided_by": user_id, "decided_at": self.clock(), "undo": undo}
        mine = order_candidate.c.id == one.id, order_candidate.c.state == str(one.state)
        return bool(self.change(order_candidate, *mine, **values))

    def move(self, records: Sequence[tuple[str, str]], order_id: str, customer_id: str) -> None:
        """From now on these records, by source and key, speak of that order."""
        for source, key in records:
            mine = source_record.c.source == source, source_record.c.kind == ORDERS, source_record.c.key == key
            self.change(source_record, *mine, order_id=order_id, customer_id=customer_id, state="taken")

    def _some(self, *wanted: Any, order: Any = order_candidate.c.found_at, limit: int = 200) -> list[OrderCandidate]:
        pairs = order_candidate
        query = select(pairs).where(self.own(pairs), *wanted).order_by(order, pairs.c.id).limit(limit)
        rows = self.rows(query)
        places = {(row["source"], row["key"]) for row in rows} | {(row["like_source"], row["like_key"]) for row in rows}
        orders = self._orders(sorted(places))
        nobody = (None, None)
        found = []
        for row in rows:
            mine = orders.get((row["source"], row["key"]), nobody)
            theirs = orders.get((row["like_source"], row["like_key"]), nobody)
            found.append(_candidate(row, mine, theirs))
        return found

    def _orders(self, places: Sequence[Place]) -> dict[Place, tuple[str | None, str | None]]:
        """The order here that each record speaks of: its id and number."""
        found: dict[Place, tuple[str | None, str | None]] = {}
        both = (source_record.c.tenant == sales_order.c.tenant) & (source_record.c.order_id == sales_order.c.id)
        columns = source_record.c.source, source_record.c.key, sales_order.c.id, sales_order.c.number
        for part in chunks(places):
            here = tuple_(source_record.c.source, source_record.c.key).in_(part)
            query = select(*columns).select_from(source_record.join(sales_order, both))
            query = query.where(self.own(source_record), self.own(sales_order), source_record.c.kind == ORDERS, here)
            for source, key, order_id, number in self.connection.execute(query):
                found[source, key] = order_id, number
        return found


def _candidate(
    row: RowMapping, mine: tuple[str | None, str | None], theirs: tuple[str | None, str | None]
) -> OrderCandidate:
    kept = {name: value for name, value in row.items() if name not in ("tenant", "state")}
    return OrderCandidate(**kept, state=Verdict(row["state"]), order_id=mine[0], number=mine[1],
                          like_order_id=theirs[0], like_number=theirs[1])  # fmt: skip
