"""Credit applications: the rules approve, refuse with every reason, or leave it to a person; all of it can be told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from deskhand.cases.errors import OtherPersonNeeded
from deskhand.engine import load_decisions
from tests.processes.office import DIRECTOR, Office
from tests.processes.values import CREDIT
from tests.support.desks import CLERK, FINANCE, MANAGER, ROOT

RULES = load_decisions((ROOT / "processes/credit_application/credit.dmn").read_bytes(), "credit.dmn")
NAME = "credit_application"
TO_A_PERSON = {"requested_limit": Decimal(150000)}


def _of(**more: Any) -> dict[str, Any]:
    return {**CREDIT, **more}


def _decided(**more: Any) -> dict[str, Any]:
    return RULES.decide("credit", _of(**more))


@pytest.mark.parametrize(
    ("overdue", "days", "record"),
    [
        ("0", 0, "good"), ("0.01", 1, "slow"), ("1", 15, "slow"),
        ("1", 16, "poor"), ("1", 60, "poor"), ("1", 61, "bad"),
    ],
)  # fmt: skip
def test_the_payment_record(overdue: str, days: int, record: str) -> None:
    found = RULES.decide("payment_record", {"overdue_debts": Decimal(overdue), "overdue_days": days})

    assert found == {"payment_record": record}


@pytest.mark.parametrize(
    ("years", "sales", "standing"),
    [
        (0, "9000000", "new"), (1, "9000000", "regular"), (2, "0", "regular"), (3, "499999.99", "regular"),
        (3, "500000", "key"), (40, "500000", "key"),
    ],
)  # fmt: skip
def test_the_standing(years: int, sales: str, standing: str) -> None:
    assert RULES.decide("standing", {"years_with_us": years, "yearly_sales": Decimal(sales)}) == {"standing": standing}


@pytest.mark.parametrize("record", ["good", "slow", "poor", "bad"])
@pytest.mark.parametrize("standing", ["new", "regular", "key"])
def test_every_record_and_standing_has_one_risk(record: str, standing: str) -> None:
    values = {
        "good": {"overdue_debts": 0, "overdue_days": 0},
        "slow": {"overdue_debts": 1, "overdue_days": 9},
        "poor": {"overdue_debts": 1, "overdue_days": 30},
        "bad": {"overdue_debts": 1, "overdue_days": 99},
    }[record] | {"new": {"years_with_us": 0}, "regular": {"years_with_us": 2}, "key": {"years_with_us": 5}}[standing]

    risk = RULES.decide("risk", _of(**values))["risk"]

    expected = {("good", "new"): "medium", ("slow", "regular"): "medium", ("poor", "key"): "medium"}
    low = {("good", "regular"), ("good", "key"), ("slow", "key")}
    assert risk == expected.get((record, standing), "low" if (record, standing) in low else "high")


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"requested_limit": 100000}, "approved"),
        ({"requested_limit": Decimal("100000.01")}, "person"),
        ({"open_debts": 130000, "requested_limit": 50000}, "approved"),  # 180,000: just what the rules allow
        ({"open_debts": 130000, "requested_limit": Decimal("50000.01")}, "person"),
        ({"years_with_us": 0, "requested_limit": 10000, "open_debts": 0}, "approved"),
        ({"years_with_us": 0, "requested_limit": 10001, "open_debts": 0}, "person"),
        ({"years_with_us": 0, "purpose": "trial", "requested_limit": 20000, "open_debts": 0}, "approved"),
        ({"years_with_us": 0, "requested_limit": 20001, "open_debts": 0}, "refused"),
        ({"overdue_debts": 500, "overdue_days": 61}, "refused"),
        ({"overdue_debts": 500, "overdue_days": 60}, "person"),
    ],
)
def test_the_verdict(more: dict[str, Any], verdict: str) -> None:
    assert _decided(**more)["verdict"] == verdict


def test_a_good_customer_s_limit_is_granted_at_once_and_the_letter_says_it(office: Office) -> None:
    file = office.start(NAME, CREDIT, CLERK)

    assert (file.status, file.values["granted_limit"]) == ("approved", Decimal("50000.00"))
    letter = office.document(file, "grant", "en")
    assert (
        "To: 华星科技有限公司" in letter and "Limit: CNY 50,000.00" in letter and "Purpose: Regular purchases" in letter
    )


def test_a_refusal_names_every_reason(office: Office) -> None:
    values = _of(overdue_debts=Decimal(8000), overdue_days=90, years_with_us=0, requested_limit=Decimal(50000))

    file = office.start(NAME, values, CLERK)

    assert file.status == "refused"
    assert file.values["reasons"] == ["long_overdue", "new_and_overdue", "far_above_ceiling"]
    letter = office.document(file, "refusal")
    assert "贵方有逾期 90 天的欠款" in letter and "8,000.00 元" in letter and "最高额度" in letter


def test_every_rule_that_applied_is_told_in_the_order_of_the_chain(office: Office) -> None:
    file = office.start(NAME, _of(overdue_debts=Decimal(500), overdue_days=90), CLERK)

    rules = [rule for rule in office.rules(file) if rule[1]]

    assert sorted(rules) == [
        ("ceiling", 5), ("credit", 1), ("payment_record", 4), ("refusals", 1), ("risk", 8), ("standing", 4),
    ]  # fmt: skip
    assert rules[-1] == ("credit", 1)


def test_finance_grants_what_was_asked_for(office: Office) -> None:
    file = office.start(NAME, _of(**TO_A_PERSON), CLERK)
    assert file.status == "waiting_for_finance"

    done = office.answer(file, FINANCE)

    assert (done.status, done.values["granted_limit"]) == ("approved", Decimal("150000.00"))


def test_finance_grants_less(office: Office) -> None:
    file = office.start(NAME, _of(**TO_A_PERSON), CLERK)

    done = office.answer(file, FINANCE, granted_limit=Decimal(90000))

    assert (done.status, done.values["granted_limit"]) == ("approved", Decimal("90000.00"))
    assert "信用额度：90,000.00 元" in office.document(done, "grant")


def test_more_than_the_rules_allow_needs_a_manager_s_yes(office: Office) -> None:
    file = office.start(NAME, _of(**TO_A_PERSON), CLERK)
    file = office.answer(file, FINANCE, granted_limit=Decimal("180000.01"))
    assert file.status == "waiting_for_manager"

    assert office.answer(file, MANAGER).status == "approved"


def test_a_manager_refuses_what_finance_granted(office: Office) -> None:
    file = office.start(NAME, _of(**TO_A_PERSON), CLERK)
    file = office.answer(file, FINANCE, granted_limit=Decimal(200000))

    done = office.reject(file, MANAGER, "行业前景不明")

    assert done.status == "refused"
    assert "行业前景不明" in office.document(done, "refusal")


def test_finance_refuses_with_a_reason(office: Office) -> None:
    done = office.reject(office.start(NAME, _of(**TO_A_PERSON), CLERK), FINANCE, "缺少财务报表")

    assert done.status == "refused" and "缺少财务报表" in office.document(done, "refusal", "en")


def test_who_applied_never_confirms(office: Office) -> None:
    file = office.start(NAME, _of(**TO_A_PERSON), MANAGER)
    file = office.answer(file, FINANCE, granted_limit=Decimal(200000))

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, MANAGER)
    assert office.answer(file, DIRECTOR).status == "approved"


def test_who_applied_takes_it_back(office: Office) -> None:
    file = office.start(NAME, _of(**TO_A_PERSON), CLERK)

    assert office.withdraw(file, CLERK).status == "withdrawn"


def test_after_a_day_finance_is_reminded_and_after_two_a_manager_decides(office: Office) -> None:
    file = office.start(NAME, _of(**TO_A_PERSON), CLERK)

    reminded = office.later(file, days=1)
    told = office.told("role:finance")
    escalated = office.later(file, days=1)

    assert (reminded.status, escalated.status) == ("waiting_for_finance", "escalated")
    assert sum("催办" in text for text in told) == 1
    assert any("已转经理" in text for text in office.told("role:manager"))
    assert office.answer(escalated, MANAGER).status == "approved"
