"""Exports with the columns that shops, ledgers and ERP systems really write, and polluted ones: read as people do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from deskhand.erp.options import ImportOptions
from deskhand.erp.report import ImportReport
from deskhand.erp.sources import Source
from deskhand.erp.steps import never, untold
from deskhand.erp.taking_in import Intake
from deskhand.erp.wholes import Gatherer, Whole
from deskhand.store.types import from_scaled

FOLDER = Path(__file__).with_name("exports")
EXPECTED: Mapping[str, Mapping[str, Any]] = yaml.safe_load((FOLDER / "expected.yml").read_text("utf-8"))
DOLLARS = {"magento.csv", "ebay.csv"}
NOW = datetime(2025, 1, 20, 2, 0, tzinfo=UTC)


def read(name: str) -> dict[str, Whole]:
    options = ImportOptions("shop", currency="USD" if name in DOLLARS else "CNY", zone="UTC", guest="Guest")
    report = ImportReport()
    intake = Intake(report, options, ZoneInfo("UTC"), options.currency or "", NOW, untold, never)
    assert str(intake.open([Source.of(FOLDER / name)])) == "orders"
    gatherer = Gatherer(options.currency or "", NOW, intake.tell, intake.refuse)
    for part in intake.parts():
        gatherer.add(part)
    gatherer.hold(intake.held.numbers)
    return {whole.number: whole for whole in gatherer.wholes()}


def amounts(whole: Whole) -> set[Decimal]:
    lines = {from_scaled(sum(line[4] for line in whole.lines))} if whole.lines else set()
    return lines or {whole.head["total"]}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_export_is_read_as_people_read_it(name: str) -> None:
    found = read(name)

    assert sorted(found) == sorted(EXPECTED[name])
    for number, wanted in EXPECTED[name].items():
        whole = found[number]
        said = f"{whole.head.get('customer_name')} {whole.head.get('customer_id')}"
        assert whole.created_at.date().isoformat() in wanted["day"], (number, whole.created_at)
        assert not wanted["customer"] or any(part in said for part in wanted["customer"]), (number, said)
        assert wanted["lines"] in (None, len(whole.lines)), (number, whole.lines)
        assert amounts(whole) & set(map(Decimal, wanted["total"])), (number, amounts(whole))
