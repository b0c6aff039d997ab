"""Reads and keeps how people want to be told, each change with what stood before it. Knows no HTTP and no chat."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from deskhand.notifications.preferences import (
    DESK,
    MAIL,
    MODES,
    Hearing,
    Mode,
    Preferences,
    as_json,
    changed,
    preferences_of,
)
from deskhand.notifications.topics import Topic, topics
from deskhand.orders.errors import MustBeHeard, NothingToUndo
from deskhand.orders.model import Actor
from deskhand.orders.process import Process
from deskhand.orders.tenant import MESSENGERS, Tenant
from deskhand.store import Desk, MessengerLink, UnitOfWork, User
from deskhand.store.repositories.messengers import NEVER
from deskhand.store.repositories.notice_settings import KeptPreference
from deskhand.yaml_files import yaml_in

SET = "set_notifications"
Json = dict[str, Any]


def hearing_of(
    process: Process, tenant: Tenant, user: User, links: Iterable[MessengerLink], kept: KeptPreference | None
) -> Hearing:
    """What this person hears, and how, as things stand."""
    said = Preferences(tenant.time_zone) if kept is None else of_row(kept.settings, tenant)
    return Hearing(
        said, channels_of(tenant, user, links), process.urgent, process.must_be_heard.get(str(user.role), frozenset())
    )


def of_row(settings: Mapping[str, Any], tenant: Tenant) -> Preferences:
    return preferences_of(json.dumps(settings, sort_keys=True), tenant.time_zone)


def channels_of(tenant: Tenant, user: User, links: Iterable[MessengerLink]) -> dict[str, Mode]:
    """Those that the person has, each with what it does where nothing is chosen."""
    found = {DESK: Mode.AT_ONCE}
    for link in links:
        if link.account.channel in tenant.channels and link.account.channel in MESSENGERS:
            found[link.account.channel] = Mode.OFF if link.notices == NEVER else Mode(link.notices)
    return found | ({MAIL: Mode.OFF} if user.email else {})


def show(desk: Desk, uow: UnitOfWork, user: User) -> Hearing:
    """How they want to be told now."""
    process = desk.versions.active(uow.tenant.id).process
    links = uow.messengers.of_user(user.id)
    return hearing_of(process, uow.tenant, user, links, uow.notice_settings.get(user.id))


def save(desk: Desk, uow: UnitOfWork, who: Actor, user: User, said: Mapping[str, Any]) -> Hearing:
    """Keeps what is said in the caller's transaction, with its row in the audit; what is left out stays.

    Raises:
        PreferencesInvalid.
        MustBeHeard: it would switch off what the person's role must hear.
    """
    before, now = tried(desk, uow, user, said)
    _keep(uow, who, user, as_json(now.preferences), as_json(before.preferences), sorted(said))
    return now


def tried(desk: Desk, uow: UnitOfWork, user: User, said: Mapping[str, Any]) -> tuple[Hearing, Hearing]:
    """As it is, and as it would be; keeps nothing.

    Raises:
        PreferencesInvalid, MustBeHeard.
    """
    before = show(desk, uow, user)
    now = Hearing(changed(before.preferences, said), before.channels, before.urgent, before.must)
    _refuse_deafness(now, user)
    return before, now


def take_back(desk: Desk, uow: UnitOfWork, who: Actor, user: User) -> Hearing:
    """As it stood before the last change.

    Raises:
        NothingToUndo.
        MustBeHeard: what stood before would not be allowed any more.
    """
    kept = uow.notice_settings.get(user.id)
    if kept is None or kept.previous is None:
        raise NothingToUndo()
    before = show(desk, uow, user)
    now = Hearing(of_row(kept.previous, uow.tenant), before.channels, before.urgent, before.must)
    _refuse_deafness(now, user)
    _keep(uow, who, user, as_json(now.preferences), None, ["undone"])
    return now


def _keep(uow: UnitOfWork, who: Actor, user: User, settings: Json, previous: Json | None, named: list[str]) -> None:
    uow.notice_settings.save(user.id, settings, previous, uow.notifications.latest_seq())
    uow.audit.add(who, SET, user.id, "done", {"changed": named})


def _refuse_deafness(now: Hearing, user: User) -> None:
    """A customer's account may be as quiet as its owner likes: nothing is in `must` there."""
    silent = [topic for topic in topics().values() if _is_deaf(now, topic)]
    if silent:
        raise MustBeHeard(topic=silent[0].id, zh=silent[0].name["zh"], en=silent[0].name["en"], role=str(user.role))


def _is_deaf(now: Hearing, topic: Topic) -> bool:
    return any(kind in now.must and not now.is_heard(kind) for kind in topic.kinds)


def silent_kinds(hearing: Hearing) -> list[str]:
    """What does not count as unread on the desk; a digest of it does."""
    known = {kind for topic in topics().values() for kind in topic.kinds}
    return sorted(kind for kind in known if hearing.mode(kind, DESK) is not Mode.AT_ONCE)


@cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """What channels, hours and digests are called, in each language."""
    found: Mapping[str, Any] = yaml_in(Path(__file__).with_name("words.yml"))
    return found


def settings_json(hearing: Hearing) -> Json:
    """What a client is given to show and to change."""
    kept = as_json(hearing.preferences)
    return {
        "kinds": [
            {
                "kind": topic.id,
                "label": topic.name,
                "events": list(topic.kinds),
                "wants": {channel: str(_shown(hearing, topic, channel)) for channel in hearing.channels},
                "required": any(kind in hearing.must for kind in topic.kinds),
            }
            for topic in topics().values()
        ],
        "channels": [
            {"channel": channel, "label": words()["channels"][channel], "modes": [*map(str, MODES[channel])]}
            for channel in hearing.channels
        ],
        "modes": [{"mode": mode, "label": label} for mode, label in words()["modes"].items()],
        **{name: kept[name] for name in ("quiet", "time_zone", "digest", "muted_until")},
    }


def _shown(hearing: Hearing, topic: Topic, channel: str) -> Mode:
    return hearing.preferences.wants.get(topic.id, {}).get(channel, hearing.channels[channel])
