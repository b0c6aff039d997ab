"""Recorded calls are made anew at the live system and written into the file; a company may have its own address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.store import load_tenants
from deskhand.store.tenant_file import TenantFileInvalid, read_tenant
from deskhand.worker.connectors import Connectors, contradictions
from deskhand.worker.connectors.errors import ConnectorUnknown
from deskhand.worker.connectors.file import read_connector
from deskhand.worker.connectors.http import Caller
from deskhand.worker.connectors.recording import recorded_anew, rewritten
from tests.support.desks import ROOT, TENANT
from tests.worker.scales import standing

SCALES = ROOT / "connectors" / "scales.yml"
KEY = "3f1c9a77-not-a-word"


async def test_what_is_answered_now_takes_the_place_of_what_was_recorded() -> None:
    text = SCALES.read_text(encoding="utf-8")
    connector = read_connector(text, "scales")
    async with standing() as scales:
        scales.answers = [(200, {"result": {"pieces": 30, "key": KEY}}), (404, {"error": "no such place"})]
        fresh = await recorded_anew(connector, Caller(scales.url, KEY), connector.recorded)

    again = read_connector(rewritten(text, fresh), "scales")

    assert [(each.name, each.status, each.results) for each in again.recorded] == [
        ("twelve pieces lie there", 200, {"count": 30}), ("there is no such place", 404, None),
    ]  # fmt: skip
    assert contradictions(again) == []
    assert KEY not in rewritten(text, fresh)
    assert rewritten(text, fresh).split("recorded:")[0] == text.split("recorded:")[0]
    assert again.operations == connector.operations


def test_a_file_without_recorded_calls_gets_them_at_its_end() -> None:
    text = SCALES.read_text(encoding="utf-8")
    calls = read_connector(text, "scales").recorded
    bare = text.split("recorded:")[0]

    assert read_connector(rewritten(bare, calls), "scales").recorded == calls


def test_a_companys_address_stands_in_its_file_and_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "acme.yml"
    file.write_text("name: Acme\nconnectors: {scales: 'https://scales.acme.example'}\n", encoding="utf-8")
    assert read_tenant(file).connectors == {"scales": "https://scales.acme.example"}

    file.write_text("name: Acme\nconnectors: {scales: 'ftp://x'}\n", encoding="utf-8")
    with pytest.raises(TenantFileInvalid, match="is not an address"):
        read_tenant(file)


def test_an_own_address_without_tls_needs_the_connectors_leave() -> None:
    connector = read_connector(SCALES.read_text(encoding="utf-8"), "scales")
    known = Connectors(SCALES.parent, {})
    assert known.url(connector, "http://scales.acme.example/") == "http://scales.acme.example"

    with pytest.raises(ConnectorUnknown, match="TLS"):
        known.url(replace(connector, allow_http=False), "http://scales.acme.example")
    assert load_tenants(ROOT / "tenants")[TENANT].connectors == {}
