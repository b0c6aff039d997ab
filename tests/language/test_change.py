"""Corrections change the draft in one utterance."""

from datetime import date
from decimal import Decimal

import pytest

from deskhand.language import Catalogue, ChangeReading, DraftLine, LineReading, read_change

Draft = tuple[DraftLine, ...]
ONE = (DraftLine("SKU-1001", "A4纸", Decimal(20), "箱"),)


def brief(lines: tuple[LineReading, ...]) -> list[str]:
    return [f"{line.product.sku if line.product else '?'} {line.quantity} {line.unit or ''}".strip() for line in lines]


def read(said: str, catalogue: Catalogue, today: date, draft: Draft) -> ChangeReading:
    change = read_change(said, catalogue, today, draft)
    assert change is not None
    return change


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("A4纸改成30箱", ["SKU-1001 30 箱"]),
        ("change the paper to 30 boxes", ["SKU-1001 30 box"]),
        ("make it 30 boxes", ["SKU-1001 30 box"]),
        ("no, 15 boxes after all", ["SKU-1001 15 box"]),
        ("还是15箱吧", ["SKU-1001 15 箱"]),
        ("could you make it 30 boxes?", ["SKU-1001 30 box"]),
        ("30 boxes of paper instead of 20", ["SKU-1001 30 box"]),
        ("不是20箱是30箱", ["SKU-1001 30 箱"]),
        ("打印机不要3台要5台", ["SKU-1002 5 台"]),
        ("第二个改成5台", ["SKU-1002 5 台"]),
        ("set printers to 5", ["SKU-1002 5 台"]),
        ("double the paper", ["SKU-1001 40 箱"]),
        ("A4纸减少5箱", ["SKU-1001 15 箱"]),
        ("A4纸改成30箱，打印机5台", ["SKU-1001 30 箱", "SKU-1002 5 台"]),
        ("the second one: 5", ["SKU-1002 5 台"]),
        ("oops I meant 13 boxes", ["SKU-1001 13 box"]),
        ("make that 15 boxes and 2 printers", ["SKU-1001 15 box", "SKU-1002 2 台"]),
        ("打印机翻一番", ["SKU-1002 6 台"]),
        ("打印机再加一倍", ["SKU-1002 6 台"]),
        ("打印机要3倍", ["SKU-1002 9 台"]),
        ("全部翻倍", ["SKU-1001 40 箱", "SKU-1002 6 台"]),
        ("double the order", ["SKU-1001 40 箱", "SKU-1002 6 台"]),
        ("halve the paper", ["SKU-1001 10 箱"]),
        ("A4纸减半", ["SKU-1001 10 箱"]),
        ("A4纸和打印机都改成10", ["SKU-1001 10 箱", "SKU-1002 10 台"]),
        ("所有的都改成10", ["SKU-1001 10 箱", "SKU-1002 10 台"]),
        ("都改成10个", ["SKU-1001 10 箱", "SKU-1002 10 台"]),
        ("A4纸要双份", ["SKU-1001 40 箱"]),
        ("把A4纸的单位改成包", ["SKU-1001 20 包"]),
    ],
)
def test_a_quantity_is_set(said: str, lines: list[str], catalogue: Catalogue, today: date, draft: Draft) -> None:
    change = read(said, catalogue, today, draft)

    assert brief(change.set_lines) == lines
    assert not change.add_lines and not change.remove_skus and not change.problems


