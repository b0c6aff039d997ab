"""Credit, quality and contract from the first word to the end, over real Rasa; purchases: test_start_process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]


def test_a_credit_line_that_finance_decides(talk: Talks) -> None:
    clerk, finance = talk("clerk"), talk("finance")

    assert "合作几年" in clerk.say("给客户华星申请信用额度15万，用于旺季备货").text
    assert "销售额" in clerk.say("4年").text
    clerk.say("60万")
    clerk.say("1万")
    clerk.say("0")
    card = clerk.say("0")
    assert card.fact("requested_limit") == "150,000.00 元" and card.fact("next_step") == "财务判断信用额度"
    assert "CA-1001" in clerk.press("confirm").text

    assert finance.say("批准CA-1001").fact("decision") == "批准"
    assert "已批准" in finance.press("confirm").text
    assert "已批准" in clerk.say("CA-1001到哪一步了").text


def test_an_inspection_is_measured_and_signed_off(talk: Talks) -> None:
    inspector, manager = talk("warehouse", "en"), talk("manager", "en")

    assert inspector.say("start a quality inspection for WO-8").fact("work_order") == "WO-8"
    assert "QR-1001" in inspector.press("confirm").text
    inspector.say("mark QR-1001 as done")
    card = inspector.say("A4 80, grammage 79.6, moisture 4.4, length 297, width 210, faulty sheets 2")
    assert card.fact("product") == "A4 paper, 80 g" and card.fact("moisture") == "4.4"
    inspector.press("confirm")

    manager.say("approve QR-1001")
    assert "passed" in manager.press("confirm").text


def test_a_contract_is_signed_by_two(talk: Talks) -> None:
    clerk, manager, finance = talk("clerk"), talk("manager"), talk("finance")

    assert "哪类合同" in clerk.say("我要起草合同，客户华星，金额8万").text
    for answer in ("一次性买卖", "激光打印机", "我方送货", "明年3月1日", "30天", "12个月"):
        card = clerk.say(answer)
    assert card.fact("goods") == "激光打印机" and card.fact("next_step") == "合同第一签字"
    assert clerk.say("标的改成激光打印机20台").fact("goods") == "激光打印机20台"
    assert "CT-1001" in clerk.press("confirm").text

    manager.say("同意CT-1001")
    assert "待第二签字" in manager.press("confirm").text
    finance.say("同意CT-1001")
    assert "已签署" in finance.press("confirm").text
