"""Looking for somebody's words in every text of the database, whichever table it stands in, and taking them out.

What is somebody else's own (their name, their address, goods) is not looked at, and nothing that a hash covers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Column, String, Table, and_, cast, delete, false, or_, select, update
from sqlalchemy.types import Text

from deskhand.store.privacy.wording import Words
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import (
    api_key,
    app_user,
    audit,
    card,
    chain_head,
    customer,
    draft,
    external_identity,
    handover,
    history,
    known_tenant,
    metadata,
    order_line,
    parcel,
    payment,
    product,
    sales_order,
    sequence,
    session,
    stock,
    stock_movement,
    warehouse,
)

_OTHERS = frozenset(
    {
        *(api_key, app_user, audit, chain_head, customer, external_identity, history, order_line, parcel, product),
        *(handover, known_tenant, sequence, session, stock, stock_movement, warehouse),
    }
)
_ONLY = {sales_order: frozenset({"hold_reason", "data"})}
_NO_TEXT = frozenset(
    {
        *("tenant", "id", "status", "state", "kind", "role", "channel", "language", "audience", "dedupe_key", "number"),
        *("order_number", "digest", "fingerprint", "turn", "currency", "name", "marking", "process", "consumer"),
        *("asked", "direction", "outcome", "source"),
    }
)
_DROPPED = frozenset({draft, card})  # half a question is none: it would be carried out with a name that is not there


class Sweep(Repository):
    """One tenant's texts."""

    def take_out(self, words: Words, ids: frozenset[str]) -> Counter[str]:
        """Says how many rows of which table had one of the words; `ids` are opaque and stay."""
        changed: Counter[str] = Counter()
        if not words:
            return changed
        for table in metadata.sorted_tables:
            for row in list(self._suspects(table, words)) if table not in _OTHERS else ():
                if self._cleaned(table, row, words, ids):
                    changed[table.name] += 1
        return changed

    def naming(self, table: Table, column: Column[Any], words: Words) -> Iterator[Any]:
        """Rows of `table` with one of the words in this column."""
        query = select(table).where(self.own(table), column.is_not(None), or_(false(), *_likes(column, words)))
        return (row for row in self.rows(query) if words.found_in(row[column.name]))

    def _suspects(self, table: Table, words: Words) -> Iterator[Any]:
        likes = [like for column in _texts(table) for like in _likes(column, words)]
        if likes:
            yield from self.rows(select(table).where(self.own(table), or_(*likes)))

    def _cleaned(self, table: Table, row: Any, words: Words, ids: frozenset[str]) -> bool:
        new = {column.name: words.taken_out(row[column.name], ids) for column in _texts(table)}
        new = {name: value for name, value in new.items() if value != row[name]}
        if not new:
            return False
        mine = and_(*(column == row[column.name] for column in table.primary_key.columns))
        if table in _DROPPED:
            self.connection.execute(delete(table).where(mine))
            return True
        if table is payment and "reference" in new:  # the key under which a payment is recorded once
            new["reference"] = f"{new['reference']} {row['id'][-8:]}"
        self.connection.execute(update(table).where(mine).values(new))
        return True


def _texts(table: Table) -> list[Column[Any]]:
    """Columns in which people's words may stand."""
    found = [each for each in table.c if isinstance(each.type, String | JSON) and not each.primary_key]
    if table in _ONLY:
        return [each for each in found if each.name in _ONLY[table]]
    return [each for each in found if isinstance(each.type, JSON) or not _is_code(each.name)]


def _is_code(name: str) -> bool:
    return name in _NO_TEXT or name.endswith(("_id", "_by", "_user"))


def _likes(column: Column[Any], words: Words) -> Iterator[Any]:
    """A first look by the database; the exact one is taken afterwards. JSON may have escaped a letter."""
    for word in {each.split()[0] for each in words.words}:
        for form in {word, json.dumps(word, ensure_ascii=False)[1:-1]}:
            yield cast(column, Text).icontains(form, autoescape=True)
