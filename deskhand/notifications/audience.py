"""Which audiences a person belongs to and which rooms that means. Decided by the sign-in alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listener:
    """A signed-in person as notifications know them."""

    tenant: str
    user_id: str
    role: str
    customer_id: str | None = None

    @property
    def audiences(self) -> tuple[str, ...]:
        """A customer hears of their own orders only, so a customer account without a customer hears of none."""
        own = (f"user:{self.user_id}",)
        if self.role != "customer":
            return (f"role:{self.role}", *own)
        return (f"customer:{self.customer_id}", *own) if self.customer_id else own

    @property
    def rooms(self) -> tuple[str, ...]:
        return tuple(room(self.tenant, audience) for audience in self.audiences)

    @property
    def own_room(self) -> str:
        """All tabs of this person."""
        return room(self.tenant, f"user:{self.user_id}")


def room(tenant: str, audience: str) -> str:
    """Rooms of two tenants never meet: a tenant's id has no blank in it."""
    return f"{tenant} {audience}"
