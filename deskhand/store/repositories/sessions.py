"""Sign-ins that last until they end: by time, by signing out, or because somebody ended them. Never sees a token."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, and_, select

from deskhand.orders.status import Role
from deskhand.orders.tenant import SessionRules
from deskhand.store.ids import secret_id
from deskhand.store.records import User
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.repositories.people import user_of
from deskhand.store.schema import app_user, session

LINKS_WITHDRAWN = "links_withdrawn"


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One sign-in. `role` and `customer_id` are the user's at that time; `how` is `password`, `link`, `oidc`, ...

    `address` is a digest of where it came from; `link` is the id of a link that may sign in only once.
    """

    id: str
    user_id: str
    role: Role
    customer_id: str | None
    how: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str | None = None
    link: str | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    def lasts(self, user: User, rules: SessionRules, now: datetime) -> bool:
        """Whether it still is a sign-in of this user: neither over nor unused for long, and the user is unchanged."""
        idle_until = self.seen_at + timedelta(minutes=rules.idle_minutes)
        return self.ended_at is None and now < min(self.expires_at, idle_until) and self.fits(user)

    def fits(self, user: User) -> bool:
        """Locked users, and those with another role or customer than at their sign-in, must sign in again."""
        return user.active and (user.role, user.customer_id) == (self.role, self.customer_id)


Found = tuple[StoredSession, User]


class Sessions(Repository):
    """Ended sessions stay for a while, so that a token of one is refused and a link is used once."""

    def add(self, added: StoredSession) -> bool:
        """False if its link was used already."""
        return bool(self.add_missing(session, [{**asdict(added), "role": str(added.role)}]))

    def withdraw_links(self, user: User, lifetime: timedelta) -> None:
        """No link that was made for this user before now lets anybody in; noted as a session that never lasted."""
        now = self.clock()
        row = StoredSession(
            secret_id(), user.id, user.role, user.customer_id, LINKS_WITHDRAWN, now, now, expires_at=now + lifetime
        )
        self.add(replace(row, ended_at=now, end_reason=LINKS_WITHDRAWN))

    def links_withdrawn(self, user_id: str, made_at: datetime) -> bool:
        """Whether links that were made at that time have been withdrawn since."""
        return self.is_there(
            session, session.c.user_id == user_id, session.c.how == LINKS_WITHDRAWN, session.c.created_at > made_at
        )

    def find(self, session_id: str) -> Found | None:
        """The session and its user, in one statement."""
        return self.many([session_id]).get(session_id)

    def many(self, session_ids: Collection[str]) -> dict[str, Found]:
        """Those that exist, by id."""
        found: dict[str, Found] = {}
        for part in chunks(sorted(set(session_ids))):
            query = (
                select(session, *(column.label(f"app_user_{column.name}") for column in app_user.c))
                .join(app_user, and_(app_user.c.tenant == session.c.tenant, app_user.c.id == session.c.user_id))
                .where(self.own(session), session.c.id.in_(part))
            )
            found |= {row["id"]: (_session(row), _user(row)) for row in self.rows(query)}
        return found

    def of_user(self, user_id: str) -> list[StoredSession]:
        """Those that nobody ended, newest first."""
        query = select(session).where(self.own(session), session.c.user_id == user_id, session.c.ended_at.is_(None))
        return [_session(row) for row in self.rows(query.order_by(session.c.created_at.desc(), session.c.id))]

    def seen(self, session_ids: Sequence[str], at: datetime) -> None:
        """They were used."""
        for part in chunks(session_ids):
            self.change(session, session.c.id.in_(part), seen_at=at)

    def end(self, session_id: str, reason: str) -> bool:
        """False if there is none, or it was ended already."""
        return bool(self._end(session.c.id == session_id, reason))

    def end_all(self, user_id: str, reason: str) -> list[str]:
        """All of one user; says which."""
        open_ones = [one.id for one in self.of_user(user_id)]
        self._end(session.c.user_id == user_id, reason)
        return open_ones

    def signed_in_from(self, user_id: str, addresses: Collection[str]) -> bool:
        """Whether this user has signed in from one of these before, as far as sessions are remembered."""
        return self.is_there(session, session.c.user_id == user_id, session.c.address.in_(addresses))

    def _end(self, which: ColumnElement[bool], reason: str) -> int:
        return self.change(session, which, session.c.ended_at.is_(None), ended_at=self.clock(), end_reason=reason)


_COLUMNS = {field.name for field in fields(StoredSession)} - {"role"}


def _session(row: RowMapping) -> StoredSession:
    return StoredSession(role=Role(row["role"]), **{name: row[name] for name in _COLUMNS})


def _user(row: RowMapping) -> User:
    return user_of({column.name: row[f"app_user_{column.name}"] for column in app_user.c})
