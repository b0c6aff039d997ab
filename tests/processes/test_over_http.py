"""Each shipped process over HTTP, from its start to its end: what is asked, what waits, the rules, the papers."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from deskhand.cases.fields import plain
from tests.processes.values import CONTRACT, CREDIT, PURCHASE, SAMPLE, Values
from tests.support.desks import FakeClock, demo_database, open_desk
from tests.support.gateway import Gateway, running_gateway


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Gateway]:
    clock = FakeClock()
    desk = open_desk(demo_database(tmp_path), clock)
    async with running_gateway(tmp_path, clock, desk) as running:
        yield running
    desk.close()


async def _post(at: Gateway, login: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
    async with at.http(login) as http, http.post(path, json=body or {}) as response:
        return response.status, await response.json(content_type=None)


async def _get(at: Gateway, login: str, path: str) -> Any:
    async with at.http(login) as http, http.get(path) as response:
        assert response.status == 200, await response.text()
        return await response.json(content_type=None)


async def _begun(at: Gateway, login: str, process: str, values: Values) -> str:
    fields = {name: plain(value) for name, value in values.items()}
    status, answer = await _post(at, login, f"/api/processes/{process}/cases", {"fields": fields})
    assert status == 201, answer
    return str(answer["case"]["number"])


async def _answered(at: Gateway, login: str, number: str, decision: str, **more: Any) -> str:
    """At the task that waits for this person; the case's status then."""
    [task] = (await _get(at, login, f"/api/tasks?case={number}"))["items"]
    status, answer = await _post(at, login, f"/api/tasks/{task['id']}/{decision}", more)
    assert status == 200, answer
    return str(answer["case"]["status"])


async def _pdf(at: Gateway, login: str, number: str, name: str, language: str) -> str:
    path = f"/api/cases/{number}/documents/{name}.pdf?language={language}"
    async with at.http(login) as http, http.get(path) as response:
        body = await response.read()
        assert (response.status, response.content_type) == (200, "application/pdf"), body
        assert response.headers["Content-Disposition"] == f'inline; filename="{number}-{name}-{language}.pdf"'
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages))


async def test_a_purchase_is_approved_by_two_and_its_paper_says_so(at: Gateway) -> None:
    number = await _begun(at, "warehouse", "purchase_approval", PURCHASE)

    assert await _answered(at, "manager", number, "approve") == "waiting_for_finance"
    assert await _answered(at, "finance", number, "approve") == "approved"
    paper = await _pdf(at, "finance", number, "approval", "zh")
    assert "采购批准单" in paper and "赵敏" in paper and "12,000.00" in paper


async def test_a_purchase_is_refused_with_a_reason_and_not_without(at: Gateway) -> None:
    number = await _begun(at, "clerk", "purchase_approval", PURCHASE)

    status, problem = await _post(at, "manager", f"/api/tasks/{number}.approve_by_manager/reject", {})

    assert (status, problem["code"]) == (422, "reason_needed")
    assert await _answered(at, "manager", number, "reject", reason="用旧的") == "rejected"


async def test_a_purchase_is_withdrawn_by_who_asked_for_it(at: Gateway) -> None:
    number = await _begun(at, "clerk", "purchase_approval", PURCHASE)

    refused, _ = await _post(at, "warehouse", f"/api/cases/{number}/withdraw", {})
    status, answer = await _post(at, "clerk", f"/api/cases/{number}/withdraw", {"reason": "不要了"})

    assert (refused, status, answer["case"]["status"]) == (403, 200, "withdrawn")


async def test_a_refused_credit_says_every_rule_in_words_of_both_languages(at: Gateway) -> None:
    values = {**CREDIT, "overdue_debts": 8000, "overdue_days": 90, "years_with_us": 0}
    number = await _begun(at, "clerk", "credit_application", values)

    case = await _get(at, "clerk", f"/api/cases/{number}")
    told = [rule["words"] for rule in case["rules"]]

    assert (case["status"], case["fields"]["risk"]) == ("refused", "high")
    assert {"zh": "有逾期超过 60 天的欠款", "en": "Debts are overdue for more than 60 days"} in told
    assert {"zh": "合作不满一年且已有逾期", "en": "Less than a year with us, and overdue already"} in told
    assert told[-1] == {"zh": "有拒绝理由：拒绝", "en": "There is a reason to refuse: refused"}
    letter = await _pdf(at, "clerk", number, "refusal", "en")
    assert "90daysoverdue" in letter and "Creditdecision" in letter


