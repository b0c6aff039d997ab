"""What somebody wants who speaks of a robot: have it enter something, know how far it is, stop it, try again."""

from __future__ import annotations

import re
from enum import StrEnum

from deskhand.language.text import normalise


class RobotTalk(StrEnum):
    """What is asked for."""

    ENTER = "enter"
    STATE = "state"
    STOP = "stop"
    RETRY = "retry"
    PAUSE = "pause"
    RESUME = "resume"


_RESUME = re.compile(
    r"恢复(?!了)|继续(?:跑|干|录|工作|运行)|重新启用|启用|放开|\b(?:resume|unpause|switch (?:\S+ ){0,3}?(?:back )?on|"
    r"let (?:\S+ ){1,4}?(?:run|work|continue|go on|carry on)(?: again)?|carry on|continue|go on (?:again )?with)\b",
    re.IGNORECASE,
)
_PAUSE = re.compile(r"暂停|先停一?会|歇一?会|\b(?:pause|hold off|on hold|take a break)\b", re.IGNORECASE)
_STOP = re.compile(
    r"停(?!了吗|了没|在|机了)|别(?:再)?(?:录|跑|填|让|弄|输|动|干)|不要(?:再)?(?:录|跑|填|输|弄)|不用(?:再)?(?:录|填|输)|"
    r"中止|终止|中断|叫停|打住|取消(?:录入|机器人|这次录)|"
    r"\b(?:stop|halt|abort|kill|cease|call (?:\S+ ){0,2}?off|cancel (?:\S+ ){0,2}?(?:robot|bot|entry|run)|"
    r"(?:don'?t|do not|no need to) (?:let (?:\S+ ){1,3}?)?(?:enter|type|key|go on|carry on|continue))\b",
    re.IGNORECASE,
)
_RETRY = re.compile(
    r"再(?:让|叫|试|录|跑|来|填|输|做|弄)|重(?:试|录|跑|做|填|输|新录|新试|新跑|新填|新输|新来)|"
    r"\b(?:try (?:\S+ ){0,6}?again|re-?try|re-?run|redo|re-?enter|(?:once|one) more(?: time)?|"
    r"another (?:go|try|attempt|shot)|(?:enter|run|do|start|key|type|send) (?:\S+ ){0,6}?again|again)\b",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"在(?:干|做|忙|录|填|弄|跑)(?:什么|啥|哪|到|吗|没)|干(?:什么|啥|嘛)|忙(?:什么|啥)|进度|到哪|哪一步|怎么样|如何了|"
    r"(?:录|填|弄|搞|跑|输)(?:好|完|进去|到)?(?:了)?(?:吗|没|多少|哪)|(?:好|完|成)了(?:吗|没)|成功了|"
    r"状态|为什么|为啥|怎么回事|出什么|截图|证据|排队|几个|多少|还要多久|卡住|结果|有没有录|停了(?:吗|没)|还在(?:跑|录)|"
    r"\b(?:status|progress|screenshots?|pictures?|evidence|done yet|finished|queue|still (?:running|working|going))\b",
    re.IGNORECASE,
)
_NO_MORE = re.compile(
    r"(?:不要|别|不用|不必)(?:再|往|让|把|录|填|输|跑)|\bdon'?t\b|\bdo not\b|\bno need\b", re.IGNORECASE
)
_WAY = ((RobotTalk.RESUME, _RESUME), (RobotTalk.PAUSE, _PAUSE), (RobotTalk.RETRY, _RETRY), (RobotTalk.STOP, _STOP))
_ASKS = re.compile(
    r"吗[?？。 ]*$|(?:了|过)没(?:有)?[?？。 ]*$|没有[?？]*$|什么|干嘛|怎么|哪|多少|几|为什么|为啥|是不是|有没有|\?\s*$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:(?:and|so|ok|please|hey),? )*(?:what|how|why|is|are|did|has|where|which|show|status|send me|can i see)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(r"能(?!.*了吗)|可以|可否|帮|请|麻烦|\b(?:can|could|would|will) (?:you|the|we)\b", re.IGNORECASE)
_ENTER = re.compile(
    r"把.+(?:录|填|输|登|敲|写|补)(?:进|到|入|一下|上)|录入|录进|录到|填进|输进|登进|"
    r"\b(?:enter|key|type|put|punch|book|file|copy|feed|record|register|post|get|input|log|fill|transfer)\b",
    re.IGNORECASE,
)
_ATTENDED = re.compile(
    r"先(?:问|给我看|让我看|让我确认|跟我确认)|(?:我|让我)(?:看|确认)(?:过|了|一下|完)?(?:再|才|之后)|提交前|保存前|最后一步(?:前|之前|先|要)|"
    r"\b(?:ask me|show me|check with me|let me (?:see|look|check|confirm)|wait for my|"
    r"before (?:you |it )?(?:sav|submit|send|the last)\w*)\b",
    re.IGNORECASE,
)
_DRY = re.compile(
    r"试填|演练|不(?:要)?(?:真)?(?:提交|保存)|只填|预演|"
    r"\b(?:dry.?run|without (?:saving|submitting)|rehears\w*|practice run)\b",
    re.IGNORECASE,
)
_BARE_STOP = re.compile(
    r"(?:快|赶紧|马上|先|给我|请|麻烦)*(?:停|停下|停止|停下来|停一下|打住|"
    r"别(?:录|弄|跑|填)了?|中止|终止)(?:吧|啊|了|它|它吧)?[。!！ ]*|"
    r"(?:please )?(?:stop|halt|abort|kill)(?: it| that| this| him| there| now| right now| please)*[.! ]*",
    re.IGNORECASE,
)
_BARE_RETRY = re.compile(
    r"(?:请|麻烦|那|就)*(?:再试(?:一次|一下|试)?|重试(?:一次|一下)?|再来一次|再录一次)(?:吧|看看|呗)?[。!！ ]*|"
    r"(?:please )?(?:try (?:it |that )?again|retry(?: it)?|(?:once|one) more time|"
    r"give it another (?:try|go))(?: please)?[.! ]*",
    re.IGNORECASE,
)  # fmt: skip


def read_robot_talk(text: str) -> RobotTalk:
    """Whatever asks nothing and stops nothing wants something entered."""
    said = normalise(text)
    asks = bool(_ASKS.search(said)) and not _POLITE.search(said)
    if asks or _QUESTION.match(said):
        return RobotTalk.STATE
    if _NO_MORE.search(said) and not _DRY.search(said):
        return RobotTalk.STOP
    for talk, pattern in _WAY:
        if pattern.search(said):
            return talk
    if _ENTER.search(said):
        return RobotTalk.ENTER
    return RobotTalk.STATE if _STATE.search(said) else RobotTalk.ENTER


def wants_to_be_asked(text: str) -> bool:
    """Before the last step is done."""
    return bool(_ATTENDED.search(normalise(text)))


def wants_no_saving(text: str) -> bool:
    return bool(_DRY.search(normalise(text)))


def bare_robot_talk(text: str) -> RobotTalk | None:
    """Stop or again and nothing else: of a robot only where one is at work for the speaker."""
    said = normalise(text).strip()
    if _BARE_STOP.fullmatch(said):
        return RobotTalk.STOP
    return RobotTalk.RETRY if _BARE_RETRY.fullmatch(said) else None
