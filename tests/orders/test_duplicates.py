"""The same order twice: refused by its number in the same source, asked about by what it holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from deskhand.orders.commands import AmendOrder, CancelOrder, NewLine, PlaceOrder
from deskhand.orders.duplicates import content_hash
from deskhand.orders.errors import DeskhandError, PossibleDuplicate
from deskhand.store import Desk
from tests.support.desks import CLERK, TENANT, FakeClock, done, placed, placing

ONCE = placing(unless_like=True)


def refused_for(desk: Desk, command: PlaceOrder) -> str | None:
    """The number of the order that it looks like; None where it was placed."""
    try:
        desk.handle(command, CLERK)
    except PossibleDuplicate as error:
        return str(error.data["number"])
    return None


def test_the_same_again_is_refused_with_the_number_and_placed_where_nobody_minds(desk: Desk) -> None:
    first = placed(desk)

    assert refused_for(desk, ONCE) == first.number
    assert done(desk, replace(ONCE, unless_like=False), CLERK).number != first.number


@pytest.mark.parametrize(
    "other",
    [
        replace(ONCE, customer_id="acme-ltd"),
        replace(ONCE, lines=ONCE.lines[:1]),
        replace(ONCE, lines=(NewLine("PAPER-A4", Decimal(21), "box"), ONCE.lines[1])),
    ],
)
def test_another_customer_or_other_goods_are_another_order(desk: Desk, other: PlaceOrder) -> None:
    placed(desk)

    assert refused_for(desk, other) is None


def test_neither_address_nor_day_nor_the_place_of_a_line_makes_it_another_order(desk: Desk) -> None:
    first = placed(desk)

    assert refused_for(desk, replace(ONCE, lines=ONCE.lines[::-1], address="elsewhere")) == first.number


@pytest.mark.parametrize(("hours", "known"), [(24, True), (24.01, False)])
def test_the_window_ends_to_the_minute(desk: Desk, clock: FakeClock, hours: float, known: bool) -> None:
    first = placed(desk)
    clock.forward(hours=hours)

    assert refused_for(desk, ONCE) == (first.number if known else None)


def test_a_company_can_do_without(desk: Desk) -> None:
    desk.tenants = {**desk.tenants, TENANT: replace(desk.tenants[TENANT], duplicate_hours=0)}
    placed(desk)

    assert refused_for(desk, ONCE) is None


def test_what_was_cancelled_is_no_duplicate_and_what_was_amended_still_is(desk: Desk) -> None:
    first = placed(desk)
    done(desk, AmendOrder(first.number, address="elsewhere"), CLERK)
    assert refused_for(desk, ONCE) == first.number

    done(desk, CancelOrder(first.number, "mistake"), CLERK)

    assert refused_for(desk, ONCE) is None


def test_of_two_alike_at_once_one_is_placed(desk: Desk) -> None:
    def place(_: int) -> str:
        try:
            desk.handle(ONCE, CLERK)
        except DeskhandError as error:
            return error.code
        return "placed"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(place, range(4)))

    assert outcomes == ["placed", *["possible_duplicate"] * 3]


def test_a_refused_duplicate_leaves_its_row_in_the_audit_and_no_number_is_lost(desk: Desk) -> None:
    first = placed(desk)
    refused_for(desk, ONCE)

    second = placed(desk)

    assert int(second.number[3:]) == int(first.number[3:]) + 1
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert [row.detail["code"] for row in uow.audit.list() if row.outcome == "refused"] == ["possible_duplicate"]


def test_quantities_count_not_how_they_are_written() -> None:
    one = content_hash("c", "CNY", Decimal("10.00"), [("A", Decimal(2)), ("B", Decimal("1.50"))])

    assert one == content_hash("c", "CNY", Decimal(10), [("B", Decimal("1.5")), ("A", Decimal(1)), ("A", Decimal(1))])
    assert one != content_hash("c", "CNY", Decimal(10), [("B", Decimal("1.5")), ("A", Decimal(1))])