async def test_finance_grants_another_limit_than_was_asked_for(at: Gateway) -> None:
    number = await _begun(at, "clerk", "credit_application", {**CREDIT, "requested_limit": 150000})

    status = await _answered(at, "finance", number, "approve", fields={"granted_limit": "90000"})

    assert status == "approved"
    assert (await _get(at, "clerk", f"/api/cases/{number}"))["fields"]["granted_limit"] == "90000.00"
    assert "90,000.00" in await _pdf(at, "clerk", number, "grant", "zh")


async def test_a_sample_is_measured_reworked_measured_again_and_signed_off(at: Gateway) -> None:
    number = await _begun(at, "warehouse", "quality_report", {"work_order": "WO-7"})
    sample = {name: plain(value) for name, value in SAMPLE.items()}

    assert await _answered(at, "warehouse", number, "complete", fields={**sample, "moisture": 7}) == "in_rework"
    again = await _answered(at, "warehouse", number, "complete", fields={"rework_done": "烘干"})
    assert again == "waiting_for_measurement"
    assert await _answered(at, "warehouse", number, "complete", fields=sample) == "waiting_for_sign_off"
    assert await _answered(at, "manager", number, "approve") == "passed"
    report = await _pdf(at, "manager", number, "report", "zh")
    assert "质检报告" in report and "WO-7" in report and "烘干" in report and "各项指标均在限值之内" in report


async def test_a_contract_is_signed_twice_and_its_draft_is_no_paper(at: Gateway) -> None:
    number = await _begun(at, "clerk", "contract_signing", {**CONTRACT, "delivery_date": "2026-12-15"})

    async with at.http("clerk") as http, http.get(f"/api/cases/{number}/documents/draft.pdf") as response:
        no_paper = response.status
    assert await _answered(at, "manager", number, "approve") == "waiting_for_second_signature"
    assert await _answered(at, "finance", number, "approve") == "signed"

    assert no_paper == 404
    case = await _get(at, "clerk", f"/api/cases/{number}")
    assert [(each["name"], each["pdf"]) for each in case["documents"]] == [("contract", True), ("draft", False)]
    zh, en = await _pdf(at, "clerk", number, "contract", "zh"), await _pdf(at, "clerk", number, "contract", "en")
    assert "第一签字赵敏ZhaoMin" in zh and "买方（盖章）" in zh and "华星科技有限公司" in zh
    assert "SecondsignatureChenJing" in re.sub(r"[\u4e00-\u9fff]", "", en)


async def test_a_paper_is_nobody_s_who_may_not_see_the_case(at: Gateway) -> None:
    number = await _begun(at, "clerk", "purchase_approval", {**PURCHASE, "kind": "office", "amount": 100})

    async with at.http("customer") as http, http.get(f"/api/cases/{number}/documents/approval.pdf") as response:
        assert response.status in (403, 404)


