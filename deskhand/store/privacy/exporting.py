"""A copy of everything that is held of one customer, as one JSON object. That it was made stands in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, select

from deskhand.orders.actions import EXPORT_PERSONAL_DATA as ACTION
from deskhand.orders.model import Actor
from deskhand.store.desk import Desk
from deskhand.store.privacy.conversations import RasaConversations
from deskhand.store.privacy.documents import Documents
from deskhand.store.privacy.subject import Subject, subject_of
from deskhand.store.repositories.base import chunks
from deskhand.store.schema import audit, case, case_file, customer, metadata, notification, robot_evidence, work_item
from deskhand.store.unit_of_work import UnitOfWork

Key = tuple[Any, ...]
Row = dict[str, Any]

_OURS = frozenset({"tenant", "password_hash", "digest", "link", "salt", "personal_digest", "previous_hash", "hash"})


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
    found: dict[str, dict[Key, Row]] = {}
    for column, values in _whose(subject):
        found.setdefault(column.table.name, {}).update(_rows(uow, column, values))
    items = [str(row["id"]) for row in found.get(work_item.name, {}).values()]
    found[robot_evidence.name] = dict(_rows(uow, robot_evidence.c.item_id, items))
    return {name: list(rows.values()) for name, rows in found.items()}


def _whose(subject: Subject) -> Iterator[tuple[Column[Any], list[str]]]:
    """Columns with what stands there in the customer's rows: in a new table too, if it is called as it is elsewhere."""
    ids, users = [subject.customer.id], [user.id for user in subject.users]
    yield customer.c.id, ids
    named = {
        "customer_id": ids,
        "user_id": users,
        "conversation_id": list(subject.conversations),
        "order_id": subject.chains,
        "case_id": list(subject.cases),
        "order_number": subject.numbers,
    }
    for table in metadata.sorted_tables:
        yield from ((table.c[name], values) for name, values in named.items() if name in table.c)
    yield case.c.id, subject.chains
    yield case_file.c.id, list(subject.cases)
    yield notification.c.audience, [f"customer:{subject.customer.id}", *(f"user:{user}" for user in users)]
    yield audit.c.actor, users
    yield work_item.c.reference, subject.numbers
    yield work_item.c.owner, users


def _rows(uow: UnitOfWork, column: Column[Any], values: list[str]) -> Iterator[tuple[Key, Row]]:
    """By their keys: a row may belong to the customer in two ways."""
    table = column.table
    keys = list(table.primary_key.columns)
    for part in chunks(values):
        query = select(table).where(table.c.tenant == uow.tenant.id, column.in_(part)).order_by(*keys)
        for row in uow.connection.execute(query).mappings():
            yield tuple(row[each.name] for each in keys), {name: row[name] for name in row if name not in _OURS}
