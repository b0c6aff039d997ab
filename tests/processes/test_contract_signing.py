"""Contracts: the clauses that the facts choose, two signatures of two people, and what makes a draft void."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from deskhand.cases.errors import FieldInvalid, OtherPersonNeeded
from deskhand.engine import load_decisions
from tests.processes.office import BUYER, DIRECTOR, Office
from tests.processes.values import CONTRACT
from tests.support.desks import CLERK, FINANCE, MANAGER, ROOT

TABLES = load_decisions((ROOT / "processes/contract_signing/clauses.dmn").read_bytes(), "clauses.dmn")
NAME = "contract_signing"
DATED = {**CONTRACT, "delivery_date": "2026-12-15"}


@pytest.mark.parametrize(
    ("more", "clause"),
    [
        ({"delivery": "pickup"}, "delivery_pickup"), ({"delivery": "carrier"}, "delivery_carrier"),
        ({"delivery": "our_delivery"}, "delivery_ours"),
        ({"kind": "service", "delivery": "pickup"}, "delivery_service"),
        ({"amount": Decimal("200000"), "payment_days": 0}, "payment_at_once"),
        ({"amount": Decimal("200000"), "payment_days": 1}, "payment_net"),
        ({"amount": Decimal("200000.01"), "payment_days": 0}, "payment_stages"),
        ({"amount": Decimal("50000")}, "liability_simple"), ({"amount": Decimal("50000.01")}, "liability_with_penalty"),
        ({"kind": "service", "amount": Decimal("50000.01")}, "liability_service"),
        ({"warranty_months": 0}, "warranty_by_law"), ({"warranty_months": 1}, "warranty_standard"),
        ({"warranty_months": 12}, "warranty_standard"), ({"warranty_months": 13}, "warranty_extended"),
        ({"kind": "service", "warranty_months": 24}, "warranty_service"),
        ({"kind": "framework", "warranty_months": 24}, "warranty_extended"),
    ],
)  # fmt: skip
def test_the_facts_choose_the_clauses(more: dict[str, Any], clause: str) -> None:
    assert clause in TABLES.decide("clauses", {**CONTRACT, **more}).values()


def test_a_contract_is_signed_by_two_people(office: Office) -> None:
    file = office.start(NAME, DATED, CLERK)
    assert (file.status, file.number[:3]) == ("waiting_for_first_signature", "CT-")
    file = office.answer(file, MANAGER)
    assert file.status == "waiting_for_second_signature"

    done = office.answer(file, FINANCE)

    assert done.status == "signed"
    text = office.document(done, "contract")
    assert "第一签字：赵敏 Zhao Min，2026-11-20" in text and "第二签字：陈静 Chen Jing，2026-11-20" in text
    assert "自验收合格之日起 12 个月" in text and "30 天内付清" in text and "0.05%" in text


def test_the_draft_says_all_but_the_signatures(office: Office) -> None:
    draft = office.document(office.start(NAME, DATED, CLERK), "draft", "en")

    assert "Buyer: 华星科技有限公司" in draft and "First signature" not in draft
    assert "delivers the goods to the place that the buyer names, by 2026-12-15" in draft
    assert "{" not in draft


def test_the_second_signature_is_not_the_first_one_s(office: Office) -> None:
    office.away(FINANCE, MANAGER)
    file = office.answer(office.start(NAME, DATED, CLERK), MANAGER)

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, MANAGER)


def test_who_drafted_it_does_not_sign_it(office: Office) -> None:
    file = office.start(NAME, DATED, MANAGER)

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, MANAGER)
    assert office.answer(file, DIRECTOR).status == "waiting_for_second_signature"


def test_a_stand_in_signs_for_finance_and_the_contract_says_so(office: Office) -> None:
    office.away(FINANCE, BUYER)
    file = office.answer(office.start(NAME, DATED, CLERK), MANAGER)

    done = office.answer(file, BUYER)

    assert "第二签字：周颖 Zhou Ying（代陈静 Chen Jing）" in office.document(done, "contract")


@pytest.mark.parametrize("signed", [0, 1])
def test_either_of_them_refuses_to_sign(office: Office, signed: int) -> None:
    file = office.start(NAME, DATED, CLERK)
    for who in (MANAGER,)[:signed]:
        file = office.answer(file, who)

    assert office.reject(file, (MANAGER, FINANCE)[signed], "付款条件不能接受").status == "refused"


def test_a_delivery_in_the_past_is_not_agreed(office: Office) -> None:
    with pytest.raises(FieldInvalid):
        office.start(NAME, {**CONTRACT, "delivery_date": "2026-11-19"}, CLERK)


def test_who_drafted_it_takes_it_back(office: Office) -> None:
    file = office.answer(office.start(NAME, DATED, CLERK), MANAGER)

    assert office.withdraw(file, CLERK).status == "withdrawn"


def test_whoever_has_not_signed_after_two_days_is_reminded(office: Office) -> None:
    file = office.answer(office.start(NAME, DATED, CLERK), MANAGER)

    file = office.later(file, days=2)

    assert file.status == "waiting_for_second_signature"
    assert sum("催办" in text for text in office.told("role:finance")) == 1


@pytest.mark.parametrize("signed", [0, 1])
def test_a_draft_lapses_after_a_fortnight_without_both_signatures(office: Office, signed: int) -> None:
    file = office.start(NAME, DATED, CLERK)
    for who in (MANAGER,)[:signed]:
        file = office.answer(office.later(file, days=13), who)

    assert office.later(file, days=13 - 13 * signed, hours=23).ended_at is None
    assert office.later(file, hours=1).status == "lapsed"
