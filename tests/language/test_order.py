"""One sentence may carry everything; what can't be read is said, never dropped."""

from datetime import date
from decimal import Decimal

import pytest

from deskhand.language import Catalogue, OrderReading, read_order


def brief(reading: OrderReading) -> list[tuple[str | None, str | None, str | None]]:
    return [
        (
            line.product.sku if line.product else None,
            str(line.quantity) if line.quantity is not None else None,
            line.problem,
        )
        for line in reading.lines
    ]


def test_one_chinese_sentence_carries_the_whole_order(catalogue: Catalogue, today: date) -> None:
    said = "客户华星要20箱A4纸和3台打印机，送到上海浦东张江路1号，下周五前，走快递"

    order = read_order(said, catalogue, today)

    assert order.customer and order.customer.id == "C1"
    assert brief(order) == [("SKU-1001", "20", None), ("SKU-1002", "3", None)]
    assert [line.unit for line in order.lines] == ["箱", "台"]
    assert order.address == "上海浦东张江路1号"
    assert order.delivery_mode == "courier"
    assert order.delivery_date == date(2026, 11, 27)
    assert order.delivery_date_problem is None


def test_one_english_sentence_carries_the_whole_order(catalogue: Catalogue, today: date) -> None:
    said = (
        "Acme Ltd needs 20 boxes of A4 paper and 3 printers, deliver to 1 Main Street, Springfield, "
        "by next Friday, by courier"
    )

    order = read_order(said, catalogue, today)

    assert order.customer and order.customer.id == "C2"
    assert brief(order) == [("SKU-1001", "20", None), ("SKU-1002", "3", None)]
    assert order.lines[0].unit == "box"
    assert order.address == "1 Main Street, Springfield"
    assert order.delivery_mode == "courier"
    assert order.delivery_date == date(2026, 11, 27)


