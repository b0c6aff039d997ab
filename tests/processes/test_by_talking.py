"""The shipped processes by talking, over the real actions: started from one sentence, answered, decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from actions.answer_card import AnswerCardAction
from actions.case_draft import FORM
from actions.decide_task import DecideTaskAction
from actions.process_form import ValidateProcessForm
from actions.start_process import StartProcessAction
from deskhand.cases.model import CaseFile
from tests.support.bench import Bench, Said, services_on
from tests.support.desks import FakeClock, demo_database, open_desk


@dataclass
class Person:
    """Somebody at the bench, in one language."""

    bench: Bench
    login: str
    language: str

    async def begin(self, text: str) -> Said:
        return await self.bench.run(
            StartProcessAction, self.login, text, intent="start_process", language=self.language
        )

    async def say(self, text: str) -> Said:
        """An answer, whatever Rasa takes it for."""
        return await self.bench.run(
            ValidateProcessForm, self.login, text, form=FORM, intent="place_order", language=self.language
        )

    async def decide(self, text: str) -> Said:
        return await self.bench.run(DecideTaskAction, self.login, text, intent="decide_task", language=self.language)

    async def yes(self, said: Said) -> Said:
        return await self.bench.run(
            AnswerCardAction, self.login, "/affirm", intent="affirm", form=FORM, card=said.card["id"], action="confirm"
        )


@pytest.fixture
def bench(tmp_path: Path, clock: FakeClock) -> Iterator[Bench]:
    desk = open_desk(demo_database(tmp_path), clock)
    yield Bench(services_on(desk), clock)
    desk.close()


def _facts(said: Said) -> dict[str, str]:
    return {fact["key"]: fact["value"] for fact in said.card["facts"]}


def _case(bench: Bench, number: str) -> CaseFile:
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        return uow.case_files.get(number)


async def test_a_credit_line_in_chinese_that_finance_decides(bench: Bench) -> None:
    clerk, finance = Person(bench, "clerk", "zh"), Person(bench, "finance", "zh")
    said = await clerk.begin("给客户华星申请信用额度15万，用于旺季备货")
    for answer in ("4年", "60万", "1万", "0", "0"):
        said = await clerk.say(answer)
    assert {"customer": "华星科技有限公司", "requested_limit": "150,000.00 元", "purpose": "旺季备货",
            "years_with_us": "4", "yearly_sales": "600,000.00 元", "open_debts": "10,000.00 元",
            "next_step": "财务判断信用额度"}.items() <= _facts(said).items()  # fmt: skip
    begun = await clerk.yes(said)
    assert {"risk": "低", "highest_limit": "180,000.00 元"}.items() <= _facts(begun).items()

    await finance.yes(await finance.decide("批准CA-1001"))

    assert _case(bench, "CA-1001").status == "approved"


async def test_a_first_order_on_credit_in_english_that_the_rules_grant(bench: Bench) -> None:
    clerk = Person(bench, "clerk", "en")
    said = await clerk.begin("apply for credit for Acme Ltd: limit 20000, a first order")
    for answer in ("0", "0", "0", "0", "0"):
        said = await clerk.say(answer)
    assert (_facts(said)["purpose"], _facts(said)["next_step"]) == ("A first order", "approved")

    assert _facts(await clerk.yes(said))["granted_limit"]
    assert _case(bench, "CA-1001").status == "approved"


async def test_a_contract_in_one_sentence_corrected_and_signed_twice(bench: Bench) -> None:
    clerk = Person(bench, "clerk", "zh")
    await clerk.begin("起草合同：办公椅，客户华星，买卖，金额8万，我方送货，12月15日交付，账期30天，质保12个月")
    said = await clerk.say("标的改成激光打印机20台")
    assert {"customer": "华星科技有限公司", "kind": "一次性买卖", "goods": "激光打印机20台", "amount": "80,000.00 元",
            "delivery": "我方送货", "delivery_date": "2026年12月15日 星期二", "payment_days": "30",
            "warranty_months": "12", "next_step": "合同第一签字"}.items() <= _facts(said).items()  # fmt: skip
    await clerk.yes(said)

    for login in ("manager", "finance"):
        person = Person(bench, login, "zh")
        await person.yes(await person.decide("同意CT-1001"))

    assert _case(bench, "CT-1001").status == "signed"


async def test_an_inspection_measured_in_one_sentence_and_signed_off(bench: Bench) -> None:
    inspector, manager = Person(bench, "warehouse", "zh"), Person(bench, "manager", "zh")
    await inspector.yes(await inspector.begin("发起质检 WO-7"))
    await inspector.decide("完成QR-1001")
    said = await inspector.say("A4 80克，克重79.6，水分4.4，长度297.2，宽度210.1，缺陷1张")
    assert {"product": "A4纸 80克", "grammage": "79.6", "moisture": "4.4", "length": "297.2", "width": "210.1",
            "defects": "1", "next_step": "签发质检报告"}.items() <= _facts(said).items()  # fmt: skip
    assert _facts(await inspector.yes(said))["verdict"] == "合格"

    await manager.yes(await manager.decide("同意QR-1001"))

    assert _case(bench, "QR-1001").status == "passed"
    assert _case(bench, "QR-1001").values["work_order"] == "WO-7"


async def test_a_sample_outside_its_limits_is_reworked_in_english(bench: Bench) -> None:
    inspector = Person(bench, "warehouse", "en")
    await inspector.yes(await inspector.begin("quality inspection WO-8, morning shift"))
    await inspector.decide("QR-1001 is done")
    said = await inspector.say("A4 80, grammage 79.6, moisture 6.4, length 297, width 210, faulty sheets 2")

    assert _facts(said)["next_step"] == "Rework"
    await inspector.yes(said)
    assert _case(bench, "QR-1001").status == "in_rework"
