"""Days in English: next Friday, Dec 3, 3rd of December 2026, the 25th, in three days, the first Monday of June."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from deskhand.language.values.calendar import Calendar, shifted
from deskhand.language.values.holidays import NAMES, holiday
from deskhand.language.values.pieces import DayRule, Said
from deskhand.language.values.words_en import AMOUNT, DAY, NUMBER, ORDINAL, UNIT, amount_of, ordinal_of, unit_of
from deskhand.numerals import MONTH, WEEKDAY, month_of, weekday_of

_CENTURIES = "nineteen|eighteen|seventeen|twenty|two thousand(?: and)?"
_YEAR = (
    rf"(?:[,/-]? ?(?:of |in )?(?P<y>(?<!\d)(?:1[5-9]|20)\d{{2}}(?![\d:])|(?<=[-/])\d{{2}}(?!\d)|'\d{{2}}(?!\d)"
    rf"|(?:{_CENTURIES})[ -](?:oh[ -])?{NUMBER}\b)(?! ?(?:boxes|units|pieces|pcs|packs)))"
)
_LED = rf"(?:\b{WEEKDAY}\.?(?: ?, ?| )(?:the )?)?"
_RELATIVE = r"(?:this coming|this|next|last|past|previous|following|coming|upcoming)"
_WEEKS = {"next": 1, "following": 1, "last": -1, "past": -1, "previous": -1, "this": 0}
_NEAR = {
    "today": 0, "tonight": 0, "tomorrow": 1, "tmr": 1, "tmrw": 1, "tomorow": 1, "yesterday": -1,
}  # fmt: skip
_THINGS = (
    "floor|street|st\\b|ave|line|item|one|order|time|place|row|box|pallet|century|edition|version|party|person|attempt|try"
    "|round|lap|chapter|page|step|part|case|button|option|week|month|quarter|grade|generation|year|anniversary|birthday|day\\b"
)
_NOT_THING = rf"(?! ?(?:{_THINGS}|of (?!next|this|last|the month)))"
_ON = r"\b(?:(?<=on )|(?<=by )|(?<=before )|(?<=until )|(?<=after )|(?<=since )|(?<=for ))"
_DURATION = (
    rf"(?P<n>{AMOUNT}) ?-?(?P<u>{UNIT})(?P<half> and a half)?(?:(?:,? and |,? )(?P<n2>{AMOUNT}) ?(?P<u2>{UNIT}))?"
)
_BASE = rf"(?P<base>today|now|tomorrow|tmr|yesterday|(?:{_RELATIVE} )?{WEEKDAY}|this moment)"


def _month_day(match: re.Match[str], calendar: Calendar) -> Said:
    if match["m"].islower() and match["m"] in {"may", "march"} and not match["y"] and _is_verb(match):
        return None
    return calendar.day_of_year(month_of(match["m"]), ordinal_of(match["d"]), _year(match["y"]))


def _year(said: str | None) -> int | None:
    """2026, '26, twenty twenty-six, two thousand and five."""
    if not said:
        return None
    if said.strip("'").isdigit():
        return int(said.strip("'"))
    century = re.match(_CENTURIES, said, re.IGNORECASE)
    words = century[0].lower() if century else ""
    base = 2000 if words.startswith("two") else int(amount_of(words)) * 100
    return base + int(amount_of(re.sub(r"^[ -]*(?:and )?(?:oh[ -])?", "", said[len(words) :], flags=re.IGNORECASE)))


def _is_verb(match: re.Match[str]) -> bool:
    """You may need 5, the 5 may be late."""
    after = re.match(
        r" (?!at\b|by\b|or\b|and\b|please\b|on\b|in\b|for\b|to\b|is\b|\d)[a-z]", match.string[match.end() :]
    )
    return after is not None and match["d"].isdigit()


