"""A running gateway for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deskhand.gateway import app as gateway_app
from tests.support.gateway import Gateway, running_gateway


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once. Ask for it before the gateway."""
    monkeypatch.setattr(gateway_app, "RETRY_SECONDS", 0.1)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path) as running:
        yield running
