"""What the store keeps besides orders: people, conversations, drafts, cards, notifications, deliveries. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from deskhand.orders.events import DomainEvent
from deskhand.orders.status import Role

Json = Mapping[str, object]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page; `next_cursor` is None on the last."""

    items: tuple[Item, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in. `password_hash` is argon2's own text; the store never sees a password."""

    id: str
    tenant: str
    login: str
    name: str
    role: Role
    customer_id: str | None = None
    email: str | None = None
    language: str = "en"
    password_hash: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Delegation:
    """`from_user` hands their rights to `to_user` from `from_at` (included) until `until_at` (excluded)."""

    id: str
    from_user: str
    to_user: str
    from_at: datetime
    until_at: datetime
    reason: str
    created_by: str
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who is away, as their delegate has to know them; `since` the rights are lent."""

    user_id: str
    name: str
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True)
class Warehouse:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a conversation is putting together; `asked` is the question that waits for an answer."""

    id: str
    user_id: str
    kind: str
    state: Json
    asked: str | None
    status: str  # open | finished | left
    row_version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A question with buttons; each works once, for its user, until it expires."""

    id: str
    kind: str
    user_id: str
    conversation_id: str
    payload: Json
    actions: tuple[str, ...]
    state: str  # open | used | expired | superseded
    expires_at: datetime
    used_by: str | None = None
    used_at: datetime | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    user_id: str
    channel: str
    language: str
    state: str  # bot | waiting | person: as its open handover says, kept here so that no turn has to look there
    person_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """A conversation that wants a person, or has one. `closed_by` None: nobody ended it, its time was over."""

    id: str
    conversation_id: str
    user_id: str
    reason: str  # asked | repeated (the same question thrice) | failed (the bot did)
    language: str
    state: str  # waiting | taken | closed
    asked_at: datetime
    taken_by: str | None = None
    taken_at: datetime | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    outcome: str | None = None  # returned | closed | left (by who asked) | nobody_came | person_silent


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `turn` is the id of the message from outside that this one belongs to.

    `written_by`: the colleague who wrote it in the bot's place.
    """

    id: str
    seq: int
    conversation_id: str
    direction: str  # in | out
    text: str | None
    card: Json | None
    card_action: Json | None
    extra: Json
    client_id: str | None
    turn: str | None
    created_at: datetime
    answered: bool
    written_by: str | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """`payload` holds the text in every language; `receiver` is who it is for, `sender` who caused it."""

    seq: int
    id: str
    audience: str
    kind: str
    order_number: str | None
    payload: Json
    sender: str
    receiver: str
    dedupe_key: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it left the transaction: what happened, who did it, when."""

    id: str
    event: DomainEvent
    actor: Json
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one consumer. `event_id` is the idempotency key for what the consumer does."""

    id: str
    event_id: str
    consumer: str
    event: DomainEvent
    actor: Json
    at: datetime
    attempts: int
    state: str = "claimed"
    error: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The answer that a repeated request gets; `status` is None while the first is still being worked on."""

    status: int | None
    body: object


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A text that went out: who wrote it (model or template), why, and what the fact check said."""

    kind: str
    order_id: str | None
    language: str
    text: str
    source: str  # llm | template
    reason: str | None = None
    verdict: Json | None = None
    model: str | None = None
    seconds: float | None = None
    written_from: Json | None = None  # {"facts": as deskhand.writing.fact_json has them, "asked": what it answers}


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of either chain; `chain` is `audit`, or the number of the order whose history it stands in."""

    chain: str
    seq: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    role: str
    channel: str
    cause: str
    action: str
    target: str | None
    outcome: str
    detail: Json
    before: Json | None
    after: Json | None
    hash: str


@dataclass(frozen=True, slots=True)
class ImportRun:
    source: str
    file: str
    started_at: datetime
    finished_at: datetime
    report: Json = field(default_factory=dict)
