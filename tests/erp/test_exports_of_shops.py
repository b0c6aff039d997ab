"""Exports as shops and companies of several countries make them, read and cleaned without being told how."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.erp.cleaning import CleanBatch, Cleaner, Profile
from deskhand.erp.cleaning.agreed import rules_for
from deskhand.erp.columns import propose
from deskhand.erp.findings import Reason
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.sources import Source, open_tables
from tests.erp.cleaning.tables import NOW


def cleaned(text: str, zone: str, currency: str, encoding: str = "utf-8", kind: Kind = Kind.ORDERS) -> CleanBatch:
    (table,) = open_tables(Source.held("export.csv", text.encode(encoding)))
    proposal = propose(table, kind)
    assert proposal.missing == ()
    rules = rules_for(table, proposal, None, zone=ZoneInfo(zone), currency=currency, now=NOW)
    (found,) = [Cleaner(rules, Profile(table.batches, rules)).clean(batch) for batch in table.batches()]
    return found


def row(found: CleanBatch, at: int, *fields: Field) -> list[Any]:
    return [found.columns[field][at] for field in fields]


def test_a_chinese_shops_export_in_gb18030_with_numbers_as_text() -> None:
    found = cleaned(
        "订单编号,买家会员名,收货地址,联系手机,宝贝标题,宝贝总数量,买家应付货款,订单付款时间,订单创建时间\n"
        "=\"1234567890123456789\",小明,浙江省  杭州市,'13800138000,Ａ4纸&amp;笔,3,￥１２０．５０,2024/1/5 8:05:00,"
        "2024-01-05 08:00:00\n"
        '="1234567890123456790",李四,上海,\'13800138001,笔,1件,"1,115元",,2024年1月6日 下午3:05\n',
        "Asia/Shanghai", "CNY", "gb18030",
    )  # fmt: skip

    assert found.refused == []
    fields = (Field.ORDER_NUMBER, Field.PHONE, Field.PRODUCT_NAME, Field.ADDRESS, Field.QUANTITY, Field.TOTAL)
    assert row(found, 0, *fields) == [
        "1234567890123456789", "13800138000", "A4纸&笔", "浙江省 杭州市", Decimal(3), Decimal("120.50")
    ]  # fmt: skip
    assert row(found, 1, Field.QUANTITY, Field.TOTAL, Field.PAID_AT) == [Decimal(1), Decimal("1115.00"), None]
    assert found.columns[Field.CREATED_AT] == [datetime(2024, 1, 5, tzinfo=UTC), datetime(2024, 1, 6, 7, 5, tzinfo=UTC)]


def test_an_international_shops_export_with_heads_on_first_lines_only() -> None:
    found = cleaned(
        "Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
        "Lineitem sku,Billing Name\n"
        "#1001,a@b.com,paid,2024-01-05 08:05:00 +0800,USD,30.00,2024-01-05 08:00:00 +0800,1,Tea,10.00,T1,Ann Lee\n"
        "#1001,a@b.com,,,,,,2,Cup,$10.00,C1,\n",
        "Asia/Shanghai", "CNY",
    )  # fmt: skip

    assert found.refused == []
    heads = (Field.ORDER_NUMBER, Field.CUSTOMER_NAME, Field.CURRENCY, Field.CREATED_AT)
    assert row(found, 0, *heads) == row(found, 1, *heads) == [
        "#1001", "Ann Lee", "USD", datetime(2024, 1, 5, tzinfo=UTC)
    ]  # fmt: skip
    assert found.columns[Field.UNIT_PRICE] == [Decimal(10), Decimal(10)]


def test_a_european_export_with_semicolons_and_decimal_commas() -> None:
    found = cleaned(
        "Order No;Customer;SKU;Quantity;Unit Price;Order Date\n"
        "1001;Müller GmbH;A-1;1.000;12,50 €;05.01.2024\n1002;Bäcker;A-2;2;1.234,56;31.01.2024\n",
        "Europe/Berlin", "EUR", "cp1252",
    )  # fmt: skip

    assert found.columns[Field.QUANTITY] == [Decimal(1000), Decimal(2)]
    assert found.columns[Field.UNIT_PRICE] == [Decimal("12.5"), Decimal("1234.56")]
    assert found.columns[Field.CREATED_AT][0] == datetime(2024, 1, 4, 23, tzinfo=UTC)


def test_a_polluted_list_of_purchases_has_its_bad_rows_told_and_its_good_ones_taken() -> None:
    found = cleaned(
        "Purchase Order Number,Creation Date,Supplier Name,Item Name,Quantity,Unit Price,Total Price\n"
        'REQ01,08/27/2013,Acme,Toner,2.0,"$1,200.00","$2,400.00"\n'
        'REQ02,1/2/14,Acme,Paper,"1,000",$0.05,$50.00\n'
        "REQ03,02/30/2014,Acme,Paper,1,$5,$5\nREQ04,UNKNOWN,Best,Paper,ERROR,$5,$5\n1.23E+09,1/3/2014,Best,Ink,1,$5,$5\n",
        "America/New_York", "USD",
    )  # fmt: skip

    assert found.columns[Field.ORDER_NUMBER] == ["REQ01", "REQ02"]
    assert found.columns[Field.CREATED_AT] == [
        datetime(2013, 8, 27, 4, tzinfo=UTC),
        datetime(2014, 1, 2, 5, tzinfo=UTC),
    ]
    assert row(found, 1, Field.QUANTITY, Field.UNIT_PRICE) == [Decimal(1000), Decimal("0.05")]
    assert [(one.line, one.findings[0].kind) for one in found.refused] == [
        (4, Reason.DATE_IMPOSSIBLE), (5, Reason.MISSING_VALUE), (6, Reason.DIGITS_LOST),
    ]  # fmt: skip


def test_stock_of_a_chinese_warehouse_is_cleaned_like_orders() -> None:
    found = cleaned(
        "仓库,商品编号,商品名称,库存数量,单位\n上海仓,00123,Ａ4纸,1.2万,张\n上海仓,00124,笔,\"1,200\",支\n上海仓,00125,墨,30,盒\n"
        "上海仓,00126,胶,12,卷\n上海仓,00127,尺,7,把\n上海仓,00128,刀,5,把\n上海仓,00129,钉,,盒\n",
        "Asia/Shanghai", "CNY", kind=Kind.STOCK,
    )  # fmt: skip

    assert row(found, 0, Field.SKU, Field.QUANTITY, Field.UNIT) == ["00123", Decimal(12000), "张"]
    assert found.columns[Field.QUANTITY][1] == Decimal(1200)
    assert [(one.line, one.findings[0].kind) for one in found.refused] == [(8, Reason.MISSING_VALUE)]
