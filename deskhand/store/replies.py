"""Answers to customers from templates that were approved: found, filled with the facts of an order, checked once more.

Also the drafting and approving of such templates. No model is asked for an answer: it is there at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deskhand.orders.actions import APPROVE_TEXTS, DRAFT_TEXTS
from deskhand.orders.errors import TextNotPossible
from deskhand.orders.events import POSTED_TO, DomainEvent, EventName
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import Role
from deskhand.orders.tenant import LANGUAGES
from deskhand.store.process_errors import NoSuchVersion
from deskhand.store.repositories.reply_templates import ReplyTemplate
from deskhand.store.text_jobs import facts_of
from deskhand.store.unit_of_work import UnitOfWork
from deskhand.writing import Facts, Templates, Text
from deskhand.writing.jobs import TextJob
from deskhand.writing.replies import KIND, Inquiry, ReplyDraft, classify, filled

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

APPROVED = "approved"  # the source of a text that an approved template gave
SENT, OFFERED = "sent", "offered"  # what became of it; also what a company says of them in its file


def reply_at_once(
    desk: Desk, uow: UnitOfWork, templates: Templates, inquiries: Mapping[str, Inquiry], job: TextJob, actor: Actor
) -> Text | None:
    """The answer to `job.asked`; None when nobody approved one for it, or a fact that it needs is not known.

    Raises:
        RoleNotAllowed, UnknownOrder.
    """
    known = facts_of(desk, uow, job, actor)
    return reply_with(uow, templates, inquiries, job, known)


def reply_with(
    uow: UnitOfWork, templates: Templates, inquiries: Mapping[str, Inquiry], job: TextJob, known: Facts
) -> Text | None:
    inquiry = classify(job.asked, inquiries)
    template = uow.reply_templates.active(inquiry.name, job.language) if inquiry else None
    text = filled(template.text, known, job.language) if template else None
    if text is None or inquiry is None:
        return None
    needed = {key: known[key] for key in inquiry.needs}
    verdict = templates.get(KIND, job.language).check(text, needed, read=True)
    if not verdict.ok:
        return None
    return Text(
        KIND, job.language, text, APPROVED, inquiry.name, verdict, None, 0.0, facts=needed, asked=job.asked
    )  # fmt: skip


def hand_over(uow: UnitOfWork, text: Text, order: Order, actor: Actor, *, from_program: bool) -> str:
    """SENT to the customer's people, where the company has it so and the text is an approved one; else OFFERED.

    Who asked for it is shown it; what a program asked for is told to sales, whose customer it is.
    """
    people = [user for user in uow.users.of_customer(order.customer_id) if user.active]
    if uow.tenant.replies == SENT and text.source == APPROVED and people:
        _post(uow, f"customer:{order.customer_id}", text, order, actor)
        uow.audit.add(actor, DRAFT_TEXTS, order.number, "done", {"sent": text.reason, "text": text.text})
        return SENT
    if from_program:
        _post(uow, f"role:{Role.SALES}", text, order, actor)
    return OFFERED


def _post(uow: UnitOfWork, audience: str, text: Text, order: Order, actor: Actor) -> None:
    said = {POSTED_TO: audience, "text": dict.fromkeys(LANGUAGES, text.text), "number": order.number}
    uow.outbox.publish(DomainEvent(EventName.TEXT_WRITTEN, order.id, said), actor)


def keep_draft(uow: UnitOfWork, inquiry: Inquiry, text: Text, actor: Actor) -> ReplyTemplate:
    """Nothing is used of it before somebody approves it."""
    return uow.reply_templates.add(
        inquiry.name, text.language, text.text, text.source, actor.user_id, text.verdict.as_dict()
    )


def approve(
    desk: Desk, uow: UnitOfWork, templates: Templates, inquiries: Mapping[str, Inquiry],
    wanted: tuple[str, str, int], actor: Actor,
) -> ReplyTemplate:  # fmt: skip
    """
    Raises:
        RoleNotAllowed.
        NoSuchVersion.
        TextNotPossible: it is not right for every order.
    """
    desk.rights.acting(uow, APPROVE_TEXTS, actor)
    found, inquiry = uow.reply_templates.get(*wanted), inquiries.get(wanted[0])
    if found is None or inquiry is None:
        raise NoSuchVersion(process="/".join(wanted[:2]), version=wanted[2])
    draft = ReplyDraft.of(templates.get(KIND, found.language), inquiry)
    if not draft.check(found.text, {}, read=True).ok:
        raise TextNotPossible(number=wanted[0], status="")
    uow.reply_templates.approve(found, actor.user_id)
    named = f"{found.inquiry}/{found.language}/{found.version}"
    uow.audit.add(actor, APPROVE_TEXTS, named, "done", {"text": found.text})
    return found
