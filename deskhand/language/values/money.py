"""Money in a text: an amount, its ISO 4217 currency and its span.

    >>> [(str(m.amount), m.currency) for m in read_money("三块五，5万元，US$40 and twenty euros and 5 cents")]
    [('3.5', 'CNY'), ('50000', 'CNY'), ('40', 'USD'), ('20.05', 'EUR')]

Small change is told in its currency: 50 cents is 0.5 USD, 五毛 is 0.5 CNY; dollars alone are US dollars, ¥ and 元
renminbi. A number without a currency is no money.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from deskhand.language.readings import MoneyReading, Span
from deskhand.language.values import currencies
from deskhand.language.values.numbers import articles_in, numerals_in
from deskhand.language.values.numeral import Numeral, apart
from deskhand.language.values.plain import plain
from deskhand.numerals import digit_of, tidy

_AMBIGUOUS_BEFORE = frozenset("dollar dollars pound pounds yen yuan won real rand all lei leu".split())
_TRAPS = re.compile(
    r"元(?:旦|素|宵|件|首|气|老|帅|音|月|年)|圆(?:形|圈|桌|珠|柱|规|满)|角(?:形|度|色|落|钢|铁|斗|膜|逐)|刀(?:片|具|刃|架|子)"
    r"|块(?!钱|[\d零一二三四五六七八九毛角半]|$|[^\w]|[左的一吧了多每/]|整)|毛(?:巾|衣|笔|毯|线|皮|发|病|绒|豆|利|重|坯|孔|刷|驴)"
    r"|镑秤|欧[洲盟式]|pounds? of |won (?:the|a|an|by|in|it|first|again)\b|real (?!estate)[a-z]|rand paul|sol la",
    re.IGNORECASE,
)
_WORDS = frozenset("all try top cup mop bob sos mad gel bam pen lak sar mur ars cop".split())
_WORTH = re.compile(r"[ ]?(mn|bn|tn|mm|m|b|t)(?![A-Za-z0-9])", re.IGNORECASE)
_WORTHS = {"m": 10**6, "mm": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "t": 10**12, "tn": 10**12}
_JOINT = re.compile(r" ?(?:,? ?and|又|零|,)? ?", re.IGNORECASE)
_TAIL_ZH = re.compile(r"(?P<d>[\d一二三四五六七八九])(?P<e>[\d一二三四五六七八九])?(?=$|[^\w]|[的吧了一左])")
_FEN = re.compile(r"([\d一二三四五六七八九])(?:分钱?|(?=$|[^\w]|[的吧了一左]))")
_SIGN = re.compile(r"(?:^|[^\w)])(- ?|minus )$", re.IGNORECASE)


@lru_cache(maxsize=1)
def _before() -> re.Pattern[str]:
    known = {n for n in currencies.names() if n not in _AMBIGUOUS_BEFORE and (n.isupper() or len(n) == 3 or " " in n)}
    known |= {"人民币", "rmb", "renminbi", *currencies.symbols()}
    return re.compile(rf"(?<![A-Za-z])(?:{currencies.pattern(known)})[ :]?$", re.IGNORECASE)


@lru_cache(maxsize=1)
def _after() -> re.Pattern[str]:
    known = {*currencies.names(), *currencies.symbols(), *currencies.minor_words()}
    return re.compile(rf"[多余]?[ -]? ?(?P<c>{currencies.pattern(known)})", re.IGNORECASE)


@dataclass(frozen=True)
class _Part:
    """An amount with its currency, before any small change is added."""

    amount: Decimal
    currency: str
    span: Span
    word: str
    minor: bool = False


def read_money(text: str, language: str | None = None) -> tuple[MoneyReading, ...]:
    """Every amount with its currency, from left to right; spans are places in the text as it was given.

    Both languages are always read; `language` is taken for the sake of the other readers' form.
    """
    said = plain(text)
    numerals = numerals_in(said)
    parts: list[_Part] = []
    for numeral in apart([*numerals, *articles_in(said)]):
        free_from = parts[-1].span[1] if parts else 0
        part = _part(said, numeral, free_from)
        if part and part.span[0] >= free_from:
            parts.append(part)
    return tuple(_joined(said, parts))


def _part(text: str, numeral: Numeral, free_from: int) -> _Part | None:
    if numeral.shape == "barred" or numeral.high is not None and numeral.shape != "zh":
        return None
    value, end = _worth(text, numeral)
    before = _before().search(text[max(free_from, numeral.start - 30) : numeral.start])
    after = _after().match(text, end)
    if after and (_TRAPS.match(text, after.start("c")) or _is_word(after["c"])):
        after = None
    if before and not _is_word(before[0].strip(" :")):
        start = max(free_from, numeral.start - 30) + before.start()
        return _led(text, value, before[0].strip(" :").lower(), (start, end), after)
    if after is None:
        return None
    return _tailed(text, value, after["c"].lower(), (numeral.start, after.end()))


def _is_word(said: str) -> bool:
    """Top 5 and try 3 are no currencies; TRY 3 is."""
    return said.lower() in _WORDS and not said.isupper()


def _worth(text: str, numeral: Numeral) -> tuple[Decimal, int]:
    """12m dollars, $5bn: a letter behind the figures."""
    match = _WORTH.match(text, numeral.end) if numeral.shape == "digits" else None
    if not match:
        return numeral.value, numeral.end
    money = _before().search(text[: numeral.start]) or _after().match(text, match.end())
    return (numeral.value * _WORTHS[match[1].lower()], match.end()) if money else (numeral.value, numeral.end)


def _code(word: str) -> str:
    return currencies.symbols().get(word) or currencies.names().get(word, "")


def _led(text: str, value: Decimal, word: str, span: Span, after: re.Match[str] | None) -> _Part:
    code, (start, end) = _code(word), span
    if after and (_code(after["c"].lower()) == code or word in {"$", "¥", "人民币"} and _code(after["c"].lower())):
        code, end = (_code(after["c"].lower()) if word == "$" else code), after.end()
    sign = _SIGN.search(text[:start])
    if sign and value > 0:
        start, value = sign.start(1), -value
    return _Part(value, code, (start, end), word)


def _tailed(text: str, value: Decimal, word: str, span: Span) -> _Part:
    coin = currencies.small_change(word)
    if not coin:
        return _Part(value, _code(word), span, word)
    end = span[1]
    fen = _FEN.match(text, end) if word in {"毛", "角"} else None
    if fen:
        value, end = value + Decimal(digit_of(fen[1])) / 10, fen.end()
    return _Part(value / coin[1], coin[0], (span[0], end), word, minor=True)


def _joined(text: str, parts: Sequence[_Part]) -> Iterator[MoneyReading]:
    at = 0
    while at < len(parts):
        whole = parts[at]
        amount, end = (whole.amount, whole.span[1]) if whole.minor else _with_change(text, parts, at)
        start = whole.span[0]
        yield MoneyReading(tidy(amount), whole.currency, text[start:end], (start, end))
        at += 1
        while at < len(parts) and parts[at].span[0] < end:
            at += 1


def _with_change(text: str, parts: Sequence[_Part], at: int) -> tuple[Decimal, int]:
    """12元5角, 3 pounds 50 pence, 三块五: what is left over is part of the amount."""
    whole = parts[at]
    amount, end = whole.amount, whole.span[1]
    for change in parts[at + 1 : at + 3]:
        if not (change.minor and _JOINT.fullmatch(text, end, change.span[0]) and _belongs(whole, change)):
            break
        amount, end = amount + change.amount, change.span[1]
    tail = _TAIL_ZH.match(text, end) if whole.word in {"块", "元"} and end == whole.span[1] else None
    if tail:
        amount += Decimal(digit_of(tail["d"])) / 10 + Decimal(digit_of(tail["e"] or "零")) / 100
        end = tail.end()
    return amount, end


def _belongs(whole: _Part, change: _Part) -> bool:
    return change.currency == whole.currency or change.word.startswith("cent")
