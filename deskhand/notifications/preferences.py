"""How one person wants to be told: by topic and channel, with quiet hours and the time of the digest. Stores nothing.

What is not chosen follows the channel: the desk tells at once, a messenger as its link says, mail nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.notifications.hours import DigestTimes, Every, QuietHours
from deskhand.notifications.topics import topic_of, topics
from deskhand.orders.events import DIGEST
from deskhand.orders.tenant import SLACK, TEAMS
from deskhand.orders.working_hours import DAYS

DESK, MAIL = "desk", "mail"
CHANNELS = (DESK, SLACK, TEAMS, MAIL)


class Mode(StrEnum):
    """When somebody is told by a channel."""

    AT_ONCE = "at_once"
    UNREAD = "unread"  # what was left unread on the desk, ten minutes later
    DIGEST = "digest"
    OFF = "off"


MODES: Mapping[str, tuple[Mode, ...]] = {
    DESK: (Mode.AT_ONCE, Mode.DIGEST, Mode.OFF),
    **dict.fromkeys((SLACK, TEAMS, MAIL), (Mode.AT_ONCE, Mode.UNREAD, Mode.DIGEST, Mode.OFF)),
}
Wants = Mapping[str, Mapping[str, Mode]]


class PreferencesInvalid(ValueError):
    """Something in it can't be; `field` names it."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"{field}: {problem}")


@dataclass(frozen=True, slots=True)
class Preferences:
    """`wants`: topic -> channel -> when; `zone`: of quiet hours and digest; `muted_until`: quiet once, until then."""

    zone: str
    wants: Wants = field(default_factory=dict)
    quiet: QuietHours | None = None
    digest: DigestTimes = DigestTimes()
    muted_until: datetime | None = None

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_quiet(self, now: datetime) -> bool:
        if self.muted_until is not None and now < self.muted_until:
            return True
        return self.quiet is not None and self.quiet.hold(now.astimezone(self.clock))

    def digest_due(self, now: datetime) -> datetime:
        """The latest moment at which one was due; while it is quiet it waits."""
        return self.digest.last(now, self.clock)

    def with_wants(self, topic: str, channel: str, mode: Mode) -> Preferences:
        return replace(self, wants={**self.wants, topic: {**self.wants.get(topic, {}), channel: mode}})


@dataclass(frozen=True, slots=True)
class Hearing:
    """What somebody chose, held against what their role and the process decide.

    `channels` are those that the person has, each with what it does where nothing is chosen.
    """

    preferences: Preferences
    channels: Mapping[str, Mode]
    urgent: frozenset[str] = frozenset()
    must: frozenset[str] = frozenset()

    def mode(self, kind: str, channel: str) -> Mode:
        """What must be heard and is off everywhere is told on the desk; nothing urgent, nor a digest, waits for one."""
        if kind == DIGEST:
            return Mode.AT_ONCE
        wanted = self._wanted(kind, channel)
        if channel == DESK and wanted is Mode.OFF and kind in self.must and not self.is_heard(kind):
            return Mode.AT_ONCE
        return Mode.AT_ONCE if wanted is not Mode.OFF and kind in self.urgent else wanted

    def is_held(self, kind: str, now: datetime) -> bool:
        """Whether what would be told at once has to wait for the end of the quiet hours."""
        return kind not in self.urgent and self.preferences.is_quiet(now)

    def is_silent(self, kind: str, now: datetime) -> bool:
        """Whether it comes to the desk without a sound."""
        return self.mode(kind, DESK) is not Mode.AT_ONCE or self.is_held(kind, now)

    def is_heard(self, kind: str) -> bool:
        """On one channel at least, at whatever time. Mail doesn't count: nobody knows here whether it is carried."""
        return any(self._wanted(kind, channel) is not Mode.OFF for channel in self.channels if channel != MAIL)

    def _wanted(self, kind: str, channel: str) -> Mode:
        if channel not in self.channels:
            return Mode.OFF
        return self.preferences.wants.get(topic_of(kind), {}).get(channel, self.channels[channel])


def as_json(preferences: Preferences) -> dict[str, Any]:
    """As it is kept, and as a client is given it."""
    quiet, until = preferences.quiet, preferences.muted_until
    return {
        "wants": {topic: {name: str(mode) for name, mode in said.items()} for topic, said in preferences.wants.items()},
        "quiet": quiet and {"from": _said(quiet.begins), "to": _said(quiet.ends), "days": _days_said(quiet.days)},
        "time_zone": preferences.zone,
        "digest": {"every": str(preferences.digest.every), "at": _said(preferences.digest.at)},
        "muted_until": until and until.isoformat(),
    }


