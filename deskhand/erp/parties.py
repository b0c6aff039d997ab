"""Customers and goods that orders name, as the newest of their orders has them. Knows no storage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from deskhand.erp.kinds import Field
from deskhand.erp.units import Unit
from deskhand.orders.imports import ImportedCustomer, ImportedProduct
from deskhand.store.types import from_scaled

_SAID = (Field.CUSTOMER_NAME, Field.REGION, Field.EMAIL, Field.ADDRESS)


@dataclass(slots=True)
class Parties:
    """By the system that owns the orders; `seen` says how new it is what is known."""

    customers: dict[tuple[str, str], ImportedCustomer] = field(default_factory=dict)
    products: dict[tuple[str, str], ImportedProduct] = field(default_factory=dict)
    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)
    sold: dict[tuple[str, str], datetime] = field(default_factory=dict)


def parties_of(units: Sequence[Unit]) -> Parties:
    """Of these orders, which are sorted by their time."""
    found = Parties()
    said: dict[tuple[str, str], dict[Field, str]] = {}  # of each customer, the newest of each
    for unit in units:
        owner, at = unit.owner, unit.owner.stamp
        place = owner.system, owner.customer
        if at >= found.seen.get(place, at):
            known = said.setdefault(place, {})
            known |= {name: value for name in _SAID if (value := unit.head.get(name))}
            found.seen[place] = at
    for (system, key), known in said.items():
        found.customers[system, key] = ImportedCustomer(
            key, known.get(Field.CUSTOMER_NAME, key),
            region=known.get(Field.REGION), email=known.get(Field.EMAIL), address=known.get(Field.ADDRESS),
        )  # fmt: skip
    _add_products(found, units)
    return found


def _add_products(found: Parties, units: Sequence[Unit]) -> None:
    """The last line of each product; one whose name is but its code does not take the name away."""
    latest: dict[tuple[str, str], tuple[str, int, datetime]] = {}
    named: dict[str, set[str]] = defaultdict(set)  # by system, the products of which nothing older is asked
    for unit in reversed(units):
        system, at = unit.owner.system, unit.owner.created_at
        known = named[system]
        for line in reversed(unit.lines):
            sku, name = line[0], line[1]
            if sku in known:
                continue
            _, price, sold = latest.get((system, sku), (name, line[3], at))
            latest[system, sku] = (name, price, sold)
            if name != sku:
                known.add(sku)
    for (system, sku), (name, price, at) in latest.items():
        found.products[system, sku] = ImportedProduct(sku, name, from_scaled(price) if price else Decimal(0))
        found.sold[system, sku] = at