@pytest.mark.parametrize(
    "said",
    [
        "remove the printers",
        "把打印机去掉",
        "不要打印机了",
        "remove the second one",
        "I don't want the printers",
        "最后一个去掉",
        "只要A4纸",
        "just keep the paper",
        "除了A4纸其他都不要",
        "everything except the paper",
        "remove all but the paper",
        "把打印機刪掉",
    ],
)
def test_a_line_is_taken_off(said: str, catalogue: Catalogue, today: date, draft: Draft) -> None:
    change = read(said, catalogue, today, draft)

    assert change.remove_skus == ("SKU-1002",)
    assert not change.set_lines and not change.add_lines


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("再加5把椅子", "SKU-1003 5 把"),
        ("add 5 chairs", "SKU-1003 5"),
        ("5 more printers", "SKU-1002 5 台"),
        ("A4纸再加5箱", "SKU-1001 5 箱"),
        ("再来五台一样的", "SKU-1002 5 台"),
        ("再來兩把椅子", "SKU-1003 2 把"),
        ("打印机+2", "SKU-1002 2 台"),
        ("+2 printers", "SKU-1002 2 台"),
    ],
)
def test_goods_are_added(said: str, line: str, catalogue: Catalogue, today: date, draft: Draft) -> None:
    assert brief(read(said, catalogue, today, draft).add_lines) == [line]


def test_one_product_is_swapped_for_another_in_the_same_quantity(
    catalogue: Catalogue, today: date, draft: Draft
) -> None:
    change = read("把打印机换成椅子", catalogue, today, draft)

    assert change.remove_skus == ("SKU-1002",)
    assert brief(change.add_lines) == ["SKU-1003 3"]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("再来5个", ["SKU-1001 5 箱"]),
        ("another 5 of those", ["SKU-1001 5 箱"]),
        ("再来5包", ["SKU-1001 5 包"]),
    ],
)
def test_more_of_the_only_line_is_in_its_unit(said: str, lines: list[str], catalogue: Catalogue, today: date) -> None:
    assert brief(read(said, catalogue, today, ONE).add_lines) == lines


@pytest.mark.parametrize(
    ("said", "line"),
    [("换成打印机", "SKU-1002 20"), ("改成3台打印机", "SKU-1002 3 台"), ("double it", "SKU-1001 40 箱")],
)
def test_what_is_said_without_goods_is_of_the_only_line(
    said: str, line: str, catalogue: Catalogue, today: date
) -> None:
    change = read(said, catalogue, today, ONE)

    assert brief((*change.set_lines, *change.add_lines)) == [line]
    assert change.remove_skus == (() if line.startswith("SKU-1001") else ("SKU-1001",))


def test_each_line_may_have_more(catalogue: Catalogue, today: date, draft: Draft) -> None:
    assert brief(read("各加5个", catalogue, today, draft).add_lines) == ["SKU-1001 5 箱", "SKU-1002 5 台"]


@pytest.mark.parametrize("said", ["再来5个", "another 5 of those", "翻倍", "double it", "减半", "换成椅子", "改成30"])
def test_what_can_mean_either_line_is_asked_about(said: str, catalogue: Catalogue, today: date, draft: Draft) -> None:
    change = read(said, catalogue, today, draft)

    assert change.problems == ("line_unclear",)
    assert not change.set_lines and not change.add_lines and not change.remove_skus


def test_goods_that_replace_others_keep_their_unit_where_they_have_it(catalogue: Catalogue, today: date) -> None:
    pens = (DraftLine("SKU-1005", "蓝色签字笔", Decimal(4), "盒"),)

    assert brief(read("换成黑色签字笔", catalogue, today, pens).add_lines) == ["SKU-1006 4 盒"]


def test_a_range_for_a_line_is_asked_about(catalogue: Catalogue, today: date, draft: Draft) -> None:
    (line,) = read("打印机改成三五台", catalogue, today, draft).set_lines

    assert (line.problem, line.quantity_range) == ("quantity_range", (Decimal(3), Decimal(5)))


def test_goods_that_are_wanted_without_a_quantity_are_asked_about(
    catalogue: Catalogue, today: date, draft: Draft
) -> None:
    change = read("不要打印机，要椅子", catalogue, today, draft)

    assert change.remove_skus == ("SKU-1002",)
    assert [(line.product and line.product.sku, line.problem) for line in change.add_lines] == [
        ("SKU-1003", "quantity_missing")
    ]


