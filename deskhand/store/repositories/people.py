"""Users and customers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, RowMapping, Select, and_, case, exists, func, or_, select, type_coerce

from deskhand.orders.errors import UnknownCustomer
from deskhand.orders.model import Customer, Owed
from deskhand.orders.status import OrderStatus, PaymentStatus, Role
from deskhand.store.records import User
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.repositories.credit_notes import OF_RETURNS
from deskhand.store.schema import app_user, credit_note, customer, invoice, payment, sales_order
from deskhand.store.types import ExactDecimal

_OF_A_CUSTOMER = [one.name for one in fields(Customer)]
_OWING = (str(PaymentStatus.UNPAID), str(PaymentStatus.OVERDUE))
_NOT_CONFIRMED = tuple(map(str, (
    OrderStatus.DRAFT, OrderStatus.PENDING_CONFIRMATION, OrderStatus.PENDING_APPROVAL, OrderStatus.CANCELLED,
)))  # fmt: skip


class Users(Repository):
    """Those who sign in."""

    def get(self, user_id: str) -> User | None:
        return self._one(app_user.c.id == user_id)

    def by_login(self, login: str) -> User | None:
        return self._one(app_user.c.login == login)

    def by_email(self, email: str) -> list[User]:
        """All with this address, whatever its letters' case."""
        query = select(app_user).where(self.own(app_user), func.lower(app_user.c.email) == email.lower())
        return [user_of(row) for row in self.rows(query)]

    def all(self) -> list[User]:
        query = select(app_user).where(self.own(app_user)).order_by(app_user.c.login)
        return [user_of(row) for row in self.rows(query)]

    def many(self, user_ids: Collection[str]) -> list[User]:
        """Those that exist."""
        query = select(app_user).where(self.own(app_user), app_user.c.id.in_(sorted(set(user_ids))))
        return [user_of(row) for row in self.rows(query)]

    def knows(self, user_id: str) -> bool:
        """Whether it is somebody who may sign in."""
        return self.is_there(app_user, app_user.c.id == user_id, app_user.c.active.is_(True))

    def of_customer(self, customer_id: str) -> list[User]:
        query = select(app_user).where(self.own(app_user), app_user.c.customer_id == customer_id)
        return [user_of(row) for row in self.rows(query)]

    def add(self, user: User) -> None:
        values = {**asdict(user), "tenant": self.tenant, "role": str(user.role), "created_at": self.clock()}
        self.add_rows(app_user, [values])

    def set_password(self, user_id: str, password_hash: str) -> None:
        self.change(app_user, app_user.c.id == user_id, password_hash=password_hash)

    def set_language(self, user_id: str, language: str) -> None:
        self.change(app_user, app_user.c.id == user_id, language=language)

    def set_person(self, user_id: str, name: str, email: str | None, role: Role) -> None:
        """What a provider says of the user."""
        self.change(app_user, app_user.c.id == user_id, name=name, email=email, role=str(role))

    def set_role(self, user_id: str, role: Role, customer_id: str | None) -> None:
        self.change(app_user, app_user.c.id == user_id, role=str(role), customer_id=customer_id)

    def set_active(self, user_id: str, active: bool) -> None:
        self.change(app_user, app_user.c.id == user_id, active=active)

    def _one(self, condition: Any) -> User | None:
        row = self.row(select(app_user).where(self.own(app_user), condition))
        return None if row is None else user_of(row)


