"""The stored side of a handover: a person is wanted, takes the conversation, answers, gives it back. Blocking.

Who may is asked of the desk; what was refused stands in the audit. Knows nothing of sockets or HTTP. Each change says
whom it is shown to, so that whoever calls can tell them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deskhand.channels.errors import HandoverOver, HandoverOwn, HandoverTaken, HandoverUnknown, HandoverWaiting
from deskhand.channels.sentences import sentence
from deskhand.channels.transcript import messages_json
from deskhand.orders.actions import TAKE_HANDOVERS
from deskhand.orders.errors import DeskhandError, RequestRepeated, RoleNotAllowed
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import CHAT
from deskhand.store import Conversation, Desk, Handover, Message, UnitOfWork, said_of, system_actor

ASKED, REPEATED, FAILED = "asked", "repeated", "failed"  # why a person is wanted
RETURNED, DONE, LEFT, NOBODY_CAME, PERSON_SILENT = "returned", "closed", "left", "nobody_came", "person_silent"
WAITING, TAKEN, CLOSED = "waiting", "taken", "closed"
BOT, PERSON = "bot", "person"
ASK, CLAIM, REPLY, END = "ask_for_person", "claim_handover", "reply_handover", "end_handover"

PAGE = 100
MOST_SAID = 500  # characters of what somebody said when they asked, as colleagues are told
_FRESH = timedelta(hours=1)  # a question of the bot that is older is not asked again

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has a conversation: `bot`, `waiting` (a person was asked for) or `person`, with their name."""

    state: str
    name: str | None = None

    def json(self) -> dict[str, Any]:
        return {"state": self.state, "name": self.name}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a handover, and who is to be shown it. `person_id`: the colleague who has it, or had it.

    `moved`: somebody else has the conversation than before.
    """

    handover: Handover
    standing: Standing
    person_id: str | None
    messages: Sequence[Json] = ()
    moved: bool = True
    channel: str = CHAT  # where who asked is talked to


class Handovers:
    """Handovers of every tenant in the store."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._clock = clock

    def queue(self, actor: Actor, states: Sequence[str]) -> list[dict[str, Any]]:
        """Those that wait first.

        Raises:
            RoleNotAllowed.
        """
        self._desk.require(TAKE_HANDOVERS, actor)
        with self._desk.unit_of_work(actor.tenant, read_only=True) as uow:
            return described(uow, uow.handovers.list(states))

    def show(self, actor: Actor, handover_id: str, after: int | None, limit: int = PAGE) -> dict[str, Any]:
        """One with its transcript after a cursor, or the newest of it; nothing that was said after it was closed.

        Raises:
            RoleNotAllowed, HandoverUnknown.
        """
        self._desk.require(TAKE_HANDOVERS, actor)
        with self._noting(actor, TAKE_HANDOVERS, handover_id):
            with self._desk.unit_of_work(actor.tenant, read_only=True) as uow:
                found = uow.handovers.get(handover_id)
                if found is None:
                    raise HandoverUnknown()
                return described(uow, [found])[0] | {"messages": messages_json(uow, _told(uow, found, after, limit))}

    def claim(self, actor: Actor, handover_id: str) -> Change:
        """The actor has the conversation now; doing it again changes nothing.

        Raises:
            RoleNotAllowed, HandoverUnknown, HandoverOver, HandoverOwn.
            HandoverTaken: somebody was quicker; it says who.
        """
        with self._changing(actor, CLAIM, handover_id) as (uow, found, who):
            if found.user_id == actor.user_id:
                raise HandoverOwn()
            if found.state == TAKEN and found.taken_by == actor.user_id:
                return _change(uow, found, moved=False)
            _require(uow, found, WAITING)
            uow.handovers.take(found.id, found.conversation_id, actor.user_id)
            uow.audit.add(who, CLAIM, found.id, "done", {"reason": found.reason})
            note = _note(uow, found, "person_joined", name=_name(uow, actor.user_id))
            return _change(uow, found, note)

    def reply(self, actor: Actor, handover_id: str, text: str, client_id: str) -> Change:
        """What the person who has it says; the same `client_id` is said once.

        Raises:
            RoleNotAllowed, HandoverUnknown, HandoverOver, HandoverTaken, RequestRepeated.
            HandoverWaiting: nobody has taken it yet.
        """
        with self._changing(actor, REPLY, handover_id) as (uow, found, who):
            known = uow.messages.by_client_id(found.conversation_id, client_id)
            if known is not None:
                if known.text != text:
                    raise RequestRepeated(key=client_id)
                return _change(uow, found, messages_json(uow, [known]), moved=False)
            _require(uow, found, TAKEN, actor)
            message, _ = uow.messages.add_written(found.conversation_id, client_id, actor.user_id, text)
            uow.audit.add(who, REPLY, found.id, "done", {"message": message.id})
            return _change(uow, found, messages_json(uow, [message]), moved=False)

    def give_back(self, actor: Actor, handover_id: str) -> Change:
        """The bot has the conversation again; doing it again changes nothing.

        Raises:
            RoleNotAllowed, HandoverUnknown, HandoverOver, HandoverTaken, HandoverWaiting.
        """
        with self._changing(actor, END, handover_id) as (uow, found, who):
            if found.closed_by == actor.user_id and found.outcome == RETURNED:
                return _change(uow, found, moved=False)
            _require(uow, found, TAKEN, actor)
            return self._ended(uow, who, found, RETURNED)

    def close(self, actor: Actor, handover_id: str) -> Change:
        """Nothing more to do: one's own, or one that waits and needs nobody. Doing it again changes nothing.

        Raises:
            RoleNotAllowed, HandoverUnknown, HandoverOver, HandoverTaken.
        """
        with self._changing(actor, END, handover_id) as (uow, found, who):
            if found.closed_by == actor.user_id and found.outcome == DONE:
                return _change(uow, found, moved=False)
            if found.state != WAITING:
                _require(uow, found, TAKEN, actor)
            return self._ended(uow, who, found, DONE)

    def hold_open(self, uow: UnitOfWork, conversation_id: str) -> Handover | None:
        """The one of the conversation, held inside the caller's transaction; None when it is over meanwhile."""
        found = uow.handovers.open_of(conversation_id)
        held = uow.handovers.hold(found.id) if found is not None else None
        return held if held is not None and held.state != CLOSED else None

    def leave(self, uow: UnitOfWork, held: Handover, message: Message) -> Change:
        """Who asked wants the bot back, and has said so in this message; inside the caller's transaction."""
        user = uow.users.get(held.user_id)
        role, customer = (user.role, user.customer_id) if user is not None else (Role.CUSTOMER, None)
        uow.messages.mark_answered(message.id)
        who = Actor(held.user_id, role, uow.tenant.id, CHAT, message.id, customer)
        return self._ended(uow, who, held, LEFT)

    def just_asked(self, uow: UnitOfWork, conversation_id: str) -> Change | None:
        """What there is to show of a handover that was asked for elsewhere."""
        found = uow.handovers.open_of(conversation_id)
        return _change(uow, found) if found is not None else None

    def overdue(self, tenant: str) -> list[Change]:
        """Takes back what nobody took, or whose person is silent, for as long as the tenant's file allows."""
        with self._desk.unit_of_work(tenant, read_only=True) as uow:
            rules, now = uow.tenant.handover, self._clock()
            asked_until = now - timedelta(minutes=rules.wait_minutes)
            taken_until = now - timedelta(minutes=rules.answer_minutes)
            found = uow.handovers.maybe_late(asked_until, taken_until)
            late = [(each, outcome) for each in found if (outcome := self._late(uow, each))]
        changes = []
        for each, outcome in late:
            with self._desk.unit_of_work(tenant) as uow:
                held = uow.handovers.hold(each.id)
                if held is not None and held.state != CLOSED and self._late(uow, held) == outcome:
                    changes.append(self._ended(uow, system_actor(tenant), held, outcome))
                    uow.commit()
        return changes

    def _late(self, uow: UnitOfWork, one: Handover) -> str | None:
        """How it ended, if its time is over."""
        rules, now = uow.tenant.handover, self._clock()
        if one.state == WAITING:
            return NOBODY_CAME if now - one.asked_at >= timedelta(minutes=rules.wait_minutes) else None
        since = uow.handovers.silent_since(one)
        too_long = since is not None and now - since >= timedelta(minutes=rules.answer_minutes)
        return PERSON_SILENT if too_long else None

    def _ended(self, uow: UnitOfWork, who: Actor, one: Handover, outcome: str) -> Change:
        by = None if outcome in (NOBODY_CAME, PERSON_SILENT) else who.user_id
        uow.handovers.close(one.id, one.conversation_id, outcome, by)
        uow.audit.add(who, END, one.id, "done", {"outcome": outcome})
        return _change(uow, one, _said_at_the_end(uow, one, outcome))

    @contextmanager
    def _changing(self, actor: Actor, action: str, handover_id: str) -> Iterator[tuple[UnitOfWork, Handover, Actor]]:
        """One transaction for one handover that nobody else changes meanwhile."""
        with self._noting(actor, action, handover_id), self._desk.unit_of_work(actor.tenant) as uow:
            who = self._desk.acting(uow, TAKE_HANDOVERS, actor)
            found = uow.handovers.hold(handover_id)
            if found is None:
                raise HandoverUnknown()
            yield uow, found, who
            uow.commit()

    @contextmanager
    def _noting(self, actor: Actor, action: str, handover_id: str) -> Iterator[None]:
        """A refusal leaves one row of the audit."""
        try:
            yield
        except DeskhandError as refused:
            name = TAKE_HANDOVERS if isinstance(refused, RoleNotAllowed) else action
            with self._desk.unit_of_work(actor.tenant) as uow:
                uow.audit.add(actor, name, handover_id[:64], "refused", said_of(refused))
                uow.commit()
            raise


