"""Customers, goods, stock and shipments of other systems: whole records, aligned like orders, taken over by the rules.

Knows no files. What is looked at only is worked out in transactions that are rolled back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from deskhand.erp.aligning import Precedence, Saying, merged, same_source
from deskhand.erp.cleaning.terms import days_of
from deskhand.erp.findings import Finding, Reason
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.options import ImportOptions
from deskhand.erp.report import Disagreement, ImportReport
from deskhand.erp.rights import right_of
from deskhand.erp.steps import ImportStopped, Phase, Step, Stop, Told
from deskhand.erp.units import from_json, in_json
from deskhand.erp.wholes import Part, Tell
from deskhand.orders.commands import Command, CompleteShipment, GiveShipmentInformation
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor, Customer, Order, Parcel, Product
from deskhand.orders.money import Money
from deskhand.orders.status import OrderStatus
from deskhand.orders.stock import StockLevel, StockMove
from deskhand.store import Desk, UnitOfWork
from deskhand.store.ids import new_id
from deskhand.store.loading import PIECE
from deskhand.store.repositories.source_records import FORGOTTEN, SourceRecord

STOCKTAKING = "stocktaking"
A_CHUNK = 300
AMOUNTS = frozenset({str(Field.UNIT_PRICE), str(Field.CREDIT_LIMIT), str(Field.FREIGHT)})
_KEYS: Mapping[Kind, tuple[tuple[Field, ...], ...]] = {
    Kind.CUSTOMERS: ((Field.CUSTOMER_ID, Field.CUSTOMER_NAME),),
    Kind.PRODUCTS: ((Field.SKU, Field.PRODUCT_NAME, Field.PRODUCT_NAME_EN),),
    Kind.STOCK: ((Field.WAREHOUSE, Field.WAREHOUSE_NAME), (Field.SKU, Field.PRODUCT_NAME)),
    Kind.SHIPMENTS: ((Field.ORDER_NUMBER,), (Field.TRACKING_NUMBER, Field.CARRIER)),
}
_OVER = frozenset({OrderStatus.SETTLED, OrderStatus.CANCELLED})


class NotTaken(Exception):
    """The record can't be taken over; `reason` is told."""

    def __init__(self, field: Field, value: str, reason: str) -> None:
        self.field, self.value, self.reason = field, value, reason
        super().__init__(reason)


@dataclass(slots=True)
class Row:
    """One record of one system."""

    system: str
    key: str
    file: str
    line: int
    at: datetime
    said: dict[str, Any]

    @property
    def saying(self) -> Saying:
        return Saying(self.system, self.at, self.said)


def rows_of(part: Part, kind: Kind, now: datetime) -> Iterable[Row]:
    """The records of a part. One that says no time is as new as this import."""
    names = list(part.columns)
    for line, values in zip(part.lines, zip(*part.columns.values(), strict=True), strict=True):
        said = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        keys = [next((str(said[one]) for one in some if one in said), "") for some in _KEYS[kind]]
        at = said.get(Field.UPDATED_AT) or said.get(Field.CREATED_AT) or now
        yield Row(part.system, "/".join(keys), part.file, line, at, {str(n): in_json(v) for n, v in said.items()})