class Customers(Repository):
    """Those who order."""

    def get(self, customer_id: str) -> Customer:
        """One customer.

        Raises:
            UnknownCustomer: if this tenant has none with that id.
        """
        row = self.row(select(customer).where(self.own(customer), customer.c.id == customer_id))
        if row is None:
            raise UnknownCustomer(customer=customer_id)
        return _customer(row)

    def many(self, customer_ids: Collection[str]) -> dict[str, Customer]:
        """Those that exist, by id."""
        found = {}
        for part in chunks(sorted(set(customer_ids))):
            query = select(customer).where(self.own(customer), customer.c.id.in_(part))
            found.update({row["id"]: _customer(row) for row in self.rows(query)})
        return found

    def find_by_external(self, source: str, external_id: str) -> Customer | None:
        query = select(customer).where(
            self.own(customer), customer.c.source == source, customer.c.external_id == external_id
        )
        row = self.row(query)
        return None if row is None else _customer(row)

    def like(self, part: str, limit: int) -> list[Customer]:
        """Those whose name or id has this in it, by name."""
        has = or_(customer.c.name.icontains(part, autoescape=True), customer.c.id.icontains(part, autoescape=True))
        query = select(customer).where(self.own(customer), has).order_by(customer.c.name, customer.c.id).limit(limit)
        return [_customer(row) for row in self.rows(query)]

    def all(self) -> list[Customer]:
        query = select(customer).where(self.own(customer)).order_by(customer.c.name, customer.c.id)
        return [_customer(row) for row in self.rows(query)]

    def version(self) -> int:
        """Another number once any of them was written."""
        return self.writes(customer)

    def add(self, *added: Customer) -> None:
        self.add_rows(customer, [self._values(one) for one in added])

    def change_terms(self, customer_id: str, account_days: int, month_end: bool = False) -> None:
        """How long this customer has to pay; for orders whose account period begins from now on."""
        self.change(customer, customer.c.id == customer_id, account_days=account_days, month_end=month_end)

    def change_credit(self, customer_id: str, limit: Decimal | None, customer_class: str | None) -> None:
        """How much this customer may owe, and how the company sorts it; counts from the next confirmation on."""
        self.change(customer, customer.c.id == customer_id, credit_limit=limit, customer_class=customer_class)

    def lock_credit(self, customer_ids: Sequence[str]) -> None:
        """Only one transaction at a time decides about the credit of each of them. Numbers, which a confirmation takes
        later, are held first, as whoever carries out several commands does.
        """
        if customer_ids:
            self.hold_numbers()
        for customer_id in customer_ids:
            self.next_numbers(f"lock:credit:{customer_id}", 0)

    def owed(
        self, customer_ids: Collection[str], currency: str, today: date, besides: Sequence[str]
    ) -> dict[str, Owed]:
        """What each of them owes in this currency; those with nothing invoiced are left out."""
        found: dict[str, Owed] = {}
        for part in chunks(sorted(set(customer_ids))):
            found |= {row["customer_id"]: _owed(row) for row in self.rows(self._owed(part, currency, today, besides))}
        return found

    def _owed(self, customer_ids: Sequence[str], currency: str, today: date, besides: Sequence[str]) -> Select[Any]:
        o = sales_order.c
        mine = (self.own(payment), payment.c.order_id == o.id)
        paid = type_coerce(select(func.coalesce(func.sum(payment.c.amount), 0)).where(*mine).scalar_subquery(), Integer)
        came_back = (self.own(credit_note), credit_note.c.order_id == o.id, *OF_RETURNS)
        back = select(func.coalesce(func.sum(credit_note.c.amount), 0)).where(*came_back).scalar_subquery()
        open_ = type_coerce(o.total, Integer) - type_coerce(back, Integer) - paid
        owes = and_(o.currency == currency, o.payment_status.in_(_OWING), open_ > 0)
        billed = exists().where(self.own(invoice), invoice.c.order_id == o.id)
        real = (billed, o.status.not_in(_NOT_CONFIRMED), o.id.not_in(besides))
        left = case((owes, open_), else_=0).label("left")
        each = select(o.customer_id, o.payment_due_on, left)
        one = each.where(self.own(sales_order), o.customer_id.in_(customer_ids), *real).subquery().c
        late = and_(one.left > 0, one.payment_due_on < today)
        return select(
            one.customer_id,
            func.count().label("confirmed"),
            type_coerce(func.sum(one.left), ExactDecimal).label("amount"),
            type_coerce(func.sum(case((late, one.left), else_=0)), ExactDecimal).label("overdue"),
            func.min(case((late, one.payment_due_on))).label("oldest_due_on"),
        ).group_by(one.customer_id)

    def upsert_all(self, customers: Sequence[Customer]) -> None:
        """By source and external id; what people added here (aliases, e-mail) stays."""
        rows = [self._values(one) for one in customers]
        self.upsert(
            customer,
            rows,
            ("source", "external_id"),
            keep=(
                *("id", "aliases", "email", "account_days", "month_end", "credit_limit", "customer_class", "language"),
                "created_at",
            ),
        )

    def _values(self, one: Customer) -> dict[str, Any]:
        values = {name: getattr(one, name) for name in _OF_A_CUSTOMER}  # not asdict, which copies what it meets
        return {**values, "aliases": list(one.aliases), "created_at": self.clock()}


def user_of(row: Mapping[Any, Any]) -> User:
    """A row of the table as a user."""
    values = {name: value for name, value in row.items() if name not in {"created_at", "role"}}
    return User(role=Role(row["role"]), **values)


def _owed(row: RowMapping) -> Owed:
    return Owed(row["amount"], row["overdue"], row["oldest_due_on"], row["confirmed"])


def _customer(row: RowMapping) -> Customer:
    values = {name: value for name, value in row.items() if name not in {"created_at", "aliases", "tenant"}}
    return Customer(aliases=tuple(row["aliases"]), **values)
