"""Which order is meant: SO-1001, order 1042, 单号1042, #1042, 1042号订单."""

from __future__ import annotations

import re

from deskhand.language.text import normalise
from deskhand.language.units import GENERAL

_UNITS = "|".join(re.escape(u) + (r"\b" if u.isascii() else "") for u in sorted(GENERAL, key=len, reverse=True))
_NOT_QUANTITY = rf"(?! ?(?:{_UNITS}|x\b|×|of\b|[A-Za-z]+s\b(?<!is)(?<!was)(?<!has)(?<!status)))"
_AFTER_ORDER = (
    "and|or|is|was|are|were|has|have|had|to|for|by|from|with|please|status|now|yet|shipped|arrived?|will|be|been|on|in|at|"
    "as|that|which|still|paid|cancel\\w*|ship|confirm\\w*|not|it|instead|went|goes|can|should|via|get|gets|today|but|so"
)
_NOT_GOODS = rf"(?! (?!(?:{_AFTER_ORDER})\b)[A-Za-z])"  # "order 3 laser printers" names no order
_CODE = r"(?<![A-Za-z0-9])(?P<code>(?:SO|PO|ORD|DH)-?\d[\d-]*)(?![A-Za-z0-9])"
_NUMBER = r"(?P<{0}>(?:[A-Za-z]{{1,4}}-?(?=\d{{3}}))?\d{{1,18}}(?:-\d+)*)(?![A-Za-z0-9])"
_ZH_LED = r"(?<![运递流货])(?:订?单号?码?|订单)[是为:： #]*" + _NUMBER.format("zh") + _NOT_QUANTITY
_ZH_TAILED = (
    r"(?<![A-Za-z0-9])(?P<tail>\d{1,18})(?= ?(?:号(?:订?单|的货|那单)|号单|这单|那单|这个?订单|订单|单子|到哪))"
)
_EN_LED = (
    r"\b(?:orders?|order (?:number|no\.?|id)|invoice|no\.)[ :#]*(?:(?:is|number|no\.?) *)?#?"
    + _NUMBER.format("en")
    + _NOT_QUANTITY
    + _NOT_GOODS
)
_HASH = r"(?<![A-Za-z0-9])#" + _NUMBER.format("hash")
_MORE = re.compile(
    r" ?(?:[,、;&]|and|和|与|及|,? and) ?#?((?:SO-)?\d{3,18})(?![A-Za-z0-9\u4e00-\u9fff])", re.IGNORECASE
)
_OF_THE_DAY = re.compile(  # what follows a day: 上周二华星那单, yesterday's order
    r"(?:下|订|买|签)?的?[^,。;!?发送到改寄出取运]{0,12}?(?:那|这|的)?(?:一|几)?(?:个|张|笔|些)?(?:订?单(?!号)|单子)"
    r"|'s (?:[\w'&-]+ ){0,3}?orders?\b",
    re.IGNORECASE,
)
_ON_THE_DAY = re.compile(  # and what stands before it: the order from Tuesday, the order we placed on Tuesday
    r"\borders?(?: (?:from|of)|(?: (?:that )?(?:we|i|they|you))? (?:placed|made|entered|gave)(?: on)?)(?: the)? $",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"(?P<en>(?:[\w&.-]+ ){0,2}[\w&.-]+)'s? (?:(?:last|latest|newest|open|new) )?orders?\b"
    r"|(?P<zh>[\u4e00-\u9fffA-Za-z0-9]{2,20}?)(?:的|那)(?:最近|最新|上)?(?:那|这)?(?:一|几)?(?:个|张|笔|些)?(?:订?单(?!号)|单子)",
    re.IGNORECASE,
)
_OURS = re.compile(r"(?:SO|PO|ORD|DH)-?\d[\d-]*")
_REFERENCE = re.compile("|".join((_CODE, _ZH_LED, _ZH_TAILED, _EN_LED, _HASH)), re.IGNORECASE)


def order_number_spans(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Order numbers of a normalised text with the span of the words that say them."""
    found: list[tuple[str, tuple[int, int]]] = []
    for match in _REFERENCE.finditer(text):
        number = next(value for value in match.groups() if value)
        found.append((number.upper(), match.span()))
        more = _MORE.match(text, match.end())
        while more:
            found.append((more[1].upper(), more.span()))
            more = _MORE.match(text, more.end())
    return found


def read_order_numbers(text: str) -> tuple[str, ...]:
    """Each order number once, in the order said: bare digits as digits, codes in upper case."""
    numbers = tuple(dict.fromkeys(number for number, _ in order_number_spans(normalise(text))))
    ours = [number for number in numbers if _OURS.fullmatch(number)]
    # "SO-1001, 单号JD0012345678": beside an order number of ours, another code is a parcel's.
    return tuple(number for number in numbers if number.isdigit() or number in ours) if ours else numbers


def is_of_order(text: str, span: tuple[int, int]) -> bool:
    """Whether a day in a normalised text says when an order was made, and not when something is to be done."""
    return bool(_OF_THE_DAY.match(text, span[1]) or _ON_THE_DAY.search(text[: span[0]]))


def owners_in(text: str) -> list[str]:
    """The words that may say whose order is meant, longest first: Acme's order, 华星的单子."""
    found: list[str] = []
    for match in _OWNED.finditer(text):
        if match["en"]:
            words = match["en"].split(" ")
            found += [" ".join(words[start:]) for start in range(len(words))]
        else:
            found += [match["zh"][start:] for start in range(len(match["zh"]) - 1)]
    return found
