"""Why something is to be done: because the customer is away, 因为重复了; and of a hold, until when."""

from __future__ import annotations

import re

from deskhand.language.text import normalise

_BECAUSE = re.compile(
    r"(?:因为|由于|原因[是为:]?|\bbecause(?: of)?\b|\bsince\b|\breason(?: is|:)?)[ ,:]*(?P<why>.{2,200})", re.IGNORECASE
)
_UNTIL = re.compile(
    r"(?P<why>(?:等|待|直到)(?![级号]).{2,200}|\b(?:until|till|pending|awaiting|waiting (?:for|on)|while)\b.{2,200})",
    re.IGNORECASE,
)
_AFTER_COMMA = re.compile(
    r"(?:挂起来?|暂停|冻结|扣住|压住|别发|不发|on hold|\bhold|\bpause|\bfreeze)"
    r"[^,;。!?]{0,24}[,;。!?:](?P<why>.{2,200})",
    re.IGNORECASE,
)


def read_reason(text: str, of_hold: bool = False) -> str | None:
    """The reason that a text gives, without what leads to it; of a hold also what is waited for."""
    plain = normalise(text)
    patterns = (_BECAUSE, _UNTIL, _AFTER_COMMA) if of_hold else (_BECAUSE,)
    for pattern in patterns:
        if match := pattern.search(plain):
            said = match["why"].strip(" ,.。!")
            if len(said) > 1:
                return said
    return None
