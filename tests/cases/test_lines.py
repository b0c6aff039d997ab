"""The lines of a document's text, and who has answered: what is said and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.cases.answers import Answer, answers
from deskhand.cases.lines import fact, signers, tidied
from tests.support.desks import NOW


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- 金额：80,000.00 元", ("金额", "80,000.00 元")),
        ("- Amount, tax included: CNY 5", ("Amount, tax included", "CNY 5")),
        ("- At 10:30: yes", ("At 10:30", "yes")),
        ("- Supplier:", ("Supplier", "")),
        ("- a list without a label", None),
        ("金额：5", None),
    ],
)
def test_a_fact_is_a_label_and_a_value(line: str, said: tuple[str, str] | None) -> None:
    assert fact(line) == said


def test_facts_without_a_value_go_and_headings_over_nothing_with_them() -> None:
    text = "## 一\n- 甲：\n- 乙：，\n\n## 二\n  段落\n## 三\n- 丙：1\n## 四\n"

    assert tidied(text) == "## 二\n段落\n## 三\n- 丙：1"
    assert tidied(tidied(text)) == tidied(text)


def test_who_signs_stands_on_one_line_or_on_several() -> None:
    assert signers(["____ 卖方   ____ 买方", "x", "____ Witness"]) == ("卖方", "买方", "Witness")


def test_of_several_answers_at_a_task_the_last_one_counts() -> None:
    def row(actor: str, node: str, reason: str | None = None, **more: Any) -> dict[str, Any]:
        detail = {"node": node, "decision": "approve"}
        return {"detail": detail, "personal": reason and {"reason": reason}, "actor": actor, "at": NOW,
                "on_behalf_of": None, **more}  # fmt: skip

    claimed = {**row("eve", "sign"), "detail": {"node": "sign"}}

    found = answers([row("ann", "sign", "late"), row("bo", "check", on_behalf_of="cy"), row("dan", "sign"), claimed])

    assert found == {"sign": Answer("dan", None, NOW, ""), "check": Answer("bo", "cy", NOW, "")}
