"""What was exported is imported as it is: the same orders in another company's desk, and no change in one's own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.erp.exporting import Kind, Wanted, export
from deskhand.erp.importing import ImportOptions, preview, run
from deskhand.erp.sheets import Format
from deskhand.erp.sources import Source
from deskhand.orders.model import Customer
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import Desk
from tests.support.desks import ADMIN, OTHER_TENANT, TENANT, FakeClock, demo_database, open_desk, order_in, placed

STRANGER = replace(ADMIN, tenant=OTHER_TENANT)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = open_desk(demo_database(tmp_path), FakeClock())
    order_in(made, "packed")
    placed(made, quantity="7")
    yield made
    made.close()


def exported(desk: Desk, kind: Kind, format_: Format = Format.CSV, language: str = "en") -> Source:
    file = io.BytesIO()
    export(desk, ADMIN, Wanted(kind, format_, language), file)
    return Source.held(f"{kind}.{format_}", file.getvalue())


def totals(desk: Desk, tenant: str) -> dict[str | None, str]:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        found = uow.orders.list(limit=100).items
    return {order.external_number or order.number: str(order.total) for order in found}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("kind", [Kind.ORDERS, Kind.LINES])
def test_orders_and_lines_come_in_elsewhere_as_they_went_out(
    desk: Desk, kind: Kind, format_: Format, language: str
) -> None:
    source = exported(desk, kind, format_, language)

    report = run(desk, STRANGER, [source], ImportOptions("partner", kind="orders"))

    assert (report.refused, report.inserted) == (0, 2), report.as_dict()
    assert totals(desk, OTHER_TENANT) == totals(desk, TENANT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [Kind.CUSTOMERS, Kind.PRODUCTS, Kind.STOCK, Kind.SHIPMENTS])
def test_every_row_of_the_other_kinds_is_good_and_its_columns_are_recognised(
    desk: Desk, kind: Kind, language: str
) -> None:
    seen = preview(desk, ADMIN, [exported(desk, kind, language=language)], ImportOptions("desk", kind=str(kind)))

    assert (seen.kind, seen.refused) == (str(kind), 0) and seen.good > 0, seen.as_dict()


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.LINES])
def test_the_kind_is_recognised_by_the_headings_alone(desk: Desk, kind: Kind) -> None:
    for language in LANGUAGES:
        seen = preview(desk, ADMIN, [exported(desk, kind, language=language)], ImportOptions("desk"))
        assert seen.kind == str(kind), (kind, language, seen.kind)


def test_a_name_that_would_be_calculated_comes_back_as_it_was(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.customers.add(Customer("evil", "=HYPERLINK(1)"))
        uow.commit()
    source = exported(desk, Kind.CUSTOMERS)

    run(desk, STRANGER, [source], ImportOptions("partner", kind="customers"))

    with desk.unit_of_work(OTHER_TENANT, read_only=True) as uow:
        assert "=HYPERLINK(1)" in {customer.name for customer in uow.customers.all()}
