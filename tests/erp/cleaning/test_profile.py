"""What a whole column says about the values that could be read in two ways."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from deskhand.erp.cleaning import DateOrder, DecimalSign
from deskhand.erp.findings import Finding, Reason
from deskhand.erp.kinds import Field
from tests.erp.cleaning.tables import batches, clean, cleaner, column, rules

HEAD = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.TOTAL)
UNCLEAR = Reason.DATE_ORDER_UNCLEAR


def days(*values: str, **more: object) -> list[object]:
    return column(values, Field.REQUIRED_ON, **more)


def told(rows: list[list[str]], *fields: Field, **more: object) -> list[Finding]:
    return clean([["1", "C", "5", *row] for row in rows], rules((*HEAD, *fields), **more)).findings


def test_one_day_above_twelve_decides_for_all_dates_of_the_column() -> None:
    assert days("03/04/2024", "25/12/2024") == [date(2024, 4, 3), date(2024, 12, 25)]
    assert days("03/04/2024", "12/25/2024") == [date(2024, 3, 4), date(2024, 12, 25)]


def test_a_column_of_one_date_a_day_tells_its_year_by_the_span_of_years() -> None:
    """As years, 01 to 20 would be twenty of them."""
    written = [f"{day:02}/04/24" for day in range(1, 21)]

    assert days(*written) == [date(2024, 4, day) for day in range(1, 21)]


def test_dates_that_could_be_either_are_refused_when_nothing_says_which() -> None:
    assert days("03/04/2024", "05/06/2024") == [UNCLEAR, UNCLEAR]


def test_what_people_said_goes_before_what_values_say() -> None:
    assert days("03/04/2024", date_order=DateOrder.MDY) == [date(2024, 3, 4)]
    assert days("03/04/2024", "25/12/2024", date_order=DateOrder.MDY) == [date(2024, 3, 4), date(2024, 12, 25)]
    assert days("03/04/2024", date_orders={Field.REQUIRED_ON: DateOrder.DMY}) == [date(2024, 4, 3)]


def test_the_habit_of_the_tenant_is_taken_and_told_when_values_leave_it_open() -> None:
    found = told([["03/04/2024"]], Field.REQUIRED_ON, order_hints=(DateOrder.DMY,))

    assert [(one.line, one.kind, one.column, one.reason) for one in found] == [
        (0, Reason.DATE_ORDER_ASSUMED, "required_on", "dmy")
    ]


def test_a_habit_that_can_not_be_meant_is_not_taken() -> None:
    assert days("03/04/2024", order_hints=(DateOrder.YMD,)) == [UNCLEAR]


def test_the_nearest_habit_that_can_be_meant_is_taken() -> None:
    hints = (DateOrder.YMD, DateOrder.MDY)

    assert days("03/04/2024", order_hints=hints) == [date(2024, 3, 4)]
    assert days("03/04/05", order_hints=hints) == [date(2003, 4, 5)]


def test_who_writes_decimal_commas_writes_the_day_first() -> None:
    rows = [["1", "C", "12,50", "03/04/2024"]]

    found = clean(rows, rules((*HEAD, Field.REQUIRED_ON), order_hints=(DateOrder.YMD, DateOrder.MDY)))

    assert found.columns[Field.REQUIRED_ON] == [date(2024, 4, 3)]
    assert [one.kind for one in found.findings] == [Reason.DATE_ORDER_ASSUMED]


def test_with_points_the_day_stands_before_the_month() -> None:
    assert days("05.03.2024", "06.03.2024") == [date(2024, 3, 5), date(2024, 3, 6)]
    assert days("12.25.2024") == [date(2024, 12, 25)]


def test_a_column_follows_the_others_of_its_table() -> None:
    rows = [["1", "C", "5", "03/04/2024", "25/12/2024"], ["2", "C", "5", "05/06/2024", "01/02/2024"]]

    found = clean(rows, rules((*HEAD, Field.REQUIRED_ON, Field.CREATED_AT)))

    assert found.columns[Field.REQUIRED_ON] == [date(2024, 4, 3), date(2024, 6, 5)]
    assert found.findings == []


def test_a_column_in_both_orders_has_its_doubtful_dates_refused() -> None:
    found = days("25/12/2024", "12/25/2024", "03/04/2024")

    assert found == [date(2024, 12, 25), date(2024, 12, 25), UNCLEAR]


def test_one_slip_in_many_does_not_undo_a_habit_but_is_told() -> None:
    written = [[f"{day:02}/0{month}/2024"] for day in range(13, 28) for month in range(1, 4)]
    rows = [*written, ["12/25/2024"], ["03/04/2024"]]

    found = clean([[f"{n}", "C", "5", *row] for n, row in enumerate(rows)], rules((*HEAD, Field.REQUIRED_ON)))

    assert found.columns[Field.REQUIRED_ON][-2:] == [date(2024, 12, 25), date(2024, 4, 3)]
    assert [one.kind for one in found.findings] == [Reason.DATE_ORDER_MIXED]


@pytest.mark.parametrize(
    ("others", "value", "meant"),
    [
        (["12.5"], "1,234", Decimal(1234)),
        (["12,5"], "1,234", Decimal("1.234")),
        (["12,5"], "1.234", Decimal(1234)),
        (["1.234,5"], "1.234", Decimal(1234)),
        (["1,234,567"], "1,234", Decimal(1234)),
        (["1.234.567"], "1.234", Decimal(1234)),
        (["1 234,5"], "1,234", Decimal("1.234")),
        (["7", "8"], "1,234", Decimal(1234)),  # nothing says: as most write
        (["12,5", "12.5"], "1,234", Reason.DECIMAL_SIGN_UNCLEAR),
        (["12.5"] * 40 + ["12,5"], "1,234", Decimal(1234)),
    ],
)
def test_a_number_that_could_be_two_is_read_as_its_column_writes(others: list[str], value: str, meant: object) -> None:
    assert column([*others, value], Field.QUANTITY)[-1] == meant


def test_a_decimal_sign_that_nothing_shows_is_told() -> None:
    found = clean([["1", "C", "1,234"]], rules(HEAD)).findings

    assert [(one.line, one.kind, one.column, one.reason) for one in found] == [
        (0, Reason.DECIMAL_SIGN_ASSUMED, "total", ".")
    ]


def test_a_point_that_could_part_thousands_is_not_guessed_where_no_habit_is_known() -> None:
    """1.234 may be a thousand times as much."""
    assert column(["1.234", "7"], Field.QUANTITY, sign_hint=None) == [Reason.DECIMAL_SIGN_UNCLEAR, Decimal(7)]
    assert column(["1,234", "7"], Field.QUANTITY, sign_hint=None) == [Decimal(1234), Decimal(7)]
    assert column(["1,234", "1.234"], Field.QUANTITY, sign_hint=None) == [Reason.DECIMAL_SIGN_UNCLEAR] * 2


def test_a_decimal_sign_that_people_said_is_not_asked_of_values() -> None:
    assert column(["1.234"], Field.QUANTITY, decimal_sign=DecimalSign.COMMA) == [Decimal(1234)]
    assert column(["1.234"], Field.QUANTITY, decimal_signs={Field.QUANTITY: DecimalSign.COMMA}) == [Decimal(1234)]


def test_other_columns_of_numbers_show_the_decimal_sign_too() -> None:
    rows = [["1", "C", "1.234", "12,50"]]

    assert clean(rows, rules((*HEAD, Field.FREIGHT))).columns[Field.TOTAL] == [Decimal("1234.00")]


def test_discounts_in_per_cent_are_known_by_their_column() -> None:
    assert column(["15", "5", "0", "1"], Field.DISCOUNT) == [Decimal("0.15"), Decimal("0.05"), 0, Decimal("0.01")]
    assert column(["0.15", "0", "1"], Field.DISCOUNT) == [Decimal("0.15"), 0, 1]
    assert column(["0.15", "15"], Field.DISCOUNT) == [Decimal("0.15"), Reason.DISCOUNT_UNCLEAR]


def test_a_column_is_told_of_once() -> None:
    rows = [[f"{n}", "C", f"1,{n}34", f"{n + 5}", "03/04/2024"] for n in range(10)]
    reader = cleaner(rows, rules((*HEAD, Field.DISCOUNT, Field.REQUIRED_ON), order_hints=(DateOrder.DMY,)))

    found = [one for batch in batches(rows, size=2) for one in reader.clean(batch).findings]

    assert [one.kind for one in found] == [
        Reason.DECIMAL_SIGN_ASSUMED, Reason.DISCOUNT_ASSUMED, Reason.DATE_ORDER_ASSUMED
    ]  # fmt: skip
