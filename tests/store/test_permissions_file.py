"""permissions.yml: its grammar, its faults with their lines, and how a new version is taken up."""

from __future__ import annotations

import logging
from decimal import Decimal
from pathlib import Path

import pytest

from deskhand.orders.actions import ACTIONS
from deskhand.orders.commands import ConfirmOrder, NewLine, PlaceOrder
from deskhand.orders.errors import AmountAboveLimit, FourEyesNeeded, RoleNotAllowed, StatusNotAllowed
from deskhand.orders.permissions import Grant, Reach
from deskhand.orders.status import OrderStatus, Role
from deskhand.store import Desk
from deskhand.store.permissions_file import PermissionsFileInvalid, load_permissions
from tests.support.desks import CLERK, CUSTOMER, MANAGER, ROOT, TENANT, WAREHOUSE, done, order_in, placing

SHIPPED = (ROOT / "permissions.yml").read_text(encoding="utf-8")


def table(line: str) -> str:
    """The shipped table with one line instead of its own."""
    action = line.partition(":")[0]
    lines = [line if each.startswith(f"{action}:") else each for each in SHIPPED.splitlines()]
    assert line in lines
    return "\n".join(lines)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "permissions.yml"
    file.write_text(text, encoding="utf-8")
    return file


def ruled(desk: Desk, tmp_path: Path, line: str) -> Desk:
    return Desk(desk.database, desk.tenants, ROOT / "processes", desk.clock, written(tmp_path, table(line)))


def test_the_shipped_table_says_something_of_everything() -> None:
    assert set(load_permissions(ROOT / "permissions.yml").rules) == set(ACTIONS)


def test_conditions_are_read_as_they_are_written(tmp_path: Path) -> None:
    line = (
        "ConfirmOrder: {sales: {reach: any, up_to: [50000 CNY, 7000.50 USD], not_own: true, only: on_hold}, "
        "manager: any, customer: {reach: own}}"
    )
    rules = load_permissions(written(tmp_path, table(line))).rules["ConfirmOrder"]

    limits = {"CNY": Decimal(50000), "USD": Decimal("7000.50")}
    assert rules == {
        Role.SALES: Grant(Reach.ANY, frozenset({OrderStatus.ON_HOLD}), limits, not_own=True),
        Role.MANAGER: Grant(Reach.ANY),
        Role.CUSTOMER: Grant(Reach.OWN),
    }