def changed(before: Preferences, said: Mapping[str, Any]) -> Preferences:
    """With what is said; what is left out stays.

    Raises:
        PreferencesInvalid.
    """
    unknown = sorted(set(said) - {"wants", "quiet", "time_zone", "digest", "muted_until"})
    if unknown:
        raise PreferencesInvalid(unknown[0], "is not known here")
    now = before
    if "time_zone" in said:
        now = replace(now, zone=_zone(said["time_zone"]))
    if "quiet" in said:
        now = replace(now, quiet=_quiet(said["quiet"]))
    if "digest" in said:
        now = replace(now, digest=_digest(said["digest"]))
    if "muted_until" in said:
        now = replace(now, muted_until=_moment(said["muted_until"]))
    return _with_wants(now, _object(said.get("wants") or {}, "kinds"))


def _with_wants(now: Preferences, said: Mapping[str, Any]) -> Preferences:
    for topic, channels in said.items():
        if topic not in topics():
            raise PreferencesInvalid("kinds", f"{topic} is not one of {', '.join(topics())}")
        for channel, mode in _object(channels, f"kinds.{topic}").items():
            now = now.with_wants(topic, channel, _mode(mode, channel, f"kinds.{topic}.{channel}"))
    return now


@lru_cache(maxsize=4096)
def preferences_of(kept: str, zone: str) -> Preferences:
    """What a row says, by its JSON text (so that the same text is read once); `zone` where it says none.

    A topic, channel or zone that there isn't any more is left out.
    """
    said: dict[str, Any] = json.loads(kept)
    wants = {
        topic: {channel: Mode(mode) for channel, mode in channels.items() if mode in MODES.get(channel, ())}
        for topic, channels in (said.get("wants") or {}).items()
        if topic in topics()
    }
    others = {name: value for name, value in said.items() if name != "wants"}
    try:
        return replace(changed(Preferences(zone), others), wants=wants)
    except PreferencesInvalid:
        return Preferences(zone, wants)


def _mode(mode: object, channel: str, where: str) -> Mode:
    if channel not in CHANNELS:
        raise PreferencesInvalid(where, f"is not one of the channels {', '.join(CHANNELS)}")
    if not isinstance(mode, str) or mode not in MODES[channel]:
        raise PreferencesInvalid(where, f"must be one of {', '.join(MODES[channel])}")
    return Mode(mode)


def _quiet(said: object) -> QuietHours | None:
    if said is None:
        return None
    given = _of(said, "quiet", {"from", "to", "days"})
    days = given.get("days", [*DAYS])
    if not isinstance(days, list) or not days or not all(day in DAYS for day in days):
        raise PreferencesInvalid("quiet.days", f"must be a list of {', '.join(DAYS)}")
    begins, ends = (_time(given.get(name), f"quiet.{name}") for name in ("from", "to"))
    return QuietHours(begins, ends, frozenset(map(DAYS.index, days)))


def _digest(said: object) -> DigestTimes:
    given = _of(said, "digest", {"every", "at"})
    if given.get("every") not in [*map(str, Every)]:
        raise PreferencesInvalid("digest.every", f"must be one of {', '.join(Every)}")
    return DigestTimes(Every(str(given["every"])), _time(given.get("at", "08:00"), "digest.at"))


def _time(said: object, where: str) -> time:
    try:
        found = time.fromisoformat(said) if isinstance(said, str) and len(said) == 5 else None
    except ValueError:
        found = None
    if found is None:
        raise PreferencesInvalid(where, "must be a time like 22:00")
    return found


def _moment(said: object) -> datetime | None:
    if said is None:
        return None
    try:
        found = datetime.fromisoformat(str(said))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise PreferencesInvalid("muted_until", "must be a time with its zone, like 2026-11-23T08:00:00+08:00")


def _zone(said: object) -> str:
    try:
        if isinstance(said, str) and said:
            return ZoneInfo(said).key
    except (KeyError, ValueError, OSError):  # unknown; with dots in it; a folder of zones
        pass
    raise PreferencesInvalid("time_zone", "must be the name of a time zone, like Asia/Shanghai")


def _object(said: object, where: str) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise PreferencesInvalid(where, "must be an object")
    return said


def _of(said: object, where: str, names: set[str]) -> Mapping[str, Any]:
    given = _object(said, where)
    for name in sorted(set(given) - names):
        raise PreferencesInvalid(f"{where}.{name}", "is not known here")
    return given


def _said(at: time) -> str:
    return f"{at:%H:%M}"


def _days_said(days: frozenset[int]) -> list[str]:
    return [DAYS[day] for day in sorted(days)]
