"""What somebody wants of their notices, read out of their words: a change as the settings take it. Knows no card.

The words stand in cards.yml. In doubt it is the milder wish: quiet for a night rather than off for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from actions.wording import Wording
from deskhand.language import normalise, read_moments, read_numbers, read_times_of_day
from deskhand.notifications.preferences import DESK, Mode, Preferences
from deskhand.notifications.topics import topics
from deskhand.orders.tenant import MESSENGERS

Wish = dict[str, Any]

_NIGHT, _WEEKEND = {"from": "22:00", "to": "07:00"}, {"from": "00:00", "to": "00:00", "days": ["sat", "sun"]}
_PARTS: Mapping[str, time] = {"morning": time(8), "noon": time(12), "afternoon": time(14), "evening": time(18)}
_MORNING = _PARTS["morning"]
_NEAR = 9  # characters behind a number in which its unit stands


def read_wish(
    wording: Wording, text: str, language: str, now: datetime, before: Preferences, channel: str
) -> Wish | None:
    """None: they only ask how it is.

    Args:
        before: as it is; its zone is the one that times are said in.
        channel: where they speak; what names no channel is about this one.
    """
    said = normalise(text)
    codes, about = {*wording.codes_in("notice_wishes", said)}, wording.codes_in("notice_topics", said)
    named = [each for each in MESSENGERS if each in said.lower()]
    channel = named[0] if named else channel if channel in MESSENGERS else DESK
    if "on" in codes:
        return _on(before, about, channel)
    if "digest" in codes and "stop" not in codes:
        return _digest(codes, said, language, now, before) | _wants(about or [*topics()], channel, Mode.DIGEST)
    if not codes & {"stop", "mute"}:
        return None
    if (quiet := _quiet(codes, said, language)) is not None:
        return {"quiet": quiet}
    if (until := _until(wording, said, language, now, before)) is not None:
        return {"muted_until": until.isoformat()}
    if about:
        return _wants(about, channel, Mode.OFF)
    return {"muted_until": _next(now, _MORNING, before).isoformat()}


def _on(before: Preferences, about: list[str], channel: str) -> Wish:
    """With a topic named that one at once; without, no mute, no quiet hours, and everything here at once."""
    if about:
        return _wants(about, channel, Mode.AT_ONCE)
    changed = [topic for topic, said in before.wants.items() if said.get(channel, Mode.AT_ONCE) is not Mode.AT_ONCE]
    return {"muted_until": None, "quiet": None} | _wants(changed, channel, Mode.AT_ONCE)


def _wants(about: list[str], channel: str, mode: Mode) -> Wish:
    return {"wants": {topic: {channel: str(mode)} for topic in about}} if about else {}


def _digest(codes: set[str], text: str, language: str, now: datetime, before: Preferences) -> Wish:
    if "hourly" in codes:
        return {"digest": {"every": "hour", "at": "00:00"}}
    at = next((each.time for each in read_moments(text, language, now, before.clock) if each.time), before.digest.at)
    return {"digest": {"every": "day", "at": f"{at:%H:%M}"}}


def _quiet(codes: set[str], text: str, language: str) -> Wish | None:
    """Two times of day; a night or the weekend has its own."""
    times = read_times_of_day(text, language)
    if len(times) == 2:
        return {"from": f"{times[0]:%H:%M}", "to": f"{times[1]:%H:%M}"}
    if times or "until" in codes:
        return None
    return _WEEKEND if "weekend" in codes else _NIGHT if "night" in codes else None


def _until(wording: Wording, text: str, language: str, now: datetime, before: Preferences) -> datetime | None:
    """A moment to come, or so many hours from now."""
    for number in read_numbers(text, language):
        for unit in wording.codes_in("notice_spans", text[number.span[1] :][:_NEAR]):
            return now + timedelta(**{unit: min(float(number.value), 1_000)})
    for each in read_moments(text, language, now, before.clock):
        at = each.time or _PARTS.get(str(each.part), _MORNING)
        if each.date is not None:
            until = datetime.combine(each.date, at, before.clock)
            return until if until > now else None
        return _next(now, at, before)
    return None


def _next(now: datetime, at: time, before: Preferences) -> datetime:
    """The next time that somebody's clock says so."""
    local = now.astimezone(before.clock)
    today = datetime.combine(local.date(), at, before.clock)
    return today if today > local else datetime.combine(local.date() + timedelta(days=1), at, before.clock)
