"""Exports whose words or rows say something else than they seem to: what becomes of each order, whole."""

# ruff: noqa: E501 - each file as it is

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskhand.erp.columns import ColumnsNotRecognised
from deskhand.erp.options import ImportOptions
from deskhand.erp.report import ImportReport
from deskhand.erp.sources import Source
from deskhand.erp.steps import never, untold
from deskhand.erp.taking_in import Intake
from deskhand.erp.wholes import Gatherer, Whole
from deskhand.store.types import from_scaled
from tests.erp.cleaning.tables import NOW


def opened(*texts: str, guest: str | None = None) -> Intake:
    intake = Intake(ImportReport(), ImportOptions("shop", guest=guest), ZoneInfo("UTC"), "USD", NOW, untold, never)
    intake.open([Source.held(f"{place}.csv", text.encode()) for place, text in enumerate(texts)])
    return intake


def gathered(intake: Intake) -> dict[str, Whole]:
    gatherer = Gatherer("USD", NOW, intake.tell, intake.refuse)
    for part in intake.parts():
        gatherer.add(part)
    gatherer.hold(intake.held.numbers)
    return {whole.number: whole for whole in gatherer.wholes()}


def lines(whole: Whole) -> list[tuple[Any, ...]]:
    """SKU, quantity and amount of each."""
    return [(line[0], from_scaled(line[2]), from_scaled(line[4])) for line in whole.lines]


def fields(intake: Intake) -> dict[str, str | None]:
    return {column.header: column.field for column in intake.columns}


ORDERS = (
    "订单编号,买家会员名,买家应付货款,买家应付邮费,总金额,订单状态,收货人姓名,订单创建时间,宝贝标题,宝贝总数量\n"
    '="2365478912345678901",tb_wang88,78.50,8.00,86.50,交易成功,王小明,2024-11-05 10:23:11,"复印纸 ，签字笔",3\n'
    '="2365478912345678902",李丽,56.00,8.00,64.00,等待买家发货,李丽,2024-11-05 11:00:00,文件夹,4\n'
)
DETAILS = (
    "订单编号,标题,价格,购买数量,外部系统编号,商品属性,订单状态,商家编码\n"
    '="2365478912345678901",复印纸,25.00,2,ZJ-A4,规格:70g,交易成功,ZJ-A4\n'
    '="2365478912345678901",签字笔,28.50,1,BI,颜色:黑,交易成功,BI\n'
    '="2365478912345678902",文件夹,14.00,4,WJJ,颜色:蓝,等待买家发货,WJJ\n'
)


@pytest.mark.parametrize("texts", [(ORDERS, DETAILS), (DETAILS, ORDERS)])
def test_a_list_of_orders_beside_the_list_of_their_lines_adds_none(texts: tuple[str, str]) -> None:
    found = gathered(intake := opened(*texts))

    assert lines(found["2365478912345678901"]) == [("BI", 1, Decimal("28.5")), ("ZJ-A4", 2, Decimal(50))]
    assert lines(found["2365478912345678902"]) == [("WJJ", 4, Decimal(56))]
    assert found["2365478912345678901"].customer == "tb_wang88"
    assert found["2365478912345678901"].head["total"] == Decimal("86.50")
    assert fields(intake)["宝贝总数量"] is None


def test_a_list_of_orders_alone_keeps_its_goods() -> None:
    assert lines(gathered(opened(ORDERS))["2365478912345678902"]) == [("文件夹", 4, Decimal(64))]


def test_two_lists_of_other_orders_or_of_other_counts_keep_their_lines() -> None:
    elsewhere = "Order,Date,Customer,SKU,Quantity,Amount\n9,2024-11-05,Ann,A,2,5.00\n"
    told_otherwise = "Order,Line,SKU,Quantity,Unit Price\n9,2,B,1,3.00\n"

    assert lines(gathered(opened(elsewhere, told_otherwise))["9"]) == [("A", 2, 5), ("B", 1, 3)]