def test_contact_phone_floor_and_account_period_are_no_quantities(catalogue: Catalogue, today: date) -> None:
    said = "给华星科技下单20箱A4纸送到上海市浦东新区张江路1号3楼联系人张三电话13812345678月底前账期30天"

    order = read_order(said, catalogue, today)

    assert brief(order) == [("SKU-1001", "20", None)]
    assert order.address == "上海市浦东新区张江路1号3楼"
    assert (order.contact, order.phone, order.payment_days) == ("张三", "13812345678", 30)
    assert order.delivery_date == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("20箱A4纸3台打印机5把椅子", [("SKU-1001", "20", None), ("SKU-1002", "3", None), ("SKU-1003", "5", None)]),
        ("A4纸20箱打印机3台椅子五把", [("SKU-1001", "20", None), ("SKU-1002", "3", None), ("SKU-1003", "5", None)]),
        ("A4 paper, 20 boxes; printers, 3", [("SKU-1001", "20", None), ("SKU-1002", "3", None)]),
        ("SKU-1002 x 3, SKU1001 x20 boxes", [("SKU-1002", "3", None), ("SKU-1001", "20", None)]),
        ("A4纸和打印机各10", [("SKU-1001", "10", None), ("SKU-1002", "10", None)]),
        ("3打印机", [("SKU-1002", "3", None)]),
        ("a printer and a dozen chairs", [("SKU-1002", "1", None), ("SKU-1003", "12", None)]),
        ("椅子半打", [("SKU-1003", "6", None)]),
        ("half a dozen chairs", [("SKU-1003", "6", None)]),
        ("半箱A4纸", [("SKU-1001", "0.5", None)]),
        ("请幫我訂20箱A4紙和3臺打印機", [("SKU-1001", "20", None), ("SKU-1002", "3", None)]),
        ("３ printters", [("SKU-1002", "3", None)]),
        ("1万2包A4纸", [("SKU-1001", "12000", None)]),
        ("A4纸两箱，打印机", [("SKU-1001", "2", None), ("SKU-1002", None, "quantity_missing")]),
        ("5 boxes of unobtainium", [(None, "5", "unknown_product")]),
        ("-5箱A4纸", [("SKU-1001", "-5", "quantity_not_positive")]),
        ("minus five printers", [("SKU-1002", "-5", "quantity_not_positive")]),
        ("零箱A4纸", [("SKU-1001", "0", "quantity_not_positive")]),
        ("9999999 printers", [("SKU-1002", "9999999", "quantity_absurd")]),
        ("三五把椅子", [("SKU-1003", None, "quantity_range")]),
        ("10-20箱A4纸", [("SKU-1001", None, "quantity_range")]),
        ("一两箱A4纸", [("SKU-1001", None, "quantity_range")]),
        ("十几箱A4纸", [("SKU-1001", None, "quantity_range")]),
        ("20多箱A4纸", [("SKU-1001", None, "quantity_range")]),
        ("twenty-odd boxes of A4 paper", [("SKU-1001", None, "quantity_range")]),
        ("几十箱A4纸", [("SKU-1001", None, "quantity_missing")]),
        ("两箱半A4纸", [("SKU-1001", "2.5", None)]),
        ("一打半硒鼓", [("SKU-1004", "18", None)]),
        ("one and a half dozen toners", [("SKU-1004", "18", None)]),
        ("廿箱A4纸", [("SKU-1001", "20", None)]),
        ("20箱A4纸来3台打印机", [("SKU-1001", "20", None), ("SKU-1002", "3", None)]),
        ("2桶A4纸", [("SKU-1001", "2", "unit_unknown")]),
        ("2.5 printers", [("SKU-1002", "2.5", "quantity_not_whole")]),
        ("签字笔10支", [(None, "10", "ambiguous_product")]),
        ("1万2千包A4纸", [("SKU-1001", "12000", None)]),
        ("half a box of A4 paper", [("SKU-1001", "0.5", None)]),
        ("1/2 box of A4 paper", [("SKU-1001", "0.5", None)]),
        ("2 1/2 boxes of A4 paper", [("SKU-1001", "2.5", None)]),
        ("1½箱A4纸", [("SKU-1001", "1.5", None)]),
        ("½箱A4纸", [("SKU-1001", "0.5", None)]),
        ("要俩椅子和仨打印机", [("SKU-1003", "2", None), ("SKU-1002", "3", None)]),
        (
            "每样来10个：椅子、打印机、硒鼓",
            [("SKU-1003", "10", None), ("SKU-1002", "10", None), ("SKU-1004", "10", None)],
        ),
        (
            "10 each of chairs and printers, and 2 toners",
            [
                ("SKU-1003", "10", None),
                ("SKU-1002", "10", None),
                ("SKU-1004", "2", None),
            ],
        ),
        (
            "chairs, printers and toner, 10 each",
            [
                ("SKU-1003", "10", None),
                ("SKU-1002", "10", None),
                ("SKU-1004", "10", None),
            ],
        ),
        ("办工椅5把", [("SKU-1003", "5", None)]),
        ("复印只5箱", [("SKU-1001", "5", None)]),
        ("12支黑色签字笔给华兴贸易", [("SKU-1006", "12", None)]),
        ("打印机硒鼓5个", [(None, "5", "ambiguous_product")]),
        ("帮华星下一单：10箱A4纸", [("SKU-1001", "10", None)]),
        ("20 boxes of A4 paper at 25 yuan each", [("SKU-1001", "20", None)]),
        ("送10把椅子到办公室", [("SKU-1003", "10", None)]),
        ("10 laser printers without toner", [("SKU-1002", "10", None)]),
        ("我想要5把椅子 不对 6把", [("SKU-1003", "6", None)]),
        ("要10把椅子吧，哦不，12把", [("SKU-1003", "12", None)]),
        ("5 chairs no wait 6 chairs", [("SKU-1003", "6", None)]),
        ("20 boxes of A4 paper, sorry, 25 boxes, and 3 printers", [("SKU-1001", "25", None), ("SKU-1002", "3", None)]),
        ("20箱A4纸，不是3台打印机", [("SKU-1001", "20", None), ("SKU-1002", "3", None)]),
        ("A4纸3箱零5包", [("SKU-1001", "35", None)]),
        ("3 boxes and 5 packs of A4 paper", [("SKU-1001", "35", None)]),
        ("A4纸3箱又5桶", [("SKU-1001", "3", "unit_unknown")]),
        ("A4 paper, one box and two pieces of blue pens", [("SKU-1001", "1", None), ("SKU-1005", "2", None)]),
        ("5箱A4纸，每箱10包", [("SKU-1001", "5", None)]),
        ("20bx A4 paper", [("SKU-1001", "20", None)]),
        ("五分之一箱A4纸", [("SKU-1001", "0.2", None)]),
        ("A4纸2，000包", [("SKU-1001", "2000", None)]),
        ("between 10 and 20 boxes of A4 paper", [("SKU-1001", None, "quantity_range")]),
        ("no more than 5 printers", [("SKU-1002", "5", None)]),
        ("5 printers, 2/10 net 30", [("SKU-1002", "5", None)]),
        ("SKU-1002还要3个", [("SKU-1002", "3", None)]),
        ("A4纸来点", [("SKU-1001", None, "quantity_missing")]),
        ("给Acme Ltd下5台打印机的单", [("SKU-1002", "5", None)]),
        ("20箱A4纸 下午送", [("SKU-1001", "20", None)]),
        ("三千零五支蓝色签字笔", [("SKU-1005", "3005", None)]),
        ("打印机墨盒5个", [(None, "5", "ambiguous_product")]),
        ("不要发票", []),
        ("hello there", []),
    ],
)
def test_lines_are_read_as_they_are_said(
    said: str, lines: list[tuple[str | None, str | None, str | None]], catalogue: Catalogue, today: date
) -> None:
    assert brief(read_order(said, catalogue, today)) == lines


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("送10把椅子到北京市朝阳路5号，走物流", "北京市朝阳路5号"),
        ("送10把椅子到办公室", "办公室"),
        ("3台打印机，不要送到公司，送到上海市张江路1号", "上海市张江路1号"),
        ("收货地址：广东省深圳市南山区高新南一道9号A座1201，硒鼓10个", "广东省深圳市南山区高新南一道9号A座1201"),
        ("3台打印机，货要等到下周五", None),
    ],
)
def test_addresses(said: str, address: str | None, catalogue: Catalogue, today: date) -> None:
    assert read_order(said, catalogue, today).address == address


