"""Whatever goes wrong around a person's message, sign-in or file: nothing of theirs, and no key, is in the log."""

from __future__ import annotations

import logging
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway import (
    PASSWORD,
    RASA_TOKEN,
    SESSION_SECRET,
    TURN_SECRET,
    Gateway,
    Json,
    running_gateway,
)
from tests.support.log import service_log

TEXT = "客户王伟，电话13800138000，wang.wei@example.com，张江路88号，密码 hunter2-hunter2\nCRITICAL root: planted"
PERSONAL = ("王伟", "13800138000", "wang.wei", "张江路", "hunter2", "planted")
SECRETS = (SESSION_SECRET, TURN_SECRET, RASA_TOKEN, PASSWORD, "eyJ")


async def say(gateway: Gateway) -> int:
    key = str(uuid.uuid4())
    async with gateway.http() as http:
        answer = await http.post("/api/chat", json={"id": key, "text": TEXT}, headers={"Idempotency-Key": key})
        return answer.status


def check(log: str, *told: str) -> None:
    """Something was logged, and nothing that it should not hold."""
    assert all(word in log for word in told), log
    for word in (*PERSONAL, *SECRETS):
        assert word not in log, (word, log)


async def test_a_message_that_is_answered_is_not_in_the_log(gateway: Gateway) -> None:
    with service_log() as log:
        assert await say(gateway) == 200

    check(log.getvalue())


@pytest.mark.parametrize("what", ["refused", "broken", "no answer"])
async def test_a_message_that_rasa_does_not_answer_is_named_by_its_id(gateway: Gateway, what: str) -> None:
    answer: dict[str, Any] = {"no answer": [], "broken": TEXT.encode(), "refused": []}
    gateway.rasa.answer = lambda body: answer[what]
    gateway.rasa.status = 401 if what == "refused" else 200

    with service_log() as log:
        assert await say(gateway) == 503

    check(log.getvalue(), "no answer (")


async def test_a_fault_of_the_database_is_logged_without_what_was_to_be_written(
    gateway: Gateway, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "deskhand.db")) as database:
        database.execute("create trigger refuse before insert on message begin select raise(abort, 'disk full'); end")

    with service_log() as log:
        assert await say(gateway) == 500

    check(log.getvalue(), "disk full", "Traceback")


async def test_a_socket_of_another_site_is_one_line_of_our_log(tmp_path: Path) -> None:
    names = ("socketio.server", "engineio.server")
    for name in names:  # as in a process that has just begun
        logging.getLogger(name).setLevel(logging.NOTSET)
        logging.getLogger(name).handlers.clear()

    async with running_gateway(tmp_path) as gateway, gateway.http(None) as http:
        with service_log() as log:
            path = "/socket.io/?EIO=4&transport=polling"
            answer = await http.get(path, headers={"Origin": "https://wang.wei@example.com"})

    assert answer.status == 400
    assert [logging.getLogger(name).handlers for name in names] == [[], []]
    check(log.getvalue(), "is not an accepted origin")


async def test_a_wrong_sign_in_and_a_forged_session_leave_no_word_of_theirs(gateway: Gateway) -> None:
    bodies: list[Json] = [
        {"login": "wang.wei@example.com", "password": "hunter2-hunter2"},
        {"login": TEXT, "password": TEXT},
    ]

    with service_log() as log:
        async with gateway.http(None) as http:
            for body in bodies:
                assert (await http.post("/api/sessions", json=body)).status >= 400
            for token in (TURN_SECRET, gateway.token() + "x", "dhk_9fK2mQ7xLr-hunter2"):
                answer = await http.get("/api/session", headers={"Authorization": f"Bearer {token}"})
                assert answer.status == 401

    check(log.getvalue())


async def test_no_key_and_no_token_is_in_the_database(gateway: Gateway, tmp_path: Path) -> None:
    async with gateway.http(None) as http:
        await http.post("/api/sessions", json={"login": "clerk", "password": PASSWORD})
    await say(gateway)
    gateway.desk.database.close()

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("deskhand.db*"))
    assert "张江路".encode() in stored  # the message is there, so this looked into the right place
    assert [secret for secret in SECRETS if secret.encode() in stored] == []
