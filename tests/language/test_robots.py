"""What is wanted of a robot, in words that nobody was taught."""

from __future__ import annotations

import pytest

from deskhand.language.robots import (
    RobotTalk,
    bare_robot_talk,
    read_robot_talk,
    wants_no_saving,
    wants_to_be_asked,
)

SAID = {
    RobotTalk.ENTER: (
        "能把1077录到老ERP吗", "请让机器人把SO-2001录进去，谢谢", "1077帮我弄进老系统",
        "could you put 1077 into the old ERP?",
        "please have the robot do SO-2001", "get SO-2001 into the legacy system for me",
    ),
    RobotTalk.STATE: (
        "机器人现在什么情况", "1077到底录进老ERP没有", "老系统那边录好了吗？", "为什么1077没录进去", "机器人卡在哪一步",
        "how is the robot coming along?", "has SO-2001 made it into the old ERP?", "why is the robot taking so long",
        "show me what the robot did", "is the bot still busy?",
    ),
    RobotTalk.STOP: (
        "快让机器人停了", "机器人别填了", "不要再录1077了", "stop that robot at once", "please abort the robot",
        "don't let the robot save it", "1077先别往老ERP里录",
    ),
    RobotTalk.RETRY: (
        "让机器人再试一遍", "1077重新录一次", "have the robot try it again", "please rerun SO-2001 in the old ERP",
        "can the robot try again?", "机器人能再录一次吗",
    ),
    RobotTalk.PAUSE: ("先暂停一下机器人", "pause the legacy robot please"),
    RobotTalk.RESUME: ("让机器人恢复工作", "please resume the robot", "机器人继续干活吧"),
}  # fmt: skip


@pytest.mark.parametrize(("talk", "text"), [(talk, text) for talk, texts in SAID.items() for text in texts])
def test_what_is_wanted_is_read_out_of_the_words(talk: RobotTalk, text: str) -> None:
    assert read_robot_talk(text) is talk


@pytest.mark.parametrize(
    "text", ["保存前先给我看", "let me check it before you save", "最后一步前要问我", "ask me first"]
)
def test_somebody_wants_to_be_asked_before_the_last_step(text: str) -> None:
    assert wants_to_be_asked(text) and not wants_to_be_asked("把1077录到老ERP")


@pytest.mark.parametrize("text", ["试填一遍", "a dry run please", "fill it in without saving", "只填不提交"])
def test_somebody_wants_nothing_saved(text: str) -> None:
    assert wants_no_saving(text) and not wants_no_saving("enter it into the old ERP")


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("stop it", RobotTalk.STOP), ("Stop!", RobotTalk.STOP), ("停下来吧", RobotTalk.STOP),
        ("别录了", RobotTalk.STOP),
        ("try again", RobotTalk.RETRY), ("再试一次", RobotTalk.RETRY), ("stop order 1042", None), ("cancel it", None),
        ("no", None), ("停止供货", None), ("again tomorrow please", None),
    ],
)  # fmt: skip
def test_bare_words_mean_a_robot_only_where_they_say_nothing_else(text: str, talk: RobotTalk | None) -> None:
    assert bare_robot_talk(text) is talk
