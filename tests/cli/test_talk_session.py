"""`deskhand talk` without a gateway: what stands on the screen, and how a talk goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from deskhand.cli.talk_api import Refused, Unreachable, token_of
from deskhand.cli.talk_screen import notice_lines, shown
from deskhand.cli.talk_session import SignedOut, Talk
from tests.support.draft_card import CARD

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


def test_any_other_refusal_is_said_and_the_talk_goes_on(one: Talk, api: FakeApi, lines: list[str]) -> None:
    refused = Refused(429, {"code": "too_many_requests", "detail": "Too many\x1b[2J messages."})
    api.answers = [refused, [{"seq": 1, "direction": "out", "text": "hello"}]]

    one.run(["hi", "hi again"])

    assert len(api.said) == 2 and one.unanswered == 1
    assert "Too many" in lines[0] and "\x1b" not in lines[0] and "hello" in lines[-1]


def test_a_session_that_is_over_ends_the_talk(one: Talk, api: FakeApi) -> None:
    api.answers = [Refused(401, {"code": "session_expired", "detail": "over"})]

    with pytest.raises(SignedOut, match="over"):
        one.run(["hello"])
