"""Standing in for a colleague who is away: what it opens, what it never opens, and what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from deskhand.orders.commands import CompleteShipment, ConfirmOrder, ReceiveGoods, UndoLastChange
from deskhand.orders.errors import (
    DelegationRefused,
    FourEyesNeeded,
    RoleNotAllowed,
    UnknownDelegation,
    UnknownUser,
)
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import (
    Delegation,
    Desk,
    User,
    WantedDelegation,
    delegate,
    delegations,
    end_delegation,
)
from deskhand.store.verifying import verify
from tests.support.desks import (
    ADMIN,
    CLERK,
    CUSTOMER,
    FINANCE,
    ROOT,
    TENANT,
    WAREHOUSE,
    FakeClock,
    order_in,
    told,
)

WEEK = "2026-11-27"


def lend(desk: Desk, away: str = "warehouse", to: str = "finance", by: Actor = ADMIN, **more: str) -> Delegation:
    return delegate(desk, by, WantedDelegation(away, to, more.pop("ends", WEEK), **more))


def history(desk: Desk, number: str) -> list[tuple[str, str, str, str | None]]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        order = uow.orders.get(number)
        assert uow.orders.verify_chain(order.id)
        return [(row.event, row.actor, row.role, row.on_behalf_of) for row in uow.orders.history(order.id)]


def test_a_delegate_does_what_the_one_who_is_away_may_and_both_stand_in_the_record(desk: Desk) -> None:
    number = order_in(desk, "confirmed").number
    with pytest.raises(RoleNotAllowed):
        desk.handle(ReceiveGoods(number), FINANCE)

    lend(desk)
    outcome = desk.handle(ReceiveGoods(number), FINANCE)

    assert outcome.on_behalf_of == "warehouse"
    assert history(desk, number)[-1] == ("receive_goods", "finance", "warehouse", "warehouse")
    told(desk, "role:sales")
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.notifications.latest(["role:sales"], 1)[0].sender == "陈静 Chen Jing（代王强 Wang Qiang）"


def test_the_own_right_comes_first(desk: Desk) -> None:
    """Confirming is sales' own; that the manager is stood in for as well leaves no trace then."""
    lend(desk, "manager", "clerk")
    number = order_in(desk, "pending_confirmation").number

    assert desk.handle(ConfirmOrder(number), CLERK).on_behalf_of is None
    assert history(desk, number)[-1] == ("confirm_order", "clerk", "sales", None)


def test_it_begins_and_ends_to_the_second(desk: Desk, clock: FakeClock) -> None:
    lend(desk, begins="2026-11-21T08:00:00+08:00", ends="2026-11-21T09:00:00+08:00")
    numbers = [order_in(desk, "confirmed").number for _ in range(2)]
    clock.now = clock.now.replace(day=20, hour=23, minute=59, second=59)
    with pytest.raises(RoleNotAllowed):
        desk.handle(ReceiveGoods(numbers[0]), FINANCE)
    clock.forward(seconds=1)
    assert desk.handle(ReceiveGoods(numbers[0]), FINANCE).on_behalf_of == "warehouse"

    clock.forward(hours=1)
    with pytest.raises(RoleNotAllowed):
        desk.handle(ReceiveGoods(numbers[1]), FINANCE)


def test_a_day_counts_whole_in_the_companys_zone(desk: Desk) -> None:
    made = lend(desk, begins="2026-11-23", ends="2026-11-24")

    assert (made.from_at.isoformat(), made.until_at.isoformat()) == (
        "2026-11-22T16:00:00+00:00",
        "2026-11-24T16:00:00+00:00",
    )


@pytest.mark.parametrize("by", [WAREHOUSE, FINANCE, ADMIN])
def test_it_is_ended_at_once_by_either_of_them_or_the_administrator(desk: Desk, by: Actor) -> None:
    made, number = lend(desk), order_in(desk, "confirmed").number

    end_delegation(desk, by, made.id)
    with pytest.raises(RoleNotAllowed):
        desk.handle(ReceiveGoods(number), FINANCE)
    assert delegations(desk, ADMIN)[0]["in_force"] is False and delegations(desk, ADMIN)[0]["ended_at"]


