"""An order of which a row is refused waits as a whole, unless people say otherwise; others come in."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from deskhand.erp.importing import run
from deskhand.orders.model import Actor
from deskhand.store import Desk
from tests.erp.test_importing import SHOP, file, line, orders_of

BROKEN = line("1", sku="B").replace(",2,1.50,", ",x,1.50,")


def test_an_order_waits_with_all_its_rows_and_comes_in_when_the_row_is_corrected(
    desk: Desk, actor: Actor, tmp_path: Path
) -> None:
    rejected = tmp_path / "rejected.csv"

    report = run(desk, actor, [file(line("1"), line("2"), BROKEN)], SHOP, rejected=rejected)

    assert sorted(orders_of(desk)) == ["2"]
    assert (report.refused, report.counts) == (2, {"held": 1, "not_a_number": 1})
    text = rejected.read_text("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert sorted((row["deskhand_line"], row["deskhand_code"]) for row in rows) == [
        ("2", "held"), ("4", "not_a_number")
    ]  # fmt: skip
    rejected.write_text(text.replace(",x,", ",7,"), "utf-8-sig")
    run(desk, actor, [replace(file(), name="rejected.csv", data=rejected.read_bytes())], SHOP)
    assert sorted(len(order.lines) for order in orders_of(desk).values()) == [1, 2]


def test_it_comes_in_without_the_row_where_people_say_so(desk: Desk, actor: Actor) -> None:
    report = run(desk, actor, [file(line("1"), BROKEN)], replace(SHOP, incomplete=True))

    assert [len(order.lines) for order in orders_of(desk).values()] == [1]
    assert report.counts == {"not_a_number": 1}


def test_a_row_without_a_number_belongs_to_the_order_above_it(desk: Desk, actor: Actor) -> None:
    rows = (line("1"), ",,,B,Thing B,x,1.50,,,", line("2"), ",,,C,Thing C,2,1.50,,,")

    report = run(desk, actor, [file(*rows)], SHOP)

    assert {number: len(order.lines) for number, order in orders_of(desk).items()} == {"2": 2}
    assert report.counts == {"held": 1, "not_a_number": 1}


def test_a_remark_and_a_sum_among_the_lines_hold_nothing(desk: Desk, actor: Actor) -> None:
    rows = (line("1"), "1,17,Customer 17,,please ring,,,2026-01-05,,", ",,,,,4,,,,", line("2"))

    report = run(desk, actor, [file(*rows)], SHOP)

    assert (sorted(orders_of(desk)), report.refused) == (["1", "2"], 2)


def test_a_row_of_too_many_values_holds_its_order_too(desk: Desk, actor: Actor) -> None:
    report = run(desk, actor, [file(line("1"), line("1", sku="B") + ",more", line("2"))], SHOP)

    assert sorted(orders_of(desk)) == ["2"]
    assert report.counts == {"held": 1, "row_too_long": 1}
