"""Forgetting a customer: names, addresses, contacts, texts and documents go; amounts, quantities and the chains stay.

Files and Rasa's conversations go first, the database last in one transaction: what was cut short is done again whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, or_, select

from deskhand.orders.actions import ERASE_PERSONAL_DATA as ACTION
from deskhand.orders.changes import FREE_TEXT
from deskhand.orders.model import Actor
from deskhand.store.desk import Desk
from deskhand.store.privacy.conversations import RasaConversations
from deskhand.store.privacy.documents import Documents, must_be_kept
from deskhand.store.privacy.subject import ERASED, Subject, subject_of
from deskhand.store.privacy.sweep import Sweep
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.repositories.import_jobs import ALIVE
from deskhand.store.repositories.source_records import FORGOTTEN
from deskhand.store.schema import (
    api_key,
    app_user,
    audit,
    case,
    case_document,
    credit_note,
    customer,
    delivery,
    draft,
    external_identity,
    history,
    import_job,
    messenger_link,
    messenger_post,
    notice_preference,
    notice_waiting,
    notification,
    notification_cursor,
    outbox_event,
    parcel,
    robot_evidence,
    sales_order,
    session,
    source_record,
    text_record,
    work_item,
)
from deskhand.store.unit_of_work import UnitOfWork
from deskhand.store.verifying import ERASED_AUDIT, ERASED_HISTORY

_KEPT_OF_EVENTS = frozenset(
    {
        *("number", "status", "before", "customer_id", "total", "currency", "payment_status", "lines", "invoice"),
        *("credit_note", "process", "version", "nodes"),
        *("freight", "shipment", "parcel", "day", "outcome", "amount", "paid", "sequence", "again", "undone"),
    }
)
_UNSENT = ("due", "claimed", "dead")


class ErasureRefused(ValueError):
    """The customer has orders that are not finished; they need its name and address."""

    def __init__(self, numbers: Sequence[str]) -> None:
        self.numbers = tuple(numbers)
        super().__init__(f"{len(numbers)} orders are not finished: {', '.join(numbers[:20])}")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased (or would be), by kind; `kept` says what stays, and why."""

    customer: str
    counts: Mapping[str, int]
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    done: bool = True


def erase(
    desk: Desk,
    actor: Actor,
    customer_id: str,
    documents: Documents,
    rasa: RasaConversations,
    *,
    force: bool = False,
    dry_run: bool = False,
) -> Erasure:
    """Erases, and says in the audit that it did, without a name. Doing it again does what was left over.

    Raises:
        RoleNotAllowed, UnknownCustomer.
        ErasureRefused: orders are not finished; with `force` they are erased too, and can't be delivered any more.
    """
    actor = desk.require(ACTION, actor)
    subject = _looked_at(desk, actor, customer_id, force, dry_run)
    keep, gone = _files(desk, actor, subject, documents)
    kept = _kept(subject, [path.name for path in keep])
    if not dry_run:
        documents.forget(gone)
        rasa.forget(subject.conversations)
        rasa.take_out(subject.words)
    with desk.unit_of_work(actor.tenant) as uow:
        overwrite_what_is_deleted(uow)
        counts = Eraser(uow.connection, uow.tenant.id, uow.clock).erase(subject, uow)
        counts |= {"documents": len(gone), "conversations": len(subject.conversations)}
        counts = {name: count for name, count in counts.items() if count}
        if dry_run:
            return Erasure(customer_id, counts, kept, done=False)
        uow.audit.add(actor, ACTION, customer_id, "done", dict(counts))
        uow.commit()
    _empty_the_log(desk)
    return Erasure(customer_id, counts, kept)


def _looked_at(desk: Desk, actor: Actor, customer_id: str, force: bool, dry_run: bool) -> Subject:
    with desk.unit_of_work(actor.tenant) as uow:
        subject = subject_of(uow, customer_id)
        if subject.open_orders and not force:
            if not dry_run:
                detail = {"code": "orders_not_finished", "orders": list(subject.open_orders[:100])}
                uow.audit.add(actor, ACTION, customer_id, "refused", detail)
                uow.commit()
            raise ErasureRefused(subject.open_orders)
    return subject


def _files(desk: Desk, actor: Actor, subject: Subject, documents: Documents) -> tuple[list[Path], list[Path]]:
    years, now = desk.tenant(actor.tenant).retention.invoices_years, desk.clock()
    keep: list[Path] = []
    gone: list[Path] = []
    for path in documents.of(subject.document_numbers):
        issued = subject.invoices.get("-".join(path.stem.split("-")[:2]))
        (keep if must_be_kept(path, issued, years, now) else gone).append(path)
    return keep, gone


