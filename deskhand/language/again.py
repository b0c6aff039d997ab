"""Same as last time: what is to be as it was in the order before, its goods or where it went. Knows no order."""

from __future__ import annotations

import re

from deskhand.language.readings import Span

_LAST_ZH = r"(?:上一?[次回单张]|上个订单|以前|之前|往常|平时|平常|老样子|原来)"
_LAST_EN = r"(?:last time|before|usual(?:ly)?|always|(?:my |our |the )?(?:last|previous) (?:order|one|time))"
_ADDRESS = re.compile(
    rf"(?:还是|[就送发寄到用])*(?:老地[方址]|{_LAST_ZH}(?:那个|那|的)*地址|地址(?:还)?(?:跟|和|同|照|按|用)?"
    rf"{_LAST_ZH}(?:那个|的)?(?:一样)?|原地址)"
    rf"|(?:到|往|给)(?:我们?|咱们?)(?:公司|单位|这[里儿边]|店里?|仓库)(?![\u4e00-\u9fff]*(?:下单|订|买|要))"
    rf"|\bto (?:us|(?:our|my) (?:office|company|shop|warehouse|place))\b"
    rf"|(?:to )?(?:the |our |my )?(?:usual|same|old) (?:address|place)(?: as {_LAST_EN})?"
    rf"|(?:to )?the (?:same )?address (?:as|from|of) {_LAST_EN}",
    re.IGNORECASE,
)
_ORDER = re.compile(
    rf"(?:(?:都|全部|就|还是)?(?:跟|和|同|照|按|像|与){_LAST_ZH}(?:那单|那个|的|订单)*(?:一样|相同|来|再来|下|再下)?"
    rf"|(?:还是|就)?(?:老样子|老规矩)|(?:重复|复制|照搬){_LAST_ZH}?(?:的)?订?单?)(?:的)?"
    rf"(?:[,，]?(?:再)?(?:来|下|订)一?(?:单|份|次|遍|回)|就行|就好|即可|吧)*"
    rf"|(?:the )?same (?:order |thing |things |goods |again )?(?:as|like) {_LAST_EN}"
    rf"|\bsame again\b|\bthe same (?:order )?again\b"
    rf"|\b(?:my |our |the )?usual(?: order)?(?= please|[,.!]|$)|\bas (?:usual|always)\b"
    rf"|\b(?:repeat|reorder|duplicate|copy) (?:my |our |the )?(?:last|previous) (?:order|one)\b",
    re.IGNORECASE,
)


def same_address_in(text: str) -> Span | None:
    """Where a normalised text says that the goods go where they always go."""
    match = _ADDRESS.search(text)
    return match.span() if match else None


def same_order_in(text: str) -> Span | None:
    """Where a normalised text says that the order is to be like the one before."""
    match = _ORDER.search(text)
    return match.span() if match else None
