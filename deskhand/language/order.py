"""One message about an order, read whole: customer, lines, where, how and when.

Each part that has been read is blanked out, so that a house number is never a quantity.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeVar

from deskhand.language.again import same_address_in, same_order_in
from deskhand.language.catalogue import Catalogue
from deskhand.language.customers import customer_in
from deskhand.language.dates import dates_in
from deskhand.language.delivery import address_in, appointment_in, contact_in, mode_in, payment_in, phone_in
from deskhand.language.lines import goods_in, lines_in
from deskhand.language.readings import DateReading, OrderReading, Span
from deskhand.language.references import order_number_spans
from deskhand.language.slips import without_slips
from deskhand.language.text import blank, normalise
from deskhand.language.values import read_moments
from deskhand.numerals import WEEKDAY, ZH_WEEKDAYS

T = TypeVar("T")
_NOT_THEN = re.compile(
    r" ?(?:都|也|我们?|公司)*(?:不(?!晚|迟)|没|休息|放假|关门|is closed|we(?:'re| are) closed)[^,。;\n\x1f]*"
)
_NOT_ON = re.compile(r"(?:\b(?:not|except|never)(?: on)?|别|不要(?:在)?|除了) ?$", re.IGNORECASE)
_OR = re.compile(r"[ ,]*(?:或者?是?|还是|\bor\b|/)(?: on| by)? *", re.IGNORECASE)
_WEEKDAY_ALONE = re.compile(rf"(?:on )?{WEEKDAY}|(?:周|星期|礼拜)[{ZH_WEEKDAYS}]", re.IGNORECASE)
_NEAR = 16  # characters within which a time of day is a day's
_NOTE = re.compile(
    r"(?:(?:备注|附言)(?:一下|上)?|说明|\b(?:notes?|remarks?|comments?))(?:是|为|:| )*[:是为] ?"
    r"(?P<rest>[^ \n\x1f][^\n\x1f]*)"
    r"|\badd (?:an? |the )?(?:note|remark|comment)(?: that| saying)?[: ]+(?P<added>[^\n\x1f]+)"
    r"|(?:备注|附言)(?:一下|加?上|[加写](?:一句|一条|个)?)? ?(?!去掉|删|不要|不用|取消)"
    r"(?P<clause>[^ ,。;\n\x1f][^,。;\n\x1f]*)",
    re.IGNORECASE,
)
_NOTE_ANEW = re.compile(r"(?:改|换)(?:成|为)[: ]*(?=.)|changed? to[: ]+(?=.)", re.IGNORECASE)
_GOES = re.compile(
    r"送|配送|交货|到货|收货|\b(?:deliver\w*|arrive\w*|drop(?:ped)? off|bring|come)\b", re.IGNORECASE
)  # beside a time of day alone, it is the time of the delivery
_MOVED = re.compile(r"(?:改|换|挪|推迟|提前)[到成为至在] ?$")
_PART = re.compile(
    r"(?P<morning>[上早][午上](?=送|配送|交货|到货)|\bin the morning\b)|(?P<noon>中午(?=送|配送|交货|到货))"
    r"|(?P<afternoon>下午(?=送|配送|交货|到货)|\bin the afternoon\b)"
    r"|(?P<evening>(?:晚上|傍晚)(?=送|配送|交货|到货)|\bin the evening\b)",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"(?:不要|不需要|不用|无需|别|不带|不含)(?P<zh>[^,。;!\n\x1f、\d]{1,20}?)(?=了?(?:[,。;!\n\x1f、]|$))"
    r"|\b(?:without|no need for|don'?t (?:need|want|include)|do not (?:need|want|"
    r"include)|no(?! (?:more|less|fewer|later))|except|excluding) (?:any |the |a )?"
    r"(?P<en>[a-z][a-z0-9 -]{1,30}?)(?=[,.;!\n\x1f]|"
    r"$| (?:and|but|by|to|please)\b)",
    re.IGNORECASE,
)


def read_order(text: str, catalogue: Catalogue, today: date) -> OrderReading:
    """Everything that a message says about an order. Parts that are not said are None; nothing is guessed."""
    return order_in(normalise(text), catalogue, today)


def order_in(plain: str, catalogue: Catalogue, today: date) -> OrderReading:
    """The order of a normalised text."""
    rest, fields = fields_in(without_slips(plain, catalogue), catalogue, today)
    return replace(fields, lines=tuple(lines_in(rest, catalogue)))


def fields_in(plain: str, catalogue: Catalogue, today: date, *, refusals: bool = True) -> tuple[str, OrderReading]:
    """All but the lines, and the text with those parts blanked out.

    In a correction 不要打印机 takes the printers off: there `refusals` are left in the text.
    """
    rest, note, note_replaces = _note(plain)
    rest, same_address = _said(rest, same_address_in)
    rest, same_order = _said(rest, same_order_in)
    rest, payment = _take(rest, payment_in)
    goods = goods_in(rest, catalogue)
    rest, phone = _take(rest, lambda text: phone_in(text, goods))
    rest, contact = _take(rest, contact_in)
    when = _when(rest, catalogue, today)
    rest, day = when.rest, when.day
    rest, mode = _take(rest, mode_in)
    rest, appointment = _take(rest, appointment_in)
    rest, address = _take(rest, lambda text: address_in(text, goods))
    rest, refused = _refused(rest) if refusals else (rest, None)
    for _, span in order_number_spans(rest):
        rest = blank(rest, span)
    who = customer_in(rest, catalogue)
    rest = blank(rest, who.span) if who else rest
    customers = who.customers if who else ()
    return rest, OrderReading(
        customer=customers[0] if len(customers) == 1 else None,
        customer_candidates=customers if len(customers) > 1 else (),
        customer_said=who.said if who else None,
        address=address,
        contact=contact,
        phone=phone,
        delivery_mode=mode,
        appointment=appointment,
        delivery_date=day,
        delivery_date_problem="date_in_past" if day and day < today else None,
        delivery_date_choices=when.choices,
        delivery_time=when.clock,
        payment_days=payment[0] if payment else None,
        payment_month_end=bool(payment and payment[1]),
        note="; ".join(part for part in (note, refused, when.remark) if part) or None,
        note_replaces=note_replaces,
        same_order=same_order,
        same_address=same_address,
    )


def _take(text: str, reader: Callable[[str], tuple[T, Span] | None]) -> tuple[str, T | None]:
    found = reader(text)
    return (blank(text, found[1]), found[0]) if found else (text, None)


def _said(text: str, reader: Callable[[str], Span | None]) -> tuple[str, bool]:
    span = reader(text)
    return (blank(text, span), True) if span else (text, False)


def _note(text: str) -> tuple[str, str | None, bool]:
    """The text without the remark, the remark, and whether it stands in place of what was remarked before."""
    match = _NOTE.search(text)
    if not match:
        return text, None, False
    said = (match["rest"] or match["added"] or match["clause"]).strip()
    anew = _NOTE_ANEW.match(said)
    return blank(text, match.span()), said[anew.end() :] if anew else said, anew is not None


def _refused(text: str) -> tuple[str, str | None]:
    """不要发票, "without toner": what is refused is a remark, never a line."""
    said = []
    while match := _REFUSED.search(text):
        said.append(match.group().strip())
        text = blank(text, match.span())
    return text, "; ".join(said) or None


@dataclass(frozen=True)
class _When:
    """The wanted day with its time, and the text without any day; `remark` is of days on which nobody is there.

    `choices`: the days of which it is one.
    """

    rest: str
    day: date | None = None
    clock: str | None = None
    remark: str | None = None
    choices: tuple[date, ...] = ()


def _when(text: str, catalogue: Catalogue, today: date) -> _When:
    names = [span for span, _ in catalogue.product_spans(text)]
    dates = [d for d in dates_in(text, today) if not any(s < d.span[1] and d.span[0] < e for s, e in names)]
    closed = [(d.span[0], stop.end()) for d in dates if (stop := _NOT_THEN.match(text, d.span[1]))]
    remark = "; ".join(text[start:end].strip() for start, end in closed) or None
    found = [d for d in dates if not _NOT_THEN.match(text, d.span[1]) and not _NOT_ON.search(text[: d.span[0]])]
    choices = _choices(text, found)
    best = _best(found, today) if found and not choices else None
    clock = _time_beside(text, best, today) if best else None if found else _time_alone(text, today)
    for span in (*closed, *(reading.span for reading in found), *((clock[1],) if clock else ())):
        text = blank(text, span)
    return _When(text, best.date if best else None, clock[0] if clock else None, remark, choices)


def _choices(text: str, found: list[DateReading]) -> tuple[date, ...]:
    """The days that are said as one or the other: 周三或周四, Wed or Thu."""
    for one, other in pairwise(found):
        if _OR.fullmatch(text[one.span[1] : other.span[0]]):
            first, second = _beside(one, other), _beside(other, one)
            return (first, second) if first != second else ()
    return ()


def _beside(day: DateReading, other: DateReading) -> date:
    """The day; a weekday alone is of the week that was said of the other: 下周三或周四, Wed or Thu next week."""
    if not _WEEKDAY_ALONE.fullmatch(day.text.strip()) or _WEEKDAY_ALONE.fullmatch(other.text.strip()):
        return day.date
    return other.date + timedelta(days=day.date.weekday() - other.date.weekday())


def _time_beside(text: str, day: DateReading, today: date) -> tuple[str, Span] | None:
    """The time of that day, before or after it: 3pm on Friday, 周五下午三点."""
    start, end = max(0, day.span[0] - _NEAR), day.span[1] + _NEAR
    for moment in read_moments(text[start:end], None, datetime.combine(today, time(), UTC)):
        span = moment.span[0] + start, moment.span[1] + start
        said = f"{moment.time:%H:%M}" if moment.time else moment.part
        if said and moment.date and span[0] < day.span[1] and day.span[0] < span[1]:
            return said, span
    return None


def _time_alone(text: str, today: date) -> tuple[str, Span] | None:
    """A time of delivery without a day: deliver at 3 pm instead, 改到上午送."""
    if not _GOES.search(text):
        return None
    for moment in read_moments(text, None, datetime.combine(today, time(), UTC)):
        said = f"{moment.time:%H:%M}" if moment.time else moment.part
        start, end = moment.span
        near = text[max(0, start - _NEAR) : start], text[end : end + _NEAR // 4]
        if said and moment.date is None and any(map(_GOES.search, near)):
            return said, _with_change(text, moment.span)
    part = _PART.search(text)
    return (str(part.lastgroup), _with_change(text, part.span())) if part else None


def _with_change(text: str, span: Span) -> Span:
    """The span with the words before it that say that it becomes so: 改到下午三点."""
    before = _MOVED.search(text[: span[0]])
    return (before.start() if before else span[0], span[1])


def _best(found: list[DateReading], today: date) -> DateReading:
    """A limit says more than a day, a day to come more than one gone by; of equals the last is the correction."""
    return max(enumerate(found), key=lambda pair: (pair[1].date >= today, pair[1].deadline, pair[0]))[1]
