"""Every command in every status by every role: what the file allows happens, everything else changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from deskhand.orders.commands import (
    AmendOrder,
    CancelOrder,
    ChangeShipmentInformation,
    Command,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    HoldOrder,
    ReceiveGoods,
    RecordPayment,
    ReleaseOrder,
    SendInvoiceAgain,
    SettleFreight,
    SettlePayments,
    StartAccountPeriod,
    UndoLastChange,
)
from deskhand.orders.errors import DataMissing, DeskhandError, NothingToUndo, UnknownOrder, VersionConflict
from deskhand.orders.handlers import ON_ORDERS, ON_THE_DESK
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from deskhand.store.schema import chain_head, metadata
from tests.support.desks import (
    ACME,
    ACTORS,
    CLERK,
    CUSTOMER,
    FINANCE,
    MANAGER,
    OTHER_TENANT,
    TENANT,
    WAREHOUSE,
    done,
    fresh,
    open_desk,
    order_in,
    told,
)

DAY = date(2026, 11, 20)
COMMANDS: tuple[Callable[[str], Command], ...] = (
    ConfirmOrder,
    ReceiveGoods,
    lambda number: GiveShipmentInformation(number, "SF", "SF1"),
    lambda number: ChangeShipmentInformation(number, carrier="YTO"),
    CompleteShipment,
    StartAccountPeriod,
    lambda number: SettlePayments(DAY, (number,)),
    SettleFreight,
    lambda number: CancelOrder(number, "why"),
    lambda number: AmendOrder(number, address="another"),
    lambda number: HoldOrder(number, "why"),
    ReleaseOrder,
    SendInvoiceAgain,
    lambda number: RecordPayment(number, Decimal(1), "bank-1"),
)


@dataclass(frozen=True)
class Tried:
    actor: Actor
    command: Command
    before: Order
    rows: dict[str, int]


COUNTED = select(
    *(
        select(func.count()).select_from(table).scalar_subquery().label(table.name)
        for table in metadata.sorted_tables
        if table is not chain_head  # moves with the audit
    )
)


def counts(desk: Desk) -> dict[str, int]:
    with desk.database.transaction(read_only=True, tenant=CLERK.tenant) as connection:
        return dict(connection.execute(COUNTED).mappings().one())


@pytest.mark.parametrize("where", ["pending_confirmation", "confirmed", "awaiting_shipment", "shipped"])
def test_a_refused_command_writes_one_audit_row_and_nothing_else(desk: Desk, where: str) -> None:
    order = order_in(desk, where)
    refused = 0
    for actor in ACTORS:
        for command in COMMANDS:
            before = counts(desk)
            try:
                with desk.unit_of_work(actor.tenant) as uow:
                    desk.handle_in(uow, command(order.number), actor)  # rolled back where it is possible
                continue
            except DeskhandError:
                pass
            with pytest.raises(DeskhandError):
                desk.handle(command(order.number), actor)
            refused += 1
            after = counts(desk)
            assert after.pop("audit") == before.pop("audit") + 1
            assert after == before
    assert fresh(desk, order.number) == order
    assert refused > len(COMMANDS) * len(ACTORS) / 2


def test_the_whole_process_runs_with_a_new_desk_for_each_step(desk: Desk, database_url: str) -> None:
    order = order_in(desk, "pending_confirmation")
    steps = (
        (ConfirmOrder(order.number), MANAGER, OrderStatus.CONFIRMED),
        (HoldOrder(order.number, "credit check"), FINANCE, OrderStatus.ON_HOLD),
        (ReleaseOrder(order.number), FINANCE, OrderStatus.CONFIRMED),
        (ReceiveGoods(order.number), WAREHOUSE, OrderStatus.AWAITING_SHIPMENT),
        (GiveShipmentInformation(order.number, "SF", "SF1"), CLERK, OrderStatus.AWAITING_SHIPMENT),
        (CompleteShipment(order.number), WAREHOUSE, OrderStatus.SHIPPED),
        (StartAccountPeriod(order.number), FINANCE, OrderStatus.IN_ACCOUNT_PERIOD),
        (SettlePayments(DAY, (order.number,)), FINANCE, OrderStatus.SETTLED),
        (SettleFreight(order.number), FINANCE, OrderStatus.SETTLED),
    )

    for command, actor, status in steps:
        another = open_desk(database_url)
        assert done(another, command, actor).status is status
        another.close()

    with desk.unit_of_work(TENANT) as uow:
        assert uow.orders.verify_chain(order.id)
        assert [row.seq for row in uow.orders.history(order.id)] == list(range(1, 11))


def test_somebody_who_saw_an_older_version_gets_the_fresh_status(desk: Desk) -> None:
    seen = order_in(desk, "pending_confirmation")
    done(desk, ConfirmOrder(seen.number, seen.row_version), CLERK)

    with pytest.raises(VersionConflict) as conflict:
        desk.handle(CancelOrder(seen.number, "too late", seen.row_version), CLERK)

    assert conflict.value.data["status"] == "confirmed"


def test_an_order_of_another_customer_does_not_exist_for_a_customer(desk: Desk) -> None:
    order = order_in(desk, "pending_confirmation")

    with pytest.raises(UnknownOrder):
        desk.handle(CancelOrder(order.number, "mine?"), ACME)
    assert done(desk, CancelOrder(order.number, "changed my mind"), CUSTOMER).status is OrderStatus.CANCELLED


def test_a_customer_does_not_learn_of_other_orders_by_undoing(desk: Desk) -> None:
    order = order_in(desk, "pending_confirmation")

    with pytest.raises(UnknownOrder):
        desk.handle(UndoLastChange(order.number), ACME)
    with pytest.raises(NothingToUndo):
        desk.handle(UndoLastChange(order.number), CUSTOMER)


def test_an_order_of_another_tenant_does_not_exist(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")
    stranger = replace(CLERK, tenant=OTHER_TENANT)

    for command in COMMANDS:
        with pytest.raises(DeskhandError):
            desk.handle(command(order.number), stranger)
    with desk.unit_of_work(OTHER_TENANT) as uow:
        assert uow.orders.find("1001") == []
        assert uow.orders.by_ids([order.id]) == []
        assert uow.orders.count() == 0
        assert uow.orders.history(order.id) == []
        assert uow.cases.many([order.id]) == {}
        assert uow.invoices.of_order(order.id) is None
        assert uow.freight.of_order(order.id) == []
        assert uow.outbox.events_of(order.id) == []
        assert uow.settlements.due_ids(date(2030, 1, 1)) == []
    assert desk.run_automatic(OTHER_TENANT).moved == 0
    assert desk.project_notifications(OTHER_TENANT) == 0
    assert fresh(desk, order.number) == order


def test_cancelling_frees_the_stock_and_stops_the_invoice(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    done(desk, CancelOrder(order.number, "customer asked"), CLERK)

    with desk.unit_of_work(TENANT) as uow:
        assert uow.stock.level("PAPER-A4", "main").reserved == 0
        events = [stored.id for stored in uow.outbox.events_of(order.id)]
        assert "withdrawn" in uow.outbox.states_of(events).values()
    assert ("OrderCancelled", "您的订单 SO-1001 已取消。") in told(desk, "customer:huaxing")


@pytest.mark.parametrize("command", [HoldOrder, CancelOrder])
def test_hold_and_cancel_need_a_reason(desk: Desk, command: type[HoldOrder] | type[CancelOrder]) -> None:
    order = order_in(desk, "pending_confirmation")

    with pytest.raises(DataMissing):
        desk.handle(command(order.number, "  "), CLERK)


def test_orders_are_found_by_what_people_write(desk: Desk) -> None:
    order = order_in(desk, "pending_confirmation", source="shop", external_number="536365")

    with desk.unit_of_work(TENANT) as uow:
        for text in ("1001", "SO-1001", "so1001", " SO 1001 ", "so-01001", "536365"):
            assert [each.number for each in uow.orders.find(text)] == [order.number], text
        assert uow.orders.find("1002") == []
        assert uow.orders.find("1001", customer_id="acme-ltd") == []


def test_every_command_has_a_handler_and_a_permission(desk: Desk) -> None:
    commands = {each.__name__ for each in Command.__args__}  # type: ignore[attr-defined]

    assert {each.__name__ for each in (*ON_ORDERS, *ON_THE_DESK)} == commands
    assert commands <= set(desk.permissions.rules)


def test_an_actor_of_one_tenant_cannot_work_in_another(desk: Desk) -> None:
    with desk.unit_of_work("other") as uow, pytest.raises(ValueError, match="demo"):
        desk.handle_in(uow, ConfirmOrder("SO-1001"), CLERK)
