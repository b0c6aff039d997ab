"""Orders, lines, customers, products, stock and shipments -> a file. Knows the store and files; nothing of HTTP.

What is exported can be imported as it is. A customer's user gets what is theirs and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from deskhand.erp.sheets import Format, Value, open_sheet
from deskhand.orders.actions import EXPORT_CUSTOMERS, EXPORT_GOODS, EXPORT_ORDERS
from deskhand.orders.model import Actor
from deskhand.orders.money import in_places
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import Tenant
from deskhand.store import Desk
from deskhand.store.repositories.exports import Chosen, Exports, Rows
from deskhand.yaml_files import yaml_in

_FOR_STAFF = frozenset({"credit_limit", "customer_class"})  # how the company sees a customer


class Kind(StrEnum):
    """What can be exported."""

    ORDERS = "orders"  # a row for each
    LINES = "lines"
    CUSTOMERS = "customers"
    PRODUCTS = "products"
    STOCK = "stock"
    SHIPMENTS = "shipments"  # a row for each parcel


@dataclass(frozen=True)
class Wanted:
    """Days are those of the company, both included."""

    kind: Kind
    format: Format = Format.CSV
    language: str = "en"
    statuses: tuple[OrderStatus, ...] = ()
    customer_id: str | None = None
    source: str | None = None
    since: date | None = None
    until: date | None = None
    warehouse: str | None = None

    def filters(self) -> dict[str, str]:
        """Those that leave something out, as the audit keeps them."""
        chosen = {name: getattr(self, name) for name in ("customer_id", "source", "since", "until", "warehouse")}
        said = {name: str(value) for name, value in chosen.items() if value is not None}
        return said | ({"statuses": ", ".join(self.statuses)} if self.statuses else {})


@dataclass(frozen=True)
class _Sort:
    """Whose right it takes, where the rows are, and how a row is told."""

    right: str
    rows: Callable[[Exports, Chosen], Rows]
    told: Callable[[Mapping[str, Any]], Mapping[str, Any]]


def export(desk: Desk, actor: Actor, wanted: Wanted, file: IO[bytes]) -> int:
    """Writes the file and notes it in the audit; says how many rows it has.

    Raises:
        RoleNotAllowed: it is noted too, and nothing was written.
    """
    sort = _SORTS[wanted.kind]
    actor = desk.require(sort.right, actor)
    count = 0
    with desk.unit_of_work(actor.tenant, read_only=True) as uow:
        chosen = _chosen(wanted, uow.tenant)
        mine = desk.only_customer(uow, sort.right, actor)
        if mine is not None:
            chosen = replace(chosen, customer_id=mine)
        columns, zone = headings(wanted.kind, wanted.language), ZoneInfo(uow.tenant.time_zone)
        if mine is not None:
            columns = {name: said for name, said in columns.items() if name not in _FOR_STAFF}
        sheet = open_sheet(wanted.format, file, wanted.kind, list(columns.values()))
        for row in sort.rows(uow.exports, chosen):
            told = sort.told(row)
            sheet.row([_value(told[name], zone) for name in columns])
            count += 1
        sheet.close()
    _note(desk, actor, sort.right, wanted, count)
    return count


def headings(kind: Kind, language: str) -> dict[str, str]:
    """Name of the column -> its heading."""
    return {name: said[language] for name, said in _headings()[kind].items()}


@cache
def _headings() -> dict[str, dict[str, dict[str, str]]]:
    read: dict[str, dict[str, dict[str, str]]] = yaml_in(Path(__file__).with_name("exports.yml"))
    return read


def _note(desk: Desk, actor: Actor, right: str, wanted: Wanted, count: int) -> None:
    detail = {"kind": str(wanted.kind), "format": str(wanted.format), "rows": count, **wanted.filters()}
    with desk.unit_of_work(actor.tenant) as uow:
        uow.audit.add(actor, right, None, "done", detail)
        uow.commit()


def _chosen(wanted: Wanted, tenant: Tenant) -> Chosen:
    zone = ZoneInfo(tenant.time_zone)
    after = wanted.until + timedelta(days=1) if wanted.until else None
    return Chosen(
        customer_id=wanted.customer_id,
        statuses=tuple(map(str, wanted.statuses)),
        source=wanted.source,
        since=datetime.combine(wanted.since, time(), zone) if wanted.since else None,
        until=datetime.combine(after, time(), zone) if after else None,
        warehouse=wanted.warehouse,
    )


def _value(value: Any, zone: ZoneInfo) -> Value:
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    if value is None or isinstance(value, date | Decimal | int):
        return value
    return str(value)


def _order(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "customer": row["customer_external_id"] or row["customer_id"],
        "total": in_places(row["total"], row["currency"]),
    }


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    money = {name: in_places(row[name], row["currency"]) for name in ("unit_price", "amount")}
    return _order(row) | money


def _shipment(row: Mapping[str, Any]) -> dict[str, Any]:
    freight = None if row["freight"] is None else in_places(row["freight"], row["currency"])
    where = {"address": row["parcel_address"], "warehouse": row["from_warehouse"]}
    return _order(row) | where | {"freight": freight}


def _customer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "customer": row["external_id"] or row["id"], "aliases": "; ".join(row["aliases"])}


def _product(row: Mapping[str, Any]) -> dict[str, Any]:
    packs = "; ".join(f"{unit}={size}" for unit, size in row["units"].items())
    price = in_places(row["price"], row["currency"])
    return {**row, "units": packs, "price": price, "aliases": "; ".join(row["aliases"])}


def _stock(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "unit": row["base_unit"]}


_SORTS: Mapping[Kind, _Sort] = {
    Kind.ORDERS: _Sort(EXPORT_ORDERS, Exports.orders, _order),
    Kind.LINES: _Sort(EXPORT_ORDERS, Exports.lines, _line),
    Kind.SHIPMENTS: _Sort(EXPORT_ORDERS, Exports.shipments, _shipment),
    Kind.CUSTOMERS: _Sort(EXPORT_CUSTOMERS, Exports.customers, _customer),
    Kind.PRODUCTS: _Sort(EXPORT_GOODS, Exports.products, _product),
    Kind.STOCK: _Sort(EXPORT_GOODS, Exports.stock, _stock),
}
