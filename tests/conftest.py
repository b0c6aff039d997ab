"""For every test: no statement of ours may forget whose rows it is about; and how a run in two processes is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import tenant_guard
from tests.support.side_by_side import PRODUCT, SideBySide, in_order, scope_of

tenant_guard.install()
TOLD = "told"
WITH_TRAINING = 1800  # seconds: the first test of the product waits until the dialogue model has been trained
# A busy machine is no fault of what is drawn. `make test` draws the same every time, so that it says what a change has
# done; `make test-all` draws anew and remembers what it found.
_calm = {"suppress_health_check": [HealthCheck.too_slow], "deadline": None}
settings.register_profile("deskhand", **_calm)
settings.register_profile("deskhand-same", **_calm, derandomize=True)
settings.load_profile("deskhand")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that neither process is left alone with it at the end."""
    place = {nodeid: rank for rank, nodeid in enumerate(in_order([item.nodeid for item in items]))}
    items.sort(key=lambda item: place[item.nodeid])
    for item in items:
        if scope_of(item.nodeid) == PRODUCT:
            item.add_marker(pytest.mark.timeout(WITH_TRAINING))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SideBySide:
    return SideBySide(config, log)


@pytest.fixture(autouse=True)
def every_statement_names_its_tenant() -> Iterator[None]:
    """Also when what was raised at the statement was caught by a loop that never dies."""
    yield
    found = tenant_guard.taken()
    assert not found, "\n\n".join(found)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """What a proof reached, printed at the end of the run; what a test prints itself is lost in a second process."""
    return lambda said: record_property(TOLD, said)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    told = [said for report in reports for name, said in report.user_properties if name == TOLD]
    if told:
        terminalreporter.section("figures")
        for said in told:
            terminalreporter.line(str(said))
