"""`python -m deskhand.gateway` as the supervisor starts it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from deskhand.cli.supervisor import STOP_SECONDS
from deskhand.gateway.app import each_closed
from tests.support.deskhand import ROOT, free_ports
from tests.support.gateway import RASA_TOKEN, SESSION_SECRET, TURN_SECRET, Clock, open_desk


async def start(**variables: str) -> asyncio.subprocess.Process:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DESKHAND", "DATABASE"))}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deskhand.gateway", cwd=ROOT, env=environment | variables,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def test_what_cannot_be_closed_keeps_nothing_else_open() -> None:
    closed: list[str] = []

    async def fails() -> None:
        raise RuntimeError("the database is gone")

    async def closes() -> None:
        closed.append("bot")

    await each_closed(fails, closes, fails, closes)

    assert closed == ["bot", "bot"]


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "DESKHAND_SESSION_SECRET", "DESKHAND_TURN_SECRET", "DESKHAND_RASA_TOKEN"]
)
async def test_a_missing_setting_is_named_without_a_traceback(tmp_path: Path, name: str) -> None:
    variables = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/x.db",
        "DESKHAND_SESSION_SECRET": SESSION_SECRET,
        "DESKHAND_TURN_SECRET": TURN_SECRET,
        "DESKHAND_RASA_TOKEN": RASA_TOKEN,
    }
    process = await start(**{key: value for key, value in variables.items() if key != name})
    output, _ = await process.communicate()

    assert process.returncode == 2
    assert output.decode() == f"gateway: {name} is not set\n"


async def test_it_starts_serves_and_stops_cleanly(tmp_path: Path) -> None:
    open_desk(tmp_path, Clock()).database.close()
    port, rasa = free_ports(2)
    process = await start(
        DATABASE_URL=f"sqlite:///{tmp_path}/deskhand.db",
        DESKHAND_SESSION_SECRET=SESSION_SECRET,
        DESKHAND_TURN_SECRET=TURN_SECRET,
        DESKHAND_RASA_TOKEN=RASA_TOKEN,
        DESKHAND_PORT=str(port),
        DESKHAND_DEMO="1",
        RASA_URL=f"http://127.0.0.1:{rasa}",
    )
    async with ClientSession(f"http://127.0.0.1:{port}") as http:
        for _ in range(1200):  # whatever else the machine does
            try:
                users = await (await http.get("/api/demo/users")).json()
                break
            except ClientError:
                await asyncio.sleep(0.1)
        ready = await http.get("/readyz")
        link = next(user["link"] for user in users["users"] if user["login"] == "clerk")
        desk = await http.get(link)

        assert ready.status == 503 and (await ready.json())["database"]
        assert desk.status == 200
        async with http.ws_connect("/socket.io/?EIO=4&transport=websocket") as socket:
            await socket.receive_str()
            process.send_signal(signal.SIGINT)
            output, _ = await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    await asyncio.sleep(0.1)  # the client's side of the broken connections closes in the next rounds of the loop

    assert process.returncode == 0, output.decode()
    assert "Traceback" not in output.decode()