def test_others_delegations_are_nobody_elses_business(desk: Desk) -> None:
    made = lend(desk)

    with pytest.raises(UnknownDelegation):
        end_delegation(desk, CLERK, made.id)
    with pytest.raises(RoleNotAllowed):
        delegations(desk, CUSTOMER)
    assert (delegations(desk, CLERK), len(delegations(desk, FINANCE)), len(delegations(desk, ADMIN))) == ([], 1, 1)


def test_people_lend_their_own_rights_and_no_others(desk: Desk) -> None:
    delegate(desk, WAREHOUSE, WantedDelegation(None, "finance", WEEK, reason="holidays"))
    with pytest.raises(RoleNotAllowed):
        lend(desk, "manager", "clerk", by=CLERK)
    with pytest.raises(RoleNotAllowed):
        lend(desk, "customer", "clerk", by=CUSTOMER)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = {(row.actor, row.outcome) for row in uow.audit.list() if row.action == "delegate"}
    assert rows == {("warehouse", "done"), ("clerk", "refused"), ("customer", "refused")}


@pytest.mark.parametrize(
    ("away", "to", "ends", "problem"),
    [
        ("clerk", "clerk", WEEK, "to_oneself"),
        ("clerk", "customer", WEEK, "to_a_customer"),
        ("customer", "clerk", WEEK, "from_a_customer"),
        ("clerk", "locked", WEEK, "locked"),
        ("locked", "clerk", WEEK, "locked"),
        ("clerk", "finance", "2026-11-19", "ends_before_it_begins"),
        ("clerk", "finance", "soon", "not_a_time"),
        ("clerk", "finance", "9999-12-31", "not_a_time"),
    ],
)
def test_what_can_not_be_lent(desk: Desk, away: str, to: str, ends: str, problem: str) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.users.add(User("locked", TENANT, "locked", "Locked", Role.SALES, active=False))
        uow.commit()

    with pytest.raises(DelegationRefused) as caught:
        lend(desk, away, to, ends=ends)
    assert caught.value.data["problem"] == problem
    assert "_" not in str(caught.value) and "?" not in str(caught.value)


def test_nothing_is_lent_to_another_company(desk: Desk) -> None:
    with desk.unit_of_work("other") as uow:
        uow.users.add(User("stranger", "other", "stranger", "Stranger", Role.SALES))
        uow.commit()

    with pytest.raises(UnknownUser):
        lend(desk, "warehouse", "stranger")


def test_lent_rights_are_not_handed_on(desk: Desk) -> None:
    """Finance stands in for the warehouse, and the clerk for finance: that opens no warehouse to the clerk."""
    lend(desk, "warehouse", "finance")
    lend(desk, "finance", "clerk")

    with pytest.raises(RoleNotAllowed):
        desk.handle(ReceiveGoods(order_in(desk, "confirmed").number), CLERK)


@pytest.mark.parametrize("who", ["warehouse", "finance"])
@pytest.mark.parametrize(
    "change",
    [
        lambda users, who: users.set_active(who, False),
        lambda users, who: users.connection.exec_driver_sql(
            f"UPDATE app_user SET role = 'customer', customer_id = 'huaxing' WHERE id = '{who}'"
        ),
    ],
)
def test_it_holds_no_longer_when_one_of_them_is_locked_or_no_colleague_any_more(
    desk: Desk, who: str, change: Callable[..., None]
) -> None:
    lend(desk)
    with desk.unit_of_work(TENANT) as uow:
        change(uow.users, who)
        uow.commit()

    with pytest.raises(RoleNotAllowed):
        desk.handle(ReceiveGoods(order_in(desk, "confirmed").number), FINANCE)


