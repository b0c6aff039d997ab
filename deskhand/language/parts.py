"""Two orders in one message: where the order of a second customer begins.

Knows nothing of drafts; what becomes of the second order is for the conversation to say.
"""

from __future__ import annotations

import re

from deskhand.language.catalogue import Catalogue
from deskhand.language.customers import CustomerFound, customers_in
from deskhand.language.delivery import address_in
from deskhand.language.text import blank, normalise

_BREAK = re.compile(
    r"[,;。.\n]\s*(?:(?:and|also|then|plus)\b ?)*|(?:另外|还有|再给|然后|同时|以及)"
    r"|\b(?:and|also|plus|then)(?: (?:also|another|one|an order|a second order))*\b",
    re.IGNORECASE,
)

_CORRECTS = re.compile(  # "for Acme Ltd, no, for Acme Inc" is one order
    r"不对|不是|改成|改为|换成|而是|说错|搞错|\b(?:no|not|instead|rather|sorry|i mean|change)\b", re.IGNORECASE
)


def split_orders(text: str, catalogue: Catalogue) -> tuple[str, str, CustomerFound | None]:
    """The part for the first customer, the rest, and the second customer; the whole text when there is but one."""
    plain = normalise(text)
    found = sorted(customers_in(_without_addresses(plain), catalogue), key=lambda each: each.span[0])
    others = [each for each in found if not set(each.customers) & set(found[0].customers)]
    if not others:
        return plain, "", None
    second = others[0]
    if _CORRECTS.search(plain, found[0].span[1]) or _CORRECTS.search(plain[: found[0].span[1]]):
        return plain, "", None
    breaks = [match.start() for match in _BREAK.finditer(plain, found[0].span[1], second.span[0])]
    cut = breaks[-1] if breaks else second.span[0]
    return plain[:cut], plain[cut:], second


def _without_addresses(text: str) -> str:
    """A house may be called as a customer is. Blanking keeps every place in the text."""
    for _ in range(4):
        found = address_in(text)
        if found is None or found[1][0] == found[1][1]:
            break
        text = blank(text, found[1])
    return text