def test_an_order_whose_first_line_alone_names_the_customer_is_not_given_its_e_mail_address() -> None:
    found = gathered(
        opened(
            "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Shipping Company\n"
            "#1001,ann@example.com,paid,USD,5.00,2024-11-05 09:59:58 -0500,1,Mug,3.00,M,Ann Smith,Smith & Co\n"
            "#1001,ann@example.com,,,,2024-11-05 09:59:58 -0500,1,Tea,2.00,T,,\n"
            "#1002,bob@example.com,paid,USD,4.00,2024-11-06 09:59:58 -0500,2,Tea,2.00,T,,\n"
            "#1002,bob@example.com,,,,2024-11-06 09:59:58 -0500,1,Mug,3.00,M,,\n"
        )
    )

    assert {number: whole.customer for number, whole in found.items()} == {
        "#1001": "Ann Smith",
        "#1002": "bob@example.com",
    }
    assert "carrier" not in found["#1001"].head


def test_an_item_of_letters_is_no_number_of_a_line() -> None:
    found = gathered(
        opened(
            "Internal ID,Document Number,Date,Name,Item,Quantity,Item Rate,Amount,Currency\n"
            "88,SO10231,25/11/2024,Brightside,LMP-01,4,100.00,400.00,USD\n"
            '88,SO10231,25/11/2024,Brightside,DSK-09,1,"1,250.00","1,250.00",USD\n'
        )
    )

    assert lines(found["SO10231"]) == [("DSK-09", 1, 1250), ("LMP-01", 4, 400)]


def test_how_an_order_is_sent_and_how_many_pieces_it_has_make_no_line() -> None:
    found = gathered(
        opened(
            "entity_id,state,status,grand_total,subtotal,shipping_amount,total_qty_ordered,increment_id,order_currency_code,customer_email,shipping_description,created_at\n"
            "231,processing,processing,34.50,30.00,4.50,3,000000231,USD,jane@x.com,Flat Rate - Fixed,2024-11-05 14:22:10\n"
        )
    )

    assert found["000000231"].lines == []
    assert found["000000231"].head["total"] == Decimal("34.50")
    assert "region" not in found["000000231"].head


def test_the_rate_of_a_tax_is_no_price() -> None:
    found = gathered(
        opened(
            "Sales Record Number,Order Number,Buyer Username,Item Number,Item Title,Quantity,Sold For,Shipping And Handling,eBay Collect And Remit Tax Rate,Total Price,Sale Date\n"
            "201,05-1,buyer_1,33445566,Lens,2,$20.00,$10.00,,$50.00,Nov-05-24\n"
        )
    )

    assert lines(found["05-1"]) == [("33445566", 2, 40)]


def test_two_kinds_of_one_product_are_two_lines() -> None:
    found = gathered(
        opened(
            "Order ID,Order Creation Date,Product Name,SKU Reference No.,Variation Name,Original Price,Deal Price,Quantity,Product Subtotal,Username (Buyer)\n"
            "24110A,2024-11-05 10:20,Tote,T-BK,Black,150.00,120.00,1,120.00,ana\n"
            "24110A,2024-11-05 10:20,Tote,T-WH,White,150.00,120.00,1,120.00,ana\n"
        )
    )

    assert lines(found["24110A"]) == [("T-BK", 1, 120), ("T-WH", 1, 120)]


def test_orders_without_prices_are_no_shipments() -> None:
    with pytest.raises(ColumnsNotRecognised, match="unit price or line total"):
        opened(
            "order-id\torder-item-id\tpurchase-date\tbuyer-name\tsku\tproduct-name\tquantity-purchased\tship-service-level\n"
            "111-1\t4001\t2024-11-05T18:04:22+00:00\tAnn\tW-6\tWidget\t3\tStandard\n"
        )


def test_a_german_list_of_orders_is_no_list_of_products() -> None:
    found = gathered(
        opened(
            "Verkaufsbeleg;Belegdatum;Auftraggeber;Name 1;Position;Material;Bezeichnung;Auftragsmenge;ME;Nettopreis;Nettowert;Währg\n"
            "4711001;31.12.2024;10023;Müller GmbH;10;MAT-100;Schraube;1.000;ST;1,25;1.250,00;USD\n"
            "4711003;30.12.2024;10077;Bäcker AG;10;MAT-300;Welle;5;ST;1.234,56;6.172,80;USD\n"
        )
    )

    assert lines(found["4711001"]) == [("MAT-100", 1000, 1250)]
    assert found["4711003"].customer == "10077"


