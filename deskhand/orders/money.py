"""Money: a Decimal with a currency, rounded half-up to the currency's minor unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_PLACES = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}
_COINS = [Decimal(1).scaleb(-places) for places in range(4)]


def places_of(currency: str) -> int:
    """Two unless ISO 4217 says otherwise."""
    return _PLACES.get(currency, 2)


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Half-up to the currency's places: two unless ISO 4217 says otherwise."""
    return amount.quantize(_COINS[places_of(currency)], rounding=ROUND_HALF_UP)


def in_places(amount: Decimal, currency: str) -> Decimal:
    """Padded to the currency's places (20 -> 20.00); what has more places keeps them."""
    rounded = round_amount(amount, currency)
    return rounded if rounded == amount else amount


@dataclass(frozen=True, slots=True)
class Money:
    """An amount already rounded; adding different currencies is a programming error."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", round_amount(self.amount, self.currency))

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
