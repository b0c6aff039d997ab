"""A running gateway for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.desks import clock, database_url, desk, postgres_template
from tests.support.gateway import Clock, Gateway, gateway, running_gateway
from tests.support.oidc import ENVIRON, FakeProvider, company_file, open_company

__all__ = ["clock", "database_url", "desk", "gateway", "postgres_template"]


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider(Clock()) as provider:
        yield provider


@pytest.fixture
async def second(fake: FakeProvider) -> AsyncIterator[FakeProvider]:
    async with FakeProvider(fake.clock) as provider:
        yield provider


@pytest.fixture
async def two_companies(
    tmp_path: Path, fake: FakeProvider, second: FakeProvider, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Gateway]:
    """Each with a provider of its own. Nothing that is done to them may leave a traceback in the log."""
    opened = open_company(tmp_path, fake.clock, demo=company_file(fake.issuer), other=company_file(second.issuer))
    async with running_gateway(tmp_path, fake.clock, opened, environ=ENVIRON) as running:
        yield running
    opened.close()
    assert not [record for record in caplog.records if record.exc_info]