def test_what_nobody_may_do_is_said(tmp_path: Path) -> None:
    assert load_permissions(written(tmp_path, table("CancelOrder: nobody"))).rules["CancelOrder"] == {}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("ConfirmOrder: {king: any}", "king is no role"),
        ("ConfirmOrder: {sales: all}", "all is no reach"),
        ("ConfirmOrder: {sales: {only: [confirmed]}}", "reach is missing"),
        ("ConfirmOrder: {sales: {reach: any, unless: rain}}", "unless is no condition"),
        ("ConfirmOrder: {sales: {reach: any, only: [asleep]}}", "asleep is no status"),
        ("ConfirmOrder: {sales: {reach: any, only: []}}", "expected one or several"),
        ("ConfirmOrder: {sales: {reach: any, up_to: 50000}}", "50000 is no amount"),
        ("ConfirmOrder: {sales: {reach: any, up_to: much CNY}}", "much CNY is no amount"),
        ("ConfirmOrder: {sales: {reach: any, up_to: NaN CNY}}", "NaN CNY is no amount"),
        ("ConfirmOrder: {sales: {reach: any, not_own: false}}", "not_own is true, or left out"),
        ("ConfirmOrder: {sales: any, sales: own}", "sales is said twice"),
        ("ConfirmOrder: {sales: {reach: any, reach: own}}", "said twice"),
        ("ConfirmOrder: {sales: [any]}", "expected own, any"),
        ("ConfirmOrder: everybody", "expected roles"),
        ("ConfirmOrder: {}", "expected roles"),
        ("PlaceOrder: {sales: {reach: any, not_own: true}}", "not_own is no condition of it"),
        ("query_orders: {sales: {reach: any, only: [confirmed]}}", "only is no condition of it"),
        ("manage_users: {admin: own}", "nothing of it is anybody's own"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(tmp_path: Path, line: str, complaint: str) -> None:
    text = table(line)
    number = text.splitlines().index(line) + 1

    with pytest.raises(PermissionsFileInvalid) as caught:
        load_permissions(written(tmp_path, text))
    assert f"permissions.yml:{number}: " in str(caught.value) and complaint in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = table("ConfirmOrder: {king: any}").replace("CancelOrder:", "CancelOrdre:")

    with pytest.raises(PermissionsFileInvalid) as caught:
        load_permissions(written(tmp_path, text))
    complaints = str(caught.value).splitlines()
    assert len(complaints) == 3
    assert any("CancelOrdre is no command" in each for each in complaints)
    assert any("says nothing of CancelOrder" in each for each in complaints)


@pytest.mark.parametrize("text", ["", "- a\n- b", "ConfirmOrder: {sales: any", "a: &x 1\nb: *y"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PermissionsFileInvalid, match=r"permissions\.yml:\d"):
        load_permissions(written(tmp_path, text))


def test_an_amount_limit_holds_for_placing_too_and_nothing_stays(desk: Desk, tmp_path: Path) -> None:
    bound = ruled(desk, tmp_path, "PlaceOrder: {sales: {reach: any, up_to: 30 CNY}, manager: any}")
    small, large = (PlaceOrder("huaxing", (NewLine("PAPER-A4", Decimal(count)),)) for count in (1, 2))

    assert done(bound, small, CLERK).total == 25
    with pytest.raises(AmountAboveLimit):
        bound.handle(large, CLERK)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.orders.count() == 1
    assert done(bound, large, MANAGER).total == 50


def test_four_eyes_and_status_are_checked_on_the_order(desk: Desk, tmp_path: Path) -> None:
    bound = ruled(
        desk, tmp_path, "ConfirmOrder: {sales: {reach: any, not_own: true}, manager: {reach: any, only: [on_hold]}}"
    )
    mine = order_in(desk, "pending_confirmation")
    customers = done(desk, placing(), CUSTOMER)

    with pytest.raises(FourEyesNeeded):
        bound.handle(ConfirmOrder(mine.number), CLERK)
    with pytest.raises(StatusNotAllowed):
        bound.handle(ConfirmOrder(mine.number), MANAGER)
    assert done(bound, ConfirmOrder(customers.number), CLERK).status == "confirmed"


def test_a_new_version_is_taken_up_and_a_bad_one_leaves_the_old_in_force(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bound = ruled(desk, tmp_path, "ConfirmOrder: {manager: any}")
    number = order_in(desk, "pending_confirmation").number
    with pytest.raises(RoleNotAllowed):
        bound.handle(ConfirmOrder(number), CLERK)

    with caplog.at_level(logging.ERROR, "deskhand.permissions"):
        written(tmp_path, "ConfirmOrder: {sales: everything}")
        with pytest.raises(RoleNotAllowed):
            bound.handle(ConfirmOrder(number), CLERK)
    assert "everything is no reach" in caplog.text

    written(tmp_path, table("ConfirmOrder: {sales: any}"))
    assert done(bound, ConfirmOrder(number), CLERK).status == "confirmed"
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        told = [row for row in uow.audit.list() if row.action == "permissions_file"]
    assert sorted(row.outcome for row in told) == ["refused", "taken_up"]
    with pytest.raises(RoleNotAllowed):
        bound.handle(ConfirmOrder(number), WAREHOUSE)


def test_a_file_that_is_gone_for_a_moment_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    bound = ruled(desk, tmp_path, "ConfirmOrder: {sales: any}")
    (tmp_path / "permissions.yml").unlink()

    assert done(bound, ConfirmOrder(order_in(desk, "pending_confirmation").number), CLERK).status == "confirmed"