@pytest.mark.parametrize(
    "action",
    ["delegate", "manage_users", "manage_keys", "erase_personal_data", "export_personal_data"],
)
def test_administration_is_never_lent(desk: Desk, action: str, tmp_path: Path) -> None:
    lend(desk, "admin", "clerk")
    file = tmp_path / "permissions.yml"
    lines = (ROOT / "permissions.yml").read_text().splitlines()
    file.write_text("\n".join(f"{action}: {{admin: any}}" if line.startswith(f"{action}:") else line for line in lines))
    bound = Desk(desk.database, desk.tenants, ROOT / "processes", desk.clock, file)

    assert bound.require(action, ADMIN) == ADMIN
    with pytest.raises(RoleNotAllowed):
        bound.require(action, CLERK)


def test_a_query_is_lent(desk: Desk) -> None:
    with pytest.raises(RoleNotAllowed):
        desk.require("query_audit", FINANCE)
    lend(desk, "manager", "finance")

    lent = desk.require("query_audit", FINANCE)
    assert (lent.user_id, lent.role, lent.on_behalf_of) == ("finance", Role.MANAGER, "manager")


def test_four_eyes_see_through_it(desk: Desk, tmp_path: Path) -> None:
    """Neither what the one who is away has entered, nor what the delegate has."""
    file = tmp_path / "permissions.yml"
    lines = (ROOT / "permissions.yml").read_text().splitlines()
    strict = "ConfirmOrder: {sales: {reach: any, not_own: true}}"
    file.write_text("\n".join(strict if line.startswith("ConfirmOrder:") else line for line in lines))
    bound = Desk(desk.database, desk.tenants, ROOT / "processes", desk.clock, file)
    lend(desk, "clerk", "warehouse")
    anns = order_in(desk, "pending_confirmation").number

    with pytest.raises(FourEyesNeeded):
        bound.handle(ConfirmOrder(anns), WAREHOUSE)
    end_delegation(desk, ADMIN, str(delegations(desk, ADMIN)[0]["id"]))
    lend(desk, "manager", "clerk")
    with pytest.raises(FourEyesNeeded):
        bound.handle(ConfirmOrder(anns), CLERK)


def test_what_was_done_for_the_one_who_is_away_is_undone_by_the_delegate_alone(desk: Desk) -> None:
    number = order_in(desk, "confirmed").number
    lend(desk)
    desk.handle(ReceiveGoods(number), FINANCE)

    desk.handle(UndoLastChange(number), FINANCE)
    assert history(desk, number)[-1][:2] == ("undo", "finance")


def test_a_refusal_names_both_and_tells_what_stood_in_the_way(desk: Desk) -> None:
    lend(desk)
    number = order_in(desk, "awaiting_shipment").number

    with pytest.raises(Exception, match="parcel|lacks"):
        desk.handle(CompleteShipment(number), FINANCE)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        row = uow.audit.list(1)[0]
        assert verify(uow.connection, TENANT).holds
    assert (row.actor, row.on_behalf_of, row.role, row.outcome) == ("finance", "warehouse", "warehouse", "refused")


def test_it_costs_one_statement_and_only_where_the_own_role_does_not_allow(desk: Desk) -> None:
    numbers = [order_in(desk, "confirmed").number for _ in range(2)]
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    desk.handle(ReceiveGoods(numbers[0]), WAREHOUSE)
    with pytest.raises(RoleNotAllowed):
        desk.handle(ReceiveGoods(numbers[1]), FINANCE)

    assert len([each for each in asked if "delegation" in each]) == 1


def test_a_manager_who_is_away_is_stood_in_for_by_the_longest_lent_first(desk: Desk, clock: FakeClock) -> None:
    lend(desk, "clerk", "warehouse", begins="2026-11-19")
    lend(desk, "manager", "warehouse", begins="2026-11-18")
    number = order_in(desk, "pending_confirmation").number

    assert desk.handle(ConfirmOrder(number), WAREHOUSE).on_behalf_of == "manager"
