"""`deskhand connectors record`: the live system is asked once more, and the file says what it answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from click.testing import CliRunner

from deskhand.cli.main import main
from tests.support.desks import ROOT, TENANT
from tests.worker.scales import Scales, standing

SCALES = ROOT / "connectors" / "scales.yml"
KEY = "3f1c9a77-not-a-word"


@pytest.fixture
def live() -> Iterator[Scales]:
    """The system in a thread of its own: the command has its own loop."""
    loop, ready, found, stop = asyncio.new_event_loop(), threading.Event(), list[Scales](), asyncio.Event()

    async def run() -> None:
        async with standing() as scales:
            found.append(scales)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert ready.wait(60)
    yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_the_command_asks_the_companys_own_address(live: Scales, tmp_path: Path, run: CliRunner) -> None:
    folder, tenants = tmp_path / "connectors", tmp_path / "tenants"
    folder.mkdir()
    tenants.mkdir()
    copy(SCALES, folder)
    settings = (ROOT / "tenants" / f"{TENANT}.yml").read_text(encoding="utf-8")
    (tenants / f"{TENANT}.yml").write_text(f"{settings}\nconnectors: {{scales: '{live.url}'}}\n", encoding="utf-8")
    live.answers = [(200, {"result": {"pieces": 7}}), (404, {"error": "none"})]
    environment = {
        "DESKHAND_CONNECTORS_DIR": str(folder), "DESKHAND_TENANTS_DIR": str(tenants),
        "CONNECTOR_SCALES_KEY": KEY,
    }  # fmt: skip

    done = run.invoke(main, ["connectors", "record", "scales", "--yes"], env=environment)

    assert done.exit_code == 0, done.output
    assert "pieces: 7" in (folder / "scales.yml").read_text(encoding="utf-8")
    assert [each["path"] for each in live.asked] == ["/api/places/main/weighings", "/api/places/moon/weighings"]


def test_nothing_is_written_where_the_system_does_not_answer(tmp_path: Path, run: CliRunner) -> None:
    folder = tmp_path / "connectors"
    folder.mkdir()
    copy(SCALES, folder)
    environment = {
        "DESKHAND_CONNECTORS_DIR": str(folder),
        "CONNECTOR_SCALES_KEY": KEY,
        "CONNECTOR_SCALES_URL": "http://127.0.0.1:9",
    }

    done = run.invoke(main, ["connectors", "record", "scales", "--yes"], env=environment)

    assert done.exit_code == 1 and "nothing was written" in done.output
    assert (folder / "scales.yml").read_text(encoding="utf-8") == SCALES.read_text(encoding="utf-8")
