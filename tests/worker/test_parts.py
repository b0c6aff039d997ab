"""Settings, the outbox folder, loops and the health server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from deskhand.robots.shift import Workshop
from deskhand.robots.vault import EnvironmentVault
from deskhand.store import Desk
from deskhand.worker.health import Health
from deskhand.worker.loops import Loop
from deskhand.worker.metrics import Metrics
from deskhand.worker.outbox_folder import OutboxFolder
from deskhand.worker.robot_floor import Floor
from deskhand.worker.service import loops_of
from deskhand.worker.settings import Settings, SettingsRefused
from deskhand.writing import Writer, load_templates
from tests.worker.conftest import PROCESS


def test_settings_have_defaults_for_one_machine() -> None:
    settings = Settings.from_environ({"DATABASE_URL": "sqlite:///x.db", "DESKHAND_VAR": "/srv/var"})

    assert (settings.host, settings.port, settings.outbox_dir) == ("127.0.0.1", 8081, Path("/srv/var/outbox"))
    assert settings.smtp_url is None and settings.llm_url is None


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:changeme@db/x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///x.db", "SMTP_URL": "smtp://user:changeme@mail"}, "SMTP_URL"),
        ({"DATABASE_URL": "sqlite:///x.db", "WORKER_PORT": "http"}, "WORKER_PORT"),
    ],
)
def test_a_missing_or_placeholder_variable_is_refused_by_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsRefused, match=named):
        Settings.from_environ(environ)


def test_the_first_version_of_a_document_stands(tmp_path: Path) -> None:
    folder = OutboxFolder(tmp_path)

    folder.write("demo", "INV-1.pdf", b"one")
    folder.write("demo", "INV-1.pdf", b"two")

    assert (tmp_path / "demo" / "INV-1.pdf").read_bytes() == b"one"
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["INV-1.pdf"]


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    path = OutboxFolder(tmp_path / "out").write("../..", "../../etc/passwd", b"x")

    assert path.is_relative_to(tmp_path / "out") and path.exists()


async def test_a_loop_survives_errors_and_stops_when_told() -> None:
    calls: list[int] = []
    stop = asyncio.Event()

    async def work() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("once")
        if len(calls) == 4:
            stop.set()
        return 1 if len(calls) < 3 else 0

    metrics = Metrics()
    loop = Loop("test", work, 0.01, metrics)
    assert not loop.healthy
    await asyncio.wait_for(loop.run(stop), 60)

    assert len(calls) == 4 and loop.healthy
    assert b'deskhand_worker_rounds_total{loop="test",outcome="failed"} 1.0' in metrics.text()


async def test_the_health_server_says_who_is_not_ready() -> None:
    loop = Loop("mail", _nothing, 1, Metrics())
    health = Health([loop], Metrics(), lambda: True, lambda: None)
    runner = web.AppRunner(health.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async with aiohttp.ClientSession() as client:
        async with client.get(f"{address}/healthz") as alive, client.get(f"{address}/readyz") as ready:
            assert alive.status == 200
            assert (ready.status, await ready.json()) == (503, {"ready": False, "waiting": ["mail"]})
        await loop._round()
        async with client.get(f"{address}/readyz") as ready, client.get(f"{address}/metrics") as figures:
            assert ready.status == 200
            assert b"deskhand_worker_deliveries_total" in await figures.read()
    await runner.cleanup()


async def _nothing() -> int:
    return 0


def test_robots_may_have_a_worker_of_their_own(desk: Desk) -> None:
    given = {"DATABASE_URL": "sqlite:///x.db"}
    loops = {}
    for share in ("all", "none", "only"):
        settings = Settings.from_environ({**given, "WORKER_ROBOTS": share})
        floor = Floor(Workshop(desk, settings.robots.robots, EnvironmentVault({}), Path("kept")), Metrics())
        found = loops_of(desk, settings, Writer(load_templates(PROCESS / "writing"), None), Metrics(), floor=floor)
        loops[share] = {loop.name for loop in found}
        floor.close()

    assert loops["only"] == {"robots", "evidence"} and loops["none"] == loops["all"] - loops["only"]
    with pytest.raises(SettingsRefused, match="WORKER_ROBOTS"):
        Settings.from_environ({**given, "WORKER_ROBOTS": "some"})
