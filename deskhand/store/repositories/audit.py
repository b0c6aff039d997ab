"""The audit: who tried what, with what outcome. Append-only, one chain of hashes for each tenant.

Rows are kept back until the transaction is committed: the chain's head is locked last and for a moment only, so that
writers can neither fork the chain nor wait for each other in a circle.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Update, bindparam, insert, select, update

from deskhand.orders.audit import NOBODY, audit_hash, said_of, whole
from deskhand.orders.history import GENESIS, personal_digest
from deskhand.orders.model import Actor
from deskhand.store.ids import new_id
from deskhand.store.records import AuditRow
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import audit, chain_head

CHAIN = "audit"
IN_BOTH_CHAINS = ("seq", "at", "actor", "on_behalf_of", "role", "channel", "cause", "hash")
Json = Mapping[str, object]
Row = dict[str, Any]
Found = list[AuditRow]  # inside the class `list` is the method

_ADD = insert(audit)


@lru_cache(maxsize=1000)
def _of_head(tenant: str) -> tuple[Select[Any], Update]:
    """Takes the head, and moves it. They stand in every refused turn, and making them took longer than running them."""
    own = (chain_head.c.tenant == tenant, chain_head.c.name == CHAIN)
    take = select(chain_head.c.seq, chain_head.c.hash).where(*own).with_for_update()
    return take, update(chain_head).where(*own).values(seq=bindparam("to_seq"), hash=bindparam("to_hash"))


class Audit(Repository):
    """What is added is written by `flush`, which the unit of work calls before it commits."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._waiting: list[Row] = []

    def add(
        self,
        actor: Actor,
        action: str,
        target: str | None,
        outcome: str,
        detail: Json | None = None,
        *,
        before: Json | None = None,
        after: Json | None = None,
    ) -> None:
        """One row. `before` and `after` are what an administrative change found and left."""
        who = {
            "actor": actor.user_id,
            "on_behalf_of": actor.on_behalf_of,
            "role": str(actor.role),
            "channel": actor.channel,
            "cause": actor.cause,
        }
        self._note(who, action, target, outcome, detail, before, after)

    def add_unknown(
        self, door: str, cause: str, action: str, target: str | None, outcome: str, detail: Json | None = None
    ) -> None:
        """One row where nobody is known: a sign-in that failed, a key that is none."""
        who = {"actor": "", "on_behalf_of": None, "role": NOBODY, "channel": door, "cause": cause}
        self._note(who, action, target, outcome, detail, None, None)

    def mark(self) -> int:
        """Where a savepoint begins."""
        return len(self._waiting)

    def forget_since(self, mark: int) -> None:
        """The savepoint was taken back, and what was noted in it."""
        del self._waiting[mark:]

    def flush(self) -> None:
        """Links what waits to the chain, under the lock of its head."""
        if not self._waiting:
            return
        rows, self._waiting = self._waiting, []
        last, previous = self._head()
        for seq, row in enumerate(rows, start=last + 1):
            row |= {"seq": seq, "previous_hash": previous}
            row["hash"] = previous = audit_hash(row)
        self.connection.execute(_ADD, rows)
        self.connection.execute(_of_head(self.tenant)[1], {"to_seq": last + len(rows), "to_hash": previous})

    def list(self, limit: int = 200, cause: str | None = None, target: str | None = None) -> Found:
        """Newest first."""
        self.flush()
        query = select(audit).where(self.own(audit)).order_by(audit.c.seq.desc()).limit(limit)
        if cause is not None:
            query = query.where(audit.c.cause == cause)
        if target is not None:
            query = query.where(audit.c.target == target)
        return [audit_row(row) for row in self.rows(query)]

    def _note(
        self,
        who: Row,
        action: str,
        target: str | None,
        outcome: str,
        detail: Json | None,
        before: Json | None,
        after: Json | None,
    ) -> None:
        said = said_of(target, detail, before, after)
        salt = secrets.token_hex(16)
        row = {
            **who,
            "tenant": self.tenant,
            "id": new_id(),
            "action": action,
            "target": said.target,
            "personal_target": "target" in (said.personal or {}),
            "outcome": outcome,
            "detail": said.detail,
            "before": said.before,
            "after": said.after,
            "at": self.clock(),
            "personal": said.personal,
            "salt": salt,
            "personal_digest": personal_digest(salt, said.personal),
        }
        self._waiting.append(row)

    def _head(self) -> tuple[int, str]:
        """The number and the hash of the newest row; nobody else gets them before this transaction has ended."""
        take, _ = _of_head(self.tenant)
        found = self.connection.execute(take).first()
        if found is None:
            self.add_missing(chain_head, [{"name": CHAIN, "seq": 0, "hash": GENESIS}])
            found = self.connection.execute(take).one()
        return int(found.seq), str(found.hash)


def newest(connection: Connection, tenant: str) -> tuple[int, str]:
    """The number and the hash of the newest row, as they are now; no lock is taken."""
    query = select(chain_head.c.seq, chain_head.c.hash).where(chain_head.c.tenant == tenant, chain_head.c.name == CHAIN)
    found = connection.execute(query).first()
    return (0, GENESIS) if found is None else (found.seq, found.hash)


def audit_row(row: RowMapping) -> AuditRow:
    """As people see it: with what is personal, while it is there."""
    personal = row["personal"]
    return AuditRow(
        chain=CHAIN,
        action=row["action"],
        target=row["target"],
        outcome=row["outcome"],
        detail=whole("detail", row["detail"], personal) or {},
        before=whole("before", row["before"], personal),
        after=whole("after", row["after"], personal),
        **{name: row[name] for name in IN_BOTH_CHAINS},
    )
