"""Imports of several systems, once and again: aligned, changed by the rules, the same in whatever order they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import text

from deskhand.erp.importing import ChangedSince, ImportOptions, preview, run
from deskhand.erp.kinds import Kind
from deskhand.erp.mapping import Mapping
from deskhand.erp.report import ImportReport
from deskhand.erp.sources import Source
from deskhand.orders.commands import ConfirmOrder
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store import Desk

HEADER = "Order No,Customer ID,Customer,SKU,Product,Qty,Unit Price,Order Date,Updated At,Address"
SHOP = ImportOptions("shop", currency="EUR", zone="UTC")
OPEN = replace(SHOP, start_status=OrderStatus.PENDING_CONFIRMATION)


def line(number: str, sku: str = "A", quantity: int = 2, price: str = "1.50", **more: str) -> str:
    given = {"customer": "17", "day": "2026-01-05", "updated": "", "address": "High Street 1"} | more
    name = f"Customer {given['customer']}"
    return (
        f"{number},{given['customer']},{name},{sku},Thing {sku},{quantity},{price},{given['day']},{given['updated']},"
        f"{given['address']}"
    )


def file(*lines: str, name: str = "orders.csv", header: str = HEADER) -> Source:
    return Source.held(name, "\n".join([header, *lines, ""]).encode())


def system(name: str) -> Mapping:
    return Mapping(Kind.ORDERS, source=name)


def orders_of(desk: Desk) -> dict[str, Order]:
    with desk.unit_of_work("demo", read_only=True) as uow:
        return {order.external_number or "": order for order in uow.orders.list(limit=2000).items if order.source}


def contents(desk: Desk) -> list[tuple[object, ...]]:
    """All that an import decides of the orders, ids and numbers of ours left out."""
    return sorted(
        (
            *(
                order.external_number or "",
                order.customer_name,
                str(order.status),
                str(order.total),
                order.address or "",
            ),
            *(order.created_at, order.paid_at or datetime.min.replace(tzinfo=UTC)),
            tuple((one.sku, one.name, one.quantity, one.unit_price, one.amount, one.cancelled) for one in order.lines),
        )
        for order in orders_of(desk).values()
    )


def written(desk: Desk) -> dict[str, int]:
    """Rows of every table that an import can touch, and the sum of the orders' versions."""
    tables = ("sales_order", "order_line", "history", "outbox_event", "delivery", "source_record", "customer", "audit")
    with desk.database.transaction(read_only=True, tenant="demo") as connection:
        counts = {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}
        counts["versions"] = connection.execute(
            text("SELECT coalesce(sum(row_version), 0) FROM sales_order")
        ).scalar_one()
    return counts


def test_the_same_file_again_changes_no_row_and_tells_nobody(desk: Desk, actor: Actor) -> None:
    source = file(line("1"), line("1", "B"), line("2"), line("C9", quantity=-2, day="2026-01-09"))
    first = run(desk, actor, [source], OPEN)
    before = written(desk)

    shortcut = run(desk, actor, [source], OPEN)
    whole = run(desk, actor, [source], replace(OPEN, again=True))

    assert (first.inserted, first.changed) == (2, 0)
    assert (shortcut.repeated, whole.repeated) == (True, False)
    assert (shortcut.inserted, shortcut.unchanged, whole.inserted, whole.unchanged) == (0, 2, 0, 2)
    assert written(desk) == before


def test_a_preview_writes_nothing_and_its_key_fits_only_what_was_looked_at(desk: Desk, actor: Actor) -> None:
    before = written(desk)

    looked = preview(desk, actor, [file(line("1"), line("2", quantity=0))], OPEN)

    assert written(desk) == before
    assert (looked.kind, looked.good, looked.refused, looked.changes["new"]) == ("orders", 1, 1, 1)
    assert {column.field for column in looked.columns} >= {"order_number", "sku", "quantity"}
    with pytest.raises(ChangedSince):
        run(desk, actor, [file(line("1"), line("3"))], OPEN, key=looked.key)
    assert run(desk, actor, [file(line("1"), line("2", quantity=0))], OPEN, key=looked.key).inserted == 1


