"""A running gateway for each test."""

from __future__ import annotations

import pytest

from deskhand.gateway import app as gateway_app
from tests.support.gateway import gateway

__all__ = ["gateway"]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once. Ask for it before the gateway."""
    monkeypatch.setattr(gateway_app, "RETRY_SECONDS", 0.1)