def _kept(subject: Subject, files: Sequence[str]) -> dict[str, Sequence[str]]:
    kept: dict[str, Sequence[str]] = {
        "amounts, quantities, numbers and times of orders": [f"{len(subject.orders)} orders"],
        "words that somebody else has too": subject.shared,
        "invoices that the law wants kept (retention.invoices_years)": files,
    }
    return {why: what for why, what in kept.items() if what}


class Eraser(Repository):
    """Everything in our own database, set by set. Each step may be done again."""

    def erase(self, subject: Subject, uow: UnitOfWork) -> dict[str, int]:
        """Says how many rows of what."""
        numbers, orders, cases = subject.numbers, list(subject.orders), list(subject.cases)
        users = [user.id for user in subject.users]
        label = subject.customer.name if subject.customer.name.startswith(ERASED) else ERASED + secrets.token_hex(6)
        counts = {
            "orders": self.orders(orders, label),
            "notifications": self._notifications(subject.customer.id, numbers, users),
            "texts": self._delete(text_record, text_record.c.order_id, orders),
            "cases": self.cases(cases),
            "events": self.events(subject.chains),
            "withdrawn_deliveries": self._withdraw(orders),
            "records": self.records(source_record.c.customer_id == subject.customer.id),
            "users": self._users(users, uow),
            "imports": self._imports(),
            "robot_items": self.robot_items(self._items_of(numbers)),
        }
        counts[ERASED_HISTORY] = self.chained(history, history.c.order_id, subject.chains)
        for row in Sweep(self.connection, self.tenant, self.clock).naming(history, history.c.personal, subject.words):
            mine = (history.c.order_id == row["order_id"], history.c.seq == row["seq"])
            counts[ERASED_HISTORY] += self.change(history, *mine, personal=None, salt="")
        counts[ERASED_AUDIT] = self._audit(subject, numbers, users)
        swept = Sweep(self.connection, self.tenant, self.clock).take_out(subject.words, subject.ids)
        counts |= {f"other_{name}": count for name, count in swept.items()}
        counts["customers"] = self._customer(subject, label)
        return counts

    def _items_of(self, numbers: Sequence[str]) -> list[str]:
        """Robots' items of these orders and cases; a dry run's name begins with the order's number."""
        mine = or_(
            work_item.c.reference.in_(numbers), *(work_item.c.reference.startswith(f"{each}/") for each in numbers)
        )
        query = select(work_item.c.id).where(self.own(work_item), mine)
        return [row["id"] for row in self.rows(query)] if numbers else []

    def robot_items(self, ids: Sequence[str]) -> int:
        """What was handed over and what came back; the reference stays, so that nothing is entered twice.

        Without their rows the files of the evidence are taken away by the worker.
        """
        count = 0
        for part in chunks(ids):
            blank: dict[str, Any] = {"input": {}, "output": None, "problem": None, "question": None}
            count += self.change(work_item, work_item.c.id.in_(part), **blank)
            gone = delete(robot_evidence).where(self.own(robot_evidence), robot_evidence.c.item_id.in_(part))
            self.connection.execute(gone)
        return count

    def _imports(self) -> int:
        """Anybody may be named in a preview or a report; those that are at work keep theirs for their days alone."""
        over = import_job.c.state.not_in([str(state) for state in ALIVE])
        return self.connection.execute(delete(import_job).where(self.own(import_job), over)).rowcount

    def _customer(self, subject: Subject, label: str) -> int:
        values: dict[str, Any] = {"name": label, "aliases": [], "email": None, "address": None, "region": None}
        if subject.customer.external_id is not None:  # so that an import of old files does not bring the name back here
            values["external_id"] = label
        self.change(api_key, api_key.c.customer_id == subject.customer.id, api_key.c.revoked_at.is_(None),
                    revoked_at=self.clock())  # fmt: skip
        self.change(api_key, api_key.c.customer_id == subject.customer.id, name=label)
        return self.change(customer, customer.c.id == subject.customer.id, **values)

    def _users(self, users: list[str], uow: UnitOfWork) -> int:
        """Locked, without a name; with all that they said."""
        for user_id in users:
            name = ERASED + secrets.token_hex(6)
            values = {"login": name, "name": name, "email": None, "password_hash": None, "active": False}
            self.change(app_user, app_user.c.id == user_id, ~app_user.c.name.startswith(ERASED), **values)
            for talk in uow.conversations.list(user_id):
                uow.conversations.delete(talk.id)
        told = (notification_cursor, notice_preference, notice_waiting, messenger_post, messenger_link)
        for table in (draft, session, external_identity, *told):
            self._delete(table, table.c.user_id, users)
        return len(users)

    def orders(self, orders: list[str], label: str) -> int:
        for part in chunks(orders):
            mine = sales_order.c.id.in_(part)
            self.change(sales_order, mine, customer_name=label, address=None, hold_reason=None)
            self.change(parcel, parcel.c.order_id.in_(part), address="")
            self.change(credit_note, credit_note.c.order_id.in_(part), reason="")
            self.records(source_record.c.order_id.in_(part))
            for table in (case, sales_order):
                for row in self.rows(select(table.c.id, table.c.data).where(self.own(table), table.c.id.in_(part))):
                    data = {key: value for key, value in row["data"].items() if key not in FREE_TEXT}
                    if data != row["data"]:
                        self.change(table, table.c.id == row["id"], data=data)
        return len(orders)

    def records(self, theirs: ColumnElement[bool]) -> int:
        """What other systems said: the record stays without its words, so that an old file does not bring them back."""
        return self.change(source_record, theirs, said={}, customer_key=None, digest="", match_hash="", state=FORGOTTEN)

    def cases(self, cases: list[str]) -> int:
        """What their histories keep as personal goes from their fields too; their documents say nothing any more."""
        for part in chunks(cases):
            personal: dict[str, set[str]] = {each: set() for each in part}
            kept = select(history.c.order_id, history.c.personal).where(self.own(history), history.c.order_id.in_(part))
            for row in self.rows(kept.where(history.c.personal.is_not(None))):
                personal[row["order_id"]] |= {*row["personal"].get("values", {}), *FREE_TEXT}
            for row in self.rows(select(case.c.id, case.c.data).where(self.own(case), case.c.id.in_(part))):
                data = {name: value for name, value in row["data"].items() if name not in personal[row["id"]]}
                if data != row["data"]:
                    self.change(case, case.c.id == row["id"], data=data)
            self.change(case_document, case_document.c.case_id.in_(part), text=None)
        return len(cases)

    def _notifications(self, customer_id: str, numbers: list[str], users: list[str]) -> int:
        audiences = [f"customer:{customer_id}", *(f"user:{user}" for user in users)]
        gone = self._delete(notification, notification.c.order_number, numbers)
        return gone + self._delete(notification, notification.c.audience, audiences)

    def events(self, orders: list[str]) -> int:
        """What happened stays; what was told of it goes."""
        changed = 0
        for part in chunks(orders):
            query = select(outbox_event.c.id, outbox_event.c.payload)
            for row in self.rows(query.where(self.own(outbox_event), outbox_event.c.order_id.in_(part))):
                kept = {key: value for key, value in row["payload"].items() if key in _KEPT_OF_EVENTS}
                if kept != row["payload"]:
                    changed += self.change(outbox_event, outbox_event.c.id == row["id"], payload=kept)
        return changed

    def _withdraw(self, orders: list[str]) -> int:
        """What was not sent yet never is: there is nobody to send it to."""
        stopped = 0
        for part in chunks(orders):
            unsent = (delivery.c.order_id.in_(part), delivery.c.state.in_(_UNSENT))
            stopped += self.change(delivery, *unsent, state="withdrawn", error=None, finished_at=self.clock())
        return stopped

    def _audit(self, subject: Subject, numbers: list[str], users: list[str]) -> int:
        """Rows by its users, about its orders, and those that name it."""
        count = self.chained(audit, audit.c.actor, users) + self.chained(audit, audit.c.target, numbers)
        named = Sweep(self.connection, self.tenant, self.clock).naming(audit, audit.c.personal, subject.words)
        return count + self.chained(audit, audit.c.id, [row["id"] for row in named])

    def chained(self, table: Table, column: Any, values: list[str]) -> int:
        """Takes what is personal out of rows of a chain: its salt goes too, so that nobody can guess it."""
        count = 0
        for part in chunks(values):
            mine = (column.in_(part), table.c.personal.is_not(None))
            if table is audit:
                self.change(audit, *mine, audit.c.personal_target.is_(True), target=None)
            count += self.change(table, *mine, personal=None, salt="")
        return count

    def _delete(self, table: Table, column: Any, values: list[str]) -> int:
        count = 0
        for part in chunks(values):
            count += self.connection.execute(delete(table).where(self.own(table), or_(column.in_(part)))).rowcount
        return count


def overwrite_what_is_deleted(uow: UnitOfWork) -> None:
    """SQLite leaves deleted text in free pages of the file unless it is told not to."""
    if uow.connection.dialect.name == "sqlite":
        uow.connection.exec_driver_sql("PRAGMA secure_delete=ON").fetchall()


def _empty_the_log(desk: Desk) -> None:
    """SQLite's write-ahead log holds the old pages until they are moved into the file."""
    if desk.database.dialect == "sqlite":
        with desk.database.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
