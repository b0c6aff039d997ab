"""Whose data it is: one customer with its users, orders, conversations, and the words by which it is recognised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, Text, and_, cast, or_, select

from deskhand.orders.model import Customer
from deskhand.store.privacy.wording import Words, parts_of
from deskhand.store.records import User
from deskhand.store.repositories.base import chunks
from deskhand.store.schema import (
    case,
    case_file,
    conversation,
    credit_note,
    history,
    invoice,
    parcel,
    product,
    sales_order,
)
from deskhand.store.unit_of_work import UnitOfWork

ERASED = "erased-"  # how a name begins that was taken out
_PERSONAL = ("address", "contact", "phone")
_PERSONAL_KEYS = frozenset({"customer_name", *(f"{when}{name}" for when in ("", "old_", "new_") for name in _PERSONAL)})


@dataclass(frozen=True, slots=True)
class Subject:
    """`open_orders` are those whose process still runs; `shared` are words that somebody else has too."""

    customer: Customer
    users: tuple[User, ...]
    orders: Mapping[str, str]  # id -> number
    cases: Mapping[str, str]  # the same of cases that its people started, or that name it
    open_orders: tuple[str, ...]
    conversations: tuple[str, ...]
    invoices: Mapping[str, datetime]  # number -> when it was issued; credit notes too
    words: Words
    shared: tuple[str, ...]

    @property
    def ids(self) -> frozenset[str]:
        """Opaque: they stay."""
        users = [user.id for user in self.users]
        return frozenset({self.customer.id, f"customer:{self.customer.id}", *users, *self.orders, *self.cases})

    @property
    def chains(self) -> list[str]:
        """The ids of all that has a history."""
        return [*self.orders, *self.cases]

    @property
    def numbers(self) -> list[str]:
        return [*self.orders.values(), *self.cases.values()]

    @property
    def document_numbers(self) -> set[str]:
        return {*self.invoices, *(f"DN-{number.removeprefix('SO-')}" for number in self.orders.values())}


def subject_of(uow: UnitOfWork, customer_id: str) -> Subject:
    """Everything that belongs to the customer.

    Raises:
        UnknownCustomer: if this tenant has none with that id.
    """
    customer = uow.customers.get(customer_id)
    users = tuple(uow.users.of_customer(customer_id))
    rows = _of(uow, sales_order, sales_order.c.customer_id, [customer_id], "id", "number", "address", "customer_name")
    orders = {row["id"]: row["number"] for row in rows}
    found = {*_names(customer, users), *_addresses(uow, orders, rows)}
    words, shared = _own(uow, customer, found)
    running = _of(uow, case, case.c.id, list(orders), "id", "ended")
    talks = _of(uow, conversation, conversation.c.user_id, [user.id for user in users], "id")
    bills = [
        *_of(uow, invoice, invoice.c.order_id, list(orders), "number", "issued_at"),
        *_of(uow, credit_note, credit_note.c.order_id, list(orders), "number", "issued_at"),
    ]
    return Subject(
        customer=customer,
        users=users,
        orders=orders,
        cases=_cases(uow, customer_id, users),
        open_orders=tuple(sorted(orders[row["id"]] for row in running if not row["ended"])),
        conversations=tuple(row["id"] for row in talks),
        invoices={row["number"]: row["issued_at"] for row in bills},
        words=words,
        shared=shared,
    )


def _cases(uow: UnitOfWork, customer_id: str, users: Iterable[User]) -> dict[str, str]:
    """Those that one of its people has started, and those one of whose fields is this customer."""
    same = and_(case.c.tenant == case_file.c.tenant, case.c.id == case_file.c.id)
    names_it = cast(case.c.data, Text).contains(f'"{customer_id}"', autoescape=True)
    query = select(case_file.c.id, case_file.c.number, case.c.data, case_file.c.started_by)
    query = query.select_from(case_file.join(case, same)).where(case_file.c.tenant == uow.tenant.id)
    theirs = {user.id for user in users}
    rows = uow.connection.execute(query.where(or_(names_it, case_file.c.started_by.in_(theirs)))).mappings()
    return {
        row["id"]: row["number"] for row in rows if row["started_by"] in theirs or customer_id in row["data"].values()
    }


def _of(uow: UnitOfWork, table: Table, column: Any, values: list[str], *names: str) -> list[Any]:
    found: list[Any] = []
    for part in chunks(values):
        query = select(*(table.c[name] for name in names)).where(table.c.tenant == uow.tenant.id, column.in_(part))
        found += uow.connection.execute(query).mappings()
    return found


def _names(customer: Customer, users: Iterable[User]) -> Iterator[str]:
    yield from parts_of(customer.name)
    yield from customer.aliases
    yield from filter(None, (customer.email, customer.address))
    for user in users:
        yield from parts_of(user.name)
        yield from filter(None, (user.email, user.login if "@" in user.login else None))


def _addresses(uow: UnitOfWork, orders: Mapping[str, str], heads: Iterable[Any]) -> Iterator[str]:
    """Those that it has, and those that it ever had."""
    for head in heads:
        yield from filter(None, (head["address"], head["customer_name"]))
    for row in _of(uow, parcel, parcel.c.order_id, list(orders), "address"):
        yield row["address"]
    for row in _of(uow, history, history.c.order_id, list(orders), "personal"):
        yield from _said(row["personal"])


def _said(value: Any, known: bool = False) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _said(each, known or key in _PERSONAL_KEYS)
    elif isinstance(value, list):
        for each in value:
            yield from _said(each, known)
    elif known and isinstance(value, str):
        yield value


def _own(uow: UnitOfWork, customer: Customer, found: set[str]) -> tuple[Words, tuple[str, ...]]:
    """Words that are this customer's alone. Taking out another's name, or the name of goods, would do harm."""
    found = {word for word in found if word.strip() and not word.startswith(ERASED)}
    others = {word.casefold() for word in _words_of_others(uow, customer.id)}
    exact = {word for word in found if word.casefold() in others}
    inside = {word for word in found - exact if word != customer.name and any(word.casefold() in o for o in others)}
    return Words(found - exact - inside), tuple(sorted(exact | inside))


def _words_of_others(uow: UnitOfWork, customer_id: str) -> Iterator[str]:
    yield uow.tenant.name
    for other in uow.customers.all():
        if other.id != customer_id:
            yield from filter(None, (other.name, *other.aliases, other.email, other.address))
    for user in uow.users.all():
        if user.customer_id != customer_id:
            yield from filter(None, (user.name, *parts_of(user.name), user.email))
    query = select(product.c.name_zh, product.c.name_en, product.c.aliases).where(product.c.tenant == uow.tenant.id)
    for row in uow.connection.execute(query).mappings():
        yield from (row["name_zh"], row["name_en"], *row["aliases"])
