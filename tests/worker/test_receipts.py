"""Orders that were imported open get their checked receipt text by the worker; closed history sends nothing."""

from __future__ import annotations

from deskhand.erp.importing import ImportOptions, run
from deskhand.erp.sources import Source
from deskhand.orders.commands import CancelOrder
from deskhand.orders.status import OrderStatus
from tests.support.desks import ADMIN, CLERK, TENANT
from tests.worker.conftest import House

OPEN = ImportOptions("shop", currency="CNY", start_status=OrderStatus.PENDING_CONFIRMATION)
CLOSED = ImportOptions("shop", currency="CNY")
FILE = Source.held("orders.csv", "订单号,客户,总额,下单时间\nW-1,远山商行,120.50,2026-11-01\n".encode())


def receipts(house: House) -> list[tuple[str, str, str]]:
    with house.desk.unit_of_work(TENANT, read_only=True) as uow:
        order = uow.orders.by_external("shop", "W-1")
        assert order is not None
        return [(one.kind, one.language, one.text) for one in uow.texts.of_order(order.id)]


async def test_an_open_order_gets_its_receipt_once(house: House) -> None:
    run(house.desk, ADMIN, [FILE], OPEN)
    run(house.desk, ADMIN, [FILE], OPEN)

    await house.work()
    await house.work()

    ((kind, language, text),) = receipts(house)
    assert (kind, language) == ("receipt", "zh")
    assert "120.50" in text and "W-1" in text


async def test_closed_history_gets_none(house: House) -> None:
    run(house.desk, ADMIN, [FILE], CLOSED)

    await house.work()

    assert receipts(house) == []


async def test_an_order_that_was_cancelled_meanwhile_gets_none(house: House) -> None:
    report = run(house.desk, ADMIN, [FILE], OPEN)
    house.desk.handle(CancelOrder(report.numbers["W-1"], "test"), CLERK)

    await house.work()

    assert receipts(house) == []
