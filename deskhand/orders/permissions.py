"""Who may do what: deny by default. The only place where a role is weighed against a command or a sight.

Knows no file and no store. Whose right counts (one's own, or that of a colleague who is away) is decided by whoever
asks: here every actor has the one role that they come with.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from deskhand.orders.actions import GRANT_TERMS
from deskhand.orders.errors import (
    AmountAboveLimit,
    FourEyesNeeded,
    RoleNotAllowed,
    StatusNotAllowed,
    TermsNotGranted,
    UnknownOrder,
)
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus, Role

Hands = Collection[str]
"""The ids of all who placed or changed an order, and of those for whom they did."""


class Reach(StrEnum):
    """How far a permission goes."""

    OWN = "own"  # orders of the actor's own customer
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may do of one action. `only` None: in every status; `up_to` empty: any amount."""

    reach: Reach
    only: frozenset[OrderStatus] | None = None
    up_to: Mapping[str, Decimal] = field(default_factory=dict)  # by currency; in no other one then
    not_own: bool = False

    @property
    def whole(self) -> bool:
        """Whether it holds for every order there is, so that none has to be looked at."""
        return self.reach is Reach.ANY and self.only is None and not self.up_to and not self.not_own


@dataclass(frozen=True, slots=True)
class Permissions:
    """`rules`: action (a command's name, or a query such as `query_orders`) -> role -> what is granted."""

    rules: Mapping[str, Mapping[Role, Grant]]

    def grant(self, action: str, role: Role) -> Grant | None:
        return self.rules.get(action, {}).get(role)

    def require(self, action: str, actor: Actor) -> Grant:
        """What the actor is granted.

        Raises:
            RoleNotAllowed: if nothing allows it.
        """
        found = self.grant(action, actor.role)
        if found is None:
            raise RoleNotAllowed(role=str(actor.role), event=action)
        return found

    def require_for(self, action: str, actor: Actor, order: Order, hands: Hands = ()) -> None:
        """As `require`, for one order with all conditions.

        Args:
            hands: needed where the grant says `not_own`.

        Raises:
            UnknownOrder: for somebody else's order: its existence is nobody else's business.
            RoleNotAllowed: its leaf says which condition is not met.
        """
        grant = self.require(action, actor)
        if grant.reach is Reach.OWN and not _is_own(order.customer_id, actor):
            raise UnknownOrder(number=order.number)
        if grant.only is not None and order.status not in grant.only:
            raise StatusNotAllowed(**_said(action, actor, order))
        if not _within(grant, order):
            raise AmountAboveLimit(**_said(action, actor, order), limit=_limits(grant))
        if grant.not_own and {actor.user_id, actor.on_behalf_of} & set(hands):
            raise FourEyesNeeded(**_said(action, actor, order))

    def require_result(self, action: str, actor: Actor, order: Order) -> None:
        """After the deed, before it is stored for good: an order that was placed or amended keeps to the limit.

        Raises:
            AmountAboveLimit: what was done has to be taken back.
        """
        grant = self.require(action, actor)
        if not _within(grant, order):
            raise AmountAboveLimit(role=str(actor.role), event=action, number=order.number, limit=_limits(grant))

    def require_terms(self, actor: Actor, order: Order, days: int, usual: int) -> None:
        """More days to pay, for this order alone, than its customer always has.

        Raises:
            TermsNotGranted: the actor's role can't agree to them, or not for an order as large as this.
        """
        grant = self.grant(GRANT_TERMS, actor.role)
        if days > usual and (grant is None or not _within(grant, order)):
            raise TermsNotGranted(role=str(actor.role), number=order.number, days=days, usual=usual)

    def require_customer(self, action: str, actor: Actor, customer_id: str) -> None:
        """As `require`, for doing something in a customer's name."""
        if self.require(action, actor).reach is Reach.OWN and not _is_own(customer_id, actor):
            raise RoleNotAllowed(role=str(actor.role), event=action)

    def only_customer(self, action: str, actor: Actor) -> str | None:
        """The customer to whose orders the actor's sight is limited; None: all. Empty: nobody's."""
        return (actor.customer_id or "") if self.require(action, actor).reach is Reach.OWN else None


def _said(action: str, actor: Actor, order: Order) -> dict[str, str]:
    return {"role": str(actor.role), "event": action, "number": order.number, "status": str(order.status)}


def _is_own(customer_id: str, actor: Actor) -> bool:
    return bool(actor.customer_id) and customer_id == actor.customer_id


def _within(grant: Grant, order: Order) -> bool:
    limit = grant.up_to.get(order.currency)
    return not grant.up_to or (limit is not None and order.total <= limit)


def _limits(grant: Grant) -> str:
    return ", ".join(f"{amount:f} {currency}" for currency, amount in grant.up_to.items())
