"""Whose accounts in Slack and Teams are whose here, and what was posted to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, func, select

from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import SLACK, TEAMS
from deskhand.store.ids import new_id
from deskhand.store.records import Json
from deskhand.store.repositories.base import Repository
from deskhand.store.repositories.outbox import Outbox
from deskhand.store.schema import messenger_link, messenger_post

MAIL = "mail"  # a letter to a person of the house is a post, too
POSTS: Mapping[str, EventName] = {
    SLACK: EventName.SLACK_POST,
    TEAMS: EventName.TEAMS_POST,
    MAIL: EventName.MAIL_POST,
}
AT_ONCE, UNREAD, NEVER = "at_once", "unread", "never"
NOTICES = (AT_ONCE, UNREAD, NEVER)


@dataclass(frozen=True, slots=True)
class MessengerAccount:
    """One person's account: `team` is the workspace or the directory."""

    channel: str
    team: str
    person: str


@dataclass(frozen=True, slots=True)
class MessengerLink:
    """An account and its user. `place` is where they are written to, as their messenger names it."""

    account: MessengerAccount
    user_id: str
    name: str
    place: Json
    notices: str
    notified_seq: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MessengerPost:
    """`shown` is the card of a notice; of a message it is None, and the message itself says what is shown."""

    id: str
    channel: str
    user_id: str
    message_id: str | None
    subject: str | None
    shown: Json | None
    posted: Json | None


class Messengers(Repository):
    """Links of accounts, and posts, which the worker carries out one by one."""

    def add(self, link: MessengerLink) -> bool:
        """False where the account is somebody's already, or the user has one there."""
        account = link.account
        row = {
            "channel": account.channel, "team": account.team, "person": account.person, "user_id": link.user_id,
            "name": link.name, "place": dict(link.place), "notices": link.notices, "notified_seq": link.notified_seq,
            "created_at": link.created_at,
        }  # fmt: skip
        return bool(self.add_missing(messenger_link, [row]))

    def find(self, account: MessengerAccount) -> MessengerLink | None:
        row = self.row(select(messenger_link).where(self.own(messenger_link), *_is(account)))
        return None if row is None else _link(row)

    def of_user(self, user_id: str) -> list[MessengerLink]:
        query = select(messenger_link).where(self.own(messenger_link), messenger_link.c.user_id == user_id)
        return [_link(row) for row in self.rows(query.order_by(messenger_link.c.channel))]

    def all(self) -> list[MessengerLink]:
        query = select(messenger_link).where(self.own(messenger_link))
        return [_link(row) for row in self.rows(query.order_by(messenger_link.c.user_id, messenger_link.c.channel))]

    def remove(self, user_id: str, channel: str) -> bool:
        """With what is known of what was posted there: nothing of it is brought up to date any more."""
        for table in (messenger_post, messenger_link):
            mine = (table.c.user_id == user_id, table.c.channel == channel)
            gone = self.connection.execute(delete(table).where(self.own(table), *mine)).rowcount
        return gone > 0

    def set_notices(self, user_id: str, channel: str, notices: str) -> bool:
        mine = (messenger_link.c.user_id == user_id, messenger_link.c.channel == channel)
        return self.change(messenger_link, *mine, notices=notices) > 0

    def set_place(self, account: MessengerAccount, place: Json) -> None:
        self.change(messenger_link, *_is(account), place=dict(place))

    def set_notified(self, account: MessengerAccount, before: int, seq: int) -> bool:
        """False where another worker has moved it meanwhile, or it is linked no more."""
        at = messenger_link.c.notified_seq
        return self.change(messenger_link, *_is(account), at == before, notified_seq=seq) > 0

    def post(
        self,
        channel: str,
        user_id: str,
        *,
        message_id: str | None = None,
        subject: str | None = None,
        shown: Json | None = None,
    ) -> str:
        """Something new for the user, on its way from now on; returns its id."""
        made = new_id()
        self.add_row(
            messenger_post,
            id=made,
            channel=channel,
            user_id=user_id,
            message_id=message_id,
            subject=subject,
            shown=None if shown is None else dict(shown),
            posted=None,
            created_at=self.clock(),
        )
        self._send(channel, made)
        return made

    def count_notices(self, channel: str, user_id: str, since: datetime) -> int:
        """How many were written for the user there since; what they were answered in a conversation is none."""
        mine = (messenger_post.c.user_id == user_id, messenger_post.c.channel == channel)
        fresh = (messenger_post.c.message_id.is_(None), messenger_post.c.created_at > since)
        query = select(func.count()).select_from(messenger_post).where(self.own(messenger_post), *mine, *fresh)
        return int(self.value(query) or 0)

    def get(self, post_id: str) -> MessengerPost | None:
        row = self.row(select(messenger_post).where(self.own(messenger_post), messenger_post.c.id == post_id))
        return None if row is None else _post(row)

    def about(self, subject: str) -> list[MessengerPost]:
        query = select(messenger_post).where(self.own(messenger_post), messenger_post.c.subject == subject)
        return [_post(row) for row in self.rows(query.order_by(messenger_post.c.id))]

    def changed(self, subject: str) -> int:
        """What shows this is shown anew; says how many there are."""
        found = self.about(subject)
        for each in found:
            self._send(each.channel, each.id)
        return len(found)

    def show(self, post: MessengerPost, shown: Json) -> MessengerPost:
        """A notice that has changed."""
        self.change(messenger_post, messenger_post.c.id == post.id, shown=dict(shown))
        self._send(post.channel, post.id)
        return replace(post, shown=shown)

    def posted(self, post_id: str, posted: Json) -> None:
        self.change(messenger_post, messenger_post.c.id == post_id, posted=dict(posted))

    def _send(self, channel: str, post_id: str) -> None:
        worker = Actor("system", Role.SYSTEM, self.tenant, channel, post_id)
        event = DomainEvent(POSTS[channel], None, {"post": post_id})
        Outbox(self.connection, self.tenant, self.clock).publish(event, worker)


def _is(account: MessengerAccount) -> tuple[ColumnElement[bool], ...]:
    table = messenger_link.c
    return table.channel == account.channel, table.team == account.team, table.person == account.person


def _link(row: RowMapping) -> MessengerLink:
    return MessengerLink(
        MessengerAccount(row["channel"], row["team"], row["person"]),
        row["user_id"],
        row["name"],
        row["place"],
        row["notices"],
        row["notified_seq"],
        row["created_at"],
    )


def _post(row: RowMapping) -> MessengerPost:
    names = ("id", "channel", "user_id", "message_id", "subject", "shown", "posted")
    return MessengerPost(**{name: row[name] for name in names})
