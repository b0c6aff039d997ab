"""A notice that somebody, or another system, posts: to a role, a user or a customer. Knows no HTTP.

It is an event like any other: the projector gives it its number in commit order, so that no cursor skips it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deskhand.orders.actions import POST_NOTIFICATION
from deskhand.orders.errors import UnknownUser
from deskhand.orders.events import POSTED_TO, DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import UnitOfWork

MOST_CHARACTERS = 1_000


class AudienceInvalid(ValueError):
    """It is none of `role:<role>`, `user:<login>`, `customer:<id>`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`text`: in each language, at most 1,000 characters; `order`: the number of the order that it is about."""

    audience: str
    text: Mapping[str, str]
    order: str | None = None


def in_both(said: str | Mapping[str, str]) -> dict[str, str]:
    """A text that is given once is told in both languages as it is."""
    given = dict.fromkeys(LANGUAGES, said) if isinstance(said, str) else dict(said)
    return {language: given.get(language) or next(iter(given.values())) for language in LANGUAGES}


def post(uow: UnitOfWork, actor: Actor, notice: Notice) -> str:
    """Writes the event in the caller's transaction, with its row in the audit; returns the event's id.

    Raises:
        AudienceInvalid, UnknownUser, UnknownCustomer, UnknownOrder.
    """
    audience = _audience(uow, notice.audience)
    order = uow.orders.get(notice.order) if notice.order else None
    payload: dict[str, object] = {POSTED_TO: audience, "text": in_both(notice.text)}
    if order is not None:
        payload["number"] = order.number
    event = DomainEvent(EventName.NOTICE_POSTED, order.id if order else None, payload)
    (made,) = uow.outbox.publish(event, actor)
    uow.audit.add(actor, POST_NOTIFICATION, notice.order, "done", {"to": audience, "event": made})
    return made


def _audience(uow: UnitOfWork, wanted: str) -> str:
    kind, _, name = wanted.partition(":")
    if kind == "role" and name in {str(role) for role in Role} - {Role.SYSTEM, Role.CUSTOMER}:
        return wanted
    if kind == "user" and name:
        if (user := uow.users.by_login(name)) is None or not user.active:
            raise UnknownUser(user=name)
        return f"user:{user.id}"
    if kind == "customer" and name:
        return f"customer:{uow.customers.get(name).id}"
    raise AudienceInvalid(f"{wanted} is none of role:<role>, user:<login>, customer:<id>")
