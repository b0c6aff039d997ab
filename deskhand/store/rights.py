"""Whose right lets somebody do something: their own, or that of a colleague who is away. Asked through `Desk`.

The table is `permissions.yml`; who is away stands in the database and is looked up at the time of the question, with
one statement, and only where the own role does not allow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deskhand.orders.actions import ACTIONS
from deskhand.orders.commands import Command, UndoLastChange
from deskhand.orders.errors import RoleNotAllowed, UnknownOrder
from deskhand.orders.handlers import ON_ORDERS
from deskhand.orders.model import Actor, Order
from deskhand.orders.permissions import Grant, Permissions
from deskhand.orders.status import Role
from deskhand.orders.terms import MONTH_END, PAYMENT_DAYS, terms_of
from deskhand.store.permissions_file import LivePermissions
from deskhand.store.repositories.orders import canonical_number
from deskhand.store.unit_of_work import UnitOfWork


class Rights:
    """The only place where the table meets the store."""

    def __init__(self, file: Path) -> None:
        self._live = LivePermissions(file)

    @property
    def permissions(self) -> Permissions:
        return self._live.current()

    def tell(self, uow: UnitOfWork) -> None:
        """Into the audit, if the file was changed since this tenant was last told."""
        for news in self._live.news_for(uow.tenant.id):
            actor = Actor("system", Role.SYSTEM, uow.tenant.id, "file", news.digest or "permissions.yml")
            detail = {"problem": news.problem} if news.problem else {"digest": news.digest}
            uow.audit.add(actor, "permissions_file", "permissions.yml", news.outcome, detail)

    def candidates(self, uow: UnitOfWork, action: str, actor: Actor) -> Iterator[Actor]:
        """The actor as they are, and then in the roles that they were lent, if this may be lent."""
        yield actor
        if not ACTIONS[action].lent or actor.on_behalf_of is not None:
            return
        for absent in uow.delegations.lent_to(actor.user_id, uow.now):
            yield replace(actor, role=absent.role, customer_id=None, on_behalf_of=absent.user_id)

    def acting(self, uow: UnitOfWork, action: str, actor: Actor) -> Actor:
        """As whom the actor may do this at all; conditions are seen when an order is at hand.

        Raises:
            RoleNotAllowed: neither as themselves nor for anybody.
        """
        permissions = self.permissions
        for candidate in self.candidates(uow, action, actor):
            if permissions.grant(action, candidate.role) is not None:
                return candidate
        raise RoleNotAllowed(role=str(actor.role), event=action)

    def permitted(self, uow: UnitOfWork, command: Command, actor: Actor) -> Sequence[Order]:
        """The orders that the command names, if the actor, in the role that they have here, may do this to them.

        Empty where the right holds for every order there is and the command is not about a certain one.

        Raises:
            RoleNotAllowed, UnknownOrder: see `Permissions.require_for`.
        """
        action, permissions = type(command).__name__, self.permissions
        grant = permissions.require(action, actor)
        if type(command) not in ON_ORDERS and grant.whole:
            return ()
        customer_id = getattr(command, "customer_id", None)
        if customer_id is not None:
            permissions.require_customer(action, actor, customer_id)
            return ()
        orders = _named(uow, command, actor)
        if orders is None:  # all there are: not with a right that holds for some
            raise RoleNotAllowed(role=str(actor.role), event=action)
        hands = _hands(uow, grant, orders)
        for order in orders:
            permissions.require_for(action, actor, order, hands.get(order.id, ()))
        return orders

    def require_terms(
        self, uow: UnitOfWork, command: Command, actor: Actor, named: Sequence[Order], order: Order
    ) -> None:
        """After the deed: terms that are longer than the customer's own, for who may grant them; as agreed, they stay.

        Raises:
            TermsNotGranted: what was done has to be taken back.
        """
        if all(getattr(command, name, None) is None for name in (PAYMENT_DAYS, MONTH_END)):
            return
        customer = uow.customers.get(order.customer_id)
        agreed, usual = terms_of(order.data, customer), terms_of({}, customer)
        if any(terms_of(before.data, customer) == agreed for before in named):
            return
        self.permissions.require_terms(actor, order, agreed.longest, usual.longest)

    def sorted_out(
        self, uow: UnitOfWork, action: str, actor: Actor, orders: Sequence[Order]
    ) -> tuple[Sequence[Order], dict[str, RoleNotAllowed]]:
        """For many orders: those for which the actor's role has the right, and why not for the rest, by id."""
        permissions = self.permissions
        grant = permissions.grant(action, actor.role)
        if grant is not None and grant.whole:
            return orders, {}
        hands, refused = _hands(uow, grant, orders), dict[str, RoleNotAllowed]()
        for order in orders:
            try:
                permissions.require_for(action, actor, order, hands.get(order.id, ()))
            except RoleNotAllowed as error:
                refused[order.id] = error
            except UnknownOrder:
                refused[order.id] = RoleNotAllowed(role=str(actor.role), event=action)
        return [order for order in orders if order.id not in refused], refused


def _hands(uow: UnitOfWork, grant: Grant | None, orders: Sequence[Order]) -> Mapping[str, set[str]]:
    """Who has touched them; asked only where four eyes are needed."""
    return uow.orders.hands([order.id for order in orders]) if grant is not None and grant.not_own else {}


def _named(uow: UnitOfWork, command: Command, actor: Actor) -> list[Order] | None:
    """The orders that a command is about; None: it names none and means all.

    Raises:
        UnknownOrder: one of them does not exist.
    """
    number: str | None = getattr(command, "number", None)
    numbers: Any = getattr(command, "numbers", None)
    if number is not None:
        return [uow.orders.get(number)]
    if numbers is not None:
        found = uow.orders.by_numbers(numbers)
        known = {order.number for order in found}
        missing = [each for each in numbers if canonical_number(each) not in known]
        if missing:
            raise UnknownOrder(number=missing[0])
        return found
    if isinstance(command, UndoLastChange):
        last = uow.orders.last_changed_by(actor.user_id)
        return [last] if last is not None else []
    return None
