"""Approve or reject, and why, in what people write."""

from __future__ import annotations

import pytest

from deskhand.language.decision import read_decision, read_decision_reason


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("同意PA-1001", "approve"),
        ("PA-1001批了", "approve"),
        ("把那个采购申请通过了吧", "approve"),
        ("approve PA-1001", "approve"),
        ("sign off on CS-1003", "approve"),
        ("let the purchase request through", "approve"),
        ("不同意", "reject"),
        ("PA-1001不批", "reject"),
        ("驳回，太贵了", "reject"),
        ("退回让他补材料", "return"),
        ("PA-1001打回，缺报价", "return"),
        ("send PA-1001 back, the quote is missing", "return"),
        ("改好了重新提交", "resubmit"),
        ("complete QR-1001", "complete"),
        ("reject PA-1002, too expensive", "reject"),
        ("I won't sign this", "reject"),
        ("not approving QR-1006", "reject"),
        ("send PA-1003 back", "return"),
        ("办好了", "complete"),
        ("it's done", "complete"),
        ("PA-1001", None),
        ("批准了吗？", None),
        ("has it been approved?", None),
    ],
)
def test_what_is_decided(text: str, decision: str | None) -> None:
    assert read_decision(text) == decision


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("驳回PA-1001，太贵了", "太贵了"),
        ("驳回PA-1001，因为预算不够", "预算不够"),
        ("reject PA-1002 because it is too expensive", "it is too expensive"),
        ("reject PA-1002, too expensive", "too expensive"),
        ("PA-1003 is rejected - we have enough", "we have enough"),
        ("驳回PA-1001，谢谢", None),
        ("reject PA-1002, please", None),
        ("同意，没问题", None),
    ],
)
def test_why_it_is_refused(text: str, reason: str | None) -> None:
    assert read_decision_reason(text) == reason
