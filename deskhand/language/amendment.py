"""Which placed order is to be amended, and the rest of the words: 把1042的A4纸改成30箱 -> 1042, 把A4纸改成30箱.

The rest is what `read_change` reads against the order's own lines. Knows nothing of which orders there are.
"""

from __future__ import annotations

import re
from datetime import date

from deskhand.language.catalogue import Catalogue
from deskhand.language.order import read_order
from deskhand.language.references import order_number_spans
from deskhand.language.text import normalise

_BARE = r"\d{3,9}(?![\dA-Za-z.%-]|,\d)"
_BARE_ZH = re.compile(
    rf"(?:(?:^|[,;。 ]|[把将给从在往对为]|修改|改一下|改下|请|麻烦|帮我|订单|单号)(?P<a>{_BARE})"
    rf"(?= ?(?:号|的|里|中|上|那|这|改|加|减|去|删|换|再|不|要|只|少|多|推|提|送|[,:])))"
    rf"|^(?P<b>{_BARE})(?= [^\d])"
)
_BARE_EN = re.compile(
    rf"\b(?:to|from|in|on|of|for|amend|edit|modify|update|change) #?(?P<n>{_BARE})"
    rf"(?=$|[,:;.!?]| (?:to|so|please|pls|by|and|with|from|instead|now|again|is|should)\b)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:[给从在往对为]|\b(?:to|from|in|on|of|for|with)(?: (?:my|the|our|placed|existing))* ?"
    r"|\b(?:my|the|our|placed|existing|这个|那个)(?: (?:placed|existing|last))* ?)$",
    re.IGNORECASE,
)
_SAID_OF = re.compile(r"\b(?:of|in|on|for|from)(?: (?:my|the|our|placed|existing))* ?$", re.IGNORECASE)
_AFTER = re.compile(
    r"^ ?(?:号(?:订单|单子|单)?|这个?订单|那个?订单|订单|单子|这张?单|那张?单)?(?:里面的?|里的?|中的?|上的?|的)?"
    r"(?:'s\b)?[ ]?[:,]?(?: ?-(?= ))? ?"
)
_TO = re.compile(r"^(?:to|so that it(?:'s| is| has)|should (?:be|have)|is|into)\b ?", re.IGNORECASE)
_VERB_ALONE = re.compile(r"\b(?:change|amend|edit|modify|update|set|make) ?$", re.IGNORECASE)
_NOT_A_VERB_HERE = re.compile(r"\b(?:amend|edit|modify|update) ?$", re.IGNORECASE)
_ASKED_ZH = re.compile(
    r"^(?:请问|麻烦)?(?:能不能|可不可以|能否|可否|能|可以)(?:帮我)?(?=把|将|给|再|加|去|改)(?P<x>.+?)[吗么]? ?\??$"
)

_OF_AN_ORDER = re.compile(r"订单|单子|改单|[那这张个上下一]单|\border", re.IGNORECASE)
_CORRECTS = re.compile(
    r"改|换|去掉|删|不要|再|多加|追加|减|推迟|提前"
    r"|\b(?:change|amend|edit|modify|update|add|remove|replace|swap|switch|instead|more|another|fewer|less|postpone|move)\b",
    re.IGNORECASE,
)


def read_amendment(text: str) -> tuple[str | None, str]:
    """The number of the order as it was said, and the text without the words that name the order.

    Bare digits count only where an order's number stands ("1042的...", "add ... to 1042"), never before a unit.
    """
    plain = normalise(text)
    found = _reference(plain)
    if found is None:
        return None, plain
    number, (start, end) = found
    head, tail = plain[:start], plain[end:]
    of = _SAID_OF.search(head) is not None
    head = _BEFORE.sub("", head)
    tail = tail[match.end() :] if (match := _AFTER.match(tail)) else tail
    if not of:
        tail = _TO.sub("", tail)
    if _VERB_ALONE.search(head):
        head = _NOT_A_VERB_HERE.sub("change", head)
        head = head if tail.strip(" .!?") else ""
        head = head if not head or head.endswith(" ") else f"{head} "
    rest = f"{head}{tail}".strip(" ,:;")
    asked = _ASKED_ZH.match(rest)
    return number, asked["x"] if asked else rest


def _reference(plain: str) -> tuple[str, tuple[int, int]] | None:
    spans = order_number_spans(plain)
    if spans:
        return spans[0]
    for pattern in (_BARE_ZH, _BARE_EN):
        match = pattern.search(plain)
        if match and match.lastgroup:
            return match[match.lastgroup], match.span(match.lastgroup)
    return None


def says_new_order(text: str, catalogue: Catalogue, today: date) -> bool:
    """Whether goods are wanted without a word of any order or correction: a new order, whatever it sounds like."""
    number, plain = read_amendment(text)
    if number or _OF_AN_ORDER.search(plain) or _CORRECTS.search(plain):
        return False
    return any(line.product and line.quantity for line in read_order(text, catalogue, today).lines)
