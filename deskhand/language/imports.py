"""What somebody wants who speaks of an import: to begin one, to know how it goes, to see what it refused."""

from __future__ import annotations

import re
from enum import StrEnum

from deskhand.language.text import normalise


class ImportTalk(StrEnum):
    """What is asked for."""

    BEGIN = "begin"
    HOW = "how"  # how it is done
    PROGRESS = "progress"
    REFUSED = "refused"  # the rows that did not get in
    CANDIDATES = "candidates"  # the orders that may be one
    TAKE_BACK = "take_back"  # what was said of them


_HOW = re.compile(
    r"怎么(?:导|上传|批量|把)|如何|在哪(?:里|儿)?(?:导|上传|弄)|入口|格式|能(?:导入|上传)|可以(?:上传|导入\s*(?:excel|csv))|"
    r"订单怎么导|\b(?:how (?:do|can|should) (?:i|we)|where (?:do|can) (?:i|we)|which (?:file )?formats?|can i|"
    r"is there a way)\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"拒|没(?:有)?导(?:进|入)|未导入|失败|出错|错误|报错|哪些行|有什么问题|少了|"
    r"\b(?:rejected|refused|fail(?:ed)?|errors?|did(?:n'?t| not) get in|not imported|wrong|"
    r"which (?:rows|lines)|were refused)\b",
    re.IGNORECASE,
)
_CANDIDATES = re.compile(
    r"(?:疑似|可能|像是?|有没有|哪些).{0,6}(?:重复|重单|同一)|重复(?:的)?(?:订单|单子?)|重单|同一(?:张|个|笔)(?:订单|单子?)?|"
    r"\b(?:(?:possible|potential|likely|suspected) (?:duplicates?|doubles?)|duplicate orders?|doubled orders?|"
    r"(?:may|might|could) be (?:the same|one|duplicates?)|orders? (?:that are|which are) the same)\b",
    re.IGNORECASE,
)
_TAKE_BACK = re.compile(r"撤回|撤销|取消.{0,6}判断|反悔|恢复|\b(?:undo|take back|revert)\b", re.IGNORECASE)
_PROGRESS = re.compile(
    r"进度|到哪|怎么样|得怎样|(?:导|入)?(?:好|完)了?(?:吗|没)|完了没|进去了吗|导了没|结果|报告|多久|还没|多少|"
    r"\b(?:how(?:'s| is| did| far| long| many)|status|progress|results?|report|done|finished|going|go through|"
    r"did (?:the|my)|still|what happened)\b",
    re.IGNORECASE,
)


def read_import_talk(text: str) -> ImportTalk:
    """Whatever asks nothing wants one to begin."""
    said = normalise(text)
    if _CANDIDATES.search(said) and not _HOW.search(said):
        return ImportTalk.TAKE_BACK if _TAKE_BACK.search(said) else ImportTalk.CANDIDATES
    for talk, pattern in ((ImportTalk.HOW, _HOW), (ImportTalk.REFUSED, _REFUSED), (ImportTalk.PROGRESS, _PROGRESS)):
        if pattern.search(said):
            return talk
    return ImportTalk.BEGIN
