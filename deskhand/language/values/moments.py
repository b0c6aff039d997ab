"""Days and times of day in a text, each as a date, a time or both.

    >>> now = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)  # a Wednesday
    >>> [str(m.value) for m in read_moments("下周五下午三点半，or Dec 3 at noon", None, now)]
    ['2026-11-27 15:30:00', '2026-12-03 12:00:00']
    >>> [str(m.value) for m in read_moments("at half past five, in two hours, the day after tomorrow", "en", now)]
    ['05:30:00', '2026-11-18 12:30:00', '2026-11-20']

A stretch of time (next week, from 3 to 5, 周末) is no moment; 明天上午 is a day whose `part` is "morning"; the end of a
month or year is its last day. What leaves room (Friday, the 25th, Dec 3) is read by `prefer`: the next such day for a
delivery, today included ("future"), the one gone by ("past"), or the "nearest". A weekday with next or 下 is of next
week, weeks beginning on Monday. 12/3 is 3 December unless only day/month makes a date. An hour with no morning or
evening said is told as it stands: at 7 is 07:00.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta, tzinfo

from deskhand.language.readings import MomentReading
from deskhand.language.values import clock_en, clock_zh, days_en, days_zh
from deskhand.language.values.calendar import PREFER, Calendar
from deskhand.language.values.pieces import Piece, by_rules
from deskhand.language.values.plain import plain

_GAP = re.compile(
    r" ?(?:[,，-]|T)? ?(?:(?:at|on|@|by|around|about|of|in|for)\b)? ?(?:the )?|[ ,，]*的?[在于]?[ ,，]*", re.IGNORECASE
)
_LATER = {"afternoon": range(1, 12), "evening": range(1, 12), "noon": range(1, 6), "night": range(6, 12)}


def read_moments(
    text: str, language: str | None, now: datetime, zone: tzinfo | None = None, *, prefer: str = "future"
) -> tuple[MomentReading, ...]:
    """The moments of a text, from left to right; spans are places in the text as it was given.

    Args:
        text: Whatever was written.
        language: Taken for the sake of the other readers' form; both languages are always read.
        now: The moment of speaking, aware.
        zone: The speaker's clock; None: that of `now`.
        prefer: "future", "past" or "nearest", for what could be several days.
    """
    if prefer not in PREFER:
        raise ValueError(f"prefer is one of {', '.join(PREFER)}")
    said = plain(text)
    calendar = Calendar(now.astimezone(zone) if zone else now, prefer)
    groups = _groups(said, _apart([*_pieces(said, calendar)]))
    return tuple(reading for group in groups if (reading := _reading(said, group)))


def _pieces(text: str, calendar: Calendar) -> Iterator[Piece]:
    if not text.isascii():
        yield from by_rules(text, days_zh.RULES, calendar)
        yield from clock_zh.pieces_in(text)
    yield from by_rules(text, days_en.RULES, calendar)
    yield from clock_en.pieces_in(text)


def _apart(pieces: Sequence[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: (p.start, -p.end)):
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
    return kept


def _groups(text: str, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces side by side that say different things of one moment."""
    group: list[Piece] = []
    for piece in pieces:
        if group and _GAP.fullmatch(text, group[-1].end, piece.start) and not _repeats(group, piece):
            group.append(piece)
            continue
        if group:
            yield group
        group = [piece]
    if group:
        yield group


def _repeats(group: Sequence[Piece], piece: Piece) -> bool:
    if piece.moment or any(other.moment for other in group):
        return True
    return any((other.day and piece.day) or (other.clock and piece.clock) for other in group)


def _reading(text: str, group: Sequence[Piece]) -> MomentReading | None:
    start, end = group[0].start, group[-1].end
    if group[0].moment:
        moment = group[0].moment
        return MomentReading(moment.date(), moment.time(), text[start:end], (start, end))
    day = next((piece.day for piece in group if piece.day), None)
    piece = next((piece for piece in group if piece.clock is not None), None)
    part = next((piece.part for piece in reversed(group) if piece.part), "")
    if piece is None or piece.clock is None:
        return MomentReading(day, None, text[start:end], (start, end), part or None) if day else None
    if piece.weak and not day and not part:
        return None
    clock = piece.clock if piece.settled else _by_part(piece.clock, part)
    if day and part in {"evening", "night"} and piece.clock.hour == 12 and not piece.settled:
        day += timedelta(days=1)
    return MomentReading(day, clock, text[start:end], (start, end), part or None)


def _by_part(clock: time, part: str) -> time:
    """八点 in the evening is 20:00, twelve at night 00:00, one at noon 13:00."""
    if clock.hour == 12 and part in {"dawn", "night", "evening"}:
        return clock.replace(hour=0)
    return clock.replace(hour=clock.hour + 12) if clock.hour in _LATER.get(part, ()) else clock
