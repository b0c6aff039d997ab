"""Measured quantities in any text; counted things, spans of time and ages when they are asked for."""

from decimal import Decimal

import pytest

from deskhand.language import read_quantities


def quantities(said: str) -> list[tuple[Decimal, str]]:
    return [(quantity.value, quantity.unit) for quantity in read_quantities(said)]


@pytest.mark.parametrize(
    ("said", "value", "unit"),
    [
        ("a 26-mile race", "26", "mile"),
        ("1.75 m", "1.75", "meter"),
        ("half a mile", "0.5", "mile"),
        ("an inch", "1", "inch"),
        ('7" wide', "7", "inch"),
        ("3/4 inch pipe", "0.75", "inch"),
        ("150 lbs", "150", "pound"),
        ("8 oz", "8", "ounce"),
        ("330ml", "330", "milliliter"),
        ("75 m²", "75", "square meter"),
        ("1,200 sq ft", "1200", "square foot"),
        ("5 cubic metres", "5", "cubic meter"),
        ("55 mph", "55", "mile per hour"),
        ("ninety miles an hour", "90", "mile per hour"),
        ("512 MB", "512", "megabyte"),
        ("minus ten degrees celsius", "-10", "celsius"),
        ("75°F", "75", "fahrenheit"),
        ("2 million tons", "2000000", "ton"),
        ("20公里", "20", "kilometer"),
        ("两斤半", "2.5", "jin"),
        ("三两酒", "3", "liang"),
        ("三亩地", "3", "mu"),
        ("一米八", "1.8", "meter"),
        ("1米75", "1.75", "meter"),
        ("三千克", "3", "kilogram"),
        ("3万米", "30000", "meter"),
        ("12平方分米", "12", "square decimeter"),
        ("120公里/小时", "120", "kilometer per hour"),
        ("零下5摄氏度", "-5", "celsius"),
        ("五百多米", "500", "meter"),
        ("四分之一英里", "0.25", "mile"),
        ("十噸", "10", "ton"),
    ],
)
def test_a_value_has_its_unit(said: str, value: str, unit: str) -> None:
    assert quantities(said) == [(Decimal(value), unit)]


def test_each_of_several_is_read() -> None:
    assert quantities("5 feet 10 inches") == [(5, "foot"), (10, "inch")]
    assert quantities("重5公斤，长30厘米") == [(5, "kilogram"), (30, "centimeter")]


@pytest.mark.parametrize(
    "said",
    [
        "20箱",
        "3 weeks",
        "at 3pm",
        "5 in the box",
        "10 are here",
        "三位客人",
        "箱里",
        'he said "7" twice',
        "100克朗",
        "page 47",
    ],
)
def test_what_measures_nothing_is_left_alone(said: str) -> None:
    assert quantities(said) == []


@pytest.mark.parametrize(
    ("said", "kind", "value", "unit"),
    [
        ("20箱A4纸", "count", 20, "箱"),
        ("12 boxes", "count", 12, "boxes"),
        ("three weeks", "time", 3, "week"),
        ("两个小时", "time", 2, "hour"),
        ("6 years old", "age", 6, "year old"),
        ("三十岁", "age", 30, "year old"),
    ],
)
def test_counts_time_and_age_are_read_when_asked_for(said: str, kind: str, value: int, unit: str) -> None:
    (quantity,) = read_quantities(said, kinds=(kind,))

    assert (quantity.value, quantity.unit, quantity.kind) == (value, unit, kind)
