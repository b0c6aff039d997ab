"""What a text claims, compared with the facts: spellings first, then dates, ids, amounts, at last names.

Works on a Page, so that nothing is read twice. Knows nothing of required facts or verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from deskhand.numerals import weekday_of
from deskhand.writing import dates
from deskhand.writing.amounts import Amount, amounts
from deskhand.writing.bindings import Found
from deskhand.writing.facts import Fact, FactKind
from deskhand.writing.page import Page, normalise
from deskhand.writing.strangers import near_misses, strange_names

_PLACEHOLDER = re.compile(r"\[[^\]\n]{0,80}\]|\{[^}\n]{0,80}\}|<[^>\n]{0,80}>|_{3,}|X{3,}|<<<|>>>", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*|https?://[^\s,;)\u3000-\u9fff]+|\bwww\.[^\s,;)]+|\b[a-z][\w-]*\.(?:com|cn|org|net|io)\b",
    re.IGNORECASE | re.ASCII,
)
_MIXED = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9_/-]*\d)(?=[A-Za-z0-9_/-]*[A-Za-z])[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*"
)
_COUNTED = re.compile(r"\d[\d.]*-?(?:[a-z]{1,6})", re.ASCII)
_LEAD = r"(?:订单|单号|编号|发票|号码|\border|\binvoice|\bnumber|\bno\.?|#)\s*(?:[#:号码是为]|\bnumber|\bno\.?)*\s*#?"
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u03ff\u0400-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]"
)
_PHONE = re.compile(
    r"(?<![\w-])(?:(?:\+\d{1,3}[ -]?)?(?:\(?0\d{2,3}\)?[ -]\d{7,8}|1[3-9]\d{9})"
    r"|\+\d[\d -]{7,16}\d|400[ -]?\d{3}[ -]?\d{4})(?![\w-])"
)
_NUMBERING = re.compile(
    r"第[一二三四五六七八九十\d]{1,3}[条章款项]|^\s*\d{1,2}[.、](?=\s|[\u4e00-\u9fff])|(?:^|(?<=[.;。; ]))[1-9]\)(?=\s)"
    r"|(?:^|(?<=[。;]))\s*[一二三四五六]、|\b(?:Article|Clause|Section) \d{1,2}\b(?=[.:])",
    re.MULTILINE,
)
_AMOUNT = re.compile(r"(?:CNY|RMB|USD|EUR|GBP|JPY|HKD)[\d.]|\d*g/m2$", re.IGNORECASE)
_LARGER = {
    **dict.fromkeys(("year", "years", "年"), (12, "months")),
    **dict.fromkeys(("week", "weeks", "周"), (7, "days")),
}
_OF_OTHER_THINGS = frozenset(  # a bare number counts orders and the like, no time, share or weight
    (
        *("个工作日", "个自然日", "个小时", "个星期", "个季度", "个钟头", "工作日", "自然日", "星期", "季度"),
        *("年", "周", "天", "日", "小时", "个月", "分钟", "公斤", "千克", "吨", "折", "%", "% off", "kg", "t"),
        *("years", "year", "weeks", "week", "days", "day", "hours", "hour", "months", "month", "minutes", "minute"),
    )
)
_COUNTERS = frozenset("个件只支枚根条把块片张台本")  # of single things: which one is a matter of taste
_FAR = 8  # a separator between a number and a name counts as this many characters


@dataclass(frozen=True, slots=True)
class Examined:
    """What a page states, what it claims that is no fact, and where each value stood."""

    stated: set[Fact] = field(default_factory=set)
    invented: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


def examine(page: Page, facts: Sequence[Fact]) -> Examined:
    """Strikes out both what is stated and what is invented."""
    seen = Examined()
    counted = {form for fact in facts for form in fact.of}
    goods = [place for place in _spelled(page, facts, seen) if place[2] in counted]
    for step in (_placeholders, _addresses, _dates):
        seen.invented.extend(step(page, facts, seen))
    for amount in _amounts_and_ids(page, seen.invented):
        matching = [fact for fact in facts if _same_amount(amount, fact)]
        if not matching or not _belongs(page.prose, amount, matching, goods):
            seen.invented.append(amount.surface)
        seen.stated.update(matching)
        seen.found.append(Found(amount.span, amount.surface, tuple(matching)))
    seen.invented.extend(re.findall(r"\d+", page.rest))
    return seen


def wrong_language(page: Page, language: str) -> bool:
    """True when what is left beside the facts is not in the language asked for."""
    chinese, latin = len(_CJK.findall(page.rest)), len(_LATIN.findall(page.rest))
    if _OTHER_SCRIPT.search(page.rest):
        return True
    return chinese < 2 or latin * 2 > chinese if language == "zh" else chinese > 0 or latin < 2


def strangers(page: Page, facts: Sequence[Fact], language: str, words: Collection[str]) -> list[str]:
    """Names that are no facts, and facts that are nearly spelled right."""
    names = [normalise(form) for fact in facts if fact.kind is FactKind.NAME for form in fact.spellings]
    return [*strange_names(page.rest, language, words), *near_misses(page.rest, names)]


Places = list[tuple[int, int, str]]


def _spelled(page: Page, facts: Sequence[Fact], seen: Examined) -> Places:
    """Strikes out names and ids as they are spelled, longest first; returns where each name stood."""
    forms = [(form, fact) for fact in facts if fact.kind in (FactKind.NAME, FactKind.ID) for form in fact.spellings]
    places: Places = []
    struck: set[str] = set()
    for form, fact in sorted(forms, key=lambda pair: -len(pair[0])):
        found = list(page.take(_spelling(normalise(form), fact.kind)))
        places += [(*match.span(), form) for match in found]
        seen.found.extend(Found(match.span(), match[0], tuple(_spelled_so(form, facts))) for match in found)
        if found or form in struck:
            seen.stated.add(fact)
            struck.add(form)
    return places


def _spelled_so(form: str, facts: Sequence[Fact]) -> Iterable[Fact]:
    return (fact for fact in facts if fact.kind in (FactKind.NAME, FactKind.ID) and form in fact.spellings)


def _spelling(form: str, kind: FactKind) -> re.Pattern[str]:
    """The form with any spacing; whole words and whole numbers only."""
    body = r"\s*".join(re.escape(part) for part in form.split())
    parts = re.fullmatch(r"([A-Za-z]+)[-_ ]?(\d+)", form) if kind is FactKind.ID else None
    if parts:
        body = rf"{parts[1]}[-_\s]?{parts[2]}" + (rf"|{_LEAD}{parts[2]}" if len(parts[2]) >= 3 else "")
    if not form:
        return re.compile(r"(?!)")
    plural = r"(?:e?s)?" if kind is FactKind.NAME and re.search(r"[A-Za-z]$", form) else ""
    before = r"(?<![A-Za-z0-9_-])" if re.match(r"[A-Za-z0-9]", form) else ""
    before = r"(?<![A-Za-z0-9_.,-])" if form[0].isdigit() else before
    after = r"(?![A-Za-z0-9_]|-[A-Za-z0-9])(?![.,]\d)" if re.search(r"[A-Za-z0-9]$", form) else ""
    return re.compile(rf"{before}(?:{body}){plural}{after}", re.IGNORECASE)


def _placeholders(page: Page, facts: Sequence[Fact], seen: Examined) -> list[str]:
    list(page.take(_NUMBERING))
    return [match[0] for match in page.take(_PLACEHOLDER)]


def _addresses(page: Page, facts: Sequence[Fact], seen: Examined) -> list[str]:
    return [match[0] for pattern in (_ADDRESS, _PHONE) for match in page.take(pattern)]


def _dates(page: Page, facts: Sequence[Fact], seen: Examined) -> list[str]:
    days = [fact for fact in facts if fact.day is not None]
    invented = [match[0] for pattern in (dates.RELATIVE, dates.TIME) for match in page.take(pattern)]
    said: list[tuple[tuple[int, int], list[Fact]]] = []
    for pattern in dates.PATTERNS:
        for match in page.take(pattern):
            meant = [fact for fact in days if _agrees(fact, dates.readings(pattern, match))]
            said.append((match.span(), meant))
            seen.stated.update(meant)
            seen.found.append(Found(match.span(), match[0], tuple(meant)))
            invented += [] if meant else [match[0]]
    return invented + [match[0] for match in page.take(dates.WEEKDAY) if not _right_weekday(match, days, said)]


def _agrees(fact: Fact, readings: Iterable[dates.Reading]) -> bool:
    return fact.day is not None and any(reading.agrees(fact.day) for reading in readings)


def _right_weekday(
    match: re.Match[str], days: Sequence[Fact], said: Sequence[tuple[tuple[int, int], list[Fact]]]
) -> bool:
    """Of the date that it stands beside; of any date if it stands alone."""
    start, end = match.span()
    beside = [meant for span, meant in said if -3 <= start - span[1] <= 3 or -3 <= span[0] - end <= 3]
    candidates = [fact for meant in beside for fact in meant] if beside else days
    return any(fact.day and fact.day.weekday() == weekday_of(match[0]) for fact in candidates)


def _amounts_and_ids(page: Page, invented: list[str]) -> Iterable[Amount]:
    """Amounts; between money and plain numbers the tokens like SF1234567890 that are no id of ours."""
    for match in list(_MIXED.finditer(page.rest)):
        if not _COUNTED.fullmatch(match[0]) and not _AMOUNT.match(match[0]):
            page.strike(*match.span())
            invented.append(match[0])
    yield from amounts(page)


def _same_amount(amount: Amount, fact: Fact) -> bool:
    value, unit = _in_unit(amount)
    if fact.value is None or value != fact.value:
        return False
    if amount.currencies:
        return fact.currency in amount.currencies
    if unit is None:
        return not fact.units or "%" not in fact.units[0]
    if (fact.kind is FactKind.NUMBER and unit not in _OF_OTHER_THINGS) or (
        unit in _COUNTERS and fact.units[:1] == ("个",)
    ):
        return True
    return unit in [normalise(each).lower() for each in fact.units]


def _in_unit(amount: Amount) -> tuple[Decimal | None, str | None]:
    """A year is twelve months and a week seven days, whichever the fact says."""
    unit = amount.unit.lower() if amount.unit else None
    factor, larger = _LARGER.get(unit or "", (1, unit))
    return (None if amount.value is None else amount.value * factor), larger


def _belongs(prose: str, amount: Amount, matching: Sequence[Fact], goods: Places) -> bool:
    """A quantity or price must stand beside its own product: 20 of one and 3 of another may not change places."""
    if any(not fact.of for fact in matching):
        return True
    counted = {normalise(form) for fact in matching for form in fact.of}
    gaps = [(_gap(prose, amount.span, (start, end)), normalise(form)) for start, end, form in goods]
    gaps = [pair for pair in gaps if pair[0] < _FAR * 5]
    nearest = min((gap for gap, _ in gaps), default=0)
    return any(form in counted for gap, form in gaps if gap == nearest)


def _gap(prose: str, one: tuple[int, int], other: tuple[int, int]) -> int:
    between = prose[one[1] : other[0]] if one[1] <= other[0] else prose[other[1] : one[0]]
    return len(between) + _FAR * len(re.findall(r"[,;、。,;\n]|和|及|与|\band\b", between))
