"""What stands in a file beside its records is told, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deskhand.erp import sources
from deskhand.erp.sources import Source, Why, open_tables
from deskhand.erp.words import noticed_said
from deskhand.orders.tenant import LANGUAGES

TEXT = "销售明细\n订单号,客户,数量\nA1,华星,2\nA2,明月\n订单号,客户,数量\n\nA3,东方,4\n合计,,6\n制表人：张三\n"


def codes() -> set[str]:
    """Every code that a reader can note."""
    found = {str(why) for why in Why}
    for file in Path(sources.__file__).parent.parent.rglob("*.py"):
        found |= set(re.findall(r'Note\(\s*"(\w+)"', file.read_text(encoding="utf-8")))
    return found | {"sheet_hidden", "sheet_empty"}


def test_rows_that_are_no_records_are_counted_by_what_they_are() -> None:
    (table,) = open_tables(Source.held("a.xls", TEXT.encode()))

    assert sum(len(batch.rows) for batch in table.batches()) == 3
    assert table.noticed == {
        "preamble": 1, "too_short": 1, "repeated_header": 1, "blank": 1, "totals": 1, "footer": 1, "not_as_named": 1,
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_can_be_noticed_has_words(language: str) -> None:
    said = noticed_said(dict.fromkeys(sorted(codes() - {"blank"}), 7), language)

    assert len(codes()) >= 17
    assert len(set(said)) == len(codes()) - 1
    assert all(each and "{" not in each for each in said)