def test_names_of_groups_of_columns_are_read_with_those_of_their_columns() -> None:
    intake = opened(
        "订单信息,,,商品信息,,,\n订单号,下单日期,客户,编码,名称,数量,单价\nD1,2024-11-05,华兴,A1,纸,10,12.5\nD2,2024-11-06,张伟,A1,纸,1,12.5\n"
    )

    assert lines(gathered(intake)["D1"]) == [("A1", 10, 125)]


def test_a_header_behind_the_sign_of_a_remark_is_read() -> None:
    found = gathered(
        opened(
            "#Order ID,Date,Customer,SKU,Quantity,Unit Price\nA1,2024-11-05,Ann,M,2,1.50\nA2,2024-11-05,Ann,M,1,1.50\n"
        )
    )

    assert sorted(found) == ["A1", "A2"]


def test_a_quotation_mark_without_its_other_makes_no_other_order() -> None:
    found = gathered(
        opened(
            '"Order","Date","Customer","SKU","Quantity","Unit Price"\n'
            '"A1","2024-11-05","Ann","M","2","1.50"\n'
            'A1","2024-11-05","Ann","PIPE-3""","1","4.00"\n'
        )
    )

    assert lines(found["A1"]) == [("M", 2, 3), ('PIPE-3"', 1, 4)]


def test_an_order_waits_for_a_row_that_a_value_too_many_pushed_on() -> None:
    intake = opened(
        "Order,Date,Customer,SKU,Quantity,Unit Price\n"
        "A1,2024-11-05,Ann,M,2,1.50\n"
        ",A1,2024-11-05,Ann,T,1,4.00\n"
        "A2,2024-11-05,Ann,M,1,1.50\n"
    )

    assert list(gathered(intake)) == ["A2"]
    assert intake.report.counts == {"held": 1, "row_too_long": 1}


def test_an_amount_that_covers_all_lines_of_its_only_order_is_of_none_of_them() -> None:
    found = gathered(
        opened(
            "Order number,Date created,Item,Variant,SKU,Qty,Price,Billing name,Total,Net amount\n"
            "10001,2024-11-05,Mug,Blue,MUG,2,10,Ann Lee,35,35\n10001,2024-11-05,Tea,,TEA,1,10,Ann Lee,35,35\n"
        )
    )

    assert lines(found["10001"]) == [("MUG", 2, 20), ("TEA", 1, 10)]
    assert {line[1] for line in found["10001"].lines} == {"Mug", "Tea"}


def test_an_account_beside_the_customer_is_none_and_what_is_expected_was_not_sent() -> None:
    found = gathered(
        opened(
            "Order Date,Expected Shipment Date,SalesOrder ID,SalesOrder Number,Customer Name,Account,SKU,QuantityOrdered,Item Price,Item Total\n"
            "2024-11-05,2024-11-20,46000,SO-3,Bowman,Sales,HD-1,2,120.00,240.00\n"
        )
    )

    assert found["SO-3"].customer == "Bowman"
    assert {"shipped_at", "required_on"} & found["SO-3"].head.keys() == {"required_on"}


EBAY = (
    "Sales Record Number,Order Number,Buyer Username,Item Number,Item Title,Quantity,Sold For,Total Price,Sale Date\n"
    "201,05-1,buyer_1,,,3,$60.00,$70.00,Nov-05-24\n"
    "201,05-1,buyer_1,3344,Camera,2,$20.00,,\n201,05-1,buyer_1,3355,Lens,1,$20.00,,\n"
)


def test_a_row_that_sums_up_the_goods_below_it_does_not_keep_its_order_waiting() -> None:
    intake = opened(EBAY)

    assert lines(gathered(intake)["05-1"]) == [("3344", 2, 40), ("3355", 1, 20)]
    assert intake.report.counts == {"missing_value": 1}


@pytest.mark.parametrize(
    "changed", [("$60.00", "$50.00"), (",3,", ",4,"), ("201,05-1,buyer_1,3355,Lens,1,$20.00,,\n", "")]
)
def test_a_row_without_goods_that_sums_up_nothing_does(changed: tuple[str, str]) -> None:
    assert gathered(opened(EBAY.replace(*changed))) == {}