def ask(uow: UnitOfWork, who: Actor, conversation: str, reason: str, language: str, said: str) -> tuple[Handover, bool]:
    """A person is wanted, inside the caller's transaction: colleagues are notified once for as long as it is open."""
    made, created = uow.handovers.ask(conversation, who.user_id, reason, language)
    if created:
        user = uow.users.get(who.user_id)
        wish = {"conversation": conversation, "name": user.name if user else who.user_id, "said": said[:MOST_SAID]}
        wish |= {"handover": made.id, "reason": reason}
        uow.outbox.publish(DomainEvent(EventName.PERSON_REQUESTED, None, wish), who)
        uow.audit.add(who, ASK, made.id, "done", {"reason": reason})
    return made, created


def standing_of(uow: UnitOfWork, conversation: Conversation) -> Standing:
    """Who has it; a name is looked up only where a person does."""
    person = conversation.person_id
    return Standing(conversation.state, _name(uow, person) if person is not None else None)


def described(uow: UnitOfWork, found: Sequence[Handover]) -> list[dict[str, Any]]:
    """As colleagues are shown them."""
    people = {each for one in found for each in (one.user_id, one.taken_by, one.closed_by) if each is not None}
    users = {user.id: user for user in uow.users.many(people)}
    names = {identifier: user.name for identifier, user in users.items()}
    return [
        {
            "id": one.id,
            "conversation": one.conversation_id,
            "state": one.state,
            "who": names.get(one.user_id, one.user_id),
            "role": users[one.user_id].role.value if one.user_id in users else None,
            "reason": one.reason,
            "language": one.language,
            "asked_at": one.asked_at.isoformat(),
            "taken_by": names.get(one.taken_by, one.taken_by) if one.taken_by else None,
            "taken_by_id": one.taken_by,
            "taken_at": one.taken_at.isoformat() if one.taken_at else None,
            "closed_by": names.get(one.closed_by, one.closed_by) if one.closed_by else None,
            "closed_at": one.closed_at.isoformat() if one.closed_at else None,
            "outcome": one.outcome,
        }
        for one in found
    ]


