"""Invoices and delivery notes: what stands on them, in both languages, on one page or many."""

from __future__ import annotations

import io
import re
import time
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from deskhand.documents import Sheet, Stationery, delivery_note_sheets, invoice_sheet, to_html, to_pdf
from deskhand.documents.capitals import capital_amount
from deskhand.orders.model import Customer, Shipment
from tests.worker.sample import ACME, HUAXING, NOW, PRODUCTS, TENANT, invoice, order


def _invoice(stationery: Stationery, customer: Customer = HUAXING, count: int = 2, **changes: object) -> Sheet:
    one = order(customer, count, **changes)
    return invoice_sheet(one, invoice(one), customer, PRODUCTS, TENANT, stationery)


def _read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def _text(reader: PdfReader) -> str:
    """Spaces are the layout's business."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))


def _fonts(reader: PdfReader) -> list[Any]:
    found = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    return [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in found]


def test_a_chinese_invoice_says_everything_in_chinese(stationery: Stationery) -> None:
    text = _text(_read(to_pdf(_invoice(stationery), NOW)))

    for expected in (
        "发票", "INV-1001", "华星科技有限公司", "上海浦东张江路1号", "SO-1001", "2026年11月21日", "A4纸", "激光打印机",
        "1,299.00", "3,897.00", "CNY8,897.00", "捌仟捌佰玖拾柒元整",
        "发运后30天内付清", "第1页，共1页", "演示贸易有限公司",
    ):  # fmt: skip
        assert expected in text


def test_an_invoice_says_the_terms_that_were_agreed_for_its_order(stationery: Stationery) -> None:
    agreed = dict(_invoice(stationery, data={"payment_days": 60}).notes)
    at_once = dict(_invoice(stationery, data={"payment_days": 0}).notes)

    assert (agreed["付款条件"], at_once["付款条件"]) == ("发运后 60 天内付清", "收到发票即付")


def test_a_delivery_note_names_whom_to_ask_for_and_no_remark(stationery: Stationery) -> None:
    one = order(data={"contact": "李娜", "phone": "13912345678", "note": "单价22元"})

    details = [dict(sheet.details) for sheet in delivery_note_sheets(one, HUAXING, PRODUCTS, TENANT, stationery)]

    assert all(each["联系人"] == "李娜 13912345678" for each in details) and "单价22元" not in str(details)


def test_an_english_customer_gets_it_in_english(stationery: Stationery) -> None:
    text = _text(_read(to_pdf(_invoice(stationery, ACME), NOW)))

    for expected in (
        "Invoice",
        "AcmeLtd",
        "Laserprinter",
        "boxes",
        "Total",
        "Dueonreceipt",
        "Page1of1",
        "21November2026",
    ):
        assert expected in text
    assert not re.search(r"[\u4e00-\u9fff]", text)


def test_the_chinese_font_is_in_the_file_and_the_file_is_small(stationery: Stationery) -> None:
    pdf = to_pdf(_invoice(stationery), NOW)

    fonts = _fonts(_read(pdf))
    assert fonts and all("Noto" in font["/FontName"] and "/FontFile2" in font for font in fonts)
    assert len(pdf) < 100_000


def test_a_long_invoice_repeats_the_head_of_its_table_on_every_page(stationery: Stationery) -> None:
    reader = _read(to_pdf(_invoice(stationery, count=90), NOW))

    pages = [re.sub(r"\s+", "", page.extract_text()) for page in reader.pages]
    assert len(pages) == 4
    assert all("序号货号品名数量单位单价金额" in page for page in pages[:3])
    assert [f"第{number}页，共4页" in page for number, page in enumerate(pages, 1)] == [True] * 4
    assert "合计" in pages[3] and "合计" not in pages[2]


def test_the_same_sheet_gives_the_same_bytes(stationery: Stationery) -> None:
    first = to_pdf(_invoice(stationery), NOW)
    time.sleep(1.1)  # fonts and files like to carry the second in which they were made

    assert to_pdf(_invoice(stationery), NOW) == first


def test_an_order_without_lines_is_invoiced_by_its_total(stationery: Stationery) -> None:
    sheet = _invoice(stationery, lines=(), total=Decimal("120.00"), header_only=True)

    assert len(sheet.rows) == 1 and "SO-1001" in sheet.rows[0][2] and sheet.rows[0][-1] == "120.00"


def test_html_escapes_what_people_wrote(stationery: Stationery) -> None:
    nasty = _invoice(stationery, Customer("c", "<script>alert(1)</script>", language="en"))

    assert "<script>" not in to_html(nasty)
    assert "&lt;script&gt;" in to_html(nasty)


def test_characters_that_the_font_lacks_do_not_stop_a_document(stationery: Stationery) -> None:
    assert to_pdf(_invoice(stationery, Customer("c", "Emoji 🖨 GmbH", language="en")), NOW).startswith(b"%PDF")


def test_a_delivery_note_for_each_parcel_without_any_price(stationery: Stationery) -> None:
    sheets = delivery_note_sheets(order(), HUAXING, PRODUCTS, TENANT, stationery)

    assert [sheet.number for sheet in sheets] == ["DN-1001-1", "DN-1001-2"]
    for sheet, tracking in zip(sheets, ("SF1234567890", "SF1234567891"), strict=True):
        text = _text(_read(to_pdf(sheet, NOW))) + re.sub(r"\s+", "", to_html(sheet))
        assert tracking in text and "A4纸" in text and "货单" in text
        assert not re.search(r"1,?299|3,?897|5,?000|8,?897|单价|金额|CNY", text)


def test_goods_without_a_parcel_get_one_note(stationery: Stationery) -> None:
    (sheet,) = delivery_note_sheets(order(shipments=(Shipment("s", "main"),)), HUAXING, PRODUCTS, TENANT, stationery)

    assert sheet.to[1] == ("华星科技有限公司", "上海浦东张江路1号")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("1234.50", "壹仟贰佰叁拾肆元伍角整"),
        ("1000.01", "壹仟元零壹分"),
        ("10005.00", "壹万零伍元整"),
        ("100100000.30", "壹亿零壹拾万元叁角整"),
        ("20000", "贰万元整"),
    ],
)
def test_amounts_in_capitals(amount: str, said: str) -> None:
    assert capital_amount(Decimal(amount)) == said
