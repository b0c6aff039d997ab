"""A text is first offered to the pending question."""

from datetime import date
from decimal import Decimal

import pytest

from deskhand.language import Catalogue, DraftLine, read_answer

ASKED = (
    "customer lines quantity address delivery_mode delivery_date order_number carrier tracking_number confirm choice"
).split(" ")
Draft = tuple[DraftLine, ...]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("said", ["cancel that", "算了", "不要了", "取消", "never mind", "Cancel it please."])
def test_giving_up_is_never_an_answer(said: str, asked: str, catalogue: Catalogue, today: date, draft: Draft) -> None:
    assert read_answer(said, asked, catalogue, today, draft).kind == "leave"


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("said", ["where is my order 1042?", "1042到哪了", "多少钱？"])
def test_a_question_is_a_digression(said: str, asked: str, catalogue: Catalogue, today: date, draft: Draft) -> None:
    assert read_answer(said, asked, catalogue, today, draft).kind == "digression"


@pytest.mark.parametrize("asked", ["customer", "address", "delivery_mode", "delivery_date", "confirm", "lines"])
def test_a_correction_of_something_else_is_a_correction(
    asked: str, catalogue: Catalogue, today: date, draft: Draft
) -> None:
    answer = read_answer("A4纸改成30箱", asked, catalogue, today, draft)

    assert answer.kind == "correction"
    assert answer.change and answer.change.set_lines[0].quantity == 30


@pytest.mark.parametrize(
    ("asked", "said", "name", "value"),
    [
        ("quantity", "20", "quantity", Decimal(20)),
        ("quantity", "两箱", "quantity", Decimal(2)),
        ("quantity", "20 boxes please", "quantity", Decimal(20)),
        ("quantity", "minus five", "problem", "quantity_not_positive"),
        ("quantity", "三五个", "problem", "quantity_range"),
        ("quantity", "5, no 6", "quantity", Decimal(6)),
        ("quantity", "五个，不，六个", "quantity", Decimal(6)),
        ("address", "上海浦东张江路1号", "text", "上海浦东张江路1号"),
        ("address", "1 Main Street, Springfield, IL 62704", "text", "1 Main Street, Springfield, IL 62704"),
        ("address", "Acme warehouse, dock 5", "text", "Acme warehouse, dock 5"),
        ("address", "送到北京朝阳路5号，走快递", "text", "北京朝阳路5号"),
        ("delivery_mode", "自提吧", "delivery_mode", "pickup"),
        ("delivery_mode", "顺丰", "delivery_mode", "courier"),
        ("delivery_date", "下周五", "delivery_date", date(2026, 11, 27)),
        ("delivery_date", "12.5", "delivery_date", date(2026, 12, 5)),
        ("delivery_date", "12-05", "delivery_date", date(2026, 12, 5)),
        ("delivery_date", "25号吧", "delivery_date", date(2026, 11, 25)),
        ("delivery_date", "yesterday", "problem", "date_in_past"),
        ("order_number", "1042", "order_numbers", ("1042",)),
        ("order_number", "单号1042", "order_numbers", ("1042",)),
        ("carrier", "顺丰", "carrier", "SF"),
        ("carrier", "Bluebird Logistics", "problem", "unknown_carrier"),
        ("tracking_number", "SF1234567890", "tracking_number", "SF1234567890"),
        ("tracking_number", "是 1Z999AA", "tracking_number", "1Z999AA"),
        ("reason", "客户改主意了", "text", "客户改主意了"),
        ("choice", "第二个", "choice", 2),
        ("choice", "the second one", "choice", 2),
        ("choice", "2", "choice", 2),
        ("choice", "最后一个", "choice", -1),
        ("choice", "下面那个", "choice", -1),
        ("choice", "not the first, the second", "choice", 2),
        ("choice", "第一个不是，第二个", "choice", 2),
        ("customer", "Foobar GmbH", "problem", "unknown_customer"),
        ("lines", "unobtainium", "problem", "unknown_product"),
    ],
)
def test_an_answer_gives_its_value(
    asked: str, said: str, name: str, value: object, catalogue: Catalogue, today: date, draft: Draft
) -> None:
    answer = read_answer(said, asked, catalogue, today, draft)

    assert answer.kind == "answer"
    assert getattr(answer, name) == value


def test_a_customer_may_be_chosen_by_name(catalogue: Catalogue, today: date, draft: Draft) -> None:
    for asked in ("customer", "choice"):
        answer = read_answer("Acme Inc", asked, catalogue, today, draft)
        assert answer.kind == "answer" and answer.customer and answer.customer.id == "C3"


@pytest.mark.parametrize(
    ("said", "kind"), [("好的", "yes"), ("yes please", "yes"), ("no", "no"), ("不对", "no"), ("哈哈", "digression")]
)
def test_a_confirmation_is_an_explicit_yes(
    said: str, kind: str, catalogue: Catalogue, today: date, draft: Draft
) -> None:
    assert read_answer(said, "confirm", catalogue, today, draft).kind == kind


def test_yes_and_more_is_a_correction_and_no_yes(catalogue: Catalogue, today: date, draft: Draft) -> None:
    answer = read_answer("yes, and add 5 chairs", "confirm", catalogue, today, draft)

    assert answer.kind == "correction"
    assert answer.change and answer.change.add_lines[0].quantity == 5
