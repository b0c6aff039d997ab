"""The one door into the real Rasa: who is let in, and what never reaches a conversation."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import httpx2 as httpx
import pytest

from deskhand.channels.rasa import HEADER, RasaClient, RasaFailed
from deskhand.channels.turn_token import TurnClaims, mint
from deskhand.orders.status import Role
from deskhand.store import new_id, utc_now
from tests.dialogue.conftest import FORMER, RASA_TOKEN, SECRET, Services

pytestmark = pytest.mark.rasa


def claims(conversation: str, **more: Any) -> TurnClaims:
    return TurnClaims("clerk", Role.SALES, "t0", "chat", conversation, new_id(), "en", "Lin Xiao", **more)


def body(conversation: str, text: str = "hello", **more: Any) -> dict[str, Any]:
    token = mint(claims(conversation, **more), SECRET, utc_now())
    return {"sender": f"{conversation}-0", "message": text, "metadata": {"token": token}}


def post(services: Services, content: Any, header: str | None = RASA_TOKEN) -> httpx.Response:
    headers = {} if header is None else {HEADER: header.encode()}
    return httpx.post(f"{services.rasa_url}/webhooks/desk/webhook", json=content, headers=headers, timeout=60)


def events_of(services: Services, sender: str) -> int:
    with closing(sqlite3.connect(services.environment["RASA_TRACKER_DB"])) as tracker:
        return int(tracker.execute("select count(*) from events where sender_id = ?", (sender,)).fetchone()[0])


@pytest.mark.parametrize("header", [None, "", "wrong", RASA_TOKEN[:-1], f"{RASA_TOKEN},{FORMER}", "ä"])
def test_who_does_not_show_the_shared_secret_is_refused_and_leaves_no_trace(
    services: Services, header: str | None
) -> None:
    conversation = new_id()

    answer = post(services, body(conversation), header)

    assert answer.status_code == 401
    assert events_of(services, f"{conversation}-0") == 0


@pytest.mark.parametrize("header", [RASA_TOKEN, FORMER])
def test_the_gateway_is_answered_also_with_the_secret_before(services: Services, header: str) -> None:
    conversation = new_id()

    answer = post(services, body(conversation), header)

    assert answer.status_code == 200 and answer.json()[0]["recipient_id"] == f"{conversation}-0"
    assert events_of(services, f"{conversation}-0") > 0


def wrong_bodies(conversation: str) -> dict[str, Any]:
    good = body(conversation)
    return {
        "no token": {**good, "metadata": {}},
        "no metadata": {**good, "metadata": None},
        "a token of another conversation": {**good, "metadata": body(new_id())["metadata"]},
        "a sender that only begins alike": {**good, "sender": f"{conversation}-0-0"},
        "no number": {**good, "sender": conversation},
        "garbage for a token": {**good, "metadata": {"token": "a.b.c"}},
        "a list for a token": {**good, "metadata": {"token": ["x"]}},
        "no text": {**good, "message": None},
        "a list": [good],
        "an intent without a card": {**good, "message": "/affirm"},
        "an intent behind a blank": {**body(conversation, card="c-1", action="confirm"), "message": " \u3000/affirm"},
        "an intent that no card names": {**body(conversation, card="c-1"), "message": "/place_order"},
        "an intent with entities": {**body(conversation, card="c-1"), "message": '/affirm{"order_number": "SO-1"}'},
        "a file without one": {**body(conversation, card="c-1"), "message": "/import_orders"},
        "a yes with a file": {**body(conversation, file="i-1"), "message": "/affirm"},
        "a session's restart": {**body(conversation, card="c-1"), "message": "/restart"},
    }


@pytest.mark.parametrize("wrong", wrong_bodies("x"))
def test_what_the_gateway_would_not_send_is_refused_and_leaves_no_trace(services: Services, wrong: str) -> None:
    conversation = new_id()

    answer = post(services, wrong_bodies(conversation)[wrong])

    assert (answer.status_code, answer.json()) == (401, {"error": "rasa_token_refused"})
    assert events_of(services, f"{conversation}-0") == 0


def test_what_is_not_json_is_refused(services: Services) -> None:
    url = f"{services.rasa_url}/webhooks/desk/webhook"

    assert httpx.post(url, content=b"{", headers={HEADER: RASA_TOKEN}).status_code == 400
    assert httpx.post(url, content=b"{").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/webhooks/rest/webhook"), ("GET", "/webhooks/rest/"), ("GET", "/status"), ("GET", "/domain"),
        ("GET", "/conversations/x/tracker"), ("POST", "/conversations/x/messages"),
        ("POST", "/conversations/x/tracker/events"), ("POST", "/conversations/x/trigger_intent"),
        ("POST", "/model/parse"), ("PUT", "/model"), ("POST", "/model/train"), ("GET", "/webhooks/desk/webhook"),
        ("POST", "/webhooks/callback/webhook"), ("GET", "/webhooks/socketio"),
    ],
)  # fmt: skip
def test_there_is_no_other_door(services: Services, method: str, path: str) -> None:
    answer = httpx.request(method, f"{services.rasa_url}{path}", json={}, headers={HEADER: RASA_TOKEN}, timeout=30)

    assert answer.status_code in (404, 405)


async def test_the_gateways_client_is_ready_with_the_secret_and_not_without(services: Services) -> None:
    ours, stranger = RasaClient(services.rasa_url, RASA_TOKEN), RasaClient(services.rasa_url, "x" * 40)
    good = body(new_id())

    assert await ours.ready() and not await stranger.ready()
    assert await ours.send(good["sender"], good["message"], good["metadata"])
    with pytest.raises(RasaFailed, match="refused"):
        await stranger.send(good["sender"], good["message"], good["metadata"])
    await ours.close()
    await stranger.close()


def test_rasas_log_tells_nothing_of_people_and_no_secret(services: Services) -> None:
    conversation = new_id()
    text = "帮我下单：客户华星，电话13800138000，邮箱 wang.wei@example.com，地址 张江路88号，密码 hunter2-hunter2"

    post(services, body(conversation, text))
    post(services, {**body(conversation, text), "message": "/" + text})
    post(services, body(conversation, text), "wrong")

    log = (services.log / "rasa.log").read_text(encoding="utf-8")
    assert "desk.refused" in log
    for told in ("13800138000", "wang.wei", "张江路", "hunter2", SECRET, RASA_TOKEN, "eyJ"):
        assert told not in log, told