def test_two_systems_are_one_order_and_each_field_is_the_newest(desk: Desk, actor: Actor) -> None:
    erp = file(line("1", updated="2026-01-06 10:00", address="Old Street"), name="erp.csv")
    sales = file(line("1", updated="2026-01-07 10:00", address="New Street"), name="sales.csv")
    options = replace(SHOP, mappings={"erp.csv": system("erp"), "sales.csv": system("sales")})

    report = run(desk, actor, [erp, sales], options)

    (order,) = orders_of(desk).values()
    assert (report.inserted, order.address, order.source) == (1, "New Street", "erp")
    (told,) = [one for one in report.disagreements if one.field == "address"]
    assert (dict(told.values), told.won, told.reason) == (
        {"erp": "Old Street", "sales": "New Street"},
        "sales",
        "newer",
    )


def test_precedence_wins_over_the_newer_value(desk: Desk, actor: Actor) -> None:
    erp = file(line("1", updated="2026-01-06 10:00", address="Old Street"), name="erp.csv")
    sales = file(line("1", updated="2026-01-07 10:00", address="New Street"), name="sales.csv")
    options = replace(SHOP, mappings={"erp.csv": system("erp"), "sales.csv": system("sales")})

    run(desk, actor, [sales, erp], replace(options, precedence={"address": ("erp",)}))

    assert [order.address for order in orders_of(desk).values()] == ["Old Street"]


def test_a_second_system_that_comes_later_joins_the_order_that_is_here(desk: Desk, actor: Actor) -> None:
    run(desk, actor, [file(line("1", updated="2026-01-06 10:00", address="Old Street"))], replace(SHOP, source="erp"))

    newer = file(line("1", updated="2026-01-07 10:00", address="New Street"))
    report = run(desk, actor, [newer], replace(SHOP, source="sales"))

    assert (report.inserted, report.changed) == (0, 1)
    assert [order.address for order in orders_of(desk).values()] == ["New Street"]


def test_what_may_be_the_same_is_told_and_never_merged(desk: Desk, actor: Actor) -> None:
    run(desk, actor, [file(line("1"))], replace(SHOP, source="erp"))

    report = run(desk, actor, [file(line("S-77", price="1.5051"))], replace(SHOP, source="sales"))

    (found,) = report.candidates
    assert (found.key, found.like_source, found.like_key, found.difference) == ("S-77", "erp", "1", Decimal("0.01"))
    assert len(orders_of(desk)) == 2


def test_amounts_beyond_the_tolerance_are_no_candidates(desk: Desk, actor: Actor) -> None:
    run(desk, actor, [file(line("1"))], replace(SHOP, source="erp"))

    report = run(desk, actor, [file(line("S-77", price="1.52"))], replace(SHOP, source="sales"))

    assert report.candidates == []


def test_a_changed_file_changes_what_changed_of_closed_history(desk: Desk, actor: Actor) -> None:
    run(desk, actor, [file(line("1"), line("2"))], SHOP)

    report = run(desk, actor, [file(line("1"), line("2", quantity=5, updated="2026-02-01"))], SHOP)

    orders = orders_of(desk)
    assert (report.inserted, report.changed, report.unchanged) == (0, 1, 1)
    assert (orders["2"].total, orders["2"].lines[0].quantity) == (Decimal("7.5"), Decimal(5))
    with desk.unit_of_work("demo") as uow:
        assert uow.orders.verify_chain(orders["2"].id)
        assert [row.event for row in uow.orders.history(orders["2"].id)] == ["import_order", "import_update"]
        assert uow.outbox.events_of(orders["2"].id) == []


def test_an_open_order_is_amended_by_the_rules(desk: Desk, sales: Actor) -> None:
    run(desk, sales, [file(line("1"))], OPEN)

    report = run(desk, sales, [file(line("1", quantity=5, updated="2026-02-01"))], OPEN)

    (order,) = orders_of(desk).values()
    assert (report.changed, order.total, order.status) == (1, Decimal("7.5"), OrderStatus.PENDING_CONFIRMATION)
    with desk.unit_of_work("demo") as uow:
        assert [str(event.event.name) for event in uow.outbox.events_of(order.id)] == [
            "ReceiptRequested", "OrderAmended",
        ]  # fmt: skip


def test_who_may_not_amend_orders_does_not_by_importing(desk: Desk, actor: Actor) -> None:
    run(desk, actor, [file(line("1"))], OPEN)

    report = run(desk, actor, [file(line("1", quantity=5, updated="2026-02-01"))], OPEN)

    assert [(one.won, one.reason) for one in report.disagreements if one.field == "lines"] == [("", "role_not_allowed")]
    assert orders_of(desk)["1"].total == Decimal("3")


