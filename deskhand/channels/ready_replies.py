"""Answers ready for a customer whom a person serves: offered to that person, or said at once. Blocking.

A message is classified, its order found, and the template filled and checked; no model is asked. Only where the company
has it so, the template was approved and the order is beyond doubt does the desk say it by itself. Knows no sockets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deskhand.channels.transcript import messages_json
from deskhand.language import detect_language, read_order_numbers
from deskhand.orders.actions import DRAFT_TEXTS
from deskhand.orders.errors import TextNotPossible
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus
from deskhand.store import Conversation, Desk, Message, UnitOfWork, system_actor
from deskhand.store.replies import APPROVED, SENT, reply_with
from deskhand.store.text_jobs import facts_of_order, keep
from deskhand.writing import Text, Writer
from deskhand.writing.jobs import TextJob
from deskhand.writing.replies import KIND, Inquiry, classify

MOST_OFFERED = 3  # where it isn't said which of the open orders is meant
NOTE = "ready_reply"
_NO_TEMPLATE = "no_template"
_LOOK_BACK = 20  # messages in which an order's number may have been named before
_OVER = frozenset({OrderStatus.DRAFT, OrderStatus.SETTLED, OrderStatus.CANCELLED})
_OPEN = tuple(status for status in OrderStatus if status not in _OVER)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a message brought: answers to choose from, or the one that was said."""

    offers: Sequence[Mapping[str, Any]] = ()
    said: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    text: Text
    order: Order
    title: Mapping[str, str]


class ReadyReplies:
    """The answers of every tenant's customers, by one list of inquiries."""

    def __init__(self, desk: Desk, writer: Writer, inquiries: Mapping[str, Inquiry]) -> None:
        self._desk = desk
        self._writer = writer
        self._inquiries = inquiries

    def hear(self, tenant: str, conversation: Conversation, message: Message) -> Ready:
        """A message has come in while a person has the conversation; what was made of it is kept with its verdict."""
        with self._desk.unit_of_work(tenant) as uow:
            found = self._answers(uow, conversation, message)
            for each in found:
                keep(uow, each.text, each.order.id)
            if len(found) == 1 and uow.tenant.replies == SENT and found[0].text.source == APPROVED:
                ready = Ready(said=_said(uow, conversation, found[0]))
            else:
                ready = Ready(offers=[_json(each) for each in found])
            uow.commit()
        return ready

    def offers(self, actor: Actor, conversation_id: str) -> list[dict[str, Any]]:
        """For what the customer said last, while it has no answer; nothing for whom replies aren't drafted."""
        with self._desk.unit_of_work(actor.tenant, read_only=True) as uow:
            conversation = uow.conversations.get(conversation_id)
            if conversation is None or conversation.person_id != actor.user_id:
                return []
            if self._desk.granted(uow, DRAFT_TEXTS, actor) is None:
                return []
            message = _unanswered(uow, conversation)
            return [_json(each) for each in self._answers(uow, conversation, message)] if message else []

    def _answers(self, uow: UnitOfWork, conversation: Conversation, message: Message) -> list[_Answer]:
        """One for each order that may be meant; none where the message is no inquiry, or who wrote it no customer."""
        inquiry, user = classify(message.text or "", self._inquiries), uow.users.get(conversation.user_id)
        if inquiry is None or user is None or user.customer_id is None:
            return []
        orders = _meant(uow, user.customer_id, conversation, message)
        made = ((order, self._written(uow, conversation, message, order)) for order in orders)
        return [_Answer(text, order, inquiry.title) for order, text in made if text is not None]

    def _written(self, uow: UnitOfWork, conversation: Conversation, message: Message, order: Order) -> Text | None:
        """The approved template with the order's facts, else the sentences that fit every order."""
        asked = message.text or ""
        job = TextJob(KIND, detect_language(asked, default=conversation.language), order.number, asked=asked)
        try:
            known = facts_of_order(self._desk, uow, order, KIND)
        except TextNotPossible:
            return None
        ahead = reply_with(uow, self._writer.templates, self._inquiries, job, known)
        return ahead or self._writer.from_template(KIND, known, job.language, _NO_TEMPLATE, asked)


def _meant(uow: UnitOfWork, customer: str, conversation: Conversation, message: Message) -> Sequence[Order]:
    """The order that the message names, else the one named last before it, else the open ones, else the newest."""
    for words in _words(uow, conversation, message):
        if numbers := read_order_numbers(words):
            return _own(uow, customer, numbers)
    found = uow.orders.list(customer, _OPEN, limit=MOST_OFFERED).items
    return found or uow.orders.list(customer, limit=1).items


def _words(uow: UnitOfWork, conversation: Conversation, message: Message) -> Iterator[str]:
    yield message.text or ""
    before = uow.messages.after(conversation.id, max(0, message.seq - _LOOK_BACK - 1), _LOOK_BACK)
    for each in reversed(before):
        if each.seq < message.seq and each.text:
            yield each.text


def _own(uow: UnitOfWork, customer: str, numbers: Collection[str]) -> list[Order]:
    """Another customer's order is as if it were not there."""
    found = {order.id: order for number in numbers for order in uow.orders.find(number, customer)}
    return [*found.values()][:MOST_OFFERED]


def _unanswered(uow: UnitOfWork, conversation: Conversation) -> Message | None:
    """What was said last, if the customer said it; notes of the desk in between are no answer."""
    last = uow.messages.latest_seq(conversation.id)
    for each in reversed(uow.messages.after(conversation.id, max(0, last - _LOOK_BACK), _LOOK_BACK)):
        if each.direction == "in":
            return each
        if each.extra.get("note") in (None, NOTE):
            return None
    return None


def _said(uow: UnitOfWork, conversation: Conversation, answer: _Answer) -> list[dict[str, Any]]:
    text = answer.text
    item = {"text": text.text, "language": text.language, "note": NOTE}
    who, told = system_actor(uow.tenant.id), {"sent": text.reason, "text": text.text}
    uow.audit.add(who, DRAFT_TEXTS, answer.order.number, "done", told)
    return messages_json(uow, uow.messages.add_outbound(conversation.id, None, [item]))


def _json(answer: _Answer) -> dict[str, Any]:
    """`source`: approved, or template for the sentences that fit every order."""
    return {
        "order": answer.order.number,
        "title": dict(answer.title),
        "text": answer.text.text,
        "language": answer.text.language,
        "source": answer.text.source,
    }
