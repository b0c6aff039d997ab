"""Messages that begin with a process's own words, or name a case and a step; and those that only speak of them."""

from __future__ import annotations

import pytest

from tests.rasa_components.intents.conftest import Asked

pytestmark = pytest.mark.rasa

SCRIPT = """
import json, sys
from rasa_components.intents.openings import Openings
known = Openings.of(["信用申请", "质检", "请购", "quality inspection", "purchase request"], ["PA", "QR"])
told = json.loads(sys.stdin.read())
print(json.dumps([known.meant(text, [tuple(best)]) for text, best in told]))
"""
MEANT = {
    "信用申请": "start_process",
    "质检 工单 WO-8": "start_process",
    "quality inspection WO-8": "start_process",
    "你好，信用申请 华星 五万": "start_process",
    "请购 20把椅子": "start_process",
    "please purchase request: chairs": "start_process",
    "complete QR-1001": "decide_task",
    "QR-1001 做完了": "decide_task",
    "send PA-1001 back, the quote is missing": "decide_task",
    "PA-1001 金额改成 8000": "correct_case",
    "change the amount of PA 1001 to 8000": "correct_case",
    "质检通过了吗": None,
    "信用申请批了没有，查一下": None,
    "quality inspections are slow": None,
    "where is my purchase request": None,
    "PA-1001到哪一步了": None,
    "PA-1001 有改动吗": None,
    "1042 数量改成30箱": None,
    "approve PA-1001": None,
}


def test_words_that_begin_a_process_are_known_with_a_value_behind_them_too(rasa_says: Asked) -> None:
    found = rasa_says(SCRIPT, [[text, ["place_order", 0.9]] for text in MEANT])

    assert dict(zip(MEANT, found, strict=True)) == MEANT


def test_where_the_model_is_sure_that_a_case_is_spoken_of_it_is_believed(rasa_says: Asked) -> None:
    sure, unsure = rasa_says(
        SCRIPT, [["信用申请 上周那个", ["query_case", 0.9]], ["信用申请 上周那个", ["query_case", 0.3]]]
    )

    assert (sure, unsure) == (None, "start_process")
