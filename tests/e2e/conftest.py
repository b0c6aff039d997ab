"""The whole product, started once for all journeys; a browser for each person."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support import legacy_erp
from tests.support.browser import CHROMIUM, FLAGS, Person
from tests.support.deskhand import ROOT, Running, running_deskhand
from tests.support.legacy_erp import Served
from tests.support.workspaces import Workspaces, workspaces_in

ARTEFACTS = ROOT / "var" / "artefacts"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)
    # A thousand invoices keep the worker busy for a while: they come after everything that waits for one.
    items.sort(key=lambda item: item.path.name == "test_automatic_nodes.py")


@pytest.fixture(scope="session")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspaces]:
    """Slack and Teams, in which the demo's people may write."""
    with workspaces_in(tmp_path_factory.mktemp("tenants")) as opened:
        yield opened


@pytest.fixture(scope="session")
def old_erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The system without an API, in which robots work."""
    with legacy_erp.running(tmp_path_factory.mktemp("legacy")) as served:
        yield served


@pytest.fixture(scope="session")
def erp_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a company's sources of orders stand; there are none."""
    folder = tmp_path_factory.mktemp("erp")
    (folder / "sources").mkdir()
    return folder


@pytest.fixture(scope="session")
def deskhand(
    tmp_path_factory: pytest.TempPathFactory, workspaces: Workspaces, old_erp: Served, erp_folder: Path
) -> Iterator[Running]:
    var = tmp_path_factory.mktemp("deskhand")
    more = {"ROBOT_LEGACY_URL": old_erp.address, "DESKHAND_ERP_DIR": str(erp_folder)}
    with running_deskhand(var, **workspaces.variables, **more) as running:
        yield running
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    shutil.copy(var / "deskhand.log", ARTEFACTS / "deskhand.log")


@pytest.fixture(autouse=True)
def signed_out_after(deskhand: Running) -> Iterator[None]:
    yield
    deskhand.sign_out()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one module only: while Playwright's synchronous API is open, no test of another folder can run a loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def person(deskhand: Running, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Opens the desk page as a demo user, each in a browser profile of its own."""
    people: list[Person] = []

    def sign_in(login: str, language: str = "zh") -> Person:
        someone = Person.sign_in(chromium, deskhand.links()[login], login, language, ARTEFACTS)
        people.append(someone)
        return someone

    yield sign_in
    for someone in people:
        someone.close()


@pytest.fixture
def artefacts() -> Path:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return ARTEFACTS
