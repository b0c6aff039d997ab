"""The columns of real exports, against the plainest reading that they allow."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from deskhand.erp.findings import Reason
from deskhand.erp.kinds import Field
from tests.erp.cleaning.tables import batches, cleaner, rules, totals
from tests.support.data import real_data

SHOP = (
    Field.ORDER_NUMBER, Field.SKU, Field.PRODUCT_NAME, Field.QUANTITY, Field.CREATED_AT, Field.UNIT_PRICE,
    Field.CUSTOMER_ID, Field.REGION,
)  # fmt: skip
NORTHWIND = (
    Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.NOTE, Field.CREATED_AT, Field.REQUIRED_ON, Field.SHIPPED_AT, Field.SKU,
    Field.TOTAL,
)  # fmt: skip


def test_every_row_of_a_shop_is_what_a_plain_reader_makes_of_it() -> None:
    rows: list[list[str]] = []
    for path in sorted(real_data("online-retail").glob("*.csv")):
        rows += list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))[1:]
    reader = cleaner(rows, rules(SHOP, zone=ZoneInfo("Europe/London"), currency="GBP"))

    found = [reader.clean(batch) for batch in batches(rows)]

    customerless = [line for line, row in enumerate(rows, 2) if not row[6]]
    assert [one.line for part in found for one in part.refused] == customerless
    assert {one.findings[0].kind for part in found for one in part.refused} == {Reason.MISSING_CUSTOMER}
    expected = [
        (row[0], row[1], " ".join(row[2].split()), Decimal(row[3]), datetime.fromisoformat(row[4] + "+00:00"),
         Decimal(row[5]), row[6].removesuffix(".0"), row[7])
        for row in rows if row[6]
    ]  # fmt: skip
    columns = [[value for part in found for value in part.columns[field]] for field in SHOP]
    assert list(zip(*columns, strict=True)) == expected
    assert totals(reader, Field.CUSTOMER_ID) == {"spreadsheet_number": len(expected)}


def test_every_order_of_a_trading_company_is_what_a_plain_reader_makes_of_it() -> None:
    script = (real_data("northwind") / "northwind.sql").read_text(encoding="utf-8")
    lines = re.findall(r"INSERT INTO orders VALUES \((.*)\);", script)
    rows = [next(csv.reader([line], quotechar="'", skipinitialspace=True))[:8] for line in lines]

    found = cleaner(rows, rules(NORTHWIND, currency="USD")).clean(batches(rows)[0])

    assert (len(rows), found.refused) == (830, [])
    assert found.columns[Field.REQUIRED_ON] == [date.fromisoformat(row[4]) for row in rows]
    shipped = [datetime.fromisoformat(row[5]).replace(tzinfo=UTC) if row[5] != "NULL" else None for row in rows]
    assert found.columns[Field.SHIPPED_AT] == shipped
    assert found.columns[Field.TOTAL] == [Decimal(row[7]).quantize(Decimal("0.01")) for row in rows]
