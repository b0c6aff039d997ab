"""A part of an order's goods in a text: 先发20箱，剩下的下周发; return 2 boxes; cancel the printers on SO-1001.

What is said of goods, not whose they are: which line of which order is meant is for the asker to find.
"""

from __future__ import annotations

import re

from deskhand.language.amendment import read_amendment
from deskhand.language.carriers import carrier_in
from deskhand.language.catalogue import Catalogue
from deskhand.language.lines import lines_in
from deskhand.language.quantities import quantities_in
from deskhand.language.readings import SomeReading, Span
from deskhand.language.references import order_number_spans
from deskhand.language.shipment import tracking_number_in
from deskhand.language.text import blank, normalise

_REST = re.compile(
    r"[,;。 ]*(?:(?:and|then|with)\b ?|然后|并且)?"
    r"(?:剩下|剩余|剩的|其余|余下|其它的|其他的|另外的|(?:the )?(?:rest|remainder|others?|remaining)\b)[^,;。!?]*",
    re.IGNORECASE,
)
_PART = re.compile(
    r"先[发寄出走送]|先(?:给|帮).{0,6}[发寄]|分批|部分[发出]|[发出寄]一部分|只[发寄](?!现)|只能[发寄]"
    r"|\b(?:partial(?:ly)?|part of|split|in two (?:parts|shipments)|only (?:ship|send|pack)|(?:ship|send) only)\b"
    r"|\b(?:ship|send|dispatch|pack)\b.{1,60}\b(?:first|for now|right now|now)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"因为|由于|原因|\b(?:because|since|reason|due to|as (?=the|they|it|we|customer))\b", re.IGNORECASE)
_BREAK = re.compile(r"[,;。!?\n]")
_CANCEL = re.compile(
    r"取消|撤[掉销单]?|退订|不要|不用|作废|划掉|砍掉"
    r"|\b(?:cancel|drop|scrap|void|call off|don'?t (?:want|need)|take off)",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"^(?:的|那|这|个|张|笔|一)*(?:订单|单子|单(?![独价行])|order\b|orders\b|purchase\b)"
    r"|^(?:'s)? (?:order|orders|purchase)\b",
    re.IGNORECASE,
)
_SPOILT = re.compile(
    r"破|损|坏|碎|裂|漏|变质|过期|次品|质量|瑕疵|受潮|发霉|故障|开不了机|不能用"
    r"|\b(?:damaged?|broken?|defect\w*|faulty|fault|spoil\w*|expired?|leak\w*|crack\w*|smashed|wet|mould\w*|mold\w*|"
    r"dead on arrival|does ?n.t work|do not work|not working|unusable|ruined|torn|bent)\b",
    re.IGNORECASE,
)


def says_part(text: str) -> bool:
    """Whether not all of an order is to leave: 先发20箱, "the rest later"."""
    plain = normalise(text)
    return bool(any(map(_is_left, _REST.finditer(plain))) or _PART.search(plain))


def without_rest(text: str) -> str:
    """The text without what it says of the rest: its day is not the day of what leaves now."""
    return _REST.sub(lambda rest: "" if _is_left(rest) else rest.group(), normalise(text))


def _is_left(rest: re.Match[str]) -> bool:
    """Whether the rest stays here; what has a carrier or a tracking number is on its way."""
    said = rest.group()
    return carrier_in(said) is None and tracking_number_in(said) is None


def says_spoilt(text: str) -> bool:
    """Whether goods that came back can't be sold again."""
    return bool(_SPOILT.search(text))


def spoilt_said(text: str) -> str | None:
    """The part of the text that says how goods are spoilt, without the order; None where none does."""
    part = next((part.strip() for part in _BREAK.split(normalise(text)) if says_spoilt(part)), None)
    if part is None or not order_number_spans(part):
        return part
    found = _SPOILT.search(part)
    assert found is not None
    behind = part[found.start() :]
    return found.group() if order_number_spans(behind) else behind


def read_some(text: str, catalogue: Catalogue) -> tuple[SomeReading, ...]:
    """Goods by name, by quantity, or both; a quantity without goods has no `skus`, goods without one no `quantity`."""
    plain = _goods_alone(text)
    found: list[SomeReading] = []
    taken: list[Span] = []
    for line in lines_in(plain, catalogue):
        skus = (line.product.sku,) if line.product else tuple(each.sku for each in line.candidates)
        if skus:
            found.append(SomeReading(skus, line.quantity, line.unit))
            taken.append(line.span)
    names = [span for span, _ in catalogue.product_spans(plain)]
    for quantity in quantities_in(plain, names, catalogue):
        free = all(quantity.span[1] <= start or end <= quantity.span[0] for start, end in taken)
        if free and quantity.value is not None and not any(each.quantity == quantity.value for each in found):
            found.append(SomeReading((), quantity.value, quantity.unit))
    return tuple(found)


def cancels_goods(text: str, catalogue: Catalogue) -> str | None:
    """The words of a text that cancel some goods of an order; None where it cancels an order, or nothing.

    Goods that are named in the reason, and orders that are called by their goods ("the paper order"), don't count.
    """
    plain = normalise(text)
    plain = plain[: match.start()] if (match := _WHY.search(plain)) and match.start() else plain
    for clause in _BREAK.split(_goods_alone(plain)):
        if _CANCEL.search(clause):
            spans = [span for span, _ in catalogue.product_spans(clause)]
            goods = spans and not any(_WHOLE.match(clause[end:].strip()) for _, end in spans)
            return clause if goods else None
    return None


def _goods_alone(text: str) -> str:
    """Without numbers of orders, carriers and parcels, whose digits count nothing."""
    plain = without_rest(text)
    if carrier := carrier_in(plain):
        plain = blank(plain, carrier.span)
    if tracking := tracking_number_in(plain, carrier is not None):
        plain = blank(plain, tracking[1])
    for _, span in order_number_spans(plain):
        plain = blank(plain, span)
    return read_amendment(plain)[1]
