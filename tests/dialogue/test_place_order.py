"""Orders are placed by talking, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Services, Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]

SENTENCE_ZH = "客户华星要20箱A4纸和3台打印机，送到上海浦东张江路1号，下周五前，走快递"
SENTENCE_EN = "Acme Ltd needs 20 boxes of A4 paper and 3 printers, deliver to 1 Main Street, by Friday next week, by courier"


def test_one_sentence_then_a_correction_then_yes(talk: Talks, services: Services) -> None:
    clerk = talk("clerk")

    drafted = clerk.say(SENTENCE_ZH)
    assert drafted.card["kind"] == "order_draft"
    assert drafted.lines == {"PAPER-A4": ("20", "箱"), "PRN-L100": ("3", "台")}
    assert drafted.card["total"]["value"] == "8,897.00 元"
    assert "张江路1号" in drafted.fact("address") and "星期五" in drafted.fact("delivery_date")
    assert drafted.fact("customer") == "华星科技有限公司" and drafted.fact("delivery_mode") == "快递"

    corrected = clerk.say("A4纸改成30箱")
    assert corrected.lines["PAPER-A4"] == ("30", "箱") and corrected.card["total"]["value"] == "11,397.00 元"
    assert corrected.card["id"] != drafted.card["id"]

    placed = clerk.press("confirm")
    number = placed.card["order"]
    assert number in placed.text and "SO-" in number
    with services.desk.unit_of_work(clerk.tenant, read_only=True) as uow:
        order = uow.orders.get(number)
    assert str(order.total) == "11397.00" and order.customer_id == "huaxing"
