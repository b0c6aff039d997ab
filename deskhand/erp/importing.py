"""Files -> report, and orders in the store. The one place where an import meets the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

from babel.numbers import list_currencies

from deskhand.erp.columns import ColumnsNotRecognised, Field, recognise
from deskhand.erp.grouping import Grouper
from deskhand.erp.lines import CleanRow, RowCleaner
from deskhand.erp.previews import REASONS, Preview
from deskhand.erp.reading import Row, Source, read_rows
from deskhand.erp.report import ImportReport
from deskhand.erp.steps import Stop, Told, never, untold
from deskhand.orders.actions import IMPORT_ORDERS
from deskhand.orders.imports import ImportBatch, ImportedCustomer, ImportedOrder, ImportedProduct
from deskhand.orders.model import Actor
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk

Progress = Callable[[str, int], None]  # the file's name and how many of its rows were read since the last call
REPORT_EVERY = 1000


class OptionInvalid(Exception):
    """An import can't be done like this; the message says why."""


@dataclass(frozen=True)
class ImportOptions:
    """How a set of files is to be taken.

    Attributes:
        source: the system that they come from; with the order's number it makes an order known.
        currency: of all amounts; the tenant's when None.
        zone: of the files' times; the tenant's when None.
        sort: by which time the orders are sorted: created, updated or paid (R2).
        start_status: where open orders begin; None: closed history without effects.
        guest: the customer of rows that name none; None: such rows are refused.
        automatic: the worker carries the orders on without a person.
        dry_run: read, clean and report, write nothing.
        tolerance: two amounts that differ by no more are the same.
        precedence: field (`*`: every other) -> sources whose value wins over a newer one, the first first.
        again: look at every row even if these very files were imported before.
    """

    source: str
    currency: str | None = None
    zone: str | None = None
    sort: str = "created"
    start_status: OrderStatus | None = None
    automatic: bool = False
    guest: str | None = None
    dry_run: bool = False
    kind: str | None = None  # orders, customers, products, stock, shipments; None: as the columns say
    tolerance: Decimal = Decimal("0.01")
    precedence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    again: bool = False


def preview(
    desk: Desk, actor: Actor, sources: Sequence[Source], options: ImportOptions, told: Told = untold
) -> Preview:
    """What `run` would do with these files; writes nothing.

    Raises:
        RoleNotAllowed, OptionInvalid, FileNotReadable, ColumnsNotRecognised.
    """
    report = import_files(desk, actor, sources, replace(options, dry_run=True))
    refused = len(report.findings)
    changes = {"new": report.orders}
    reasons = tuple(report.findings[:REASONS])
    return Preview(report.key, report.of, (), report.rows - refused, refused, 0, changes, reasons, report)


def run(
    desk: Desk,
    actor: Actor,
    sources: Sequence[Source],
    options: ImportOptions,
    told: Told = untold,
    stop: Stop = never,
    key: str | None = None,
) -> ImportReport:
    """Takes the files over; the same again changes nothing, and after a failure goes on where it stopped.

    Args:
        key: of the preview that was agreed to.

    Raises:
        RoleNotAllowed, OptionInvalid, FileNotReadable, ColumnsNotRecognised: nothing was written.
        ImportStopped: `stop` said so; whole orders were written until then.
    """
    return import_files(desk, actor, sources, options)


def import_files(
    desk: Desk, actor: Actor, sources: Sequence[Source], options: ImportOptions, progress: Progress | None = None
) -> ImportReport:
    """Reads the files, aligns them with what is known and writes the orders in one transaction.

    Raises:
        RoleNotAllowed: the actor may not import, neither as themselves nor for a colleague who is away.
        OptionInvalid, FileNotReadable, ColumnsNotRecognised: nothing was written.
    """
    began = time.monotonic()
    actor = desk.require(IMPORT_ORDERS, actor)
    _check(options)
    tenant = desk.tenant(actor.tenant)
    report = ImportReport(dry_run=options.dry_run, sorted_by=options.sort)
    currency = options.currency or tenant.currency
    zone = ZoneInfo(options.zone or tenant.time_zone)
    grouper, details = Grouper(currency, report), _Details()
    for source in sources:
        header, rows = read_rows(source)
        cleaner = RowCleaner(_columns(source, header), zone, desk.clock(), report, options.guest)
        grouper.add(details.watch(cleaner.clean(_told(rows, source.name, progress))))
    orders = grouper.orders(options.sort)
    batch = _batch(orders, details, options, currency)
    _sum_up(report, batch)
    if not options.dry_run and orders:
        _write(desk, actor, batch, report)
    report.seconds = time.monotonic() - began
    return report


