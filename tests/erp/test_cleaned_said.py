"""What cleaning changed, as people hear of it."""

from __future__ import annotations

from pathlib import Path

import yaml

from deskhand.erp import words
from deskhand.erp.cleaning import Change
from deskhand.erp.kinds import Field
from deskhand.erp.words import cleaned_said


def test_every_kind_of_change_has_its_word_and_no_word_is_without_one() -> None:
    said = yaml.safe_load(Path(words.__file__).with_name("words.yml").read_text(encoding="utf-8"))["cleaned"]

    assert set(said) == set(map(str, Change))
    assert all(set(both) == {"zh", "en"} for both in said.values())


def test_what_was_changed_most_often_comes_first() -> None:
    cleaned = {"sku:whitespace": 3, "total:rounded": 1200, "quantity:thousands": 20}

    assert cleaned_said(cleaned, "en", 2) == ["total: rounded 1,200", "quantity: thousands separators 20"]
    assert cleaned_said(cleaned, "zh", 1) == ["总额：四舍五入 1,200"]
    assert cleaned_said({}, "zh") == []


def test_every_field_has_its_name_in_both_languages() -> None:
    said = yaml.safe_load(Path(words.__file__).with_name("words.yml").read_text(encoding="utf-8"))["fields"]

    assert {field for field in Field if set(said.get(field, {})) != {"zh", "en"}} == set()
