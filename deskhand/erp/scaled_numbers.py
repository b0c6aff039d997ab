"""Quantities, prices and amounts of lines as the database keeps them, each worked out once. Knows no order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from deskhand.orders.money import round_amount
from deskhand.store.types import to_scaled

_KEPT = 100_000  # pairs of numbers that are known by their identity


class Numbers(dict[tuple[Any, ...], tuple[int, int, int]]):
    """Quantity, price, discount, amount off, line's total -> scaled quantity, price, amount; each worked out once."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency

    def __missing__(self, key: tuple[Any, ...]) -> tuple[int, int, int]:
        quantity, price, discount, off, total = key
        if price is None:
            price = abs(total / quantity) if total is not None and quantity else Decimal(0)
        amount = quantity * price * (1 - (discount or 0)) - (off or 0)
        if total is not None and quantity > 0:
            amount = total
        found = to_scaled(quantity), to_scaled(price), to_scaled(round_amount(amount, self._currency))
        self[key] = found
        return found


class Scaled(dict[tuple[int, int], tuple[int, int, int]]):
    """The same for quantities and prices that are the same objects, as cleaning gives them: to find a number by its
    identity takes a tenth of finding it by its value.
    """

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self._numbers = numbers
        self._held: list[Any] = []  # so that no other object gets their identity

    def of(self, quantities: Sequence[Any], prices: Sequence[Any]) -> list[tuple[int, int, int]]:
        """Quantity, price and amount of each line."""
        keys = list(zip(map(id, quantities), map(id, prices), strict=True))
        try:
            return list(map(self.__getitem__, keys))
        except KeyError:
            self._learn(keys, quantities, prices)
        return list(map(self.__getitem__, keys))

    def _learn(self, keys: Sequence[tuple[int, int]], quantities: Sequence[Any], prices: Sequence[Any]) -> None:
        if len(self) > _KEPT:
            self.clear()
            self._held.clear()
        for key, quantity, price in zip(keys, quantities, prices, strict=True):
            if key not in self:
                self[key] = self._numbers[quantity, price, None, None, None]
                self._held += (quantity, price)
