"""`deskhand talk`: signing in, cards with numbers, notices, a pipe; over a real gateway."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskhand.cli.main import main
from deskhand.store import Desk
from tests.support.deskhand import free_ports
from tests.support.draft_card import CARD
from tests.support.gateway import PASSWORD, SESSION_SECRET, TENANT, Clock, Gateway, running_gateway, until


class WallClock(Clock):
    """The time of day, by which the command makes its links."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
async def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    """Running, and the command finds its database and its port."""
    monkeypatch.setenv("DESKHAND_VAR", str(tmp_path / "var"))
    (tmp_path / "var").mkdir()
    async with running_gateway(tmp_path, WallClock()) as running:
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'deskhand.db'}")
        monkeypatch.setenv("DESKHAND_SESSION_SECRET", SESSION_SECRET)
        monkeypatch.setenv("DESKHAND_PORT", running.url.rpartition(":")[2])
        yield running


async def talk(*arguments: str, said: str = "", output: str = "text") -> Result:
    """The command at the end of a pipe."""
    command = ["--format", output, "talk", *arguments]
    return await asyncio.to_thread(CliRunner().invoke, main, command, input=said)


async def test_a_pipe_is_answered_line_by_line_and_left(gateway: Gateway) -> None:
    result = await talk("--as", "clerk", said="1042到哪了\n\nhello\n")

    assert (result.exit_code, result.stdout) == (0, "heard: 1042到哪了\nheard: hello\n"), result.output
    assert gateway.rasa.claims()["sub"] == "clerk"


async def test_that_somebody_came_in_through_the_database_stands_in_the_audit_and_the_session_ends(
    gateway: Gateway,
) -> None:
    await talk("--as", "clerk", said="hello\n")

    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [(row.actor, row.action, row.target) for row in uow.audit.list()]
        open_ones = uow.sessions.of_user("clerk")
    assert ("cli", "make_link", "clerk") in rows
    assert gateway.rasa.heard == ["hello"] and not open_ones


async def test_a_card_has_numbers_and_a_number_presses_its_button(gateway: Gateway) -> None:
    card = gateway_card(gateway.desk)
    gateway.rasa.answer = lambda body: (
        gateway.consume_card(body) if body["message"].startswith("/") else [{"custom": {"card": {**CARD, "id": card}}}]
    )

    result = await talk("--as", "clerk", said="下单\n1\n")

    assert "  1) 确认下单\n  2) 先不下单\ndone\n" in result.stdout, result.output
    assert gateway.rasa.claims()["card"] == card and gateway.rasa.claims()["action"] == "confirm"


async def test_who_has_the_conversation_is_said_while_the_bot_is_silent(gateway: Gateway) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        conversation = uow.conversations.open("customer", "chat", language="en")
        assert conversation is not None
        made, _ = uow.handovers.ask(conversation.id, "customer", "asked", "en")
        uow.handovers.take(made.id, conversation.id, "clerk")
        uow.commit()

    result = await talk("--as", "customer", said="hello?\n")

    assert "林晓 Lin Xiao answers this conversation now" in result.output, result.output
    assert gateway.rasa.heard == []


def gateway_card(desk: Desk) -> str:
    with desk.unit_of_work(TENANT) as uow:
        conversation = uow.conversations.open("clerk", "chat")
        assert conversation is not None
        made = uow.cards.issue(
            "command", "clerk", conversation.id, {"actions": CARD["actions"]}, ["confirm", "reject"],
            datetime(2999, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        uow.commit()
    return made.id


async def test_programs_get_the_messages_as_they_are(gateway: Gateway) -> None:
    result = await talk("--as", "clerk", said="hello\n", output="json")

    assert json.loads(result.stdout)["text"] == "heard: hello"


@pytest.mark.parametrize("what", ["link", "token"])
async def test_a_file_with_a_link_or_a_token_lets_in(gateway: Gateway, tmp_path: Path, what: str) -> None:
    file = tmp_path / "secret.txt"
    links = await asyncio.to_thread(CliRunner().invoke, main, ["--format", "json", "users", "links", "warehouse"])
    file.write_text(json.loads(links.stdout)[0]["link"] if what == "link" else gateway.token("warehouse"))

    result = await talk("--token-file", str(file), said="hello\n")

    assert result.stdout == "heard: hello\n" and gateway.rasa.claims()["sub"] == "warehouse", result.output


async def test_a_password_comes_by_the_first_line(gateway: Gateway) -> None:
    right = await talk("--login", "clerk", "--password-stdin", said=f"{PASSWORD}\nhello\n")
    wrong = await talk("--login", "clerk", "--password-stdin", said="guess\nhello\n")

    assert right.stdout == "heard: hello\n" and wrong.exit_code == 1
    assert "Traceback" not in wrong.output and gateway.rasa.heard == ["hello"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--as", "nobody"], "there is no user nobody"),
        ([], "say who you are"),
        (["--login", "clerk"], "--password-stdin reads it"),
    ],
)
async def test_who_does_not_say_who_they_are_is_told_how(
    gateway: Gateway, arguments: list[str], complaint: str
) -> None:
    result = await talk(*arguments, said="hello\n")

    assert result.exit_code == 2 and complaint in result.output and not gateway.rasa.heard


async def test_the_database_of_this_machine_lets_nobody_in_elsewhere(gateway: Gateway) -> None:
    from deskhand.cli.talk import _link_for

    with pytest.raises(Exception, match="through this machine's database"):
        _link_for({}, "clerk", "https://desk.example.com")


async def test_when_the_services_are_not_up_it_says_so_and_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKHAND_VAR", str(tmp_path))
    (port,) = free_ports(1)

    result = await talk("--as", "clerk", "--address", f"http://127.0.0.1:{port}", said="hello\n")

    assert result.exit_code == 1 and "does not answer at" in result.output and "deskhand up" in result.output


async def test_a_pipe_that_was_not_answered_says_so_and_fails(gateway: Gateway) -> None:
    gateway.rasa.status = 500
    result = await talk("--as", "clerk", said="hello\n")

    assert result.exit_code == 1 and "消息已经存好" in result.stdout


# --- at a keyboard


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        command = [sys.executable, "-c", "from deskhand.cli.main import main; main()", "talk", *arguments]
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def read(self) -> None:
        """What has come since, if anything."""
        while select.select([self._ours], [], [], 0)[0]:
            try:
                self.seen += os.read(self._ours, 4096).decode(errors="replace")
            except OSError:  # the other end is closed
                return

    async def shows(self, text: str) -> None:
        await until(lambda: self.read() or text in self.seen, f"{text!r} in {self.seen!r}", seconds=120)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


async def test_a_notice_shows_above_the_line_that_is_being_typed(gateway: Gateway) -> None:
    terminal = await asyncio.to_thread(Terminal, "--as", "clerk", "--language", "en")
    try:
        await terminal.shows("/quit leaves.\r\n> ")
        terminal.type("hel")
        await terminal.shows("> hel")

        gateway.notify("role:sales", "SO-1042")
        await terminal.shows("[Notice] Order SO-1042\r\n> hel")
        terminal.type("lo\n")
        await terminal.shows("heard: hello\r\n")

        terminal.type("\x04")
        assert await asyncio.to_thread(terminal.process.wait, 20) == 0
    finally:
        terminal.close()
