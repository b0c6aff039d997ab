"""Stock as a ledger: every change is a movement, what is on hand and reserved are its sums.

A reservation may exceed what is on hand: the rest is what `receive_goods` brings in. What is on hand is never negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

RESERVE = "reserve"
RELEASE = "release"
RECEIVE = "receive"
TAKE_BACK = "take_back"
SHIP = "ship"
RESTOCK = "restock"  # came back from the customer
OPENING = "opening"


@dataclass(frozen=True, slots=True)
class StockLevel:
    """In base units."""

    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    @property
    def available(self) -> Decimal:
        """What is left for new orders; nothing, when more is promised than there is."""
        return max(self.on_hand - self.reserved, Decimal(0))

    def missing_for(self, quantity: Decimal) -> Decimal:
        """How much of `quantity`, already reserved, still has to come in."""
        return min(quantity, max(self.reserved - self.on_hand, Decimal(0)))


@dataclass(frozen=True, slots=True)
class StockMove:
    """One line of the ledger; both changes in base units, negative when they take away."""

    warehouse: str
    sku: str
    kind: str
    order_id: str | None = None
    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    expires_at: datetime | None = None