@pytest.mark.parametrize(
    ("said", "address", "lines"),
    [
        ("送到上海市张江路1号8栋202 椅子 六十一把", "上海市张江路1号8栋202", [("SKU-1003", "61", None)]),
        ("地址上海市张江路1号B座1201，打印机x118", "上海市张江路1号B座1201", [("SKU-1002", "118", None)]),
        ("ship to 1 Main Street, Boston 36 chairs by courier", "1 Main Street, Boston", [("SKU-1003", "36", None)]),
        ("给华星下单，打印机 x 19，969把椅子", None, [("SKU-1002", "19", None), ("SKU-1003", "969", None)]),
        ("eighty-two and eighty-two chairs", None, [("SKU-1003", "82", None)]),
        ("电话+44 20 7946 0958 12把椅子", None, [("SKU-1003", "12", None)]),
    ],
)
def test_an_address_ends_where_goods_begin_and_numbers_are_apart(
    said: str, address: str | None, lines: list[tuple[str, str, None]], catalogue: Catalogue, today: date
) -> None:
    order = read_order(said, catalogue, today)

    assert order.address == address and brief(order) == lines


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ("备注：送前打电话，谢谢", "送前打电话,谢谢"),
        ("加个备注 要发票，A4纸5箱", "要发票"),
        ("A4纸5箱，不要发票", "不要发票"),
        ("A4纸5箱，要发票", None),
        ("A4纸5箱，周末不收货", "周末不收货"),
        ("3 printers, no toner, no cables", "no toner; no cables"),
    ],
)
def test_notes(said: str, note: str | None, catalogue: Catalogue, today: date) -> None:
    assert read_order(said, catalogue, today).note == note


def test_an_ambiguous_product_gives_a_short_list(catalogue: Catalogue, today: date) -> None:
    (line,) = read_order("签字笔10支", catalogue, today).lines

    assert [product.sku for product in line.candidates] == ["SKU-1005", "SKU-1006"]
    assert line.product is None


def test_an_ambiguous_customer_gives_a_short_list(catalogue: Catalogue, today: date) -> None:
    order = read_order("20 boxes of paper for Acme", catalogue, today)

    assert order.customer is None
    assert [customer.id for customer in order.customer_candidates] == ["C2", "C3"]


def test_an_unknown_customer_is_said_back(catalogue: Catalogue, today: date) -> None:
    order = read_order("客户飞天要20箱A4纸", catalogue, today)

    assert (order.customer, order.customer_said) == (None, "飞天")


def test_a_date_in_the_past_is_flagged(catalogue: Catalogue, today: date) -> None:
    order = read_order("20箱A4纸，昨天送", catalogue, today)

    assert order.delivery_date == date(2026, 11, 17)
    assert order.delivery_date_problem == "date_in_past"


def test_a_range_keeps_both_ends(catalogue: Catalogue, today: date) -> None:
    (line,) = read_order("我要三五把椅子", catalogue, today).lines

    assert line.quantity_range == (Decimal(3), Decimal(5))


