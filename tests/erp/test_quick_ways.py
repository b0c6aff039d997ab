"""What an import does quickly for the usual gives what it does one by one for everything else."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.erp import order_import
from deskhand.erp.ahead import Ahead
from deskhand.erp.cleaning import Cleaner, Profile, Rules
from deskhand.erp.cleaning.codes import code, is_plain
from deskhand.erp.cleaning.filling import Filler
from deskhand.erp.cleaning.instants import Dating, Days, moment
from deskhand.erp.cleaning.outcome import Read, Refusal
from deskhand.erp.findings import Reason
from deskhand.erp.importing import ImportOptions, run
from deskhand.erp.kinds import Field
from deskhand.erp.sources import Source
from deskhand.erp.steps import Phase, Step
from deskhand.erp.wholes import Gatherer, Part, Whole
from deskhand.orders.model import Actor
from deskhand.store import Desk
from tests.erp.cleaning.tables import batches, column, rules

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIELDS = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.SKU, Field.PRODUCT_NAME, Field.QUANTITY, Field.UNIT_PRICE,
          Field.CREATED_AT)  # fmt: skip
row = st.tuples(
    st.sampled_from("12"),
    st.sampled_from(["K", "K", None]),
    st.sampled_from("AB"),
    st.sampled_from(["Lamp", "Mug", None]),
    st.sampled_from(["1", "1.0", "2", "-1", "0"]).map(Decimal),
    st.sampled_from(["0.5", "2.25", "-1"]).map(Decimal),
    st.sampled_from([NOW, NOW, NOW, NOW + timedelta(days=1)]),
)


def gathered(rows: Sequence[tuple[Any, ...]], cut: int) -> tuple[list[Whole], list[object]]:
    """Orders by number, and everything that was told."""
    told: list[object] = []
    gatherer = Gatherer("GBP", NOW, told.append, lambda *refused: told.append(refused))
    for some, first in ((rows[:cut], 2), (rows[cut:], 2 + cut)):
        columns = {field: [one[index] for one in some] for index, field in enumerate(FIELDS)}
        gatherer.add(Part("x.csv", "shop", range(first, first + len(some)), columns))
    wholes = sorted(gatherer.wholes(), key=lambda whole: whole.number)
    return wholes, [*told, *gatherer.reversals]


@given(st.lists(row, max_size=12), st.integers(0, 12))
def test_lines_that_are_as_they_should_be_are_taken_as_one_by_one(rows: list[tuple[Any, ...]], cut: int) -> None:
    quick = gathered(rows, cut)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Gatherer, "_plain_lines", lambda *_: None)
        slow = gathered(rows, cut)

    assert quick == slow


def test_most_lines_need_no_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gatherer, "_note_lines", None)
    rows = [("1", "K", sku, "Lamp", Decimal(2), Decimal("0.5"), NOW) for sku in "BA"]

    wholes, told = gathered(rows, 2)

    assert wholes[0].lines == [("A", "Lamp", 20_000, 5_000, 10_000, 0), ("B", "Lamp", 20_000, 5_000, 10_000, 0)]
    assert not told


@given(st.text("aZ09-. E+_é０", max_size=8) | st.sampled_from(["NA", "null", "none", "None", "NaN", "00123", ""]))
def test_a_code_that_is_plain_reads_as_itself(cell: str) -> None:
    if is_plain(cell, 6):
        assert code(cell, 6) == Read(cell)
        assert column([cell], Field.ORDER_NUMBER) == [cell]


def test_words_for_nothing_and_long_codes_are_not_plain() -> None:
    assert [is_plain(cell, 6) for cell in ("536365", "null", "N/A", "1234567", "17850.0", "")] == [True] + [False] * 5


class NoDays(Days):
    """Every day may be one that a clock is turned on."""

    def __missing__(self, day: date) -> timedelta | None:
        return None


def read(cell: str, dating: Dating) -> Read | Reason:
    try:
        return moment(cell, dating)
    except Refusal as refusal:
        return refusal.reason


@given(
    st.datetimes(datetime(1960, 1, 1), datetime(2110, 1, 1))  # noqa: DTZ001 — as a file writes it, without a zone
    | st.sampled_from(["2024-03-31", "2024-10-27", "1970-01-01", "1969-12-31"]).map(datetime.fromisoformat).flatmap(
        lambda day: st.timedeltas(timedelta(0), timedelta(days=1)).map(lambda later: day + later)
    ),
    st.sampled_from(["Europe/London", "Asia/Shanghai", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kathmandu",
                     "Australia/Lord_Howe", "Asia/Beirut"]),
)  # fmt: skip
def test_a_time_on_a_day_that_no_clock_is_turned_on_is_read_as_any_other(at: datetime, zone: str) -> None:
    dating = Dating(ZoneInfo(zone), lambda _: None, NOW - timedelta(days=9000), NOW)
    slow = replace(dating)
    object.__setattr__(slow, "days", NoDays(dating.zone))

    cell = at.isoformat(" ", "seconds")

    assert read(cell, dating) == read(cell, slow)


@given(st.lists(st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(["K", "L", ""])), max_size=9), st.integers(1, 4))
def test_what_whole_orders_lack_is_looked_for_as_in_any_other_table(rows: list[tuple[str, str]], size: int) -> None:
    def customers() -> list[object]:
        lines = [[*row, "A", "1", "2"] for row in rows]
        columns = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.SKU, Field.QUANTITY, Field.UNIT_PRICE)
        return cleaned_in_batches(lines, rules(columns), size)

    quick = customers()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Filler, "_lacks_whole_orders", lambda *_: False)
        slow = customers()

    assert quick == slow


def cleaned_in_batches(lines: list[list[str]], given: Rules, size: int) -> list[object]:
    """The customers that were read, and the rows that were refused."""
    cleaner, found = Cleaner(given, Profile(lambda: batches(lines, size), given)), []
    for batch in batches(lines, size) if lines else ():
        done = cleaner.clean(batch)
        found += [done.columns[Field.CUSTOMER_ID], done.lines, done.refused]
    return found


def test_a_failure_beside_is_given_to_who_waits_for_it() -> None:
    went_on = threading.Event()

    def fail() -> Iterator[None]:
        yield
        went_on.wait(30)
        raise LookupError("gone")

    with Ahead[str]() as ahead:
        assert ahead.end() == (None, None)
        ahead.begin("chunk", fail())
        with pytest.raises(RuntimeError):
            ahead.begin("the next", fail())
        went_on.set()
        what, error = ahead.end()

    assert (what, str(error)) == ("chunk", "gone")


def test_a_failure_of_the_first_step_is_given_to_who_waits_as_well() -> None:
    def fail() -> Iterator[None]:
        raise LookupError("gone")
        yield

    with Ahead[str]() as ahead:
        ahead.begin("chunk", fail())
        what, error = ahead.end()
        assert ahead.end() == (None, None)

    assert (what, str(error)) == ("chunk", "gone")


def test_the_first_step_is_taken_here_and_the_rest_in_the_thread() -> None:
    who: list[str] = []

    def steps() -> Iterator[None]:
        who.append(threading.current_thread().name)
        yield
        who.append(threading.current_thread().name)

    with Ahead[str]() as ahead:
        ahead.begin("chunk", steps())
        ahead.end()

    assert who[0] == threading.current_thread().name and who[1].startswith("import-writes")


def test_when_the_block_is_left_nothing_is_under_way_any_more() -> None:
    done: list[str] = []

    def steps() -> Iterator[None]:
        yield
        done.append("chunk")

    with pytest.raises(KeyError), Ahead[str]() as ahead:
        ahead.begin("chunk", steps())
        raise KeyError

    assert done == ["chunk"]


def test_orders_that_another_import_writes_meanwhile_are_decided_anew(
    desk: Desk, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_import, "ORDERS_A_CHUNK", 2)
    header = "Order No,Customer ID,SKU,Product,Qty,Unit Price,Order Date"
    lines = [f"{number},7,A,Thing,1,1.25,2026-01-0{number}" for number in range(1, 7)]
    source = Source.held("orders.csv", "\n".join([header, *lines, ""]).encode())
    options = ImportOptions("shop", currency="EUR", zone="UTC")
    others: list[int] = []

    def told(step: Step) -> None:
        if step.phase is Phase.WRITING and not others:
            others.append(0)
            others.append(run(desk, actor, [source], options).inserted)

    report = run(desk, actor, [source], options, told=told)

    assert (report.inserted, report.unchanged, others) == (1, 5, [0, 5])
    with desk.unit_of_work(actor.tenant, read_only=True) as uow:
        found = uow.orders.list(source="shop").items
    assert sorted(order.external_number or "" for order in found) == list("123456")
