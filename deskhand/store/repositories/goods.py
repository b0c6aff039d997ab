"""Products, warehouses and the stock ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, Update, bindparam, func, or_, select, tuple_, update

from deskhand.orders.errors import InsufficientStock, UnknownProduct
from deskhand.orders.model import Product
from deskhand.orders.money import Money
from deskhand.orders.stock import OPENING, StockLevel, StockMove
from deskhand.store.ids import new_id
from deskhand.store.records import Warehouse
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import product, stock, stock_movement, warehouse

Place = tuple[str, str]  # warehouse, sku


class Products(Repository):
    """The catalogue."""

    def get(self, sku: str) -> Product:
        """One product.

        Raises:
            UnknownProduct: if the catalogue has none with that number.
        """
        found = self.many([sku]).get(sku)
        if found is None:
            raise UnknownProduct(product=sku)
        return found

    def many(self, skus: Collection[str]) -> dict[str, Product]:
        """Those of `skus` that exist."""
        found = {}
        for part in chunks(sorted(set(skus))):
            query = select(product).where(self.own(product), product.c.sku.in_(part))
            found.update({row["sku"]: _product(row) for row in self.rows(query)})
        return found

    def like(self, part: str, limit: int) -> list[Product]:
        """Those of which a name or the SKU has this in it, by SKU."""
        names = (product.c.name_zh, product.c.name_en, product.c.sku)
        has = or_(*(name.icontains(part, autoescape=True) for name in names))
        query = select(product).where(self.own(product), has).order_by(product.c.sku).limit(limit)
        return [_product(row) for row in self.rows(query)]

    def all(self) -> list[Product]:
        return [_product(row) for row in self.rows(select(product).where(self.own(product)).order_by(product.c.sku))]

    def version(self) -> int:
        """Another number once any of them was written."""
        return self.writes(product)

    def add(self, added: Product, stock: Mapping[str, Decimal] | None = None) -> None:
        """With what is on hand at the start, by warehouse."""
        self.add_rows(product, [self._values(added)])
        moves = [StockMove(place, added.sku, OPENING, on_hand=count) for place, count in (stock or {}).items()]
        Stock(self.connection, self.tenant, self.clock).move(moves)

    def upsert_all(self, products: Sequence[Product], source: str | None = None) -> None:
        """By sku; what people added here (aliases, units) stays."""
        rows = [self._values(one, source) for one in products]
        self.upsert(product, rows, ("sku",), keep=("aliases", "units", "base_unit", "created_at"))

    def _values(self, one: Product, source: str | None = None) -> dict[str, Any]:
        return {
            "sku": one.sku,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "base_unit": one.base_unit,
            "units": {unit: str(size) for unit, size in one.units.items()},
            "price": one.price.amount,
            "currency": one.price.currency,
            "aliases": list(one.aliases),
            "weight_kg": one.weight_kg,
            "source": source,
            "created_at": self.clock(),
        }


class Warehouses(Repository):
    """Where goods are."""

    def all(self) -> list[Warehouse]:
        query = select(warehouse).where(self.own(warehouse)).order_by(warehouse.c.code)
        return [Warehouse(row["code"], row["name"]) for row in self.rows(query)]

    def has(self, code: str) -> bool:
        return self.is_there(warehouse, warehouse.c.code == code)

    def add(self, code: str, name: str) -> None:
        self.add_row(warehouse, code=code, name=name)


class Stock(Repository):
    """The ledger and its sums."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._noted: dict[str, list[StockMove]] = {}

    def level(self, sku: str, place: str) -> StockLevel:
        return self.levels([(place, sku)]).get((place, sku), StockLevel())

    def levels(self, places: Collection[Place]) -> dict[Place, StockLevel]:
        """Levels of those places that have ever held the goods."""
        found = {}
        for part in chunks(sorted(set(places))):
            query = select(stock).where(self.own(stock), tuple_(stock.c.warehouse, stock.c.sku).in_(part))
            for row in self.rows(query):
                found[row["warehouse"], row["sku"]] = StockLevel(row["on_hand"], row["reserved"])
        return found

    def move(self, moves: Sequence[StockMove]) -> None:
        """Writes the ledger and its sums.

        Raises:
            InsufficientStock: if a sum would become negative; the transaction must not go on.
        """
        if not moves:
            return
        changes: dict[Place, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for move in moves:
            changes[move.warehouse, move.sku][0] += move.on_hand
            changes[move.warehouse, move.sku][1] += move.reserved
        self.add_rows(stock_movement, [self._ledger(move) for move in moves])
        self._apply(changes)
        for move in moves:
            self._noted.setdefault(move.order_id or "", []).append(move)

    def noted(self) -> dict[str, list[StockMove]]:
        """What was moved in this transaction since it was last asked for, by order."""
        noted, self._noted = self._noted, {}
        return noted

    def of_orders(self, order_ids: Sequence[str], kinds: Collection[str] | None = None) -> list[StockMove]:
        """What these orders moved, summed by place and kind."""
        ledger = stock_movement.c
        found: list[StockMove] = []
        for part in chunks(order_ids):
            group = (ledger.order_id, ledger.warehouse, ledger.sku, ledger.kind)
            sums = (
                func.sum(ledger.on_hand_change).label("on_hand"),
                func.sum(ledger.reserved_change).label("reserved"),
            )
            query = select(*group, *sums).where(self.own(stock_movement), ledger.order_id.in_(part)).group_by(*group)
            if kinds is not None:
                query = query.where(ledger.kind.in_(kinds))
            found += [StockMove(**row) for row in self.rows(query)]
        return found

    def _ledger(self, move: StockMove) -> dict[str, Any]:
        return {
            "id": new_id(),
            "warehouse": move.warehouse,
            "sku": move.sku,
            "order_id": move.order_id,
            "kind": move.kind,
            "on_hand_change": move.on_hand,
            "reserved_change": move.reserved,
            "expires_at": move.expires_at,
            "at": self.clock(),
        }

    def _apply(self, changes: Mapping[Place, Sequence[Decimal]]) -> None:
        statement = (
            update(stock)
            .where(
                *(self.own(stock), stock.c.warehouse == bindparam("at_place"), stock.c.sku == bindparam("of_sku")),
                stock.c.on_hand + bindparam("more", type_=stock.c.on_hand.type) >= 0,
                stock.c.reserved + bindparam("promised", type_=stock.c.reserved.type) >= 0,
            )
            .values(
                on_hand=stock.c.on_hand + bindparam("more", type_=stock.c.on_hand.type),
                reserved=stock.c.reserved + bindparam("promised", type_=stock.c.reserved.type),
            )
        )
        places = sorted(changes)  # the same order in every transaction: no deadlock
        done = self._changed(statement, places, changes)
        if done != len(places):
            absent = sorted(set(places) - set(self.levels(places)))
            nothing = {"on_hand": Decimal(0), "reserved": Decimal(0)}
            self.add_missing(stock, [{"warehouse": place, "sku": sku, **nothing} for place, sku in absent])
            done += self._changed(statement, absent, changes)
        if done != len(places):
            raise self._short(changes)

    def _changed(self, statement: Update, places: Sequence[Place], changes: Mapping[Place, Sequence[Decimal]]) -> int:
        rows = [
            {"at_place": place, "of_sku": sku, "more": changes[place, sku][0], "promised": changes[place, sku][1]}
            for place, sku in places
        ]
        return self.connection.execute(statement, rows).rowcount if rows else 0

    def _short(self, changes: Mapping[Place, Sequence[Decimal]]) -> InsufficientStock:
        """Which goods there are too few of; those that were enough have been changed already."""
        levels = self.levels(list(changes))
        for (place, sku), (more, _) in changes.items():
            level = levels.get((place, sku), StockLevel())
            if more < 0 and level.on_hand < -more:
                return InsufficientStock(product=sku, warehouse=place, available=str(level.on_hand), wanted=str(-more))
        return InsufficientStock(product=", ".join(sku for _, sku in changes))


def _product(row: RowMapping) -> Product:
    return Product(
        sku=row["sku"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        base_unit=row["base_unit"],
        units={unit: Decimal(size) for unit, size in row["units"].items()},
        price=Money(row["price"], row["currency"]),
        aliases=tuple(row["aliases"]),
        weight_kg=row["weight_kg"],
    )
