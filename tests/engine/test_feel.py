from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from deskhand.engine import ExpressionInvalid, compile_expression, compile_tests

VALUES = {
    "n": 3,
    "price": 19.99,
    "name": "Acme",
    "order": {"lines": [{"qty": 2}, {"qty": 5}], "customer": {"vip": True}},
    "day": date(2026, 11, 22),
    "moment": datetime(2026, 11, 22, 8, tzinfo=UTC),
    "naive": datetime(2026, 11, 22, 8, tzinfo=UTC).replace(tzinfo=None),
    "yes": True,
    "Monthly Salary": 1000,
    "数量": 7,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("10 + 20 / -5 - 3", 3),
        ("2 ** 3 ** 2", 64),
        ("-n", -3),
        ("--n", 3),
        ("price * 2", Decimal("39.98")),
        ("数量 + 1", 8),
        ('"A" + "B"', "AB"),
        (r'"say \"hi\""', 'say "hi"'),
        ("order.customer.vip", True),
        ("sum(order.lines.qty)", 7),
        ("count(order.lines)", 2),
        ("min(4, 2, 9)", 2),
        ("max([1, n])", 3),
        ("abs(-2)", 2),
        ('contains(name, "cm")', True),
        ("12 * Monthly Salary", 12000),
        ("n in [1..3]", True),
        ("n in [1..3)", False),
        ("n in (3..5]", False),
        ("n in (1, 2, 3)", True),
        ("n in < 3", False),
        ("n between 1 and 3 and yes", True),
        ('if n > 2 then "many" else "few"', "many"),
        ('day = date("2026-11-22")', True),
        ('day < date("2027-01-01")', True),
        ('moment >= date and time("2026-11-22T08:00:00+00:00")', True),
        ("not(yes)", False),
        ("1 = 1.0", True),
        ("null = null", True),
        ("[]", []),
    ],
)
def test_an_expression_has_the_value_that_feel_gives_it(text: str, expected: Any) -> None:
    assert compile_expression(text, VALUES)(VALUES) == expected


@pytest.mark.parametrize(
    "text",
    [
        "nobody",
        "nobody.at.home",
        "1 / 0",
        "1 + null",
        '"a" + 1',
        "1 < null",
        '1 < "a"',
        "not(null)",
        "true and null",
        "false or null",
        "yes = 1",
        "10 ** 99999999",
        "unknown(1)",
        "abs(1, 2)",
        'date("soon")',
        "naive < moment",
        "day = moment",
        "sum([])",
        "if null then null else null",
        '-"a"',
        "n.part",
    ],
)
def test_what_makes_no_sense_is_null_and_never_an_error(text: str) -> None:
    assert compile_expression(text, VALUES)(VALUES) is None


def test_false_and_null_is_false_but_true_or_null_is_true() -> None:
    assert compile_expression("false and null")({}) is False
    assert compile_expression("null or true")({}) is True


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("-", None, True),
        ("< 10", 9, True),
        ("< 10", 10, False),
        ("< 10", None, False),
        ('"a","b"', "b", True),
        ('not("a","b")', "c", True),
        ("[1..5)", 5, False),
        ("]1..5]", 1, False),
        ("null, <= 100", None, True),
        ("true", True, True),
        ("1", True, False),
        ("? > 1 and ? < 3", 2, True),
        ("limit", 3, True),
        ("< limit", 2, True),
    ],
)
def test_a_cell_of_a_decision_table_is_a_test_of_its_column(text: str, value: Any, expected: bool) -> None:
    given = Decimal(value) if type(value) is int else value

    assert compile_tests(text)(given, {"limit": 3}) is expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("1 +", 4),
        ("a b", 3),
        ("@", 1),
        ("f(1", 4),
        ("[1..", 5),
        ('"open', 1),
        ("1 in", 5),
        ("if a then b", 12),
        ("", 1),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_its_position(text: str, position: int) -> None:
    with pytest.raises(ExpressionInvalid, match=f"position {position} "):
        compile_expression(text)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "(" * 200 + "1" + ")" * 200, "n+" * 3000 + "1", "n+" * 299 + "1", "-" * 500 + "1"]
)
def test_a_text_made_to_exhaust_the_parser_is_refused_or_read_but_does_not_crash(text: str) -> None:
    try:
        compile_expression(text)({})
    except ExpressionInvalid as error:
        assert "deep" in str(error) or "long" in str(error)


@pytest.mark.parametrize("text", ["__import__(1)", "order.__class__", "name.__len__", "name.upper"])
def test_a_text_reaches_nothing_of_python(text: str) -> None:
    assert compile_expression(text)(VALUES) is None


def test_an_expression_names_what_it_reads() -> None:
    assert compile_expression("a.b > c and d in [e..5]").names == {"a", "c", "d", "e"}