class MasterImport:
    """One import of one of these kinds."""

    def __init__(
        self, desk: Desk, actor: Actor, options: ImportOptions, report: ImportReport, currency: str, told: Told,
        stop: Stop,
    ) -> None:  # fmt: skip
        self._desk, self._actor, self._options = desk, actor, options
        self._report, self._currency = report, currency
        self._told, self._stop = told, stop
        self._precedence = Precedence(options.precedence)

    def take(self, kind: Kind, rows: Iterable[Row], tell: Tell) -> None:
        """Each thing once, however many systems and rows speak of it. Raises ImportStopped."""
        things: dict[str, dict[str, Row]] = {}
        for row in sorted(rows, key=lambda one: (one.at, one.file, one.line)):
            there = things.setdefault(row.key, {})
            old = there.get(row.system)
            there[row.system] = row if old is None else _joined(old, row)
        keys = sorted(things)
        self._report.orders = len(keys)
        for start in range(0, len(keys), A_CHUNK):
            if self._stop():
                raise ImportStopped(start)
            self._take_some(kind, {key: things[key] for key in keys[start : start + A_CHUNK]}, tell)
            self._told(Step(Phase.WRITING, self._options.source, min(start + A_CHUNK, len(keys)), len(keys)))
        self._note_done(kind)

    def _take_some(self, kind: Kind, things: Mapping[str, Mapping[str, Row]], tell: Tell) -> None:
        with self._desk.unit_of_work(self._actor.tenant) as uow:
            before = uow.source_records.with_keys(str(kind), list(things))
            kept: list[SourceRecord] = []
            for key, by_system in things.items():
                known = before.get(key, ())
                if any(one.state == FORGOTTEN for one in known) or _is_same(by_system, known):
                    self._report.unchanged += 1
                    self._report.already_known += 1
                    continue
                kept += self._take_one(uow, kind, key, by_system, known, tell)
            uow.source_records.merge(uow.source_records.ready(kept))
            if not self._options.dry_run:
                uow.commit()

    def _take_one(
        self, uow: UnitOfWork, kind: Kind, key: str, by_system: Mapping[str, Row], known: Sequence[SourceRecord],
        tell: Tell,
    ) -> list[SourceRecord]:  # fmt: skip
        sayings = {one.source: Saying(one.source, one.stamped_at, one.said) for one in known}
        for system, row in by_system.items():
            sayings[system] = same_source(sayings[system], row.saying) if system in sayings else row.saying
        values, _, told = merged(key, [*sayings.values()], self._precedence, self._options.tolerance, AMOUNTS)
        first = by_system[min(by_system)]
        said = {Field(name): from_json(name, value) for name, value in values.items()}
        try:
            with uow.savepoint():
                customer_id = _TAKERS[kind](self, uow, first, said, known)
        except (NotTaken, DeskhandError) as error:
            field, value = (error.field, error.value) if isinstance(error, NotTaken) else (Field.ORDER_NUMBER, key)
            about = error.reason if isinstance(error, NotTaken) else error.code
            for row in by_system.values():
                tell(Finding(row.file, row.line, Reason.NOT_TAKEN, str(field), value, about))
            return []
        self._report.disagreements += told
        self._report.already_known += bool(known)
        self._report.changed += bool(known)
        self._report.inserted += not known
        return [_record(kind, row, sayings[system], customer_id) for system, row in by_system.items()]

    def _customer(self, uow: UnitOfWork, row: Row, said: Mapping[Field, Any], known: Sequence[SourceRecord]) -> str:
        """A new one, or what its source says of a known one; what people added here stays."""
        theirs = said.get(Field.CUSTOMER_ID) or said[Field.CUSTOMER_NAME]
        here = uow.customers.find_by_external(row.system, theirs)
        if here is None and known and known[0].customer_id:
            here = uow.customers.get(known[0].customer_id)
        name = said.get(Field.CUSTOMER_NAME) or (here.name if here else theirs)
        days, month_end = days_of(said.get(Field.ACCOUNT_DAYS))
        wanted = Customer(
            here.id if here else new_id(), name, email=said.get(Field.EMAIL), address=said.get(Field.ADDRESS),
            region=said.get(Field.REGION), account_days=days, month_end=month_end,
            external_id=here.external_id if here else theirs, source=here.source if here else row.system,
            credit_limit=said.get(Field.CREDIT_LIMIT), customer_class=said.get(Field.CUSTOMER_CLASS),
            aliases=_listed(said.get(Field.ALIASES)), language=_language(said.get(Field.LANGUAGE), name),
        )  # fmt: skip
        if here is None or (here.name, here.address, here.region) != (wanted.name, wanted.address, wanted.region):
            uow.customers.upsert_all([wanted])
            self._report.customers += here is None
        return wanted.id

    def _product(self, uow: UnitOfWork, row: Row, said: Mapping[Field, Any], known: Sequence[SourceRecord]) -> None:
        """A new one, or the source's own; the catalogue of people here is not overwritten."""
        sku = said.get(Field.SKU) or row.key
        name = said.get(Field.PRODUCT_NAME) or said.get(Field.PRODUCT_NAME_EN) or sku
        price = Money(said.get(Field.UNIT_PRICE) or Decimal(0), said.get(Field.CURRENCY) or self._currency)
        unit = said.get(Field.UNIT) or PIECE
        wanted = Product(
            sku, name, said.get(Field.PRODUCT_NAME_EN) or name, unit, {unit: Decimal(1)}, price,
            aliases=_listed(said.get(Field.ALIASES)), weight_kg=said.get(Field.WEIGHT) or Decimal(0),
        )  # fmt: skip
        owner = uow.parties.owner_of(sku)
        if owner is not None and owner[0] != row.system:
            here = uow.products.get(sku).price
            if here.amount != price.amount:
                values = {row.system: str(price.amount), "": str(here.amount)}
                self._report.disagreements.append(Disagreement(sku, "unit_price", values, "", "catalogue"))
            return
        uow.products.upsert_all([wanted], row.system)
        self._report.products += owner is None

    def _stock(self, uow: UnitOfWork, row: Row, said: Mapping[Field, Any], known: Sequence[SourceRecord]) -> None:
        """What was counted there; the ledger gets the difference."""
        place = said.get(Field.WAREHOUSE) or said[Field.WAREHOUSE_NAME]
        sku, counted = said.get(Field.SKU) or said[Field.PRODUCT_NAME], said[Field.QUANTITY]
        if counted < 0:
            raise NotTaken(Field.QUANTITY, str(counted), "nothing can be there less than not at all")
        if sku not in uow.products.many([sku]):
            raise NotTaken(Field.SKU, sku, "no such product is known; import the products first")
        if not uow.warehouses.has(place):
            uow.warehouses.add(place, said.get(Field.WAREHOUSE_NAME) or place)
        level = uow.stock.levels([(place, sku)]).get((place, sku), StockLevel())
        if counted != level.on_hand:
            uow.stock.move([StockMove(place, sku, STOCKTAKING, on_hand=counted - level.on_hand)])

    def _shipment(self, uow: UnitOfWork, row: Row, said: Mapping[Field, Any], known: Sequence[SourceRecord]) -> str:
        """R1 holds for open orders; what is over gets its parcel as a record."""
        number = said[Field.ORDER_NUMBER]
        order = uow.orders.by_external(row.system, number) or next(iter(uow.orders.by_numbers([number])), None)
        if order is None:
            raise NotTaken(Field.ORDER_NUMBER, number, "no such order is known")
        carrier, tracking = said.get(Field.CARRIER) or "", said.get(Field.TRACKING_NUMBER) or ""
        if any((each.carrier, each.tracking_number) == (carrier, tracking) for each in order.parcels):
            return order.customer_id
        shipped = said.get(Field.SHIPPED_AT)
        day = self._desk.tenant(self._actor.tenant).today(shipped or self._desk.clock())
        address = said.get(Field.ADDRESS)
        if order.status in _OVER:
            self._add_parcel(uow, order, Parcel(new_id(), carrier, tracking, address or order.address or "", day))
            return order.customer_id
        self._handle(uow, GiveShipmentInformation(order.number, carrier, tracking, address, day))
        if shipped is not None:
            self._complete(uow, order, row, shipped.isoformat())
        return order.customer_id

    def _complete(self, uow: UnitOfWork, order: Order, row: Row, said: str) -> None:
        """What the parcels hold has left; if it can't be said by who imports, or not yet, that is told."""
        try:
            with uow.savepoint():
                self._handle(uow, CompleteShipment(order.number))
        except DeskhandError as error:
            values = {row.system: said, "": ""}
            self._report.disagreements.append(Disagreement(order.number, "shipped_at", values, "", error.code))

    def _handle(self, uow: UnitOfWork, command: Command) -> None:
        self._desk.handle_in(uow, command, self._actor)

    @staticmethod
    def _add_parcel(uow: UnitOfWork, order: Order, parcel: Parcel) -> None:
        if not order.shipments:
            (made,) = uow.shipments.open_many([order])
        else:
            made = order.shipments[0].id
        uow.shipments.add_parcels([(order.id, made, parcel)])

    def _note_done(self, kind: Kind) -> None:
        report = self._report
        if self._options.dry_run or not (report.inserted or report.changed):
            return
        with self._desk.unit_of_work(self._actor.tenant) as uow:
            said = {"from": self._options.source, "kind": str(kind), "new": report.inserted, "changed": report.changed}
            uow.audit.add(self._actor, right_of(kind), None, "done", said)
            uow.commit()


