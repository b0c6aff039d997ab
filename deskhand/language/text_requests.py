"""What a text is wanted about: the batch, the days to pay, the months of warranty. Reads words; knows no store."""

from __future__ import annotations

import re

from deskhand.numerals import parse_chinese

_BATCH = re.compile(
    r"(?:批次|批号|工单|质检单|\bbatch|\bwork order|\blot)(?:号|[ :#]|no\.?|number)*"
    r"(?P<after>[A-Za-z][A-Za-z0-9-]*\d[A-Za-z0-9-]*)"
    r"|(?P<before>[A-Za-z][A-Za-z0-9-]*\d[A-Za-z0-9-]*) ?(?:批次|批|号工单|工单)|\b(?P<case>QR-\d+)\b",
    re.IGNORECASE,
)
_DAYS = re.compile(
    r"(?:账期|帐期|付款期限?|付款|\bterms?|\bnet|\bpayment|\bwithin|\bin)\D{0,12}?"
    r"(?P<count>\d{1,3}|[一二两三四五六七八九十百]+) ?(?:天|日|days?\b)"
    r"|\bnet ?(?P<net>\d{1,3})\b|(?P<first>\d{1,3})[ -]?days?\b",
    re.IGNORECASE,
)
_MONTHS = re.compile(r"(?:质保期?|保修期?|warranty)\D{0,12}?(\d{1,2}) ?(?:个月|months?\b)", re.IGNORECASE)


def batch_in(text: str) -> str | None:
    """B12 of 写B12批次的质检报告; the number of a case will do."""
    found = _BATCH.search(text)
    return next((each for each in found.groups() if each), None) if found else None


def warranty_months_in(text: str) -> str | None:
    found = _MONTHS.search(text)
    return found[1] if found else None


def days_in(text: str) -> str | None:
    """In how many days is paid."""
    found = _DAYS.search(text)
    said = next((each for each in found.groups() if each), None) if found else None
    if said is None or said.isascii():
        return said
    value = parse_chinese(said)
    return None if value is None else str(value)
