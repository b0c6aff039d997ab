"""What is told of rows: every code has its sentence in both languages, and a million findings take no more room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from deskhand.erp import findings
from deskhand.erp.findings import EXAMPLES, Finding, Reason, Tally, sentence

SENTENCES = yaml.safe_load(Path(findings.__file__).with_name("findings.yml").read_text(encoding="utf-8"))


def test_every_code_has_a_sentence_and_no_sentence_is_without_a_code() -> None:
    assert set(SENTENCES) == set(map(str, Reason))


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sentence_says_what_the_finding_holds(reason: Reason, language: str) -> None:
    text = SENTENCES[reason][language]
    told = Finding("orders.csv", 7, reason, "COLUMN", "VALUE", "ABOUT")

    said = sentence(told, language)

    assert set(re.findall(r"\{(\w+)\}", text)) <= {"column", "value", "about"}
    assert said == text.replace("{column}", "COLUMN").replace("{value}", "VALUE").replace("{about}", "ABOUT")
    assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (language == "zh")


def test_another_language_hears_english() -> None:
    assert sentence(Finding("f", 1, Reason.MISSING_CUSTOMER), "fr") == "No customer is named"


def test_a_tally_counts_all_and_keeps_the_first_few() -> None:
    tally = Tally()

    for line in range(1000):
        tally.add([Finding("f", line, Reason.NOT_A_DATE, "Date"), Finding("f", line, Reason.TOO_LONG, "Note")])

    assert tally.by_reason == {"not_a_date": 1000, "too_long": 1000}
    assert tally.counts[Reason.NOT_A_DATE, "Date"] == 1000
    assert [one.line for one in tally.examples[Reason.NOT_A_DATE]] == list(range(EXAMPLES))