def _check(options: ImportOptions) -> None:
    """Raises OptionInvalid before anything is read: what was imported with a wrong currency can't be taken back."""
    if options.currency is not None and options.currency not in list_currencies():
        raise OptionInvalid(f"{options.currency} is no currency code; ISO 4217 has three letters, GBP say")
    if options.zone is not None and options.zone not in available_timezones():
        raise OptionInvalid(f"{options.zone} is no time zone; they are called Europe/London, say")


def _columns(source: Source, header: Sequence[str]) -> dict[Field, int]:
    try:
        return recognise(header)
    except ColumnsNotRecognised as problem:
        raise ColumnsNotRecognised(f"{source.name}: {problem}") from problem


def _told(rows: Iterable[Row], name: str, progress: Progress | None) -> Iterable[Row]:
    count = 0
    for count, row in enumerate(rows, 1):
        if progress and count % REPORT_EVERY == 0:
            progress(name, REPORT_EVERY)
        yield row
    if progress:
        progress(name, count % REPORT_EVERY)


class _Details:
    """Customers and products, as the latest row of each has them."""

    def __init__(self) -> None:
        self.customers: dict[str, CleanRow] = {}
        self.products: dict[str, CleanRow] = {}

    def watch(self, rows: Iterable[CleanRow]) -> Iterable[CleanRow]:
        for row in rows:
            self._keep(self.customers, row.customer_id, row)
            if row.sku and row.quantity > 0 and row.product_name:
                self._keep(self.products, row.sku, row)
            yield row

    @staticmethod
    def _keep(known: dict[str, CleanRow], key: str, row: CleanRow) -> None:
        before = known.get(key)
        if before is None or before.created_at <= row.created_at:
            known[key] = row


def _batch(orders: Sequence[ImportedOrder], details: _Details, options: ImportOptions, currency: str) -> ImportBatch:
    used = {order.customer_external_id for order in orders}
    customers = tuple(
        ImportedCustomer(key, row.customer_name, row.region, row.email, row.address)
        for key, row in details.customers.items() if key in used
    )  # fmt: skip
    ordered = {line.sku for order in orders for line in order.lines}
    products = tuple(
        ImportedProduct(sku, row.product_name, row.unit_price)
        for sku, row in details.products.items()
        if sku in ordered
    )
    unnamed = ordered - {product.sku for product in products}
    products += tuple(_unnamed_products(orders, unnamed))
    return ImportBatch(options.source, currency, customers, products, tuple(orders), options.start_status,
                       options.automatic)  # fmt: skip


def _unnamed_products(orders: Sequence[ImportedOrder], skus: set[str]) -> Iterable[ImportedProduct]:
    """Products that no row names: they are called by their code."""
    prices = {line.sku: line.unit_price for order in orders for line in order.lines if line.sku in skus}
    return (ImportedProduct(sku, sku, price) for sku, price in prices.items())


def _sum_up(report: ImportReport, batch: ImportBatch) -> None:
    report.orders = len(batch.orders)
    report.header_only = sum(not order.lines for order in batch.orders)
    report.cancelled_orders = sum(order.cancelled for order in batch.orders)
    report.total = sum((order.total for order in batch.orders), report.total)


def _write(desk: Desk, actor: Actor, batch: ImportBatch, report: ImportReport) -> None:
    with desk.unit_of_work(actor.tenant) as uow:
        result = uow.imports.insert(batch, actor)
        counts = {"orders": result.inserted, "known": result.already_known, "customers": result.customers}
        uow.audit.add(actor, IMPORT_ORDERS, None, "done", {"from": batch.source, **counts, "products": result.products})
        uow.commit()
    report.inserted, report.already_known = result.inserted, result.already_known
    report.customers, report.products = result.customers, result.products
    report.numbers, report.like = result.numbers, result.like


def import_file(desk: Desk, actor: Actor, data: bytes, name: str, options: ImportOptions) -> ImportReport:
    """One uploaded file; its name is used in the report only."""
    return import_files(desk, actor, [Source(name, data)], options)
