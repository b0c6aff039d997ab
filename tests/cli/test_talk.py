"""`deskhand talk`: signing in, cards with numbers, notices, a pipe; over a real gateway."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deskhand.cli.main import main
from deskhand.cli.talk_api import Refused, Unreachable, token_of
from deskhand.cli.talk_screen import notice_lines, shown
from deskhand.cli.talk_session import SignedOut, Talk
from deskhand.store import Desk
from tests.support.deskhand import free_ports
from tests.support.gateway import PASSWORD, SESSION_SECRET, TENANT, Clock, Gateway, running_gateway, until

CARD = {
    "id": "c1", "kind": "order_draft", "language": "zh", "title": "订单草稿",
    "status": {"code": "draft", "label": "草稿"},
    "facts": [
        {"key": "customer", "label": "客户", "value": "华星"},
        {"key": "address", "label": "送货地址", "value": "张江路1号"},
    ],
    "lines": [
        {"sku": "PAPER-A4", "name": "A4纸", "quantity": "20", "unit": "箱",
         "unit_price": "125.00", "amount": "2,500.00"},
        {"sku": "PRN-L100", "name": "激光打印机", "quantity": "3", "unit": "台",
         "unit_price": "1,999.00", "amount": "5,997.00"},
    ],
    "total": {"label": "合计", "value": "8,497.00 元"}, "items": [], "outcome": None, "state": "open",
    "actions": [{"id": "confirm", "label": "确认下单"}, {"id": "reject", "label": "先不下单"}],
}  # fmt: skip


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


# --- the screen


def test_a_card_is_text_whose_columns_stand_under_one_another() -> None:
    made = shown([{"text": "请核对。", "card": CARD}], "zh")

    assert made.lines == [
        "请核对。",
        "== 订单草稿 [草稿] ==",
        "  客户:      华星",
        "  送货地址:  张江路1号",
        "  A4纸        20 箱  × 125.00    = 2,500.00",
        "  激光打印机  3 台   × 1,999.00  = 5,997.00",
        "  合计: 8,497.00 元",
        "  1) 确认下单",
        "  2) 先不下单",
    ]
    assert made.choices == [{"card": {"id": "c1", "action": "confirm"}}, {"card": {"id": "c1", "action": "reject"}}]


def test_figures_end_on_the_right() -> None:
    table = {"columns": ["Figure", "Orders"], "rows": [{"key": "late", "cells": ["Late", "7"]}]}

    made = shown([{"card": {"title": "Report", "table": table}}], "en")

    assert made.lines == ["== Report ==", "  Figure  Orders", "  Late         7"]


def test_things_to_pick_orders_and_suggestions_are_numbered_through() -> None:
    pick = {
        "id": "c2", "title": "Which?", "items": [{"title": "Acme Ltd"}, {"title": "Acme Inc"}],
        "actions": [{"id": "choose:1", "label": "Acme Ltd"}, {"id": "choose:2", "label": "Acme Inc"}],
    }  # fmt: skip
    orders = {"id": None, "title": "Orders", "items": [{"order": "SO-1001", "title": "SO-1001", "subtitle": "late"}]}
    replies = [{"title": "Late ones?", "text": "which are late"}]

    made = shown([{"card": pick}, {"card": orders}, {"text": "More?", "quick_replies": replies}], "en")

    assert [line for line in made.lines if ")" in line] == [
        "  1) Acme Ltd", "  2) Acme Inc", "  3) SO-1001 · late", "  4) Late ones?",
    ]  # fmt: skip
    assert made.choices == [
        {"card": {"id": "c2", "action": "choose:1"}},
        {"card": {"id": "c2", "action": "choose:2"}},
        {"text": "SO-1001"},
        {"text": "which are late"},
    ]


@pytest.mark.parametrize("state", ["used", "expired", "superseded"])
def test_a_card_that_is_over_has_nothing_to_press(state: str) -> None:
    assert shown([{"card": {**CARD, "state": state}}], "zh").choices == []


def test_nobodys_text_moves_the_cursor() -> None:
    made = shown([{"text": "a\x1b[2Jb\nc", "card": {"title": "\x07x", "facts": []}}], "en")

    assert made.lines == ["a\\x1b[2Jb", "c", "== \\x07x =="]


def test_a_notice_is_in_the_readers_language() -> None:
    notice = {"content": {"zh": "已发运", "en": "Shipped"}, "order": "SO-1001"}

    assert notice_lines(notice, "zh") == ["[通知 SO-1001] 已发运"]
    assert notice_lines(notice, "en") == ["[Notice SO-1001] Shipped"]


def test_a_link_is_known_by_its_token() -> None:
    assert token_of("http://desk/signin?token=abc") == token_of("http://desk/static/link.html#abc") == "abc"
    with pytest.raises(ValueError, match="no sign-in link"):
        token_of("http://desk/")


# --- the talk


class FakeApi:
    """Answers as the gateway would."""

    def __init__(self) -> None:
        self.said: list[Mapping[str, Any]] = []
        self.answers: list[Any] = []
        self.notes: list[dict[str, Any]] = []
        self.later: list[dict[str, Any]] = []
        self.down = False

    def renew_if_due(self) -> None:
        pass

    def say(self, said: Mapping[str, Any], conversation: str | None) -> dict[str, Any]:
        self.said.append(said)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"conversation": "k1", "messages": answer}

    def notices(self, after: int) -> dict[str, Any]:
        if self.down:
            raise Unreachable("refused")
        return {"items": [note for note in self.notes if note["seq"] > after], "unread": len(self.notes)}

    def messages(self, conversation: str, after: int) -> list[dict[str, Any]]:
        return [message for message in self.later if message["seq"] > after]


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def one(api: FakeApi, lines: list[str]) -> Talk:
    return Talk(api, "en", lines.extend)  # type: ignore[arg-type]  # a fake


def test_a_number_is_a_choice_only_while_the_last_answer_offers_it(one: Talk, api: FakeApi) -> None:
    api.answers = [[{"seq": 2, "card": CARD}], [{"seq": 4, "text": "ok"}], [{"seq": 6, "text": "ok"}]]

    one.run(["order", "3", "1"])

    assert api.said == [{"text": "order"}, {"text": "3"}, {"text": "1"}]


def test_a_number_with_an_equals_sign_is_a_number(one: Talk, api: FakeApi) -> None:
    api.answers = [[{"seq": 2, "card": CARD}], [{"seq": 4, "text": "ok"}]]

    one.run(["order", "=2"])

    assert api.said[-1] == {"text": "2"}


def test_help_is_the_clients_and_quit_ends_it(one: Talk, api: FakeApi, lines: list[str]) -> None:
    one.run(["/help", "/quit", "never said"])

    assert api.said == [] and "Ctrl-D" in "\n".join(lines)


def test_an_answer_that_comes_later_is_shown_once(one: Talk, api: FakeApi, lines: list[str]) -> None:
    away = Refused(503, {"code": "bot_unavailable", "detail": "away", "data": {"conversation": "k1"}})
    api.answers = [away]
    one.run(["hello"])
    api.later = [{"seq": 1, "direction": "in", "text": "hello"}, {"seq": 2, "direction": "out", "text": "hi there"}]

    one.look()
    one.look()

    assert lines[1:] == ["hi there"] and "kept" in lines[0]


def test_notices_that_come_are_shown_and_old_ones_only_counted(one: Talk, api: FakeApi, lines: list[str]) -> None:
    api.notes = [{"seq": 1, "content": {"en": "old"}}]
    one.begin()
    api.notes.append({"seq": 2, "content": {"en": "new"}})

    one.look()
    one.look()

    assert lines == ["Unread notices: 1.", "[Notice] new"]


def test_a_colleague_who_answers_is_named(one: Talk, api: FakeApi, lines: list[str]) -> None:
    api.answers = [[{"seq": 2, "text": "one moment"}]]
    one.run(["a person please"])
    api.later = [{"seq": 3, "direction": "out", "text": "Lin here", "by": "Lin"}]

    one.look()

    assert lines == ["one moment", "[Colleague Lin]", "Lin here"]


def test_when_the_services_go_and_come_back_it_is_said_once_each(one: Talk, api: FakeApi, lines: list[str]) -> None:
    class Rounds:
        left = [True, True, False, False]

        def wait(self, seconds: float) -> bool:
            if not self.left:
                return True
            api.down = self.left.pop(0)
            return False

    one.listen(Rounds())  # type: ignore[arg-type]  # as much of an event as is asked

    assert lines == ["The services do not answer any more; still trying.", "They answer again."]


def test_a_session_that_is_over_ends_the_talk(one: Talk, api: FakeApi) -> None:
    api.answers = [Refused(401, {"code": "session_expired", "detail": "over"})]

    with pytest.raises(SignedOut, match="over"):
        one.run(["hello"])


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
