"""The time of day at the end of a written date, and its zone: 8:05, 8时5分, 下午3点半, 8:05:30.25 PM, +08:00, CST.

Knows no dates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo

from deskhand.erp.cleaning.outcome import Refusal
from deskhand.erp.findings import Reason

_HALF = r"(?P<{name}>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|夜晚|[ap]\.?m\.?)"
_TIME = re.compile(
    rf"(?:t|at\b|,)? ?(?:{_HALF.format(name='before')} ?)?"
    r"(?P<hour>\d{1,2})"
    r"(?:(?:[:.h]|[时点])(?P<minute>\d{2}|(?<=[:时点])\d{1,2})?(?P<half>半)?(?P<quarter>[一三]刻)?分?"
    r"(?:(?:[:.]|(?<=分))(?P<second>\d{1,2})秒?(?:[.,:](?P<fraction>\d{1,9}))?)?)?整?"
    rf"(?: ?{_HALF.format(name='after')})?"
    r"(?: ?(?P<zone>z|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|[a-z]{2,5}))?(?: ?[(\[][^)\]]*[)\]])?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:utc|gmt)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?", re.IGNORECASE)
# Letters that mean one zone only. CST, IST, BST and their like mean several: they count where the source's own zone
# is called so.
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3,
    "hkt": 8, "sgt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "est": -5, "edt": -4, "cdt": -5, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `zone` is None for the source's own; `letters` are to be compared with the source's own zone."""

    hour: int = 0
    minute: int = 0
    second: int = 0
    microsecond: int = 0
    next_day: bool = False  # 24:00
    zone: tzinfo | None = None
    letters: str = ""


MIDNIGHT = Clock()


def clock(text: str) -> Clock:
    """The time that a text says, all of it; midnight for an empty one.

    Raises:
        Refusal: no time of day, or an impossible one.
    """
    if not text:
        return MIDNIGHT
    match = _TIME.fullmatch(text.strip())
    if not match or not _is_complete(match):
        raise Refusal(Reason.NOT_A_DATE)
    hour = _hour(int(match["hour"]), match["before"] or match["after"] or "")
    minute = 30 if match["half"] else {"一刻": 15, "三刻": 45}.get(match["quarter"] or "", int(match["minute"] or 0))
    second = int(match["second"] or 0)
    midnight = hour == 24 and not minute and not second
    if (hour > 23 and not midnight) or minute > 59 or second > 60:
        raise Refusal(Reason.DATE_IMPOSSIBLE)
    fraction = int((match["fraction"] or "0").ljust(6, "0")[:6])
    zone, letters = _zone(match["zone"] or "")
    return Clock(hour % 24, minute, min(second, 59), fraction, midnight, zone, letters)


def _is_complete(match: re.Match[str]) -> bool:
    """A mere number is no time: 8 may be anything, 8点 and 8 PM are hours."""
    return match.end("hour") != match.end() and (
        bool(match["minute"] or match["before"] or match["after"]) or match.string[match.end("hour")] in "时点"
    )


def _hour(hour: int, half: str) -> int:
    half = half.lower().replace(".", "")
    if not half:
        return hour
    if half in {"中午"}:
        return hour + 12 if hour < 3 else hour
    late = half in {"下午", "傍晚", "晚上", "夜里", "夜晚", "pm"}
    if hour > 12 or (half in {"am", "pm"} and hour == 0):
        if late or hour == 0:
            return hour  # 下午 15:00 says it twice
        raise Refusal(Reason.DATE_IMPOSSIBLE)
    return hour % 12 + (12 if late else 0)


def _zone(text: str) -> tuple[tzinfo | None, str]:
    if not text:
        return None, ""
    offset = _OFFSET.fullmatch(text)
    if offset:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        if minutes > 14 * 60 or int(offset["minutes"] or 0) > 59:
            raise Refusal(Reason.ZONE_UNCLEAR)
        return timezone(timedelta(minutes=-minutes if offset["sign"] == "-" else minutes)), ""
    hours = _ZONES.get(text.lower())
    return (None, text.upper()) if hours is None else (timezone(timedelta(hours=hours)), text.upper())