def _told(uow: UnitOfWork, one: Handover, after: int | None, limit: int) -> list[Message]:
    """What colleagues may read of its conversation."""
    conversation, closed = one.conversation_id, one.closed_at
    last = uow.messages.latest_seq(conversation) if closed is None else uow.messages.seq_at(conversation, closed)
    said = uow.messages.after(conversation, max(0, last - limit) if after is None else after, limit)
    return [each for each in said if each.seq <= last]


def _change(uow: UnitOfWork, before: Handover, messages: Sequence[Json] = (), *, moved: bool = True) -> Change:
    now = uow.handovers.get(before.id) or before
    conversation = uow.conversations.get(now.conversation_id)
    standing = standing_of(uow, conversation) if conversation is not None else Standing(BOT)
    channel = conversation.channel if conversation is not None else CHAT
    return Change(now, standing, now.taken_by, tuple(messages), moved, channel)


def _require(uow: UnitOfWork, found: Handover, state: str, actor: Actor | None = None) -> None:
    """It is in that state, and if an actor is given, theirs."""
    if found.state == CLOSED:
        raise HandoverOver()
    if found.state == TAKEN and (actor is None or found.taken_by != actor.user_id):
        raise HandoverTaken(name=_name(uow, found.taken_by or ""))
    if found.state != state:
        raise HandoverWaiting()


def _name(uow: UnitOfWork, user_id: str) -> str:
    user = uow.users.get(user_id)
    return user.name if user is not None else user_id


def _note(uow: UnitOfWork, one: Handover, code: str, **data: object) -> list[dict[str, Any]]:
    """What the desk itself says in the conversation."""
    conversation = uow.conversations.get(one.conversation_id)
    language = conversation.language if conversation is not None else one.language
    item = {"text": sentence(code, language, **data), "language": language, "note": code}
    return messages_json(uow, uow.messages.add_outbound(one.conversation_id, None, [item]))


def _said_at_the_end(uow: UnitOfWork, one: Handover, outcome: str) -> list[dict[str, Any]]:
    """That the bot is back, why, and what it had asked before."""
    rules = uow.tenant.handover
    name = _name(uow, one.taken_by) if one.taken_by is not None else ""
    minutes = rules.wait_minutes if outcome == NOBODY_CAME else rules.answer_minutes
    key = "not_needed" if outcome == DONE and one.taken_by is None else outcome
    notes = _note(uow, one, f"handover_{key}", name=name, minutes=minutes)
    draft = uow.drafts.open_of(one.user_id)
    if one.taken_by is None or draft is None or not draft.asked or uow.now - draft.updated_at > _FRESH:
        return notes
    question = uow.messages.last_said(one.conversation_id)
    return notes + (_note(uow, one, "handover_question", question=question) if question else [])
