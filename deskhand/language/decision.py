"""What somebody decides about a request, and why: 同意, 驳回，太贵了, send it back: no quote. Knows no case."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.language.reason import read_reason
from deskhand.language.replies import is_question
from deskhand.language.text import normalise

APPROVE, REJECT, COMPLETE, RETURN, RESUBMIT = "approve", "reject", "complete", "return", "resubmit"
REFUSALS = frozenset({REJECT, RETURN})

_REJECT = re.compile(
    r"驳回|拒绝|拒掉|拒了|否决|毙了|毙掉|不(?:同意|批准?|准|通过|行|能批|予批准|签)|没法批|"
    r"\b(?:reject\w*|declin\w*|refus\w*|den(?:y|ied)|veto\w*|turn(?:ed)? (?:it |this |that )?down|"
    r"disapprov\w*|thumbs down|"
    r"(?:not|don'?t|won'?t|can'?t|cannot|never) (?:\w+ ){0,2}?(?:approv\w*|accept\w*|sign\w*|agree\w*|"
    r"ok(?:ay)?)|no to)\b",
    re.IGNORECASE,
)
_RETURN = re.compile(
    r"打回|退回|退给|退还|发回|\b(?:send|sent|knock|hand|give|return|bounce)(?:ed|s)? (?:\S+ ){0,4}?back|"
    r"\breturn (?:the|it|this|[A-Za-z]+-?\d+)\b",
    re.IGNORECASE,
)
_RESUBMIT = re.compile(
    r"(?:重新|再次?|改好了?再?)提交|\b(?:re-?submit\w*|(?:submit|hand) (?:\S+ ){0,3}?(?:in )?again)\b", re.IGNORECASE
)
_APPROVE = re.compile(
    r"同意|批准|核准|通过|准了|放行|批了|(?<!审)批一下|给过|没意见|可以批|签了|签字|签署|盖章|批给|给批|"
    r"\b(?:approv\w*|accept\w*|agree\w*|sign(?:ed|ing)?(?: off| it)?|ok(?:ay)?(?:ed)?|green light|thumbs up|"
    r"authori[sz]e\w*|endorse\w*|grant\w*|let (?:\S+ ){1,4}?(?:through|pass)|pass|yes to|"
    r"fine (?:by|with) me|go ahead)\b",
    re.IGNORECASE,
)
_COMPLETE = re.compile(r"办好|完成|办完|做完|弄好|处理好|\b(?:done|complete\w*|finish\w*|handled)\b", re.IGNORECASE)
_IN_SO_MANY_WORDS = re.compile(
    r"同意|批准|核准|驳回|准了|否决|审批|签|\b(?:approv\w*|reject\w*|declin\w*|sign)\b", re.IGNORECASE
)
_AFTER = re.compile(r"[,，;；:：\n]| - |。(?=.)")
_POLITE = re.compile(r"(?:谢谢|麻烦|请|thanks|thank you|please|pls|吧|了|哈|[ ,.!。])*", re.IGNORECASE)


_SAID = (*((RETURN, _RETURN), (REJECT, _REJECT), (RESUBMIT, _RESUBMIT), (APPROVE, _APPROVE), (COMPLETE, _COMPLETE)),)


def read_decision(text: str) -> str | None:
    """approve, reject, return, resubmit or complete; a question decides nothing."""
    said = normalise(text)
    if is_question(said):
        return None
    for decision, pattern in _SAID:
        if pattern.search(said):
            return decision
    return None


def meant_among(decision: str | None, possible: Sequence[str]) -> str | None:
    """What was decided, in the words that a task has for it: where nothing is sent back, that is a refusal; where there
    is but one answer, every yes is it.
    """
    if decision in possible or decision is None:
        return decision
    if decision == RETURN and REJECT in possible:
        return REJECT
    return possible[0] if len(possible) == 1 and decision not in REFUSALS else None


def names_decision(text: str) -> bool:
    """Whether it is said in so many words; "ok" and "go ahead" answer anything."""
    return bool(_IN_SO_MANY_WORDS.search(normalise(text))) and read_decision(text) is not None


def read_decision_reason(text: str) -> str | None:
    """What is said to be the reason, else what stands behind the decision and a comma."""
    if (reason := read_reason(text)) is not None:
        return reason
    said = normalise(text)
    decided = _RETURN.search(said) or _REJECT.search(said)
    comma = _AFTER.search(said, decided.end()) if decided else None
    rest = said[comma.end() :].strip(" ,.。!") if comma else ""
    return rest if len(rest) > 1 and not _POLITE.fullmatch(rest) else None
