"""Choosing by talking how one is told: what is read out of the words, the card before it, the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.notice_wish import read_wish
from actions.set_notifications import SetNotificationsAction
from actions.undo_change import UndoChangeAction
from deskhand.notifications.preferences import Mode, Preferences
from deskhand.notifications.topics import topics
from deskhand.orders.commands import ConfirmOrder
from deskhand.orders.status import Role
from tests.support.bench import Bench, Said

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 there


async def say(bench: Bench, text: str, login: str = "clerk", **more: Any) -> Said:
    return await bench.run(SetNotificationsAction, login, text, intent="set_notifications", **more)


async def yes(bench: Bench, login: str = "clerk") -> Said:
    return await bench.run(AnswerCardAction, login, "是", intent="affirm")


def kept(bench: Bench, login: str = "clerk") -> Any:
    with bench.desk.unit_of_work(bench.tenant, read_only=True) as uow:
        found = uow.notice_settings.get(login)
    return None if found is None else found.settings


def every(mode: str, channel: str = "desk", *only: str) -> dict[str, Any]:
    return {topic: {channel: mode} for topic in only or topics()}


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("别在晚上发通知给我", {"quiet": {"from": "22:00", "to": "07:00"}}),
        ("晚上10点到早上6点半不要通知我", {"quiet": {"from": "22:00", "to": "06:30"}}),
        ("no notifications from 10pm to 7am", {"quiet": {"from": "22:00", "to": "07:00"}}),
        ("22:00-07:00免打扰", {"quiet": {"from": "22:00", "to": "07:00"}}),
        ("周末不要给我发通知", {"quiet": {"from": "00:00", "to": "00:00", "days": ["sat", "sun"]}}),
        ("通知静音到明天早上", {"muted_until": "2026-11-24T08:00:00+08:00"}),
        ("mute notifications until tomorrow morning", {"muted_until": "2026-11-24T08:00:00+08:00"}),
        ("mute until 9am", {"muted_until": "2026-11-24T09:00:00+08:00"}),
        ("mute until 6pm", {"muted_until": "2026-11-23T18:00:00+08:00"}),
        ("静音两个小时", {"muted_until": "2026-11-23T04:00:00+00:00"}),
        ("mute for 30 minutes", {"muted_until": "2026-11-23T02:30:00+00:00"}),
        ("mute", {"muted_until": "2026-11-24T08:00:00+08:00"}),
        ("send me a daily digest", {"digest": {"every": "day", "at": "08:00"}, "wants": every("digest")}),
        (
            "发货通知每天下午5点半汇总",
            {"digest": {"every": "day", "at": "17:30"}, "wants": every("digest", "desk", "goods")},
        ),
        (
            "hourly digest on slack",
            {"digest": {"every": "hour", "at": "00:00"}, "wants": every("digest", "slack")},
        ),
        ("turn off shipping notifications", {"wants": every("off", "desk", "goods")}),
        ("Teams上的导入通知关掉", {"wants": every("off", "teams", "imports")}),
        ("审批通知要立即发给我", {"wants": every("at_once", "desk", "approvals")}),
        ("恢复通知", {"muted_until": None, "quiet": None, "wants": every("at_once", "desk", "orders")}),
        ("通知设置", None),
        ("how am I notified", None),
    ],
)
def test_what_is_wanted_is_read_out_of_the_words(bench: Bench, text: str, wish: Any) -> None:
    before = Preferences(ZONE).with_wants("orders", "desk", Mode.DIGEST)
    language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"

    found = read_wish(bench.services.wording, text, language, NOW, before, "chat")

    assert found == wish


async def test_it_is_asked_before_it_is_done_and_can_be_taken_back(bench: Bench) -> None:
    asked = await say(bench, "别在晚上发通知给我", language="zh")
    assert asked.responses == ["utter_notifications_check"] and kept(bench) is None
    assert ("免打扰时段", "每天 22:00–07:00") in [(each["label"], each["value"]) for each in asked.card["facts"]]

    done = await yes(bench)
    assert done.responses == ["utter_notifications_set"]
    assert kept(bench)["quiet"] == {"from": "22:00", "to": "07:00", "days": [*("mon", "tue", "wed", "thu"),
                                                                           *("fri", "sat", "sun")]}  # fmt: skip

    back = await bench.run(UndoChangeAction, "clerk", "撤回", intent="undo_change")
    assert back.responses == ["utter_notifications_check"]
    assert (await yes(bench)).responses == ["utter_notifications_taken_back"]
    assert kept(bench)["quiet"] is None


async def test_a_no_changes_nothing(bench: Bench) -> None:
    await say(bench, "mute until tomorrow morning")

    said = await bench.run(AnswerCardAction, "clerk", "no", intent="deny")

    assert said.responses == ["utter_command_rejected"] and kept(bench) is None


async def test_what_the_role_must_hear_is_refused_by_name_and_noted(bench: Bench) -> None:
    said = await say(bench, "关掉审批通知", login="manager", language="zh")

    assert said.values("utter_must_be_heard")["topic"] == "审批与待办" and not said.cards
    with bench.desk.unit_of_work(bench.tenant, read_only=True) as uow:
        assert ("set_notifications", "refused") in [(row.action, row.outcome) for row in uow.audit.list()]


async def test_an_order_that_was_changed_since_is_what_undo_is_about_unless_notices_are_named(bench: Bench) -> None:
    await say(bench, "mute until tomorrow morning")
    await yes(bench)
    bench.clock.forward(seconds=2)
    number = bench.placed().number
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.SALES))

    of_order = await bench.run(UndoChangeAction, "clerk", "undo that", intent="undo_change")
    named = await bench.run(UndoChangeAction, "clerk", "Undo the notification settings", intent="undo_change")

    assert of_order.card["order"] == number
    assert named.responses == ["utter_notifications_check"]


async def test_how_it_is_can_be_asked(bench: Bench) -> None:
    said = await say(bench, "notification settings", language="en")

    assert said.responses == ["utter_notifications_now"] and len(said.card["items"]) == len(topics())
    assert said.card["items"][0]["subtitle"].startswith("desk: at once") and not said.card["actions"]


async def test_what_takes_the_settings_back_may_be_taken_for_a_wish_about_them(bench: Bench) -> None:
    nothing = await say(bench, "撤回刚才的通知设置", language="zh")
    await say(bench, "mute until tomorrow morning")
    await yes(bench)

    back = await say(bench, "Undo the notification settings")

    assert nothing.responses == ["utter_nothing_to_undo"] and back.responses == ["utter_notifications_check"]
    assert (await yes(bench)).responses == ["utter_notifications_taken_back"]