def test_a_name_beside_an_item_is_the_customers() -> None:
    found = gathered(
        opened(
            "Type,Date,Num,Memo,Name,Item,Qty,Sales Price,Amount\n"
            'Invoice,11/25/2024,1096,Pulls,"Burch, Jason:Room",Cabinet Pulls,5,10.00,50.00\n'
            'Invoice,11/28/2024,1098,Pulls,"Doe, Kim",Cabinet Pulls,2,10.00,20.00\n'
        )
    )

    assert {number: whole.customer for number, whole in found.items()} == {
        "1096": "Burch, Jason:Room",
        "1098": "Doe, Kim",
    }
    assert lines(found["1098"]) == [("Cabinet Pulls", 2, 20)]


def test_a_city_s_purchase_orders_whose_numbers_have_spaces_are_orders() -> None:
    intake = opened(
        "COMMODITY,COMMODITY_DESCRIPTION,QUANTITY,UNIT_OF_MEASURE,UNIT_PRICE,ITM_TOT_AM,CONTRACT_NAME,PURCHASE_ORDER,AWARD_DATE,VENDOR_CODE,LGL_NM,CITY,ZIP\n"
        '20554,Keyboards,3,EA,24.5,73.5,IT hardware,DO 7400 18011203550,11/22/2018,V00001,"Northwind Office, L.P.",DALLAS,75267\n'
        '20555,Mice,2,EA,10,20,IT hardware,DO 7400 18011203550,11/22/2018,V00001,"Northwind Office, L.P.",DALLAS,75267\n'
        "03178,Filters,12,CS,30.25,363,Filters,DO 7400 18011203557,11/23/2018,V00002,Harbour Supply,HOUSTON,77025\n"
    )
    wholes = gathered(intake)

    found = fields(intake)
    assert (found["AWARD_DATE"], found["LGL_NM"], found["CONTRACT_NAME"]) == ("created_at", "customer_name", None)
    assert {number: str(whole.head["customer_name"]) for number, whole in wholes.items()} == {
        "DO 7400 18011203550": "Northwind Office, L.P.", "DO 7400 18011203557": "Harbour Supply",
    }  # fmt: skip
    assert [amount for _, _, amount in lines(wholes["DO 7400 18011203550"])] == [Decimal("73.5"), Decimal(20)]


def test_orders_without_any_customer_are_the_guest_s_where_one_is_named() -> None:
    text = (
        "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额\n"
        "91,178.80,0,上海,2020-02-21 00:00:00,,0\n92,21,21,内蒙古自治区,2020-02-20 23:59:54,2020-02-21 00:00:02,0\n"
    )
    with pytest.raises(ColumnsNotRecognised, match="no column for customer id or customer name"):
        opened(text)
    with pytest.raises(ColumnsNotRecognised, match="customer name, total"):
        opened("订单编号,收货地址\n91,上海\n", guest="tmall")

    wholes = gathered(opened(text, guest="tmall"))

    assert {number: (str(each.head["customer_name"]), str(each.head["total"])) for number, each in wholes.items()} == {
        "91": ("tmall", "178.80"), "92": ("tmall", "21.00"),
    }  # fmt: skip


def test_an_order_without_its_own_date_is_of_the_day_on_which_it_was_paid_and_one_without_any_is_told() -> None:
    intake = opened(
        "订单号,订单状态,买家昵称,用户实付金额(元),商品数量(件),商品,商品id,支付时间,订单确认时间,发货时间\n"
        "240101-1,已收货,王五,48.00,2,A4纸,11,2024-01-01 10:00:00,2024-01-01 10:00:00,2024-01-02 10:00:00\n"
        "240102-2,已发货，待收货,赵六,9.90,1,胶带,12,2024-01-02 10:00:00,,2024-01-03 10:00:00\n"
        "240103-3,待付款,李四,9.90,1,胶带,12,,,\n"
    )
    wholes = gathered(intake)

    assert {number: whole.created_at.date().isoformat() for number, whole in wholes.items()} == {
        "240101-1": "2024-01-01", "240102-2": "2024-01-02", "240103-3": NOW.date().isoformat(),
    }  # fmt: skip
    assert [(each.line, str(each.kind)) for each in intake.report.findings if each.kind == "no_date"] == [
        (4, "no_date")
    ]