def test_the_customer_that_is_meant_replaces_the_one_that_is_not(
    catalogue: Catalogue, today: date, draft: Draft
) -> None:
    change = read("no, Acme Ltd not Acme Inc", catalogue, today, draft)

    assert change.fields.customer and change.fields.customer.id == "C2"


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("地址改成北京朝阳路5号", "address", "北京朝阳路5号"),
        ("ship it to 5 Main Street, Boston instead", "address", "5 Main Street, Boston"),
        ("改成自提", "delivery_mode", "pickup"),
        ("全部改成快递", "delivery_mode", "courier"),
        ("date: next Monday", "delivery_date", date(2026, 11, 23)),
        ("改到下周一", "delivery_date", date(2026, 11, 23)),
        ("换个地址，送到北京市中关村大街27号", "address", "北京市中关村大街27号"),
        ("地址不对，应该是杭州市文三路99号", "address", "杭州市文三路99号"),
        ("the address should be 9 Elm Street, Boston", "address", "9 Elm Street, Boston"),
        ("contact should be Bob Lee", "contact", "Bob Lee"),
        ("月结改成60天", "payment_days", 60),
        ("加个备注 要发票", "note", "要发票"),
        ("不要发票", "note", "不要发票"),
        ("不要快递了，自提", "delivery_mode", "pickup"),
        ("快递改自提", "delivery_mode", "pickup"),
        ("pickup instead of courier", "delivery_mode", "pickup"),
        ("改成预约", "appointment", True),
        ("不用预约", "appointment", False),
        ("能改到周五吗", "delivery_date", date(2026, 11, 20)),
    ],
)
def test_a_field_is_changed(
    said: str, name: str, value: object, catalogue: Catalogue, today: date, draft: Draft
) -> None:
    change = read(said, catalogue, today, draft)

    assert getattr(change.fields, name) == value
    assert not change.set_lines and not change.add_lines and not change.remove_skus and not change.unknown


def test_one_utterance_makes_several_changes(catalogue: Catalogue, today: date, draft: Draft) -> None:
    change = read("A4纸改成30箱，打印机去掉，改成自提", catalogue, today, draft)

    assert brief(change.set_lines) == ["SKU-1001 30 箱"]
    assert change.remove_skus == ("SKU-1002",)
    assert change.fields.delivery_mode == "pickup"


def test_an_unknown_product_is_reported(catalogue: Catalogue, today: date, draft: Draft) -> None:
    assert read("remove the unobtainium", catalogue, today, draft).unknown == ("unobtainium",)
    assert read("add 5 boxes of unobtainium", catalogue, today, draft).problems == ("unknown_product",)


def test_a_bad_quantity_is_reported(catalogue: Catalogue, today: date, draft: Draft) -> None:
    assert read("A4纸改成-5箱", catalogue, today, draft).problems == ("quantity_not_positive",)


@pytest.mark.parametrize(
    "said", ["where is order 1042?", "hello", "算了", "cancel that", "", "谢谢", "地址后面加上3号楼", "备注去掉"]
)
def test_what_corrects_nothing_is_no_change(said: str, catalogue: Catalogue, today: date, draft: Draft) -> None:
    assert read_change(said, catalogue, today, draft) is None


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("帐期60天", "payment_days", 60),
        ("账期给我90天", "payment_days", 90),
        ("刚才那单付款改成20天", "payment_days", 20),
        ("我要改刚才那单的联系人 张伟", "contact", "张伟"),
        ("联系人换成李总", "contact", "李总"),
        ("备注加一句 放门卫", "note", "放门卫"),
        ("备注改成放门卫", "note", "放门卫"),
        ("add a note: leave at the gate", "note", "leave at the gate"),
        ("deliver at 3 pm instead", "delivery_time", "15:00"),
        ("改到上午送", "delivery_time", "morning"),
    ],
)
def test_what_is_said_besides_is_read_and_nothing_of_it_is_goods(
    said: str, field: str, value: object, catalogue: Catalogue, today: date
) -> None:
    change = read(said, catalogue, today, ONE)

    assert getattr(change.fields, field) == value
    assert not (change.unknown or change.problems or change.set_lines or change.add_lines)