def _joined(older: Row, newer: Row) -> Row:
    both = same_source(older.saying, newer.saying)
    return replace(newer, at=both.at, said=dict(both.said))


def _digest(row: Row) -> str:
    written = "\x1f".join(f"{name}={row.said[name]}" for name in sorted(row.said))
    return hashlib.sha256(written.encode()).hexdigest()


def _is_same(by_system: Mapping[str, Row], known: Sequence[SourceRecord]) -> bool:
    digests = {one.source: one.digest for one in known}
    return all(digests.get(system) == _digest(row) for system, row in by_system.items())


def _record(kind: Kind, row: Row, saying: Saying, customer_id: str | None) -> SourceRecord:
    return SourceRecord(
        *(row.system, str(kind), row.key, "", _digest(row), saying.at), customer_id=customer_id, said=dict(saying.said)
    )


def _listed(text: str | None) -> tuple[str, ...]:
    """Aliases in one cell."""
    plain = (text or "").replace("；", ";").replace("，", ";").replace(",", ";").replace("|", ";")
    return tuple(word.strip() for word in plain.split(";") if word.strip())


def _language(word: str | None, name: str) -> str:
    given = (word or "").casefold()
    if given[:2] in ("zh", "en"):
        return given[:2]
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in name) else "en"


Taker = Callable[[MasterImport, UnitOfWork, Row, Mapping[Field, Any], Sequence[SourceRecord]], str | None]
_TAKERS: Mapping[Kind, Taker] = {
    Kind.CUSTOMERS: MasterImport._customer,
    Kind.PRODUCTS: MasterImport._product,
    Kind.STOCK: MasterImport._stock,
    Kind.SHIPMENTS: MasterImport._shipment,
}
