"""The texts of the chat, from `deskhand.writing`: said at once from the template; the model's own words follow.

A reply that was approved ahead of time is said instead. Nobody waits for a model: where there is one, the worker asks
it and tells who wanted the text. Knows nothing of Rasa.
"""

from __future__ import annotations

from collections.abc import Mapping

from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.store import UnitOfWork
from deskhand.store.replies import reply_with
from deskhand.store.text_jobs import keep
from deskhand.writing import Facts, Writer
from deskhand.writing.jobs import TextJob
from deskhand.writing.replies import KIND as REPLY
from deskhand.writing.replies import Inquiry

RECEIPT, CONFIRMATION = "receipt", "confirmation"
FOLLOWS = "follows"  # why a text is the template's: the model's comes later


class Receipts:
    """Writes the text in the caller's transaction and keeps a record of it. `writer` None: no text at all."""

    def __init__(self, writer: Writer | None, inquiries: Mapping[str, Inquiry] | None = None) -> None:
        self._writer = writer
        self._inquiries = inquiries or {}

    def write(self, uow: UnitOfWork, job: TextJob, facts: Facts, actor: Actor, order: str | None = None) -> str | None:
        """The text that can be said now; None when there is nobody to write it."""
        if self._writer is None:
            return None
        ahead = reply_with(uow, self._writer.templates, self._inquiries, job, facts) if job.kind == REPLY else None
        text = ahead or self._writer.from_template(job.kind, facts, job.language, FOLLOWS, job.asked)
        keep(uow, text, order)
        if self._writer.has_model and ahead is None:
            uow.outbox.publish(DomainEvent(EventName.TEXT_REQUESTED, order, job.as_json()), actor)
        return text.text
