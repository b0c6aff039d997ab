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
SECRET, TOKEN = "turn-secret-of-the-server-tests-012345678", "actions-token-of-the-server-tests-0123456"
FORMER = "actions-token-before-the-one-above-0123456"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("actions")
    return {
        **os.environ, "DATABASE_URL": f"sqlite:///{folder / 'deskhand.db'}", "DESKHAND_TURN_SECRET": SECRET,
        "DESKHAND_ACTIONS_TOKEN": TOKEN, "DESKHAND_ACTIONS_TOKEN_PREVIOUS": FORMER,
        "ACTIONS_PORT": str(free_ports(1)[0]), "LLM_URL": "http://127.0.0.1:9",
    }  # fmt: skip


@pytest.fixture(scope="module")
def desk(environment: dict[str, str]) -> Iterator[Desk]:
    database = Database.connect(environment["DATABASE_URL"])
    database.migrate()
    desk = Desk(database, load_tenants(ROOT / "tenants"), ROOT / "processes")
    load_demo(desk)
    yield desk
    database.close()


@pytest.fixture(scope="module")
def server(environment: dict[str, str], desk: Desk) -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-m", "actions"], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{environment['ACTIONS_PORT']}"
    try:
        until(lambda: _healthy(url), 240, "actions")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def recorded(name: str, desk: Desk) -> dict[str, Any]:
    """A request as Rasa 3.6.21 sent it, for a message and with a token of today; its domain is left out."""
    with desk.unit_of_work("demo") as uow:
        conversation = uow.conversations.start("clerk", "chat").id
        message, _ = uow.messages.add_inbound(conversation, new_id(), "?")
        uow.commit()
    claims = TurnClaims("clerk", Role.SALES, "demo", "chat", conversation, message.id, "zh", "Lin Xiao")
    token = mint(claims, SECRET, utc_now())
    text = (DATA / f"{name}.json").read_text(encoding="utf-8")
    text = text.replace('"TOKEN"', json.dumps(token)).replace("c0ffee", f"{conversation}-0")
    body: dict[str, Any] = json.loads(text)
    body["tracker"]["slots"]["session_started_metadata"] = {"token": token}
    return body


def call(server: str, body: dict[str, Any], header: str | None = TOKEN) -> httpx.Response:
    return httpx.post(f"{server}/webhook", json=body, headers={HEADER: header} if header else {}, timeout=30)


def test_the_recorded_opening_of_an_order_is_answered_with_its_first_question(server: str, desk: Desk) -> None:
    answer = call(server, recorded("validate_place_order_form", desk))

    assert answer.status_code == 200
    events, responses = answer.json()["events"], answer.json()["responses"]
    assert {"event": "slot", "name": "requested_slot", "value": "delivery_date", "timestamp": None} in events
    assert [response["response"] for response in responses] == ["utter_question_delivery_date"]


def test_rasa_need_not_send_its_domain(server: str, desk: Desk) -> None:
    body = recorded("validate_place_order_form", desk)
    body.pop("domain", None)

    assert call(server, body).status_code == 200


def test_the_recorded_session_start_is_answered(server: str, desk: Desk) -> None:
    events = call(server, recorded("action_session_start", desk)).json()["events"]

    assert [event["event"] for event in events][0] == "session_started" and events[-1]["name"] == "action_listen"


def test_the_catalogue_is_built_before_the_first_message_and_taken_by_each_turn(server: str, desk: Desk) -> None:
    call(server, recorded("validate_place_order_form", desk))

    page = httpx.get(f"{server}/metrics", headers={HEADER: TOKEN}).text
    assert 'deskhand_catalogue_builds_total{part="products"} 1.0' in page
    assert 'deskhand_catalogue_total{outcome="hit"}' in page


def test_the_header_before_the_last_change_is_answered_still(server: str, desk: Desk) -> None:
    assert call(server, recorded("action_session_start", desk), FORMER).status_code == 200


@pytest.mark.parametrize("header", [None, "", "wrong", "ä", TOKEN[:-1], f"{TOKEN},{FORMER}"])
def test_who_does_not_show_the_header_is_refused(server: str, desk: Desk, header: str | None) -> None:
    body = recorded("validate_place_order_form", desk)
    headers = {} if header is None else {HEADER: header.encode()}

    assert httpx.post(f"{server}/webhook", json=body, headers=headers).status_code == 401
    for path in ("/actions", "/metrics", "/health/", "/nowhere"):
        assert httpx.get(f"{server}{path}", headers=headers).status_code == 401, path
    assert httpx.post(f"{server}/health", json=body, headers=headers).status_code == 401


def test_an_unset_or_placeholder_secret_is_refused_by_name(environment: dict[str, str]) -> None:
    for name, value in (("DESKHAND_TURN_SECRET", ""), ("DESKHAND_ACTIONS_TOKEN", "changeme" * 8), ("DATABASE_URL", "")):
        wrong = {**environment, name: value}
        ran = subprocess.run([sys.executable, "-m", "actions"], cwd=ROOT, env=wrong, capture_output=True, text=True)
        assert ran.returncode == 2 and name in ran.stderr