APPROVED, MEASURED = ("approve", {}), ("complete", {"fields": {name: plain(value) for name, value in SAMPLE.items()}})
REFUSED = ("reject", {"reason": "不合适"})
SPOILT = ("complete", {"fields": {**MEASURED[1]["fields"], "defects": 20}})
WITHDRAWN = ("withdraw", {"reason": "不要了"})
DATED: Values = {**CONTRACT, "delivery_date": "2026-12-15"}
LARGE: Values = {**CREDIT, "requested_limit": 150000}
Step = tuple[str, tuple[str, Mapping[str, Any]]]
WAYS: Mapping[str, list[tuple[str, Values, list[Step], str]]] = {
    "purchase_approval": [
        ("clerk", {**PURCHASE, "kind": "office", "amount": 500}, [], "approved"),
        ("clerk", {**PURCHASE, "amount": 5000}, [("manager", APPROVED)], "approved"),
        ("clerk", {**PURCHASE, "amount": 50000}, [("manager", APPROVED), ("finance", APPROVED)], "approved"),
        (
            "clerk", {**PURCHASE, "amount": 50001},
            [("manager", APPROVED), ("finance", APPROVED), ("director", APPROVED)], "approved",
        ),
        ("finance", PURCHASE, [("manager", REFUSED)], "rejected"),
        ("warehouse", PURCHASE, [("manager", APPROVED), ("finance", REFUSED)], "rejected"),
        ("manager", PURCHASE, [("director", APPROVED), ("manager", WITHDRAWN)], "withdrawn"),
    ],
    "credit_application": [
        ("clerk", CREDIT, [], "approved"),
        ("clerk", {**CREDIT, "overdue_debts": 1, "overdue_days": 61}, [], "refused"),
        ("clerk", LARGE, [("finance", REFUSED)], "refused"),
        ("clerk", LARGE, [("finance", ("approve", {"fields": {"granted_limit": "250000"}})), ("manager", APPROVED)],
         "approved"),
        ("clerk", LARGE, [("clerk", WITHDRAWN)], "withdrawn"),
    ],
    "quality_report": [
        ("warehouse", {"work_order": "WO-1"}, [("warehouse", MEASURED), ("manager", APPROVED)], "passed"),
        ("warehouse", {"work_order": "WO-2"}, [("warehouse", SPOILT), ("manager", APPROVED)], "rejected"),
        ("warehouse", {"work_order": "WO-3"}, [("warehouse", MEASURED), ("manager", REFUSED)],
         "waiting_for_measurement"),
        ("manager", {"work_order": "WO-4"}, [("manager", WITHDRAWN)], "withdrawn"),
    ],
    "contract_signing": [
        ("clerk", DATED, [("manager", APPROVED), ("finance", APPROVED)], "signed"),
        ("clerk", DATED, [("manager", REFUSED)], "refused"),
        ("clerk", DATED, [("manager", APPROVED), ("finance", REFUSED)], "refused"),
        ("clerk", DATED, [("manager", APPROVED), ("clerk", WITHDRAWN)], "withdrawn"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("process", WAYS)
async def test_every_way_to_an_end_that_people_go(at: Gateway, process: str) -> None:
    for starter, values, steps, expected in WAYS[process]:
        number = await _begun(at, starter, process, values)
        for login, (what, body) in steps:
            [waiting] = (await _get(at, starter, f"/api/cases/{number}"))["waits_at"]
            path = f"/api/cases/{number}/withdraw" if what == "withdraw" else f"/api/tasks/{waiting['id']}/{what}"
            status, answer = await _post(at, login, path, body)
            assert status == 200, answer

        assert (await _get(at, starter, f"/api/cases/{number}"))["status"] == expected


async def test_a_purchase_is_corrected_sent_back_and_handed_in_again(at: Gateway) -> None:
    number = await _begun(at, "clerk", "purchase_approval", PURCHASE)
    status, answer = await _post(at, "clerk", f"/api/cases/{number}/fields", {"fields": {"amount": "9000"}})
    assert (status, answer["case"]["fields"]["amount"], answer["events"][0]) == (200, "9000.00", "CaseCorrected")
    status, refused = await _post(at, "manager", f"/api/cases/{number}/fields", {"fields": {"amount": "1"}})
    assert (status, refused["code"]) == (403, "role_not_allowed")

    task = f"/api/tasks/{number}.approve_by_manager/return"
    assert (await _post(at, "manager", task))[1]["code"] == "reason_needed"
    status, answer = await _post(at, "manager", task, {"reason": "the quote is missing"})
    assert (status, answer["case"]["status"]) == (200, "sent_back")

    [waiting] = (await _get(at, "clerk", f"/api/tasks?case={number}"))["items"]
    assert (waiting["node"], waiting["decisions"]) == ("correct_request", ["resubmit"])
    assert "amount" in [each["name"] for each in waiting["fields"] if not each["required"]]
    body = {"decision": "resubmit", "fields": {"amount": "3000", "supplier": "Huaxing"}}
    status, answer = await _post(at, "clerk", f"/api/tasks/{waiting['id']}/decide", body)
    assert (status, answer["case"]["status"], answer["case"]["fields"]["level"]) == (200, "waiting_for_manager", "1")
    assert await _answered(at, "manager", number, "approve") == "approved"

    history = (await _get(at, "clerk", f"/api/cases/{number}/history"))["items"]
    assert [row["event"] for row in history[1:4]] == ["give_fields", "approve_by_manager", "correct_request"]
    status, refused = await _post(at, "clerk", f"/api/cases/{number}/fields", {"fields": {"amount": "1"}})
    assert (status, refused["code"]) == (409, "case_not_possible_now")


async def test_what_was_decided_is_not_corrected(at: Gateway) -> None:
    number = await _begun(at, "clerk", "purchase_approval", PURCHASE)
    await _answered(at, "manager", number, "approve")

    status, refused = await _post(at, "clerk", f"/api/cases/{number}/fields", {"fields": {"amount": "1"}})

    assert (status, refused["code"]) == (409, "already_decided")
