"""Whole batches: what is taken, what is refused and why, what is put where nothing stands, what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from deskhand.erp.cleaning import Cleaner, Missing, MissingRule, Profile
from deskhand.erp.cleaning import memo as memos
from deskhand.erp.findings import Reason
from deskhand.erp.kinds import Field, Kind
from tests.erp.cleaning.tables import batches, clean, cleaner, rules, totals

LINE = (Field.ORDER_NUMBER, Field.CUSTOMER_NAME, Field.SKU, Field.QUANTITY, Field.UNIT_PRICE)
GOOD = ("536365", "Acme", "A4", "6", "2.55")


def row(**changed: Any) -> list[Any]:
    return [changed.get(field, value) for field, value in zip(LINE, GOOD, strict=True)]


def told(rows: Sequence[Sequence[Any]], **more: Any) -> list[tuple[int, Reason, str, str]]:
    found = clean(rows, rules(LINE, **more))
    return [(one.line, one.kind, one.column, one.value) for refused in found.refused for one in refused.findings]


def test_a_line_of_an_order_becomes_values() -> None:
    found = clean([row()], rules(LINE))

    assert list(found.lines) == [2]
    assert {field: values[0] for field, values in found.columns.items()} == {
        Field.ORDER_NUMBER: "536365", Field.CUSTOMER_NAME: "Acme", Field.SKU: "A4", Field.QUANTITY: Decimal(6),
        Field.UNIT_PRICE: Decimal("2.55"),
    }  # fmt: skip
    assert (found.refused, found.findings) == ([], [])


def test_a_refused_row_is_in_no_column_and_keeps_its_cells_and_every_reason() -> None:
    bad = row(quantity="many", unit_price="$2.55")

    found = clean([row(), bad, row()], rules(LINE))

    assert list(found.lines) == [2, 4]
    assert {len(values) for values in found.columns.values()} == {2}
    (refused,) = found.refused
    assert (refused.line, list(refused.cells)) == (3, bad)
    assert [(one.kind, one.column, one.value) for one in refused.findings] == [
        (Reason.NOT_A_NUMBER, "quantity", "many"), (Reason.CURRENCY_DIFFERS, "unit_price", "$2.55"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "reason"),
    [("order_number", Reason.MISSING_VALUE), ("customer_name", Reason.MISSING_CUSTOMER),
     ("sku", Reason.MISSING_VALUE), ("quantity", Reason.MISSING_VALUE), ("unit_price", Reason.MISSING_VALUE)],
)  # fmt: skip
@pytest.mark.parametrize("nothing", ["", "  ", "N/A", "无", None, float("nan")])
def test_a_row_without_what_it_must_have_is_refused(column: str, reason: Reason, nothing: object) -> None:
    assert [one[:3] for one in told([row(**{column: nothing})])] == [(2, reason, column)]


def test_one_of_two_names_of_a_customer_is_enough() -> None:
    fields = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.CUSTOMER_NAME, Field.TOTAL)

    found = clean([["1", "C1", "", "5"], ["2", "", "Acme", "5"], ["3", "", "", "5"]], rules(fields))

    assert list(found.lines) == [2, 3]
    assert [one.findings[0].kind for one in found.refused] == [Reason.MISSING_CUSTOMER]


def test_a_table_of_lines_alone_needs_no_customer() -> None:
    fields = (Field.ORDER_NUMBER, Field.SKU, Field.QUANTITY, Field.UNIT_PRICE)

    assert clean([["1", "A4", "2", "3"]], rules(fields)).refused == []


def test_a_value_that_was_unreadable_is_not_also_called_missing() -> None:
    assert [one[1] for one in told([row(quantity="many")])] == [Reason.NOT_A_NUMBER]


def test_a_guest_is_put_where_no_customer_is_named() -> None:
    guest = {Field.CUSTOMER_NAME: MissingRule(Missing.CONSTANT, "Guest")}
    reader = cleaner([], rules(LINE, missing=guest))

    found = reader.clean(batches([row(customer_name=""), row()])[0])

    assert found.columns[Field.CUSTOMER_NAME] == ["Guest", "Acme"]
    assert totals(reader, Field.CUSTOMER_NAME) == {"constant": 1}


def test_what_stands_on_an_orders_first_line_only_counts_for_its_other_lines() -> None:
    above = {field: MissingRule(Missing.ABOVE) for field in (Field.ORDER_NUMBER, Field.CUSTOMER_NAME)}
    rows = [row(), row(order_number="", customer_name=None), row(order_number="2", customer_name=""),
            row(order_number="3", customer_name="Best"), row(order_number="", customer_name="")]  # fmt: skip
    reader = cleaner(rows, rules(LINE, missing=above))

    found = [reader.clean(batch) for batch in batches(rows, size=2)]

    numbers = [value for one in found for value in one.columns[Field.ORDER_NUMBER]]
    assert numbers == ["536365", "536365", "3", "3"]
    assert [value for one in found for value in one.columns[Field.CUSTOMER_NAME]] == ["Acme", "Acme", "Best", "Best"]
    assert [one.findings[0].kind for part in found for one in part.refused] == [Reason.MISSING_CUSTOMER]  # order 2
    assert totals(reader, Field.ORDER_NUMBER) == {"above": 2}


def test_a_shops_line_without_a_customer_has_the_one_of_its_order() -> None:
    """Shops write what belongs to the order on its first line only."""
    fields = (*LINE, Field.CURRENCY, Field.CREATED_AT)
    rows = [[*row(order_number="#1"), "JPY", "2024-01-05"], [*row(order_number="#1", customer_name=""), "", ""],
            [*row(order_number="#2", customer_name="", unit_price="0.555"), "", "2024-01-06"]]  # fmt: skip
    reader = cleaner(rows, rules(fields))

    found = [reader.clean(batch) for batch in batches(rows, size=1)]

    assert [one.columns[Field.CUSTOMER_NAME] for one in found] == [["Acme"], ["Acme"], []]
    assert [one.columns[Field.CURRENCY] for one in found] == [["JPY"], ["JPY"], []]
    assert [one.kind for one in found[2].refused[0].findings] == [Reason.MISSING_CUSTOMER]


def test_a_guest_is_no_guest_on_the_second_line_of_somebodys_order() -> None:
    guest = {Field.CUSTOMER_NAME: MissingRule(Missing.CONSTANT, "Guest")}
    rows = [row(), row(customer_name=""), row(order_number="2", customer_name="")]

    found = clean(rows, rules(LINE, missing=guest))

    assert found.columns[Field.CUSTOMER_NAME] == ["Acme", "Acme", "Guest"]


def test_a_constant_is_read_like_a_cell_and_unwanted_columns_are_dropped() -> None:
    fields = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.TOTAL)
    of = rules(fields, constants={Field.CURRENCY: "人民币", Field.CREATED_AT: "2024-01-05"})

    found = clean([["1", "C1", "5", "unused"]] * 2, of)

    assert found.columns[Field.CURRENCY] == ["CNY", "CNY"]
    assert found.columns[Field.CREATED_AT] == [datetime(2024, 1, 5, tzinfo=UTC)] * 2
    assert set(found.columns) == {*fields, Field.CURRENCY, Field.CREATED_AT}


def test_amounts_are_rounded_half_up_and_the_original_is_kept() -> None:
    fields = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.TOTAL)
    rows = [["1", "C", "10.005"], ["2", "C", "10.00"], ["3", "C", "-10.005"]]
    reader = cleaner(rows, rules(fields))

    found = reader.clean(batches(rows)[0])

    assert list(map(str, found.columns[Field.TOTAL])) == ["10.01", "10.00", "-10.01"]
    assert found.originals == {Field.TOTAL: {2: Decimal("10.005"), 4: Decimal("-10.005")}}
    assert totals(reader, Field.TOTAL) == {"rounded": 2}


def test_each_row_is_rounded_and_checked_by_its_own_currency() -> None:
    fields = (Field.TOTAL, Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.CURRENCY)
    rows = [["10.5", "1", "C", "JPY"], ["10.5", "2", "C", "CNY"], ["$10.5", "3", "C", "USD"], ["$1", "4", "C", "EUR"],
            ["1.2345", "5", "C", "KWD"], ["¥7", "6", "C", ""]]  # fmt: skip

    found = clean(rows, rules(fields))

    assert list(map(str, found.columns[Field.TOTAL])) == ["11", "10.50", "10.50", "1.235", "7.00"]
    assert [(one.line, one.findings[0].kind, one.findings[0].reason) for one in found.refused] == [
        (5, Reason.CURRENCY_DIFFERS, "EUR")
    ]


def test_changes_are_counted_by_column_and_kind_for_every_row() -> None:
    rows = [row(sku="17850.0"), row(sku="17850.0"), row(sku=" A4 "), row(quantity="1,200"), row(customer_name="Ａcme")]
    reader = cleaner(rows, rules(LINE))

    for batch in batches(rows, size=2):
        reader.clean(batch)

    assert totals(reader, Field.SKU) == {"spreadsheet_number": 2, "whitespace": 1}
    assert totals(reader, Field.QUANTITY) == {"thousands": 1}
    assert totals(reader, Field.CUSTOMER_NAME) == {"full_width": 1}


def test_the_unit_that_a_quantity_names_is_kept() -> None:
    found = clean([row(quantity="3箱"), row(quantity="4"), row(quantity="5 pcs")], rules(LINE))

    assert found.columns[Field.QUANTITY] == [Decimal(3), Decimal(4), Decimal(5)]
    assert found.columns[Field.UNIT] == ["箱", None, "pcs"]


def test_an_email_that_is_none_is_left_out_and_told_but_costs_no_order() -> None:
    found = clean([[*row(), "nobody"], [*row(), "a@b.com"]], rules((*LINE, Field.EMAIL)))

    assert found.columns[Field.EMAIL] == [None, "a@b.com"]
    assert [(one.line, one.kind, one.column) for one in found.findings] == [(2, Reason.NOT_AN_EMAIL, "email")]


def test_dates_far_away_are_taken_and_told() -> None:
    found = clean([[*row(), "2062-01-01"], [*row(), "1975-01-01"], [*row(), "2024-01-01"]],
                  rules((*LINE, Field.PAID_AT)))  # fmt: skip

    assert [(one.line, one.kind) for one in found.findings] == [(2, Reason.DATE_FAR), (3, Reason.DATE_FAR)]
    assert list(found.lines) == [2, 3, 4]


def test_true_is_no_one_and_one_is_no_true() -> None:
    fields = (*LINE, Field.ACTIVE)

    found = clean([row(quantity=1), row(quantity=True), row(quantity=1.0), row(quantity=Decimal(1))], rules(LINE))

    assert list(found.lines) == [2, 4, 5]
    assert fields[-1] not in found.columns


def test_a_memory_that_is_full_is_emptied_and_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memos, "MOST", 3)
    rows = [row(order_number=f"{n}.0", quantity=str(n)) for n in range(50)]
    reader = cleaner(rows, rules(LINE))

    found = [reader.clean(batch) for batch in batches(rows, size=7)]

    assert [value for one in found for value in one.columns[Field.ORDER_NUMBER]] == [str(n) for n in range(50)]
    assert totals(reader, Field.ORDER_NUMBER) == {"spreadsheet_number": 50}
    assert max(len(one) for one in reader._memos.values()) <= 10


def test_equal_values_are_one_object() -> None:
    """A million rows of few customers hold few strings."""
    first, second = "".join(["Ac", "me"]), "".join(["A", "cme"])

    values = clean([row(customer_name=first), row(customer_name=second)], rules(LINE)).columns[Field.CUSTOMER_NAME]

    assert values[0] is values[1]


def test_a_table_of_iso_dates_and_plain_numbers_is_never_read_twice() -> None:
    rows = [[*row(), "2024-01-05"]]
    of = rules((*LINE, Field.CREATED_AT))

    def again() -> list[Any]:
        raise AssertionError("read again")

    found = Cleaner(of, Profile(again, of)).clean(batches(rows)[0])

    assert list(found.lines) == [2]


def test_customers_products_stock_and_shipments_are_cleaned_by_the_same_rules() -> None:
    customers = clean(
        [["C1", "Acme", "30", "10,000.005", "a@b.com"], ["", "", "30", "1", ""], ["C2", "Best", "-1", "1", ""]],
        rules((Field.CUSTOMER_ID, Field.CUSTOMER_NAME, Field.ACCOUNT_DAYS, Field.CREDIT_LIMIT, Field.EMAIL),
              Kind.CUSTOMERS),
    )  # fmt: skip
    products = clean(
        [["A4", "纸", "12.5元", "0.5 kg", "上架"], ["", "", "1", "1", "是"]],
        rules((Field.SKU, Field.PRODUCT_NAME, Field.UNIT_PRICE, Field.WEIGHT, Field.ACTIVE), Kind.PRODUCTS),
    )
    stock = clean(
        [
            ["main", "A4", "1,200", "箱"],
            ["main", "A4", "-5", "箱"],
            ["main", "A4", "many", "箱"],
            ["", "A4", "1", "箱"],
        ],
        rules((Field.WAREHOUSE, Field.SKU, Field.QUANTITY, Field.UNIT), Kind.STOCK),
    )
    shipments = clean(
        [["1001", "顺丰速运", "SF1234567890123", "2024/1/5", "12.345"], ["1002", "", "", "", ""],
         ["1003", "中通", "7.31234E+11", "", "1"]],
        rules((Field.ORDER_NUMBER, Field.CARRIER, Field.TRACKING_NUMBER, Field.SHIPPED_AT, Field.FREIGHT),
              Kind.SHIPMENTS),
    )  # fmt: skip

    assert customers.columns[Field.CREDIT_LIMIT] == [Decimal("10000.01")]
    assert [one.findings[0].kind for one in customers.refused] == [Reason.MISSING_CUSTOMER, Reason.NEGATIVE_NUMBER]
    assert products.columns[Field.ACTIVE] == [True]
    assert products.columns[Field.WEIGHT] == [Decimal("0.5")]
    assert stock.columns[Field.QUANTITY] == [Decimal(1200)]
    assert [one.findings[0].kind for one in stock.refused] == [
        Reason.NEGATIVE_NUMBER, Reason.NOT_A_NUMBER, Reason.MISSING_VALUE
    ]  # fmt: skip
    assert shipments.columns[Field.CARRIER] == ["SF"]
    assert shipments.columns[Field.SHIPPED_AT] == [datetime(2024, 1, 5, tzinfo=UTC)]
    assert [one.findings[0].kind for one in shipments.refused] == [Reason.MISSING_VALUE, Reason.DIGITS_LOST]


def test_typed_cells_of_workbooks_are_read_like_text() -> None:
    fields = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.TOTAL, Field.CREATED_AT, Field.REQUIRED_ON)
    naive = datetime(2024, 1, 5, 8, 5)  # noqa: DTZ001 — as workbooks have them

    found = clean([[1001, 17850.0, 12.345, naive, date(2024, 1, 6)]], rules(fields))

    assert [values[0] for values in found.columns.values()] == [
        "1001", "17850", Decimal("12.35"), datetime(2024, 1, 5, 8, 5, tzinfo=UTC), date(2024, 1, 6),
    ]  # fmt: skip
