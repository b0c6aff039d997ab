"""Lies of people who had not seen the check: single statements that no fact holds, in texts right otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deskhand.writing.fact_json import facts_from_json
from tests.writing.sample import TEMPLATES

LIES = Path(__file__).with_name("lies_of_another_hand.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_lie_of_another_hand_leaves(language: str) -> None:
    entries = [entry for line in LIES if (entry := json.loads(line))["language"] == language]

    passed = [
        (entry["job"], entry["lie"])
        for entry in entries
        if TEMPLATES.get(entry["job"], language).check(entry["text"], facts_from_json(entry["facts"])).ok
    ]

    assert len(entries) >= 200
    assert passed == []


def test_a_word_that_such_letters_do_not_need_is_refused() -> None:
    template = TEMPLATES.get("receipt", "en")
    facts = {"customer": "Acme", "order": "SO-1", "total": "EUR 5.00"}
    right = "Dear Acme, we have received your order SO-1 over EUR 5.00. It awaits confirmation."

    assert template.check(right, facts).invented == ()
    assert template.check(f"{right} The zeppelin sings.", facts).invented == ("zeppelin", "sings")
    assert template.check(f"{right} The zeppelin sings.", facts, read=True).invented == ()
