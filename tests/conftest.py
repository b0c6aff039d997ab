"""For every test: no statement of ours may forget whose rows it is about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import tenant_guard

tenant_guard.install()


@pytest.fixture(autouse=True)
def every_statement_names_its_tenant() -> Iterator[None]:
    """Also when what was raised at the statement was caught by a loop that never dies."""
    yield
    found = tenant_guard.taken()
    assert not found, "\n\n".join(found)
