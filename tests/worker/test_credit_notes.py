"""A credit note leaves once, as a document in the customer's language; an invoice sent again says what was credited."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from email import message_from_bytes, policy

from pypdf import PdfReader

from deskhand.orders.commands import (
    CancelLine,
    CancelOrder,
    CompleteShipment,
    GiveShipmentInformation,
    ReceiveGoods,
    ReturnGoods,
    SendInvoiceAgain,
    SomeOf,
    UndoLastChange,
)
from deskhand.orders.model import CreditNote
from tests.worker.conftest import House

NOT_NEEDED = "客户已有"


def text_of(house: House, name: str) -> str:
    """Spaces are the layout's business."""
    pages = PdfReader(io.BytesIO((house.outbox / "demo" / name).read_bytes())).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


def note(house: House, number: str = "CN-1001") -> CreditNote:
    with house.desk.unit_of_work("demo", read_only=True) as uow:
        return uow.credit_notes.get(number)


async def invoiced(house: House, customer: str = "huaxing") -> str:
    number = house.confirm(customer)
    await house.work()
    return number


async def test_a_credit_note_leaves_after_the_undo_window_and_once(house: House) -> None:
    number = await invoiced(house)
    house.handle(CancelLine(number, NOT_NEEDED, (2,)))

    await house.work(seconds=1)
    early = [name for name in house.files() if name.startswith("CN-")]
    await house.work()
    await house.work()

    assert early == []
    assert [name for name in house.files() if name.startswith("CN-")] == ["CN-1001.eml", "CN-1001.html", "CN-1001.pdf"]
    assert note(house).sent_at is not None
    message = message_from_bytes((house.outbox / "demo" / "CN-1001.eml").read_bytes(), policy=policy.default)
    assert message["To"] == "buyer@huaxing.example"
    assert "CN-1001" in message["Subject"] and "INV-1001" in message.get_body().get_content()


async def test_it_says_in_chinese_what_is_taken_back_and_of_which_invoice(house: House) -> None:
    number = await invoiced(house)
    house.handle(CancelLine(number, NOT_NEEDED, (2,)))
    await house.work()

    said = text_of(house, "CN-1001.pdf")

    for expected in (
        "贷项通知单",
        "CN-1001",
        "INV-1001",
        number,
        "激光打印机",
        "CNY3,897.00",
        "部分商品取消",
        "贷记金额",
    ):
        assert expected in said
    assert "A4纸" not in said and NOT_NEEDED not in said


async def test_an_english_customer_gets_it_in_english(house: House) -> None:
    number = await invoiced(house, "acme-ltd")
    house.handle(CancelOrder(number, "changed their mind"))
    await house.work()

    said = text_of(house, "CN-1001.pdf")

    assert "Creditnote" in said and "Ordercancelled" in said and "CNY8,897.00" in said
    assert "贷项" not in said and "打印机" not in said


async def test_one_that_was_taken_back_in_time_never_leaves(house: House) -> None:
    number = await invoiced(house)
    house.handle(CancelLine(number, NOT_NEEDED, (2,)))
    house.handle(UndoLastChange(number))

    await house.work()

    assert [name for name in house.files() if name.startswith("CN-")] == []
    assert (note(house).sent_at, note(house).withdrawn_at is None) == (None, False)


async def test_an_invoice_that_is_sent_again_shows_what_was_credited(house: House) -> None:
    number = await invoiced(house)
    house.handle(CancelLine(number, NOT_NEEDED, (2,)))
    await house.work()

    house.handle(SendInvoiceAgain(number))
    await house.work()

    said = text_of(house, "INV-1001-2.pdf")
    for expected in ("激光打印机", "CNY8,897.00", "减：CN-1001-CNY3,897.00", "应付CNY5,000.00"):
        assert expected in said


async def test_each_shipment_takes_its_own_delivery_notes_with_its_own_goods(house: House) -> None:
    number = await invoiced(house)
    house.ship(number)  # R1: everything at once, one note
    plain = [name for name in house.files() if name.startswith("DN-")]
    await house.work()
    other = await invoiced(house)
    house.handle(ReceiveGoods(other))
    house.handle(GiveShipmentInformation(other, "SF", "SF1", lines=(SomeOf(Decimal(12), line=1),)))
    house.handle(CompleteShipment(other))
    await house.work()
    first = text_of(house, "DN-1002-1.pdf")
    house.handle(GiveShipmentInformation(other, "SF", "SF2"))
    house.handle(CompleteShipment(other))
    await house.work()

    second = text_of(house, "DN-1002-2.pdf")
    assert plain == []
    assert [name for name in house.files() if name.startswith("DN-1001")] == [
        "DN-1001-1.html",
        "DN-1001-1.pdf",
        "DN-1001.eml",
    ]
    assert [name for name in house.files() if name.startswith("DN-1002") and name.endswith("eml")] == [
        "DN-1002-2.eml",
        "DN-1002.eml",
    ]
    assert "A4纸12箱" in first and "激光打印机" not in first
    assert "A4纸8箱" in second and "激光打印机3台" in second


async def test_a_return_is_credited_by_a_document_of_its_own(house: House) -> None:
    number = await invoiced(house)
    house.ship(number)
    await house.work()

    house.handle(ReturnGoods(number, (SomeOf(Decimal(2), line=1),), "破损", restock=False))
    await house.work()

    said = text_of(house, "CN-1001.pdf")
    assert "退货" in said and "CNY500.00" in said
