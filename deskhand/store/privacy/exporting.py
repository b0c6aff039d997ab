"""A copy of everything that is held of one customer, as one JSON object. That it was made stands in the audit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from deskhand.orders.actions import EXPORT_PERSONAL_DATA as ACTION
from deskhand.orders.model import Actor
from deskhand.store.desk import Desk
from deskhand.store.privacy.conversations import RasaConversations
from deskhand.store.privacy.documents import Documents
from deskhand.store.privacy.subject import Subject, subject_of
from deskhand.store.repositories.base import chunks
from deskhand.store.schema import (
    app_user,
    audit,
    conversation,
    customer,
    draft,
    history,
    message,
    metadata,
    notification,
    outbox_event,
    sales_order,
    text_record,
)
from deskhand.store.unit_of_work import UnitOfWork

_OURS = frozenset({"tenant", "password_hash", "salt", "personal_digest", "previous_hash", "hash"})
_BY_ORDER = ("order_line", "shipment", "parcel", "payment", "invoice", "settlement_line", "freight_settlement")


def export(desk: Desk, actor: Actor, customer_id: str, documents: Documents, rasa: RasaConversations) -> dict[str, Any]:
    """Table -> rows, files by name, and what Rasa keeps of the conversations.

    Raises:
        RoleNotAllowed, UnknownCustomer.
    """
    actor = desk.require(ACTION, actor)
    with desk.unit_of_work(actor.tenant) as uow:
        subject = subject_of(uow, customer_id)
        found = _tables(uow, subject)
        uow.audit.add(actor, ACTION, customer_id, "done", {"rows": sum(map(len, found.values()))})
        uow.commit()
    return {
        "customer_id": customer_id,
        "made_at": desk.clock(),
        **found,
        "documents": [path.name for path in documents.of(subject.document_numbers)],
        "conversation_events": rasa.of(subject.conversations),
    }


def _tables(uow: UnitOfWork, subject: Subject) -> dict[str, list[dict[str, Any]]]:
    orders, numbers = list(subject.orders), list(subject.orders.values())
    users = [user.id for user in subject.users]
    audiences = [f"customer:{subject.customer.id}", *(f"user:{user}" for user in users)]
    wanted: list[tuple[Table, Any, list[str]]] = [
        (customer, customer.c.id, [subject.customer.id]),
        (app_user, app_user.c.id, users),
        (sales_order, sales_order.c.id, orders),
        *((table, table.c.order_id, orders) for table in (metadata.tables[name] for name in _BY_ORDER)),
        (history, history.c.order_id, orders),
        (outbox_event, outbox_event.c.order_id, orders),
        (text_record, text_record.c.order_id, orders),
        (notification, notification.c.order_number, numbers),
        (notification, notification.c.audience, audiences),
        (conversation, conversation.c.user_id, users),
        (message, message.c.conversation_id, list(subject.conversations)),
        (draft, draft.c.user_id, users),
        (audit, audit.c.actor, users),
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for table, column, values in wanted:
        known = found.setdefault(table.name, [])
        known += [row for row in _rows(uow, table, column, values) if row not in known]
    return found


def _rows(uow: UnitOfWork, table: Table, column: Any, values: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in chunks(values):
        query = select(table).where(table.c.tenant == uow.tenant.id, column.in_(part))
        rows = uow.connection.execute(query.order_by(*table.primary_key.columns)).mappings()
        found += [{name: value for name, value in row.items() if name not in _OURS} for row in rows]
    return found
