"""Who may do what: deny by default. The only place where a role is weighed against a command or a sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from deskhand.orders.errors import RoleNotAllowed, UnknownOrder
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import Role


class Reach(StrEnum):
    """How far a permission goes."""

    OWN = "own"  # orders of the actor's own customer
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Permissions:
    """`rules`: action (a command's name, or a query such as `query_orders`) -> role -> reach."""

    rules: Mapping[str, Mapping[Role, Reach]]

    def reach(self, action: str, role: Role) -> Reach | None:
        return self.rules.get(action, {}).get(role)

    def require(self, action: str, actor: Actor) -> Reach:
        """How far the actor may go.

        Raises:
            RoleNotAllowed: if nothing allows it.
        """
        found = self.reach(action, actor.role)
        if found is None:
            raise RoleNotAllowed(role=str(actor.role), event=action)
        return found

    def require_for(self, action: str, actor: Actor, order: Order) -> None:
        """As `require`, for one order.

        Raises:
            RoleNotAllowed: if nothing allows it.
            UnknownOrder: for somebody else's order: its existence is nobody else's business.
        """
        if self.require(action, actor) is Reach.OWN and order.customer_id != actor.customer_id:
            raise UnknownOrder(number=order.number)

    def require_customer(self, action: str, actor: Actor, customer_id: str) -> None:
        """As `require`, for doing something in a customer's name."""
        if self.require(action, actor) is Reach.OWN and customer_id != actor.customer_id:
            raise RoleNotAllowed(role=str(actor.role), event=action)

    def only_customer(self, action: str, actor: Actor) -> str | None:
        """The customer to whose orders the actor's sight is limited; None: all."""
        return (actor.customer_id or "") if self.require(action, actor) is Reach.OWN else None
