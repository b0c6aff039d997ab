"""What a text claims, compared with the facts: spellings first, then dates, ids, amounts, at last names.

Works on a Page, so that nothing is read twice. Knows nothing of required facts or verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from deskhand.numerals import weekday_of
from deskhand.writing import dates
from deskhand.writing.amounts import Amount, amounts
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
_FAR = 8  # a separator between a number and a name counts as this many characters


def examine(page: Page, facts: Sequence[Fact]) -> tuple[set[Fact], list[str]]:
    """The facts that the page states, and what it claims that is none. Strikes both out."""
    stated: set[Fact] = set()
    invented: list[str] = []
    places = _spelled(page, facts, stated)
    for step in (_placeholders, _addresses, _dates):
        invented += step(page, facts, stated)
    for amount in _amounts_and_ids(page, facts, stated, invented):
        matching = [fact for fact in facts if _same_amount(amount, fact)]
        if not matching or not _belongs(page.prose, amount, matching, places):
            invented.append(amount.surface)
        stated.update(matching)
    invented += re.findall(r"\d+", page.rest)
    return stated, invented


def wrong_language(page: Page, language: str) -> bool:
    """True when what is left beside the facts is not in the language asked for."""
    chinese, latin = len(_CJK.findall(page.rest)), len(_LATIN.findall(page.rest))
    if _OTHER_SCRIPT.search(page.rest):
        return True
    return chinese < 2 or latin * 2 > chinese if language == "zh" else chinese > 0 or latin < 2


def strangers(page: Page, facts: Sequence[Fact], language: str) -> list[str]:
    """Names that are no facts, and facts that are nearly spelled right."""
    names = [normalise(form) for fact in facts if fact.kind is FactKind.NAME for form in fact.spellings]
    return [*strange_names(page.rest, language), *near_misses(page.rest, names)]


Places = list[tuple[int, int, str]]


def _spelled(page: Page, facts: Sequence[Fact], stated: set[Fact]) -> Places:
    """Strikes out names and ids as they are spelled, longest first; returns where each name stood."""
    forms = [(form, fact) for fact in facts if fact.kind in (FactKind.NAME, FactKind.ID) for form in fact.spellings]
    places: Places = []
    struck: set[str] = set()
    for form, fact in sorted(forms, key=lambda pair: -len(pair[0])):
        found = list(page.take(_spelling(normalise(form), fact.kind)))
        places += [(*match.span(), form) for match in found]
        if found or form in struck:
            stated.add(fact)
            struck.add(form)
    return places


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


def _placeholders(page: Page, facts: Sequence[Fact], stated: set[Fact]) -> list[str]:
    return [match[0] for match in page.take(_PLACEHOLDER)]


def _addresses(page: Page, facts: Sequence[Fact], stated: set[Fact]) -> list[str]:
    return [match[0] for match in page.take(_ADDRESS)]


def _dates(page: Page, facts: Sequence[Fact], stated: set[Fact]) -> list[str]:
    days = [fact for fact in facts if fact.day is not None]
    invented = [match[0] for pattern in (dates.RELATIVE, dates.TIME) for match in page.take(pattern)]
    said: list[tuple[tuple[int, int], list[Fact]]] = []
    for pattern in dates.PATTERNS:
        for match in page.take(pattern):
            meant = [fact for fact in days if _agrees(fact, dates.readings(pattern, match))]
            said.append((match.span(), meant))
            stated.update(meant)
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


def _amounts_and_ids(page: Page, facts: Sequence[Fact], stated: set[Fact], invented: list[str]) -> Iterable[Amount]:
    """Amounts; between money and plain numbers the tokens like SF1234567890 that are no id of ours."""
    for match in list(_MIXED.finditer(page.rest)):
        if not _COUNTED.fullmatch(match[0]) and not re.match(r"(?:CNY|RMB|USD|EUR|GBP|JPY|HKD)[\d.]", match[0]):
            page.strike(*match.span())
            invented.append(match[0])
    yield from amounts(page)


def _same_amount(amount: Amount, fact: Fact) -> bool:
    if fact.value is None or amount.value != fact.value:
        return False
    if amount.currencies:
        return fact.currency in amount.currencies
    if amount.unit is None:
        return True
    return fact.kind is FactKind.NUMBER or amount.unit.lower() in [unit.lower() for unit in fact.units]


def _belongs(prose: str, amount: Amount, matching: Sequence[Fact], places: Places) -> bool:
    """A quantity must stand beside its own product: 20 of one and 3 of another may not change places."""
    if any(not fact.of for fact in matching):
        return True
    counted = {normalise(form) for fact in matching for form in fact.of}
    gaps = [(_gap(prose, amount.span, (start, end)), normalise(form)) for start, end, form in places]
    gaps = [pair for pair in gaps if pair[0] < _FAR * 5]
    if not gaps:
        return True
    nearest = min(gap for gap, _ in gaps)
    return any(form in counted for gap, form in gaps if gap == nearest)


def _gap(prose: str, one: tuple[int, int], other: tuple[int, int]) -> int:
    between = prose[one[1] : other[0]] if one[1] <= other[0] else prose[other[1] : one[0]]
    return len(between) + _FAR * len(re.findall(r"[,;、。,;\n]|和|及|与|\band\b", between))
