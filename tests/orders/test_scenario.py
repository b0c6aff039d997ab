"""Which way an order goes is decided by one table: warehouse, days, what its shipment needs, what runs by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from deskhand.engine import DecisionFailed, Explained, load_decisions
from deskhand.orders.commands import (
    CompleteShipment,
    GiveShipmentInformation,
    PlaceOrder,
)
from deskhand.orders.errors import DataMissing, DeskhandError, UnknownWarehouse
from deskhand.orders.scenario import Scenario, earliest_day, scenario_of
from deskhand.orders.status import DeliveryMode, OrderStatus
from deskhand.store import Desk
from tests.support.desks import CLERK, ROOT, TENANT, WAREHOUSE, done, lay, order_in, placing

M = DeliveryMode


def steered(desk: Desk, **said: str) -> None:
    """From now on the table says this of every order that is placed: its last rule takes all of them."""
    folder = ROOT / "processes" / "order_to_cash"
    table = (folder / "scenario.dmn").read_text(encoding="utf-8")
    for name, value in said.items():
        place = [match[1] for match in re.finditer(r'<output id="result_(\w+)"', table)].index(name) + 1
        entry = rf'(_out_{place}">\s*<text>)[^<]*'
        table = re.sub(entry, rf"\g<1>{value}", table)
    lay(desk, decisions=(load_decisions(table.encode(), "scenario.dmn"), *desk.process.decisions))


@pytest.mark.parametrize(
    ("mode", "appointment", "path", "days", "parcel", "tracking"),
    [
        (M.PICKUP, False, "pickup", 0, False, False),
        (M.OWN, True, "own_delivery", 2, True, False),
        (M.OWN, False, "own_delivery", 1, True, False),
        (M.DIRECT, False, "warehouse_direct", 2, True, True),
        (M.COURIER, True, "courier", 2, True, True),
        (M.COURIER, False, "courier", 1, True, True),
        (None, False, "courier", 1, True, True),
    ],
)
def test_each_kind_of_order_has_its_path(
    desk: Desk, mode: DeliveryMode | None, appointment: bool, path: str, days: int, parcel: bool, tracking: bool
) -> None:
    found = scenario_of(desk.process.decide, "chat", mode, appointment)

    assert (found.path, found.lead_days, found.needs_parcel, found.needs_tracking) == (path, days, parcel, tracking)


def test_an_imported_order_takes_another_day(desk: Desk) -> None:
    assert scenario_of(desk.process.decide, "import", M.DIRECT, False).lead_days == 3


def test_what_is_collected_leaves_without_a_parcel_and_all_else_does_not(desk: Desk) -> None:
    collected = order_in(desk, "awaiting_shipment", delivery_mode=M.PICKUP)
    sent = order_in(desk, "awaiting_shipment", delivery_mode=M.COURIER)

    assert done(desk, CompleteShipment(collected.number), WAREHOUSE).status is OrderStatus.SHIPPED
    with pytest.raises(DeskhandError):
        desk.handle(CompleteShipment(sent.number), WAREHOUSE)


def test_our_own_van_needs_neither_carrier_nor_tracking_number_a_courier_both(desk: Desk) -> None:
    own = order_in(desk, "awaiting_shipment", delivery_mode=M.OWN)
    (parcel,) = done(desk, GiveShipmentInformation(own.number, "", ""), WAREHOUSE).parcels
    assert (parcel.carrier, parcel.tracking_number) == ("OWN", own.number)

    sent = order_in(desk, "awaiting_shipment", delivery_mode=M.COURIER)
    with pytest.raises(DataMissing, match="carrier, tracking_number"):
        desk.handle(GiveShipmentInformation(sent.number, "", ""), WAREHOUSE)


def test_the_table_names_the_warehouse_and_who_orders_may_name_another(desk: Desk) -> None:
    steered(desk, warehouse='"nowhere"')

    with pytest.raises(UnknownWarehouse, match="nowhere"):
        desk.handle(placing(), CLERK)

    assert done(desk, placing(warehouse="main"), CLERK).warehouse == "main"


def test_where_the_table_says_so_an_order_runs_by_itself_until_a_person_is_needed(desk: Desk) -> None:
    by_hand = done(desk, placing(), CLERK)
    automatic = dict.fromkeys(desk.process.automatic, frozenset[str]())
    lay(desk, automatic=automatic)
    steered(desk, automatic="true")
    by_itself = done(desk, placing(), CLERK)

    desk.run_automatic(TENANT)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        found = [uow.orders.get(each.number).status for each in (by_hand, by_itself)]
    assert found[0] is OrderStatus.PENDING_CONFIRMATION and found[1] is not OrderStatus.PENDING_CONFIRMATION


@pytest.mark.parametrize(("hour", "day"), [(8, 23), (9, 24)])  # 16:59 would be before, 17:00 is at the cut-off
def test_after_the_cut_off_the_next_day_counts(desk: Desk, hour: int, day: int) -> None:
    scenario = scenario_of(desk.process.decide, "chat", M.COURIER, False)

    assert earliest_day(scenario, desk.tenant(TENANT), datetime(2026, 11, 22, hour, 0, tzinfo=UTC)) == date(
        2026, 11, day
    )


def test_a_version_of_the_process_without_the_table_goes_on_as_it_did() -> None:
    def unknown(name: str, inputs: Mapping[str, Any]) -> Explained:
        raise DecisionFailed(name)

    assert scenario_of(unknown, "chat", M.PICKUP, False) == Scenario("courier", needs_parcel=False)
    assert scenario_of(unknown, "chat", M.COURIER, False).needs_parcel


def test_the_history_says_which_rule_was_taken(desk: Desk) -> None:
    order = done(desk, PlaceOrder("huaxing", placing().lines, delivery_mode=M.PICKUP), CLERK)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.orders.history(order.id)[0].detail["scenario"] == "自提 / Collected by the customer"
