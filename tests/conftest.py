"""For every test: no statement of ours may forget whose rows it is about; and which tests share a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import tenant_guard

tenant_guard.install()

OVER_ALL_SERVICES = {"e2e", "dialogue", "rasa_components"}  # they train, and start, the same things


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers: a file stays in one of them, and one of them has all that runs the real services."""
    for item in items:
        alone = item.path.parent.name in OVER_ALL_SERVICES
        item.add_marker(pytest.mark.xdist_group("services" if alone else str(item.path)))


@pytest.fixture(autouse=True)
def every_statement_names_its_tenant() -> Iterator[None]:
    """Also when what was raised at the statement was caught by a loop that never dies."""
    yield
    found = tenant_guard.taken()
    assert not found, "\n\n".join(found)
