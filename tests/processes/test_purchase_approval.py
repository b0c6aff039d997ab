"""Purchase approval: how many must agree, four eyes, who stands in, what the clock does, taking it back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from deskhand.cases import GiveFields
from deskhand.cases.errors import AlreadyDecided, OtherPersonNeeded, ReasonNeeded, UnknownTask
from deskhand.engine import load_decisions
from deskhand.orders.errors import RoleNotAllowed
from tests.processes.office import BUYER, DIRECTOR, Office
from tests.processes.values import PURCHASE
from tests.support.desks import ADMIN, CLERK, FINANCE, MANAGER, ROOT, WAREHOUSE

TABLE = load_decisions((ROOT / "processes/purchase_approval/approval.dmn").read_bytes(), "approval.dmn")
NAME = "purchase_approval"


def _of(amount: str, **more: Any) -> dict[str, Any]:
    return {**PURCHASE, "amount": Decimal(amount), **more}


@pytest.mark.parametrize(
    ("budgeted", "kind", "amount", "level"),
    [
        (True, "office", "0.01", 0), (True, "office", "500", 0), (True, "office", "500.01", 1),
        (True, "it", "500", 1), (True, "office", "5000", 1), (True, "service", "5000", 1),
        (True, "office", "5000.01", 2), (True, "it", "5000.01", 2), (True, "it", "50000", 2),
        (True, "it", "50000.01", 3), (False, "office", "500", 2), (False, "it", "5000", 2),
        (False, "it", "5000.01", 3), (False, "it", "50000", 3), (False, "office", "50000.01", 3),
    ],
)  # fmt: skip
def test_budget_kind_and_amount_give_the_level(budgeted: bool, kind: str, amount: str, level: int) -> None:
    explained = TABLE.explain("approval", {"budgeted": budgeted, "kind": kind, "amount": Decimal(amount)})

    assert explained.outputs["level"] == level
    assert len(explained.applied) == 1


def test_a_small_purchase_of_stationery_needs_nobody(office: Office) -> None:
    file = office.start(NAME, _of("300", kind="office"), WAREHOUSE)

    assert (file.status, file.number[:3]) == ("approved", "PA-")
    assert office.rules(file) == [("approval", 1)]
    assert "免审批" in office.document(file, "approval")


def test_up_to_five_thousand_a_manager_decides(office: Office) -> None:
    file = office.start(NAME, _of("5000"), CLERK)
    assert file.status == "waiting_for_manager"

    assert office.answer(file, MANAGER).status == "approved"


def test_above_that_finance_has_to_agree_as_well(office: Office) -> None:
    file = office.answer(office.start(NAME, _of("5000.01"), CLERK), MANAGER)
    assert file.status == "waiting_for_finance"

    assert office.answer(file, FINANCE).status == "approved"
    text = office.document(file, "approval")
    assert "经理：赵敏 Zhao Min 2026-11-20" in text and "财务：陈静 Chen Jing 2026-11-20" in text
    assert "第二位经理" not in text and "供应商" not in text


def test_above_fifty_thousand_a_second_manager_has_to_agree_and_not_the_first(office: Office) -> None:
    file = office.answer(office.answer(office.start(NAME, _of("80000"), CLERK), MANAGER), FINANCE)
    assert file.status == "waiting_for_second_manager"

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, MANAGER)
    assert office.answer(file, DIRECTOR).status == "approved"
    assert "第二位经理：孙立 Sun Li" in office.document(file, "approval")


def test_where_no_second_manager_is_left_an_administrator_takes_their_place(office: Office) -> None:
    file = office.answer(office.answer(office.start(NAME, _of("80000"), DIRECTOR), MANAGER), FINANCE)

    for who in (MANAGER, DIRECTOR):
        with pytest.raises(OtherPersonNeeded):
            office.answer(file, who)
    assert office.answer(file, ADMIN).status == "approved"


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_each_of_them_can_refuse_with_a_reason(office: Office, steps: int) -> None:
    file = office.start(NAME, _of("80000"), CLERK)
    for who in (MANAGER, FINANCE)[:steps]:
        file = office.answer(file, who)
    last = (MANAGER, FINANCE, DIRECTOR)[steps]

    with pytest.raises(ReasonNeeded):
        office.answer(file, last, "reject")
    refused = office.reject(file, last, "今年已经买过")

    assert (refused.status, refused.values["reason"]) == ("rejected", "今年已经买过")


def test_nobody_approves_what_they_asked_for(office: Office) -> None:
    file = office.start(NAME, _of("4000"), MANAGER)

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, MANAGER)
    assert office.answer(file, DIRECTOR).status == "approved"


def test_only_the_lane_s_role_decides(office: Office) -> None:
    file = office.start(NAME, _of("4000"), CLERK)

    for who in (FINANCE, BUYER):
        with pytest.raises(RoleNotAllowed):
            office.answer(file, who)


def test_who_stands_in_for_a_manager_decides_in_their_place_and_the_paper_says_so(office: Office) -> None:
    office.away(MANAGER, BUYER)
    file = office.start(NAME, _of("4000"), CLERK)

    assert office.answer(file, BUYER).status == "approved"
    assert "周颖 Zhou Ying（代赵敏 Zhao Min）" in office.document(file, "approval")


def test_standing_in_is_no_way_round_four_eyes(office: Office) -> None:
    office.away(MANAGER, CLERK)
    file = office.start(NAME, _of("4000"), CLERK)

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, CLERK)


def test_who_asked_takes_it_back_until_the_last_answer(office: Office) -> None:
    file = office.answer(office.start(NAME, _of("12000"), CLERK), MANAGER)

    with pytest.raises(RoleNotAllowed):
        office.withdraw(file, BUYER)
    assert office.withdraw(file, CLERK, "不需要了").status == "withdrawn"
    with pytest.raises(UnknownTask):
        office.answer(file, FINANCE)


def test_after_a_day_the_manager_is_reminded_once(office: Office) -> None:
    file = office.start(NAME, _of("4000"), CLERK)

    office.later(file, hours=23.9)
    before = office.told("role:manager")
    office.later(file, hours=0.2)
    office.later(file, hours=20)

    assert not any("催办" in text for text in before)
    assert [text for text in office.told("role:manager") if "催办" in text] == [
        f"催办：采购申请 {file.number}（激光打印机两台（4,000.00 元））还在等审批。"
    ]
    assert office.fresh(file).status == "waiting_for_manager"


def test_after_three_days_finance_or_another_manager_decides_for_the_manager(office: Office) -> None:
    file = office.start(NAME, _of("4000"), CLERK)

    file = office.later(file, days=3)

    assert file.status == "escalated"
    assert any("三天无人审批" in text for text in office.told("user:clerk"))
    assert office.answer(file, FINANCE).status == "approved"
    assert "经理：陈静 Chen Jing" in office.document(file, "approval")


def test_who_decided_for_the_manager_does_not_decide_for_finance_as_well(office: Office) -> None:
    file = office.later(office.start(NAME, _of("12000"), CLERK), days=3)
    file = office.answer(file, FINANCE)
    assert file.status == "waiting_for_finance"

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, FINANCE)
    file = office.later(file, days=3)
    assert file.status == "escalated"
    assert office.answer(file, MANAGER).status == "approved"


def test_an_answer_stops_the_clock(office: Office) -> None:
    file = office.answer(office.start(NAME, _of("4000"), CLERK), MANAGER)

    assert office.later(file, days=9).status == "approved"


def test_everybody_concerned_hears_of_it(office: Office) -> None:
    file = office.reject(office.start(NAME, _of("4000"), CLERK), MANAGER, "先用旧的")

    assert office.told("role:manager") == [
        f"采购申请 {file.number}（激光打印机两台（4,000.00 元））等您处理：经理审批。"
    ]
    assert office.told("user:clerk") == [
        f"采购申请 {file.number}：经理审批，赵敏 Zhao Min，驳回。先用旧的",
        f"采购申请 {file.number}（激光打印机两台（4,000.00 元））已驳回。先用旧的",
    ]


def test_what_was_sent_back_is_corrected_and_all_approvals_begin_again(office: Office) -> None:
    file = office.start(NAME, _of("60000"), CLERK)
    file = office.answer(file, MANAGER)
    file = office.answer(file, FINANCE, "return", "缺报价单")
    assert (file.status, file.case.marking) == ("sent_back", {"correct_request"})
    with pytest.raises(RoleNotAllowed):
        office.answer(file, BUYER, "resubmit")

    file = office.answer(file, CLERK, "resubmit", amount=Decimal(9000), supplier="华星")

    assert (file.status, file.values["amount"], file.values["supplier"]) == (
        "waiting_for_manager",
        Decimal(9000),
        "华星",
    )
    file = office.answer(file, MANAGER)
    assert office.answer(file, FINANCE).status == "approved"


def test_who_answered_before_it_was_sent_back_may_answer_again_and_nobody_twice_in_one_round(office: Office) -> None:
    file = office.start(NAME, _of("60000"), CLERK)
    file = office.answer(office.answer(file, MANAGER), FINANCE)
    file = office.answer(file, DIRECTOR, "return", "太多")
    file = office.answer(file, CLERK, "resubmit")

    file = office.answer(office.answer(file, DIRECTOR), FINANCE)

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, DIRECTOR)
    assert office.answer(file, MANAGER).status == "approved"


def test_the_paper_names_who_answered_after_it_was_sent_back(office: Office) -> None:
    file = office.start(NAME, _of("9000"), CLERK)
    file = office.answer(office.answer(file, MANAGER), FINANCE, "return", "太贵")
    file = office.answer(file, CLERK, "resubmit", amount=Decimal(3000), budgeted=True)

    file = office.answer(file, DIRECTOR)

    paper = office.document(file, "approval")
    assert "- 经理：孙立 Sun Li" in paper
    assert "财务：" not in paper


def test_an_amount_is_corrected_before_anybody_answers_and_its_level_follows(office: Office) -> None:
    file = office.start(NAME, _of("3000"), CLERK)
    assert file.values["level"] == 1

    file = office.desk.handle(GiveFields(file.number, {"amount": "8000"}), CLERK).case

    assert (file.status, file.values["level"], file.values["amount"]) == ("waiting_for_manager", 2, Decimal(8000))
    assert "已由申请人更正" in "".join(office.told("role:manager"))
    file = office.answer(file, MANAGER)
    with pytest.raises(AlreadyDecided):
        office.desk.handle(GiveFields(file.number, {"amount": "9000"}), CLERK)
    assert office.answer(file, FINANCE).status == "approved"


def test_what_is_corrected_to_need_nobody_is_approved_at_once(office: Office) -> None:
    file = office.start(NAME, _of("3000", kind="office"), CLERK)

    file = office.desk.handle(GiveFields(file.number, {"amount": "300"}), CLERK).case

    assert file.status == "approved"
