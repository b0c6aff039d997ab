"""What an import keeps of what it changed or refused: amounts before they were rounded, rows that fit no columns."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from deskhand.erp.importing import run
from deskhand.erp.kinds import Field
from deskhand.erp.options import ImportOptions
from deskhand.erp.report import ORIGINALS, ImportReport, Rounded
from deskhand.erp.sources import Source
from deskhand.orders.model import Actor
from deskhand.store import Desk

FILE = (
    b"Order No,Customer,Total,Order Date\n"
    b"1,Acme,10.005,2024-01-05\n2,Best,20.00,2024-01-05\n3,Best,30,2024-01-05,two,more\n4,Best,many,2024-01-05\n"
)


def test_an_amount_that_was_rounded_is_kept_as_it_stood(desk: Desk, actor: Actor) -> None:
    report = run(desk, actor, [Source.held("shop.csv", FILE)], ImportOptions("shop"))

    assert report.rounded == [Rounded("shop.csv", 2, "total", Decimal("10.005"))]
    assert report.as_dict()["rounded"] == [{"file": "shop.csv", "line": 2, "field": "total", "original": "10.005"}]
    assert report.cleaned["total:rounded"] == 1
    with desk.unit_of_work("demo") as uow:
        totals = {order.external_number: order.total for order in uow.orders.list(source="shop").items}
    assert totals == {"1": Decimal("10.01"), "2": Decimal("20.00")}


def test_a_row_of_too_many_values_is_counted_told_and_in_the_file_of_refused_rows(
    desk: Desk, actor: Actor, tmp_path: Path
) -> None:
    refused = tmp_path / "refused.csv"

    report = run(desk, actor, [Source.held("shop.csv", FILE)], ImportOptions("shop"), rejected=refused)

    assert (report.rows, report.refused, report.inserted) == (4, 2, 2)
    assert report.counts == {"not_a_number": 1, "row_too_long": 1}
    rows = list(csv.reader(refused.read_text(encoding="utf-8-sig").splitlines()))
    assert {(row[0], row[4], row[8]) for row in rows[1:]} == {
        ("4", "5", "not_a_number"),
        ("3", "4", "row_too_long"),
    }


def test_a_million_rounded_amounts_take_no_more_room_than_the_first_ones() -> None:
    report = ImportReport()

    for start in range(0, 3 * ORIGINALS, 100):
        report.keep_originals("f", {Field.TOTAL: {start + n: Decimal("0.005") for n in range(100)}})

    assert len(report.rounded) == ORIGINALS