def test_an_order_that_was_confirmed_here_is_not_overwritten(desk: Desk, actor: Actor, sales: Actor) -> None:
    run(desk, actor, [file(line("1"))], OPEN)
    (order,) = orders_of(desk).values()
    desk.handle(ConfirmOrder(order.number), sales)

    report = run(desk, actor, [file(line("1", quantity=5, updated="2026-02-01"))], OPEN)

    assert [(one.field, one.won, one.reason) for one in report.disagreements if one.field == "lines"][-1] == (
        "lines", "", "changed_here",
    )  # fmt: skip
    assert orders_of(desk)["1"].total == order.total


def test_an_older_file_that_comes_later_changes_nothing(desk: Desk, actor: Actor) -> None:
    run(desk, actor, [file(line("1", quantity=5, updated="2026-02-01"))], SHOP)
    before = contents(desk)

    report = run(desk, actor, [file(line("1", quantity=2, updated="2026-01-06"))], SHOP)

    assert (report.inserted, report.changed) == (0, 0)
    assert contents(desk) == before


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", ["orders", "cancellations"])
def test_a_cancellation_finds_its_order_whichever_comes_first(
    desk: Desk, actor: Actor, together: bool, first: str
) -> None:
    orders = file(line("1", quantity=5), line("2", quantity=3, day="2026-01-06"), name="a.csv")
    cancellations = file(
        line("C3", quantity=-2, day="2026-01-09"), line("C4", quantity=-5, day="2026-01-10"), name="b.csv"
    )
    files = [orders, cancellations] if first == "orders" else [cancellations, orders]

    for some in [files] if together else [[each] for each in files]:
        run(desk, actor, some, SHOP)
    for some in [files] if together else [[each] for each in files]:
        run(desk, actor, some, replace(SHOP, again=True))

    found = orders_of(desk)
    assert {number: (order.total, order.status) for number, order in found.items()} == {
        "1": (Decimal("0"), OrderStatus.CANCELLED), "2": (Decimal("1.5"), OrderStatus.SETTLED),
    }  # fmt: skip
    with desk.unit_of_work("demo") as uow:
        assert all(uow.orders.verify_chain(order.id) for order in found.values())


def test_a_cancellation_of_an_order_that_is_open_here_goes_by_its_process(desk: Desk, actor: Actor) -> None:
    run(desk, actor, [file(line("1", quantity=5))], OPEN)

    run(desk, actor, [file(line("C1", quantity=-5, day="2026-01-09"))], OPEN)

    (order,) = orders_of(desk).values()
    assert order.status is OrderStatus.CANCELLED
    with desk.unit_of_work("demo") as uow:
        assert "OrderCancelled" in [str(event.event.name) for event in uow.outbox.events_of(order.id)]


@pytest.mark.parametrize("word", ["已取消", "Cancelled", "已退款"])
def test_a_status_says_that_an_order_was_taken_back(desk: Desk, actor: Actor, word: str) -> None:
    source = file(f"1,17,Acme,9.90,2026-01-05,{word}", header="Order No,Customer ID,Customer,Total,Order Date,Status")

    run(desk, actor, [source], SHOP)

    (order,) = orders_of(desk).values()
    assert order.status is OrderStatus.CANCELLED
    assert (order.payment_status is PaymentStatus.REFUNDED) == (word == "已退款")


def test_the_time_of_a_cancellation_says_it_too(desk: Desk, actor: Actor) -> None:
    source = Source.held(
        "shop.csv",
        b"Order Number,Customer ID,Total,Order Date,Cancelled at\n"
        b"A-1,acme,10.00,2024-03-02 10:00,2024-03-04 08:00\nA-2,acme,20.00,2024-03-02 11:00,\n",
    )
    run(desk, actor, [source], SHOP)
    with desk.unit_of_work("demo", read_only=True) as uow:
        orders = {order.external_number: str(order.status) for order in uow.orders.list(source="shop").items}

    assert orders["A-1"] == "cancelled" != orders["A-2"]


def test_heads_and_lines_may_come_in_two_files(desk: Desk, actor: Actor) -> None:
    heads = file("1,17,Acme,High Street 1,2026-01-05,99", name="orders.csv",
                 header="Order No,Customer ID,Customer,Address,Order Date,Total")  # fmt: skip
    lines = file("1,A,Thing,2,1.50", "1,B,Other,1,2.00", name="lines.csv", header="Order No,SKU,Product,Qty,Unit Price")

    report = run(desk, actor, [lines, heads], replace(SHOP, kind="orders"))

    (order,) = orders_of(desk).values()
    assert (report.inserted, order.customer_name, order.total, len(order.lines)) == (1, "Acme", Decimal("5"), 2)


