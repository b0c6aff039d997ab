"""Cases move to another version by a map: set-based, each with its row, and nothing goes where no place is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from deskhand.engine import Case
from deskhand.engine.moving_over import moved_over
from deskhand.orders.commands import CompleteShipment, GiveShipmentInformation, ReceiveGoods
from deskhand.orders.errors import ProcessVersionUnknown, RoleNotAllowed
from deskhand.orders.imports import ImportBatch, ImportedCustomer, ImportedOrder
from deskhand.orders.process import NAME
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from deskhand.store.migrating import migrate, planned
from deskhand.store.process_errors import NotMapped
from tests.support.desks import ADMIN, CLERK, MANAGER, NOW, TENANT, WAREHOUSE, done, fresh, order_in
from tests.support.versions import RENAMED, SAME, draft, published, renamed_node

OVER = dict([RENAMED])
"""Old place -> new place."""


def markings(desk: Desk) -> dict[tuple[int, str], int]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        live = uow.cases.live(NAME)
    return {(version, " ".join(sorted(marking))): count for (_, version, marking), count in live.items()}


def test_what_is_mapped_moves_what_has_its_place_stays_and_goes_on_on_the_new_version(desk: Desk) -> None:
    waiting, packed = order_in(desk, "confirmed"), order_in(desk, "packed")
    ended = order_in(desk, "in_account_period")
    published(desk, renamed_node(desk))

    report = migrate(desk, MANAGER, NAME, OVER)

    assert report.cases == 3
    assert {version for version, _ in markings(desk)} == {2}
    assert (2, RENAMED[1]) in markings(desk)
    done(desk, ReceiveGoods(waiting.number), WAREHOUSE)
    done(desk, GiveShipmentInformation(waiting.number, "SF", "SF1"), WAREHOUSE)
    for order in (waiting, packed):
        done(desk, CompleteShipment(order.number), WAREHOUSE)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [row for row in uow.orders.history(waiting.id) if row.event == "migrate_process"]
        assert [(row.actor, row.detail["from"], row.detail["to"], row.before, row.after) for row in rows] == [
            (MANAGER.user_id, 1, 2, "confirmed", "confirmed")
        ]
        assert rows[0].detail["places_after"] == [RENAMED[1]]
        assert all(uow.orders.verify_chain(order.id) for order in (waiting, packed, ended))
        (audited,) = [row for row in uow.audit.list() if row.action == "migrate_process"]
    assert audited.after == {"cases": 3, "map": OVER}


def test_what_is_not_mapped_and_has_no_place_is_refused_by_name_and_nothing_moves(desk: Desk) -> None:
    order_in(desk, "confirmed")
    order_in(desk, "confirmed")
    published(desk, renamed_node(desk))
    before = markings(desk)

    with pytest.raises(NotMapped, match=r"receive_goods \(2\)"):
        migrate(desk, MANAGER, NAME, {})
    with pytest.raises(NotMapped, match="nowhere"):
        migrate(desk, MANAGER, NAME, {RENAMED[0]: "nowhere"})
    with pytest.raises(ProcessVersionUnknown):
        migrate(desk, MANAGER, NAME, OVER, version=7)
    with pytest.raises(RoleNotAllowed):
        migrate(desk, CLERK, NAME, OVER)

    assert markings(desk) == before


def test_a_dry_run_says_the_counts_and_moves_nothing(desk: Desk) -> None:
    order_in(desk, "confirmed")
    order_in(desk, "shipped")
    published(desk, renamed_node(desk))
    before = markings(desk)

    rows = planned(desk, ADMIN, NAME, OVER).as_rows()

    assert {(row["from"], row["to"], row["cases"]) for row in rows} >= {(*RENAMED, 1)}
    assert sum(int(str(row["cases"])) for row in rows) == 2
    assert markings(desk) == before


def test_a_status_that_the_new_place_shows_is_the_order_s(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    published(desk, draft(desk, SAME))

    migrate(desk, MANAGER, NAME, {"complete_shipment": "receive_goods"})

    assert fresh(desk, order.number).status is OrderStatus.CONFIRMED


def test_cases_on_a_version_that_is_not_here_can_be_moved_to_one_that_is(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    with desk.unit_of_work(TENANT) as uow:
        case = uow.cases.many([order.id])[order.id]
        uow.cases.move_over([moved_over(desk.process.table, case, 9, {}, uow.now)])
        uow.commit()

    report = migrate(desk, MANAGER, NAME, {})

    assert (report.cases, report.version) == (1, 1)
    done(desk, ReceiveGoods(order.number), WAREHOUSE)


def test_timers_go_on_where_the_new_version_has_them_and_new_ones_begin(desk: Desk) -> None:
    table = desk.versions.laid["purchase_approval"].process.table
    node = next(each for each in table.nodes.values() if each.timer is not None and each.timer.after is not None)
    case = _case(node.host, {node.id: (NOW - timedelta(hours=1)).isoformat()})

    kept = moved_over(table, case, 2, {}, NOW)
    begun = moved_over(table, _case(node.host, {}), 2, {}, NOW)

    assert kept.data["_due"][node.id] == (NOW - timedelta(hours=1)).isoformat()
    assert kept.due_at == NOW - timedelta(hours=1)
    assert node.timer is not None and node.timer.after is not None
    assert begun.data["_due"][node.id] == (NOW + node.timer.after).isoformat()


def _case(place: str, due: dict[str, str]) -> Case:
    return Case("c", TENANT, "purchase_approval", 1, frozenset({place}), 1, None, {"_due": due} if due else {})


def test_a_thousand_orders_move_in_few_statements(desk: Desk) -> None:
    orders = tuple(ImportedOrder(str(number), "C1", NOW, (), Decimal(10)) for number in range(1000))
    customers = (ImportedCustomer("C1", "Customer"),)
    with desk.unit_of_work(TENANT) as uow:
        uow.imports.insert(ImportBatch("shop", "CNY", customers, (), orders, OrderStatus.CONFIRMED), CLERK)
        uow.commit()
    published(desk, renamed_node(desk))
    before = desk.database.statements

    report = migrate(desk, MANAGER, NAME, OVER)

    assert report.cases == 1000
    assert desk.database.statements - before < 60
    assert markings(desk) == {(2, RENAMED[1]): 1000}
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        moved = uow.orders.list(limit=20).items
        assert all(uow.orders.verify_chain(order.id) for order in moved)
        assert all(uow.orders.history(order.id)[-1].event == "migrate_process" for order in moved)
