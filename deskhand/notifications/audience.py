"""Which audiences a person belongs to and which rooms that means: by the sign-in, and by whom they stand in for.

Who stands in for a colleague hears what that colleague and their role are told, from the day the rights were lent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Listener:
    """A signed-in person as notifications know them. `lent`: audience and since when, of colleagues who are away.

    `apart`: what they have chosen, as JSON, with the channels that they have; then they are told by themselves. Empty:
    they hear everything at once, as all others of their role.
    """

    tenant: str
    user_id: str
    role: str
    customer_id: str | None = None
    lent: tuple[tuple[str, datetime], ...] = ()
    apart: str = ""

    @property
    def audiences(self) -> tuple[str, ...]:
        """A customer hears of their own orders only, so a customer account without a customer hears of none."""
        own = (f"user:{self.user_id}",)
        if self.role != "customer":
            return (f"role:{self.role}", *own)
        return (f"customer:{self.customer_id}", *own) if self.customer_id else own

    @property
    def all_audiences(self) -> frozenset[str]:
        """Those that are lent, too."""
        return frozenset((*self.audiences, *(audience for audience, _ in self.lent)))

    @property
    def rooms(self) -> tuple[str, ...]:
        own = (room(self.tenant, audience) for audience in self.audiences)
        lent = (lent_room(self.tenant, audience) for audience, _ in self.lent)
        return (*own, *lent, *self._notice_rooms)

    @property
    def _notice_rooms(self) -> tuple[str, ...]:
        if self.apart:
            return (self.apart_room,)
        return (
            *(notice_room(self.tenant, audience) for audience in self.audiences),
            *(notice_room(self.tenant, audience, lent=True) for audience, _ in self.lent),
        )

    @property
    def apart_room(self) -> str:
        """Where notices are told to this person alone."""
        return f"{self.own_room} apart"

    def hears(self, audience: str, at: datetime) -> bool:
        """Whether what was told to this audience then is for them."""
        return audience in self.audiences or any(each == audience and at >= since for each, since in self.lent)

    @property
    def own_room(self) -> str:
        """All tabs of this person."""
        return room(self.tenant, f"user:{self.user_id}")


def notice_room(tenant: str, audience: str, lent: bool = False) -> str:
    """Where those of an audience are told of notices who hear everything at once."""
    return f"{(lent_room if lent else room)(tenant, audience)} notices"


def lent_room(tenant: str, audience: str) -> str:
    """Where a delegate hears it. Not the colleague's own room: what the bot says to them is for nobody else."""
    return f"{room(tenant, audience)} lent"


def room(tenant: str, audience: str) -> str:
    """Rooms of two tenants never meet: a tenant's id has no blank in it."""
    return f"{tenant} {audience}"
