"""Who the order is for: a customer named anywhere, or the words in the place where a customer is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deskhand.language.catalogue import Catalogue
from deskhand.language.readings import CatalogueCustomer, Span
from deskhand.language.references import owners_in

_NAME_EN = r"(?P<{0}>[A-Za-z0-9&'][\w&.' -]{{0,60}}?)"
_WANTS = (
    r"(?:needs?|wants?|orders?|requires?|would like|has ordered|have ordered|"
    r"ordered|is ordering|is asking for|asked for|requests?|is buying|'d like)\b"
)
_SLOTS = re.compile(
    r"(?:客户|顾客|买方|客户名称?)(?:名称?)?(?P<led>(?:是|为|:|叫|改成|改为|换成|"
    r" )*)(?P<zh>[\u4e00-\u9fffA-Za-z0-9&.()' -]{2,40}?)(?=需要|想要|要|订购|"
    r"订|下单|采购|买|,|。|;|\n|\x1f|$|\d|和|的)"
    r"|(?:给|帮|替|为)(?P<give>[\u4e00-\u9fffA-Za-z0-9&.' -]{2,30}?)(?=下个?单|"
    r"下个?订单|下(?=[\d一二两三四五六七八九十])|订|买|拟|起草|开单|开个?单|做个?单|要|来|,)"
    r"|(?:^|[,。;\n])[ ]*(?P<wants>(?!我|请|帮|再|还|另|给|你|不|都|想|就)"
    r"[\u4e00-\u9fffA-Za-z0-9&.()' -]{2,30}?)(?=需要|"
    r"想要|要|订购|订|下单|采购|买)"
    r"|\b(?:customer|client|account)(?: (?:name|is|to|should be)|:)* ?"
    + _NAME_EN.format("customer")
    + rf"(?=[,;\n\x1f]|\.(?:\s|$)|$| {_WANTS}| (?:instead|not|and)\b)"
    r"|\b(?:for|on behalf of|from) (?:customer |client )?"
    + _NAME_EN.format("behalf")
    + rf"(?=[,;:\n\x1f]|\.(?:\s|$)|$| {_WANTS}| (?:by|to|deliver|ship|with|please|before|at|via|on)\b|[ ]?\d)"
    r"|(?:^|[.;\n,] ?)(?:(?:hi|hello|hey|please|and|so|ok),? )*" + _NAME_EN.format("who") + rf"(?= {_WANTS})",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:i|we|you|they|he|she|it|me|us|him|her|them|my|our|this|that|these|those|"
    r"who|the (?:customer|client|company|team|office|order)|customer|client|somebody|"
    r"someone|please|"
    r"delivery|pick ?up|today|tomorrow|now|order|an? .*|my .*|our .*|the .*|your .*|"
    r"this .*|all .*|each .*|how.*|what.*|when.*|where.*|why.*|can .*|could .*|"
    r"does .*|also|no|yes|new|"
    r"我|我们|我司|他|她|他们|公司|客户|你|你们|这个|那个|我的|一下|一个|下单|.*(?:想|再|还|请|怎么|什么|哪).*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CustomerFound:
    """One customer, several to choose from, or only the words that were said."""

    customers: tuple[CatalogueCustomer, ...]
    said: str
    span: Span


def customer_in(text: str, catalogue: Catalogue) -> CustomerFound | None:
    """The customer of a normalised text. Where a customer is expected a part of a name or a misspelling will do."""
    named = list(_named(text, catalogue))
    slots = list(_slots(text, catalogue))
    for slot in slots:
        inside = [n for n in named if slot.span[0] <= n.span[0] and n.span[1] <= slot.span[1]]
        if inside:
            return inside[0]
    sure = [slot for slot in slots if slot.customers]
    if named:
        return named[0]
    return sure[0] if sure else (slots[0] if slots else None)


def customers_in(text: str, catalogue: Catalogue) -> list[CustomerFound]:
    """Every customer that a normalised text names for certain, in whole or where one is expected."""
    named = list(_named(text, catalogue))
    slots = [slot for slot in _slots(text, catalogue) if slot.customers]
    return named + [s for s in slots if not any(s.span[0] < n.span[1] and n.span[0] < s.span[1] for n in named)]


def customers_of_orders(text: str, catalogue: Catalogue) -> list[CatalogueCustomer]:
    """Whose orders a normalised text speaks of: named anywhere in whole, or in part where an owner stands (Acme's)."""
    named = [customer for found in _named(text, catalogue) for customer in found.customers]
    if not named:
        parts = (catalogue.resolve_customer(words) for words in owners_in(text))
        sure = next((part for part in parts if part.entries and part.score >= 90), None)
        named = [catalogue.customers[n] for n in sure.entries] if sure else []
    return list(dict.fromkeys(named))


def _named(text: str, catalogue: Catalogue) -> Iterator[CustomerFound]:
    products = [span for span, _ in catalogue.product_spans(text)]
    for span, found in catalogue.customer_spans(text):
        inside = any(s <= span[0] and span[1] <= e for s, e in products)
        if not inside:
            yield CustomerFound(tuple(catalogue.customers[n] for n in found.entries), text[span[0] : span[1]], span)


def _slots(text: str, catalogue: Catalogue) -> Iterator[CustomerFound]:
    for match in _SLOTS.finditer(text):
        group = match.lastgroup or "zh"
        group = next(name for name in ("zh", "give", "wants", "customer", "behalf", "who") if match[name])
        said = match[group].strip()
        if len(said) < 2 or _NOBODY.fullmatch(said) or not any(c.isalpha() for c in said):
            continue
        entries = catalogue.resolve_customer(said).entries
        explicit = group == "customer" or (group == "zh" and not catalogue.resolve_product(said).entries)
        if entries or explicit:
            yield CustomerFound(tuple(catalogue.customers[n] for n in entries), said, match.span(group))
