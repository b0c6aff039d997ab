"""The server as Rasa meets it: a recorded live request is answered, callers without the header are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from actions.server import HEADER
from deskhand.channels.turn_token import TurnClaims, mint
from deskhand.orders.status import Role
from deskhand.store import Database, Desk, load_tenants, new_id, utc_now
from deskhand.store.demo import load_demo
from tests.support.deskhand import free_ports, until

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"
SECRET, TOKEN = "s" * 48, "a" * 48


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("actions")
    return {
        **os.environ, "DATABASE_URL": f"sqlite:///{folder / 'deskhand.db'}", "DESKHAND_TURN_SECRET": SECRET,
        "DESKHAND_ACTIONS_TOKEN": TOKEN, "ACTIONS_PORT": str(free_ports(1)[0]), "LLM_URL": "http://127.0.0.1:9",
    }  # fmt: skip


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[str]:
    database = Database.connect(environment["DATABASE_URL"])
    database.migrate()
    load_demo(Desk(database, load_tenants(ROOT / "tenants"), ROOT / "processes"))
    database.close()
    process = subprocess.Popen([sys.executable, "-m", "actions"], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{environment['ACTIONS_PORT']}"
    try:
        until(lambda: _healthy(url), 30, "actions")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def recorded(name: str, token: str) -> dict[str, Any]:
    """A request as Rasa 3.6.21 sent it, with a token of today; its domain is left out."""
    text = (DATA / f"{name}.json").read_text(encoding="utf-8")
    body: dict[str, Any] = json.loads(text.replace('"TOKEN"', json.dumps(token)))
    return body


def token() -> str:
    claims = TurnClaims("clerk", Role.SALES, "demo", "chat", "c0ffee", new_id(), "zh", "Lin Xiao")
    return mint(claims, SECRET, utc_now())


def call(server: str, body: dict[str, Any], header: str | None = TOKEN) -> httpx.Response:
    return httpx.post(f"{server}/webhook", json=body, headers={HEADER: header} if header else {}, timeout=30)


def test_the_recorded_opening_of_an_order_is_answered_with_its_first_question(server: str) -> None:
    answer = call(server, recorded("validate_place_order_form", token()))

    assert answer.status_code == 200
    events, responses = answer.json()["events"], answer.json()["responses"]
    assert {"event": "slot", "name": "requested_slot", "value": "delivery_date", "timestamp": None} in events
    assert [response["response"] for response in responses] == ["utter_question_delivery_date"]


def test_the_recorded_session_start_is_answered(server: str) -> None:
    body = recorded("action_session_start", token())
    body["tracker"]["slots"]["session_started_metadata"] = {"token": token()}

    events = call(server, body).json()["events"]

    assert [event["event"] for event in events][0] == "session_started" and events[-1]["name"] == "action_listen"


@pytest.mark.parametrize("header", [None, "", "wrong", "ä"])
def test_who_does_not_show_the_header_is_refused(server: str, header: str | None) -> None:
    body = recorded("validate_place_order_form", token())
    headers = {} if header is None else {HEADER: header.encode()}

    assert httpx.post(f"{server}/webhook", json=body, headers=headers).status_code == 401
    assert httpx.get(f"{server}/actions", headers=headers).status_code == 401


def test_an_unset_or_placeholder_secret_is_refused_by_name(environment: dict[str, str]) -> None:
    for name, value in (("DESKHAND_TURN_SECRET", ""), ("DESKHAND_ACTIONS_TOKEN", "changeme" * 8), ("DATABASE_URL", "")):
        wrong = {**environment, name: value}
        ran = subprocess.run([sys.executable, "-m", "actions"], cwd=ROOT, env=wrong, capture_output=True, text=True)
        assert ran.returncode == 2 and name in ran.stderr
