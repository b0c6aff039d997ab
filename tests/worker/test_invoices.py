"""R5 and R4: what the customer gets when an order is confirmed, and when its shipment information changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from deskhand.orders.commands import (
    CancelOrder,
    GiveShipmentInformation,
    ReceiveGoods,
    SendInvoiceAgain,
    UndoLastChange,
)
from deskhand.orders.events import EventName
from deskhand.writing import Completion, Message
from tests.worker.conftest import House


class Liar:
    """A model that writes nicely about another order."""

    async def complete(
        self, messages: Sequence[Message], *, max_tokens: int, seed: int, timeout: float, temperature: float = 0.0
    ) -> Completion:
        return Completion("尊敬的华星科技有限公司：随函附上发票INV-9999，金额为1.00元，请查收，谢谢。", "liar")


async def test_confirming_an_order_sends_its_invoice_after_the_undo_window(house: House) -> None:
    number = house.confirm()

    await house.work(seconds=1)
    assert house.files() == []
    await house.work()

    assert house.files() == ["INV-1001-1.eml", "INV-1001-1.html", "INV-1001-1.pdf"]
    invoice = house.order(number).invoice
    assert invoice is not None and invoice.sent_count == 1
    message = message_from_bytes((house.outbox / "demo" / "INV-1001-1.eml").read_bytes(), policy=policy.default)
    assert message["To"] == "buyer@huaxing.example"
    assert message["Message-ID"] == "<demo.INV-1001-1@demo.example>"
    assert [part.get_filename() for part in message.iter_attachments()] == ["INV-1001-1.pdf"]
    assert "INV-1001" in message.get_body().get_content() and "8,897.00元" in message.get_body().get_content()


async def test_sending_again_keeps_the_number_and_counts_on(house: House) -> None:
    number = house.confirm()
    await house.work()

    house.handle(SendInvoiceAgain(number))
    await house.work()

    assert [name for name in house.files() if name.endswith(".pdf")] == ["INV-1001-1.pdf", "INV-1001-2.pdf"]


async def test_shipment_information_sends_the_existing_invoice_again(house: House) -> None:
    number = house.confirm()
    await house.work()
    house.handle(ReceiveGoods(number))

    house.handle(GiveShipmentInformation(number, "顺丰", "SF1234567890"))
    await house.work()

    assert "INV-1001-2.pdf" in house.files()


async def test_an_order_undone_in_time_gets_no_invoice(house: House) -> None:
    number = house.confirm()

    house.handle(UndoLastChange(number))
    await house.work()

    assert house.files() == []


async def test_an_order_cancelled_before_the_window_is_over_gets_no_invoice(house: House) -> None:
    number = house.confirm()

    house.handle(CancelOrder(number, "changed their mind"))
    await house.work()

    assert house.files() == []


async def test_the_text_is_kept_with_where_it_came_from_and_the_verdict(house: House) -> None:
    number = house.confirm()
    await house.work()

    with house.desk.unit_of_work("demo", read_only=True) as uow:
        (record,) = uow.texts.of_order(house.order(number).id)
    assert (record.kind, record.source, record.reason) == ("invoice_cover", "template", "not_configured")
    assert record.verdict is not None and record.verdict["ok"] is True


async def test_a_customer_without_an_address_gets_the_document_laid_down_and_is_noted(house: House) -> None:
    with house.desk.unit_of_work("demo") as uow:
        customer = replace(uow.customers.get("huaxing"), id="silent", name="静默有限公司", aliases=(), email=None)
        uow.customers.add(customer)
        uow.commit()

    house.confirm("silent")
    await house.work()

    assert house.files() == ["INV-1001-1.html", "INV-1001-1.pdf"]
    with house.desk.unit_of_work("demo", read_only=True) as uow:
        assert [row.outcome for row in uow.audit.list() if row.action == "mail"] == ["not_reachable"]


async def test_sending_is_told_once(house: House) -> None:
    number = house.confirm()
    await house.work()

    with house.desk.unit_of_work("demo", read_only=True) as uow:
        events = [stored.event for stored in uow.outbox.events_of(house.order(number).id)]
    sent = [event for event in events if event.name is EventName.INVOICE_SENT]
    assert [(event.payload["invoice"], event.payload["sequence"]) for event in sent] == [("INV-1001", 1)]


async def test_a_model_that_gets_the_facts_wrong_sends_nothing_wrong(house: House) -> None:
    house.client = Liar()
    number = house.confirm()
    await house.work()

    with house.desk.unit_of_work("demo", read_only=True) as uow:
        (record,) = uow.texts.of_order(house.order(number).id)
    assert (record.source, record.reason, record.model) == ("template", "facts_wrong", "liar")
    assert record.verdict is not None and "1.00元" in str(record.verdict["invented"])
    assert "9999" not in record.text and "INV-1001" in record.text


async def test_many_invoices_at_once_do_not_wait_for_the_model(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deskhand.worker.invoices._BACKLOG", 0)
    house.client = Liar()
    first, second = house.confirm(), house.confirm()
    await house.work()

    with house.desk.unit_of_work("demo", read_only=True) as uow:
        records = [uow.texts.of_order(house.order(number).id)[0] for number in (first, second)]
    assert {record.reason for record in records} == {"backlog"}
