"""Customers and goods that imported orders name: new ones are added, those of a source follow what it said last."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import select

from deskhand.orders.imports import ImportedCustomer, ImportedProduct
from deskhand.orders.model import Customer, Product
from deskhand.orders.money import Money
from deskhand.store.ids import new_id
from deskhand.store.loading import PIECE
from deskhand.store.repositories.base import Repository
from deskhand.store.repositories.goods import Products
from deskhand.store.repositories.people import Customers
from deskhand.store.repositories.source_records import FORGOTTEN, SourceRecord, SourceRecords
from deskhand.store.schema import customer, product

CUSTOMERS, PRODUCTS = "customers", "products"
Place = tuple[str, str]  # a system and an id there


@dataclass(frozen=True, slots=True)
class TakenParties:
    """Every customer that was named, by its place, and how many rows are new."""

    customers: Mapping[Place, Customer]
    new_customers: int
    new_products: int


class PartiesOf(Repository):
    """What is older than what the same source said before changes nothing."""

    def take(
        self,
        customers: Mapping[Place, tuple[ImportedCustomer, datetime]],
        products: Mapping[Place, tuple[ImportedProduct, datetime]],
        currency: str,
        write: bool,
    ) -> TakenParties:
        """With the time at which each was seen like that."""
        taken, new, changed, records = self._customers(customers)
        goods, fresh, said = self._products(products, currency)
        if write:
            Customers(self.connection, self.tenant, self.clock).upsert_all(changed)
            keeper = Products(self.connection, self.tenant, self.clock)
            for source in sorted(goods):
                keeper.upsert_all(goods[source], source)
            known = SourceRecords(self.connection, self.tenant, self.clock)
            known.merge(known.ready([*records, *said]))
        return TakenParties(taken, new, fresh)

    def owner_of(self, sku: str) -> tuple[str | None] | None:
        """The system that a product comes from; (None,) is the catalogue of people here, None: there is none such."""
        row = self.row(select(product.c.source).where(self.own(product), product.c.sku == sku))
        return None if row is None else (row["source"],)

    def _customers(
        self, given: Mapping[Place, tuple[ImportedCustomer, datetime]]
    ) -> tuple[dict[Place, Customer], int, list[Customer], list[SourceRecord]]:
        here = self._customers_here({source for source, _ in given})
        before = self._records(CUSTOMERS, given)
        gone = [one.customer_id for one in before.values() if one.state == FORGOTTEN and one.customer_id]
        forgotten = Customers(self.connection, self.tenant, self.clock).many(gone)
        taken: dict[Place, Customer] = {}
        changed, records, new = [], [], 0
        for place in sorted(given):
            one, at = given[place]
            old, row = before.get(place), here.get(place)
            if old is not None and old.state == FORGOTTEN and old.customer_id is not None:
                taken[place] = row or forgotten[old.customer_id]
                continue
            if row is not None and old is not None and old.stamped_at > at:
                taken[place] = row
                continue
            wanted = Customer(
                row.id if row else new_id(), one.name, email=one.email,
                address=one.address or (row.address if row else None),
                region=one.region or (row.region if row else None), external_id=one.external_id, source=place[0],
            )  # fmt: skip
            new += row is None
            if row is None or _shown(row) != _shown(wanted):
                changed.append(wanted)
            taken[place] = wanted
            said = {"name": one.name, "region": one.region, "email": one.email, "address": one.address}
            records.append(_record(CUSTOMERS, place, at, {k: v for k, v in said.items() if v}, wanted.id))
        return taken, new, changed, records

    def _customers_here(self, sources: set[str]) -> dict[Place, Customer]:
        columns = ("id", "name", "address", "region", "source", "external_id")
        query = select(*(customer.c[name] for name in columns))
        query = query.where(self.own(customer), customer.c.source.in_(sorted(sources)))
        return {(row["source"], row["external_id"]): Customer(**row) for row in self.rows(query)}

    def _products(
        self, given: Mapping[Place, tuple[ImportedProduct, datetime]], currency: str
    ) -> tuple[dict[str, list[Product]], int, list[SourceRecord]]:
        """By source; goods of the catalogue or of another source are left alone."""
        columns = (product.c.sku, product.c.source, product.c.name_zh, product.c.price, product.c.currency)
        here = {row["sku"]: row for row in self.rows(select(*columns).where(self.own(product)))}
        before = self._records(PRODUCTS, given)
        goods: dict[str, list[Product]] = {}
        records, new, added = [], 0, set()
        for (source, sku), (one, at) in sorted(given.items(), key=lambda item: item[0]):
            row, old = here.get(sku), before.get((source, sku))
            if sku in added or (row is not None and row["source"] != source) or (old and old.stamped_at > at):
                continue
            added.add(sku)
            new += row is None
            money = Money(one.price, currency)
            if row is None or (row["name_zh"], row["price"], row["currency"]) != (one.name, money.amount, currency):
                goods.setdefault(source, []).append(Product(sku, one.name, one.name, PIECE, {PIECE: Decimal(1)}, money))
            records.append(_record(PRODUCTS, (source, sku), at, {"name": one.name, "price": str(one.price)}))
        return goods, new, records

    def _records(self, kind: str, places: Mapping[Place, object]) -> Mapping[Place, SourceRecord]:
        never = datetime.min.replace(tzinfo=UTC)
        wanted = [SourceRecord(source, kind, key, "", "", never) for source, key in places]
        return SourceRecords(self.connection, self.tenant, self.clock).known(wanted, elsewhere=False).by_key


def _shown(one: Customer) -> tuple[str | None, ...]:
    return one.name, one.address, one.region


def _record(
    kind: str, place: Place, at: datetime, said: Mapping[str, object], customer_id: str | None = None
) -> SourceRecord:
    source, key = place
    digest = "; ".join(f"{name}={said[name]}" for name in sorted(said))
    return SourceRecord(source, kind, key, "", _short(digest), at, customer_id=customer_id, said=said)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