def test_what_stands_only_in_an_orders_first_line_counts_for_all(desk: Desk, actor: Actor) -> None:
    source = file(line("1"), "1,,,B,Thing B,1,2.00,,,", "2,,,B,Thing B,1,2.00,2026-01-05,,")

    report = run(desk, actor, [source], SHOP)

    (order,) = orders_of(desk).values()
    assert (len(order.lines), order.total) == (2, Decimal("5"))
    assert [(one.line, str(one.kind)) for one in report.findings] == [(4, "missing_customer")]


def test_lines_below_the_first_that_name_no_order_belong_to_the_one_above(desk: Desk, actor: Actor) -> None:
    source = file(line("1"), ",,,B,Thing B,1,2.00,,,", line("2"), ",,,C,Thing C,3,1.00,,,")

    report = run(desk, actor, [source], SHOP)

    orders = orders_of(desk)
    assert {number: [one.sku for one in order.lines] for number, order in orders.items()} == {
        "1": ["A", "B"], "2": ["A", "C"],
    }  # fmt: skip
    assert report.refused == 0


def test_a_line_without_a_number_that_has_a_customer_of_its_own_belongs_to_nobody(desk: Desk, actor: Actor) -> None:
    report = run(desk, actor, [file(line("1"), line("", "B", customer="18"))], SHOP)

    assert [[one.sku for one in order.lines] for order in orders_of(desk).values()] == [["A"]]
    assert report.refused == 1


SYSTEMS = ("erp", "finance", "sales")
DAYS = ("2026-01-05", "2026-01-06")


def random_lines(random: Random) -> list[tuple[str, str]]:
    """Rows of three systems about a few orders, with their system; each system's lines of an order share their time."""
    rows = []
    for number in ("1", "2", "3"):
        day, customer = random.choice(DAYS), random.choice(("17", "18"))
        for name in random.sample(SYSTEMS, random.randint(1, 3)):
            updated = f"2026-01-1{random.randint(0, 3)} 10:00"
            address = f"Street {random.randint(1, 3)}"
            for sku in random.sample("ABCD", random.randint(1, 3)):
                more = {"day": day, "customer": customer, "updated": updated, "address": address}
                rows.append((name, line(number, sku, random.randint(1, 4), **more)))
    return rows


def reference(rows: Sequence[tuple[str, str]]) -> dict[str, tuple[str, Decimal]]:
    """Address and total of each order, worked out one by one: the newest system's, names breaking ties."""
    said: dict[str, dict[str, list[list[str]]]] = {}
    for name, row in rows:
        values = row.split(",")
        said.setdefault(values[0], {}).setdefault(name, []).append(values)
    found = {}
    for number, by_system in said.items():
        newest = max(by_system, key=lambda name: (by_system[name][0][8], name))
        lines = by_system[newest]
        found[number] = lines[0][9], sum((Decimal(one[5]) * Decimal(one[6]) for one in lines), Decimal(0))
    return found


def shuffled(rows: Sequence[tuple[str, str]], random: Random) -> tuple[list[Source], dict[str, Mapping]]:
    """The same rows in other orders, in one or two files of each system."""
    rows = list(rows)
    random.shuffle(rows)
    files, mappings = [], {}
    for name in SYSTEMS:
        mine = [row for system_, row in rows if system_ == name]
        cut = random.randint(0, len(mine))
        for part, some in enumerate((mine[:cut], mine[cut:])):
            if some:
                files.append(file(*some, name=f"{name}-{part}.csv"))
                mappings[f"{name}-{part}.csv"] = system(name)
    random.shuffle(files)
    return files, mappings


def agreed(desk: Desk, actor: Actor, random: Random, rows: Sequence[tuple[str, str]]) -> ImportReport:
    files, mappings = shuffled(rows, random)
    report = run(desk, actor, files, replace(SHOP, kind="orders", mappings=mappings, again=True))
    orders = orders_of(desk)
    assert {number: (order.address, order.total) for number, order in orders.items()} == reference(rows)
    return report


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(6, 100))])
def test_any_shuffling_of_systems_files_and_rows_gives_the_same_orders(desk: Desk, actor: Actor, seed: int) -> None:
    random = Random(seed)
    rows = random_lines(random)

    agreed(desk, actor, random, rows)
    before, counts = contents(desk), written(desk)
    again = agreed(desk, actor, random, rows)

    assert (again.inserted, again.changed) == (0, 0)
    assert contents(desk) == before
    assert written(desk) == counts