@pytest.mark.parametrize(
    ("said", "day", "clock"),
    [
        ("明天下午三点送2箱A4纸", date(2026, 11, 19), "15:00"),
        ("2 boxes of A4 paper by Friday noon", date(2026, 11, 20), "12:00"),
        ("2 boxes of A4 paper at 3pm on Friday", date(2026, 11, 20), "15:00"),
        ("2箱A4紙，後天上午10點前", date(2026, 11, 20), "10:00"),
        ("2箱A4纸，后天上午", date(2026, 11, 20), "morning"),
        ("2箱A4纸，后天", date(2026, 11, 20), None),
        ("2箱A4纸，周五前，周四不要送", date(2026, 11, 20), None),
        ("2 boxes of A4 paper by Friday, not on Saturday", date(2026, 11, 20), None),
    ],
)
def test_a_day_may_have_a_time(said: str, day: date, clock: str | None, catalogue: Catalogue, today: date) -> None:
    order = read_order(said, catalogue, today)

    assert (order.delivery_date, order.delivery_time) == (day, clock)
    assert [(line.product and line.product.sku, line.quantity) for line in order.lines] == [("SKU-1001", 2)]


@pytest.mark.parametrize(
    ("said", "mode"),
    [
        ("仓库直发", "direct"),
        ("走顺丰", "courier"),
        ("我们自己来提", "pickup"),
        ("we will collect", "pickup"),
        ("自送", "own"),
        ("你们派车送货上门", "own"),
        ("by van please", "own"),
        ("走物流", "courier"),
        ("我们自己来拿", "pickup"),
        ("drop-ship it", "direct"),
        ("不要快递", None),
    ],
)
def test_delivery_modes(said: str, mode: str | None, catalogue: Catalogue, today: date) -> None:
    assert read_order(said, catalogue, today).delivery_mode == mode


@pytest.mark.parametrize(
    ("said", "days", "month_end"),
    [
        *(("月结30天", 30, True), ("账期45天，月底起算", 45, True), ("当月月底后30天付款", 30, True)),
        *(("账期30天，月底前送到", 30, False), ("月底要货，账期30天", 30, False), ("货到付款", 0, False)),
        *(("net 30 EOM", 30, True), ("EOM 30", 30, True), ("30 days end of month", 30, True)),
        *(("end of month plus 60 days", 60, True), ("by end of month, net 30", 30, False), ("net 30", 30, False)),
    ],
)
def test_days_to_pay_may_count_from_the_end_of_the_month(
    catalogue: Catalogue, today: date, said: str, days: int, month_end: bool
) -> None:
    found = read_order(said, catalogue, today)

    assert (found.payment_days, found.payment_month_end) == (days, month_end)


@pytest.mark.parametrize(("said", "days"), [("net 30", 30), ("月结60天", 60), ("三十天账期", 30), ("货到付款", 0)])
def test_payment_terms(said: str, days: int, catalogue: Catalogue, today: date) -> None:
    assert read_order(said, catalogue, today).payment_days == days


def test_what_is_taken_back_over_and_over_is_not_searched_each_time(
    catalogue: Catalogue, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[int] = []
    spans = Catalogue.product_spans
    monkeypatch.setattr(Catalogue, "product_spans", lambda self, text: searched.append(len(text)) or spans(self, text))

    read_order("5把椅子不对6把" * 200, catalogue, today)

    assert 0 < sum(length == max(searched) for length in searched) < 20


def test_signs_that_are_set_over_and_over_are_read_in_one_way_only(catalogue: Catalogue, today: date) -> None:
    """A pattern that can part them in several ways takes minutes for a message of nothing else."""
    assert read_order("5把椅子" + ", " * 900 + "x", catalogue, today).lines[0].quantity == Decimal(5)


@pytest.mark.parametrize(
    "said",
    [
        "周三或周四",
        "周三还是周四送",
        "Wed or Thu",
        "on Wednesday or Thursday please",
        "下周三或周四",
        "Wed or Thu next week",
    ],
)
def test_one_day_or_the_other_is_no_day_but_a_choice(said: str, catalogue: Catalogue, today: date) -> None:
    reading = read_order(said, catalogue, today)

    assert reading.delivery_date is None
    assert [day.strftime("%a") for day in reading.delivery_date_choices] == ["Wed", "Thu"]
    assert (reading.delivery_date_choices[1] - reading.delivery_date_choices[0]).days in {1, -6}


def test_two_days_that_are_no_choice_are_read_as_before(catalogue: Catalogue, today: date) -> None:
    assert read_order("不是周三，是周四送", catalogue, today).delivery_date_choices == ()
