"""Notification rows and how far each user has read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select

from deskhand.store.ids import new_id
from deskhand.store.records import Json, Notification
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import app_user, notification, notification_cursor

Lent = Mapping[str, datetime]
NOTHING_LENT: Lent = {}


@dataclass(frozen=True, slots=True)
class NewNotification:
    """What the projector writes; `dedupe_key` is the same whenever the same thing is told to the same audience."""

    audience: str
    kind: str
    order_number: str | None
    payload: Json
    sender: str
    receiver: str
    dedupe_key: str
    at: datetime


class Notifications(Repository):
    """`seq` grows in commit order, so that a cursor never skips a late commit."""

    def add(self, rows: Sequence[NewNotification]) -> int:
        """Under the tenant's number lock; those told before are left out. Says how many were new."""
        if not rows:
            return 0
        first = self.next_numbers("notification", len(rows))
        values = [
            {
                "id": new_id(),
                "seq": first + position,
                "audience": row.audience,
                "kind": row.kind,
                "order_number": row.order_number,
                "payload": dict(row.payload),
                "sender": row.sender,
                "receiver": row.receiver,
                "dedupe_key": row.dedupe_key,
                "created_at": row.at,
            }
            for position, row in enumerate(rows)
        ]
        return self.add_missing(notification, values)

    def after(
        self, audiences: Sequence[str], seq: int, limit: int = 200, lent: Lent = NOTHING_LENT
    ) -> list[Notification]:
        """In order, those for any of these audiences with a higher number; of lent ones what came since."""
        query = (
            select(notification)
            .where(self.own(notification), _heard(audiences, lent), notification.c.seq > seq)
            .order_by(notification.c.seq)
            .limit(limit)
        )
        return [_notification(row) for row in self.rows(query)]

    def latest(self, audiences: Sequence[str], limit: int = 50) -> list[Notification]:
        """The newest, in order."""
        query = (
            select(notification)
            .where(self.own(notification), notification.c.audience.in_(audiences))
            .order_by(notification.c.seq.desc())
            .limit(limit)
        )
        return [_notification(row) for row in reversed(self.rows(query))]

    def latest_seq(self) -> int:
        return int(self.value(select(func.max(notification.c.seq)).where(self.own(notification))) or 0)

    def since(self, seq: int, limit: int = 500) -> list[Notification]:
        """For every audience: what the gateway has to push."""
        query = select(notification).where(self.own(notification), notification.c.seq > seq)
        return [_notification(row) for row in self.rows(query.order_by(notification.c.seq).limit(limit))]

    def unread(
        self, user_id: str, audiences: Sequence[str], lent: Lent = NOTHING_LENT, without: Collection[str] = ()
    ) -> int:
        """`without`: kinds that don't count."""
        query = (
            select(func.count())
            .select_from(notification)
            .where(
                self.own(notification),
                _heard(audiences, lent),
                notification.c.seq > self.cursor(user_id),
                notification.c.kind.not_in(without),
            )
        )
        return int(self.value(query) or 0)

    def ack(self, user_id: str, seq: int) -> int:
        """Cumulative and never backwards; returns where the cursor stands."""
        now = self.clock()
        self.add_missing(notification_cursor, [{"user_id": user_id, "seq": 0, "updated_at": now}])
        mine = (notification_cursor.c.user_id == user_id, notification_cursor.c.seq < seq)
        self.change(notification_cursor, *mine, seq=seq, updated_at=now)
        return self.cursor(user_id)

    def to_role(
        self, role: str, kind: str, after: int, since: datetime, until: datetime, limit: int = 100
    ) -> list[Notification]:
        """Of that kind and time, with a higher number; the oldest of them."""
        query = (
            select(notification)
            .where(
                self.own(notification), notification.c.audience == f"role:{role}", notification.c.kind == kind,
                notification.c.seq > after, notification.c.created_at.between(since, until),
            )
            .order_by(notification.c.seq)
            .limit(limit)
        )  # fmt: skip
        return [_notification(row) for row in self.rows(query)]

    def many(self, seqs: Sequence[int]) -> list[Notification]:
        """Those of them that there still are, in order."""
        parts = (select(notification).where(self.own(notification), notification.c.seq.in_(p)) for p in chunks(seqs))
        return sorted((_notification(row) for part in parts for row in self.rows(part)), key=lambda each: each.seq)

    def told(self, dedupe_keys: Collection[str]) -> dict[str, Notification]:
        """Those of them that there are."""
        query = select(notification).where(self.own(notification), notification.c.dedupe_key.in_(dedupe_keys))
        return {str(row["dedupe_key"]): _notification(row) for row in self.rows(query)}

    def read_by(self, role: str) -> int:
        """How far the one of the role who has read furthest has read."""
        query = (
            select(func.max(notification_cursor.c.seq))
            .join(app_user, and_(app_user.c.id == notification_cursor.c.user_id, self.own(app_user)))
            .where(self.own(notification_cursor), app_user.c.active, app_user.c.role == role)
        )
        return int(self.value(query) or 0)

    def cursor(self, user_id: str) -> int:
        query = select(notification_cursor.c.seq).where(
            self.own(notification_cursor), notification_cursor.c.user_id == user_id
        )
        return int(self.value(query) or 0)


def _heard(audiences: Sequence[str], lent: Lent) -> ColumnElement[bool]:
    """Of an audience that is lent to them, a person hears nothing from before."""
    since = [
        and_(notification.c.audience == audience, notification.c.created_at >= at) for audience, at in lent.items()
    ]
    return or_(notification.c.audience.in_(audiences), *since)


def _notification(row: RowMapping) -> Notification:
    return Notification(**{name: value for name, value in row.items() if name != "tenant"})