def _figures(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_year(int(match["m"]), int(match["d"]), int(match["y"]))


def _slashed(match: re.Match[str], calendar: Calendar) -> Said:
    first, second = int(match["m"]), int(match["d"])
    month, day = (first, second) if first <= 12 else (second, first)
    return calendar.day_of_year(month, day, int(match["y"]) if match["y"] else None)


def _of_month(match: re.Match[str], calendar: Calendar) -> Said:
    months = {"next": 1, "following": 1, "last": -1, "previous": -1}.get(match["r"].lower(), 0)
    return calendar.day_of_month(ordinal_of(match["d"]), months)


def _bare_day(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_month(ordinal_of(match["d"]))


def _near(match: re.Match[str], calendar: Calendar) -> Said:
    word = match["r"].lower()
    day = calendar.today + timedelta(days=_NEAR[word])
    return (day, "evening") if word == "tonight" else day


def _two_away(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.today + timedelta(days=2 if "after" in match[0].lower() else -2)


def _next_day(match: re.Match[str], calendar: Calendar) -> Said:
    back = "previous" in match[0].lower() or "before" in match[0].lower()
    return calendar.today + timedelta(days=-1 if back else 1)


def _weekdays_ahead(match: re.Match[str], calendar: Calendar) -> Said:
    days = (weekday_of(match["w"]) - calendar.today.weekday() - 1) % 7 + 1
    return calendar.today + timedelta(days=days + 7 * (int(amount_of(match["n"])) - 1))


def _this_part(match: re.Match[str], calendar: Calendar) -> Said:
    part = match["p"].lower()
    away = -1 if match[0].lower().startswith("last") else 0
    return calendar.today + timedelta(days=away), "evening" if part == "night" else part


def _weekday(match: re.Match[str], calendar: Calendar) -> Said:
    relative = (match["r"] or "").lower()
    if not relative and len(match["w"]) < 5 and not _is_day_word(match):
        return None
    return calendar.weekday(weekday_of(match["w"]), _WEEKS.get(relative.replace("this coming", "")))


def _is_day_word(match: re.Match[str]) -> bool:
    """Short names are days when they look like it: Fri, on sat; he sat in the sun tells none."""
    return match["w"][0].isupper() or match["w"].lower() not in {"sat", "sun", "mon", "wed"} or match["on"] is not None


def _week_named(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.weekday(weekday_of(match["w"]), _WEEKS[match["r"].lower()])


def _nth(match: re.Match[str], calendar: Calendar) -> Said:
    nth = -1 if match["nth"].lower() == "last" else ordinal_of(match["nth"])
    weekday = weekday_of(match["w"])
    if match["r"]:
        first = calendar.month({"next": 1, "last": -1}.get(match["r"].lower(), 0))
        return calendar.nth_weekday(nth, weekday, first.month, first.year)
    return calendar.nth_weekday(nth, weekday, month_of(match["m"]), int(match["y"]) if match["y"] else None)


def _holiday(match: re.Match[str], calendar: Calendar) -> Said:
    relative = (match["r"] or "").lower()
    year = int(match["y"]) if match["y"] else None
    year = calendar.today.year + _WEEKS.get(relative, 0) if relative and year is None else year
    years = [year] if year is not None else range(calendar.today.year - 1, calendar.today.year + 2)
    days = [holiday(match["h"], each) for each in years]
    return days[0] if year is not None else calendar.choose(days)


def _ahead(match: re.Match[str], calendar: Calendar) -> Said:
    return _counted(match, calendar, 1)


def _ago(match: re.Match[str], calendar: Calendar) -> Said:
    return _counted(match, calendar, -1)


def _counted(match: re.Match[str], calendar: Calendar, sign: int) -> Said:
    moment = calendar.now
    small = False
    said = [(match["n"], match["u"]), (match["n2"], match["u2"]), ("half a" if match["half"] else None, match["u"])]
    for number, word in said:
        if number:
            unit, amount = unit_of(word), sign * amount_of(number)
            moment = shifted(moment, *((10 * amount, "year") if unit == "decade" else (amount, unit)))
            small = small or unit in {"hour", "minute", "second"}
    return moment.replace(tzinfo=None) if small else moment.date()


def _from_day(match: re.Match[str], calendar: Calendar) -> Said:
    base = match["base"].lower()
    relative, _, word = base.rpartition(" ")
    day = calendar.today + timedelta(days=_NEAR.get(base, 0))
    if base not in _NEAR and base not in {"now", "this moment"}:
        day = calendar.weekday(weekday_of(word), _WEEKS.get(relative)) or day
    start = datetime.combine(day, calendar.now.time(), calendar.now.tzinfo)
    return _counted(match, Calendar(start, calendar.prefer), 1)


def _month_end(match: re.Match[str], calendar: Calendar) -> Said:
    if "year" in match[0].lower() or "eoy" in match[0].lower():
        return calendar.today.replace(month=12, day=31)
    return calendar.month(2 if "next" in match[0].lower() else 1) - timedelta(days=1)


def _day_end(match: re.Match[str], calendar: Calendar) -> Said:
    away = 1 if "tomorrow" in match[0].lower() else 0
    return datetime.combine(calendar.today + timedelta(days=away), time(23, 59, 59))


def _now(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.now.replace(tzinfo=None)


_TABLE: tuple[tuple[str, DayRule], ...] = (
    (rf"{_LED}\b(?P<m>{MONTH})(?:\.? ?[/.,-] ?| )(?:the )?(?P<d>{DAY})(?! ?[ap]\.?m\b){_YEAR}?", _month_day),
    (
        rf"{_LED}(?:\bthe )?(?<![\d.$:/-])\b(?P<d>{DAY})(?: of | day of | ?[-/,] ?| |)(?P<m>{MONTH})\b\.?{_YEAR}?",
        _month_day,
    ),
    (rf"{_LED}(?<![\d.-])(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?![\d.-]\d|\d)", _figures),
    (rf"{_LED}(?<![\d.-])(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>{MONTH})(?P=s)(?P<d>\d{{1,2}})(?!\d)", _month_day),
    (
        rf"{_LED}(?<![\d.-])(?P<m>\d{{1,2}})(?P<s>[-/\\])(?P<d>\d{{1,2}})(?P=s)(?P<y>\d{{4}}|\d{{2}})(?![\d/-])",
        _slashed,
    ),
    (rf"{_LED}(?<![\d.-])(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?P<y>\d{{4}})(?![\d.]\d|\d)", _figures),
    (
        rf"{_LED}(?<![\d/.A-Za-z-])(?<!\d )(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?P<y>)"
        r"(?![\d/%]| (?:of|inch|cup|mile|the|full)|-inch)",
        _slashed,
    ),
    (r"(?<=\bon )(?P<m>\d{1,2})-(?P<d>\d{1,2})(?P<y>)(?![\d-])", _slashed),
    (rf"\b(?:the )?(?P<d>{ORDINAL})(?: day)? of (?P<r>next|this|last|the following|the) month\b", _of_month),
    (rf"\b(?P<r>next|this|last) month'?s? (?:on )?(?:the )?(?P<d>{ORDINAL})", _of_month),
    (rf"\b(?:on )?{WEEKDAY},? (?:the )?(?P<d>{ORDINAL}){_NOT_THING}", _bare_day),
    (rf"\b{WEEKDAY} (?P<d>[12]?\d|3[01])(?=$|[,.!?]| (?:at|and|or|please)\b)", _bare_day),
    (r"\bthe (?P<r>next|following|previous) day\b|\bthe day (?:after|before)(?=$|[.,!?])", _next_day),
    (rf"\b(?P<n>{NUMBER}|\d{{1,2}}) (?P<w>{WEEKDAY})s? (?:from (?:now|today)|later|hence)\b", _weekdays_ahead),
    (rf"{_ON}the (?P<d>\d{{1,2}}(?:st|nd|rd|th)){_NOT_THING}", _bare_day),
    (rf"{_ON}the (?P<d>{ORDINAL})(?=$|[,.!?]| (?:at|and|or|please)\b)", _bare_day),
    (r"\bthe (?P<d>\d{1,2}(?:st|nd|rd|th))(?=$|[,.;!?]| (?:at|and|or|please|is|works|would|if)\b)", _bare_day),
    (r"\b(?:the )?day (?:after (?:tomorrow|tmr)|before yesterday)\b", _two_away),
    (r"\b(?P<r>today|tonight|tomorrow|tmr|tmrw|tomorow|yesterday)\b", _near),
    (r"\b(?:this|last(?= night)) (?P<p>morning|afternoon|evening|night)\b", _this_part),
    (
        rf"\b(?P<on>on )?(?:the )?(?:(?P<r>{_RELATIVE})(?: week(?:'s)?(?:,? on)?)? )?(?P<w>{WEEKDAY})\b\.?",
        _weekday,
    ),
    (rf"\b(?P<w>{WEEKDAY}),? (?:of )?(?:the )?(?P<r>next|this|last|following) week\b", _week_named),
    (
        rf"\b(?:the )?(?P<nth>last|{ORDINAL}) (?P<w>{WEEKDAY}) (?:of|in) (?:(?P<m>{MONTH})(?:,? (?P<y>\d{{4}}))?"
        rf"|(?P<r>next|this|last|the) month)\b",
        _nth,
    ),
    (rf"\b(?:(?P<r>this|next|last) )?(?P<h>{NAMES})(?![A-Za-z])(?:,? (?:of |in )?(?P<y>\d{{4}})\b)?", _holiday),
    (rf"\b(?:in|within) (?:the next )?{_DURATION}(?:'s? time)?", _ahead),
    (rf"\b{_DURATION} (?:from now|later|hence|from today|after today|away)\b", _ahead),
    (rf"\b{_DURATION} (?:ago|before today|earlier|back)\b", _ago),
    (rf"\b{_DURATION} (?:from|after) {_BASE}\b", _from_day),
    (r"\b(?:the )?end of (?:the |this |next )?(?:month|year)\b|\b(?:month|year)[- ]end\b|\beo[my]\b", _month_end),
    (r"\b(?:the |at )?end of (?:the day|day|today|tomorrow)(?: tomorrow)?\b|\beod(?: tomorrow)?\b", _day_end),
    (r"\b(?:right now|now|at the moment|asap|as soon as possible)\b", _now),
)
RULES = tuple((re.compile(pattern, re.IGNORECASE), rule) for pattern, rule in _TABLE)
# What is plain enough to be a day even in an order, where Christmas may be on the cards that are bought.
PLAIN_RULES = (
    *(entry for entry in RULES if entry[1] in {_nth, _ahead, _ago, _from_day, _of_month, _month_day, _two_away}),
    (
        re.compile(
            r"(?:(?<=\bby )|(?<=\bbefore )|(?<=\bby the )|(?<=\bbefore the ))"
            rf"(?P<r>)(?P<h>{NAMES})(?![A-Za-z])(?P<y>)(?! [a-z]+s\b)",
            re.IGNORECASE,
        ),
        _holiday,
    ),
)
