"""What a message means whatever the model makes of it: it begins with a process's words, or names a case and a step.

The words and the letters of case numbers come from the process folders, as look-up tables of the training data. Knows
nothing of Rasa; says nothing of sentences that speak of a process without starting it.
"""

import re
from dataclasses import dataclass
from typing import Iterable, Optional, Pattern, Sequence, Text, Tuple

from rasa_components.intents.text import plain

WORDS, PREFIXES = "process_words", "case_prefixes"  # the names of the look-up tables
START, DECIDE, CORRECT = "start_process", "decide_task", "correct_case"
_SURE_OF_OTHER = 0.6
_ABOUT_CASES = frozenset(  # where one of these is likely, a message that begins with a title may well be that
    {
        "query_case",
        "list_tasks",
        "decide_task",
        "withdraw_case",
        "correct_case",
        "ask_help",
        "ask_policy",
        "show_report",
    }
)
_POLITE = re.compile(r"^(?:(?:你好|您好|请|麻烦|那个|hi|hello|hey|please|pls)[ ,，!！]*)+")
_SPEAKS_OF_IT = re.compile(
    r"[?？]|[吗么呢]$|谁|怎么|如何|为什么|什么|哪|几个|几天|多久|是否|有没有|进度|进展|状态|到了|批了|批准|通过|同意|驳回|退回|打回|撤|取消|作废|不要了|"
    r"规定|条件|发我|给我看|看一?下|查|列表|列出|"
    r"\b(?:status|progress|where|how|who|whom|whose|when|which|what|why|has|have|had|is|are|was|were|does|did|"
    r"approved?|approve|reject\w*|sign(?:ed)? off|withdraw\w*|cancel\w*|rules?|policy|polic(?:y|ies)|show|list|send|"
    r"turned down|pending|waiting|take back)\b"
)
_BACK = re.compile(r"退回|打回|退给|发回|\b(?:send|sent|hand|give|knock|bounce)\b.*\bback\b|\breturn\b")
_ASKED = re.compile(
    r"[?？]|[吗么呢]$|谁|怎么|如何|为什么|什么时候|哪|是不是|有没有|"
    r"(?:^|[,.;] )(?:did|was|were|has|have|who|why|when|how|what|where|is)\b"
)
_CHANGED = re.compile(
    r"改成|改为|改到|换成|更正|改一?下|应该是|应为|补充|加上|"
    r"\b(?:change|correct|make|set|update|fix|amend|add|should be|should read|instead)\b"
)
_DONE = re.compile(r"完成|办完|办好|做完|\b(?:complete|completed|finish|finished|done|handled)\b")
_SIMPLE = re.compile(r"^(?:(?:我|把|please|pls|i|i've|have|the|task|of|is|now|已经|已|了|任务|吧)|[\s,，.。!！:：])*$")


@dataclass(frozen=True)
class Openings:
    """`words`: those by which processes begin; `prefixes`: the letters of their case numbers."""

    words: Tuple[Text, ...] = ()
    prefixes: Tuple[Text, ...] = ()

    @classmethod
    def of(cls, words: Iterable[Text], prefixes: Iterable[Text]) -> "Openings":
        longest = sorted({plain(each) for each in words if plain(each)}, key=lambda each: (-len(each), each))
        return cls(tuple(longest), tuple(sorted({plain(each) for each in prefixes})))

    def meant(self, text: Text, ranking: Sequence[Tuple[Text, float]]) -> Optional[Text]:
        """The intent that the words alone tell; None for all that the model has to say."""
        said = plain(text)
        case = self._case().search(said) if self.prefixes else None
        if case is not None:
            return _step_of_case(said, said[: case.start()] + " " + said[case.end() :])
        rest = self._rest(said)
        rest = self._rest(_POLITE.sub("", said)) if rest is None else rest
        if rest is None or _SPEAKS_OF_IT.search(rest):
            return None
        best, sure = ranking[0]
        return None if best in _ABOUT_CASES and sure >= _SURE_OF_OTHER else START

    def _rest(self, said: Text) -> Optional[Text]:
        """What stands behind the words with which it begins; None where it begins otherwise."""
        for word in self.words:
            behind = said[len(word) : len(word) + 1]
            inside = word[-1:].isascii() and behind.isascii() and behind.isalnum()
            if said.startswith(word) and not inside:
                return said[len(word) :]
        return None

    def _case(self) -> Pattern[Text]:
        letters = "|".join(map(re.escape, self.prefixes))
        return re.compile(rf"(?<![a-z0-9-])(?:{letters})[- #]?\d{{3,7}}(?![a-z0-9-])")


def _step_of_case(said: Text, beside: Text) -> Optional[Text]:
    if _ASKED.search(said):
        return None
    if _BACK.search(beside):
        return DECIDE
    if _DONE.search(beside) and _SIMPLE.match(_DONE.sub("", beside)):
        return DECIDE
    return CORRECT if _CHANGED.search(beside) and any(map(str.isalnum, _CHANGED.sub("", beside))) else None
