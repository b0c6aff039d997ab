"""Who acts for whom while they are away. Keeps and finds; the rules stand in `deskhand.store.delegating`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from deskhand.orders.status import Role
from deskhand.store.records import Delegation, StandIn
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import app_user, delegation

_AWAY, _HERE = app_user.alias("away"), app_user.alias("here")
_LENT = (  # not ended, and both are staff and not locked; made once, it stands in every refused turn
    select(_AWAY.c.id, _AWAY.c.name, _AWAY.c.role, delegation.c.from_at, delegation.c.to_user)
    .select_from(
        delegation.join(_AWAY, and_(_AWAY.c.tenant == delegation.c.tenant, _AWAY.c.id == delegation.c.from_user)).join(
            _HERE, and_(_HERE.c.tenant == delegation.c.tenant, _HERE.c.id == delegation.c.to_user)
        )
    )
    .where(
        delegation.c.ended_at.is_(None),
        *(user.c.active.is_(True) for user in (_AWAY, _HERE)),
        *(user.c.role != str(Role.CUSTOMER) for user in (_AWAY, _HERE)),
    )
    .order_by(delegation.c.from_at, delegation.c.id)
)


class Delegations(Repository):
    """Never deleted: who could do what, and when, is part of the record."""

    def add(self, made: Delegation) -> None:
        self.add_row(delegation, **asdict(made))

    def get(self, delegation_id: str) -> Delegation | None:
        row = self.row(select(delegation).where(self.own(delegation), delegation.c.id == delegation_id))
        return None if row is None else Delegation(**{name: row[name] for name in row if name != "tenant"})

    def of(self, user_id: str | None = None) -> list[Delegation]:
        """Newest first; of one user those given and those received, of nobody in particular all."""
        query = select(delegation).where(self.own(delegation))
        if user_id is not None:
            query = query.where(or_(delegation.c.from_user == user_id, delegation.c.to_user == user_id))
        rows = self.rows(query.order_by(delegation.c.created_at.desc(), delegation.c.id.desc()))
        return [Delegation(**{name: row[name] for name in row if name != "tenant"}) for row in rows]

    def end(self, delegation_id: str, at: datetime) -> bool:
        """False if it was ended before."""
        return bool(
            self.change(delegation, delegation.c.id == delegation_id, delegation.c.ended_at.is_(None), ended_at=at)
        )

    def lent_to(self, user_id: str, now: datetime) -> list[StandIn]:
        """Whose rights this user has now, the longest lent first; none while either is locked or a customer's user."""
        return [stand_in for _, stand_in in self._in_force(now, delegation.c.to_user == user_id)]

    def lent_to_all(self, now: datetime) -> dict[str, list[StandIn]]:
        """As `lent_to`, for everybody who has any."""
        found: dict[str, list[StandIn]] = {}
        for user_id, stand_in in self._in_force(now):
            found.setdefault(user_id, []).append(stand_in)
        return found

    def _in_force(self, now: datetime, *who: ColumnElement[bool]) -> Iterator[tuple[str, StandIn]]:
        query = _LENT.where(self.own(delegation), *who, delegation.c.from_at <= now, delegation.c.until_at > now)
        for row in self.rows(query):
            yield row["to_user"], StandIn(row["id"], row["name"], Role(row["role"]), row["from_at"])
