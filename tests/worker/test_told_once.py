"""Whatever people choose, whatever comes, whoever dies: each notice is told once to each who is to hear it.

Told: pushed with a sound, posted by itself, or named in a digest. People choose, acknowledge and are away at random;
workers die before and after their commits; the clock runs through nights, weekends and the end of summer time.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from deskhand.notifications import digest
from deskhand.notifications.audience import Listener
from deskhand.notifications.hub import Hub
from deskhand.notifications.inbox import present
from deskhand.notifications.preferences import MODES, Hearing, Mode, PreferencesInvalid
from deskhand.notifications.settings import save, show
from deskhand.notifications.topics import topic_of
from deskhand.orders.errors import MustBeHeard
from deskhand.orders.events import DIGEST
from deskhand.orders.model import Actor
from deskhand.store import Desk, MessengerAccount, MessengerLink, UnitOfWork
from deskhand.store.repositories.notifications import NewNotification
from deskhand.store.schema import (
    messenger_link,
    messenger_post,
    notice_preference,
    notice_waiting,
    notification,
    notification_cursor,
)
from deskhand.worker import notices
from deskhand.worker.notices import tell_messengers, tell_news
from tests.support.desks import (
    CLERK,
    MANAGER,
    TENANT,
    WAREHOUSE,
    FakeClock,
    clock,
    database_url,
    desk,
    postgres_template,
)

__all__ = ["clock", "database_url", "desk", "postgres_template"]

PEOPLE = (CLERK, WAREHOUSE, MANAGER)
KINDS = ("OrderPlaced", "ShipmentCompleted", "ApprovalNeeded", "PersonRequested", "TextNobodyKnows")
CHANNELS = ("desk", "slack", "mail")
BEGIN = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)  # summer time ends in America that night; it is a weekend

times = st.sampled_from(["00:00", "01:30", "07:00", "08:00", "12:00", "22:00"])
choices = st.fixed_dictionaries(
    {},
    optional={
        "wants": st.dictionaries(
            st.sampled_from([topic_of(kind) for kind in KINDS]),
            st.fixed_dictionaries({}, optional={name: st.sampled_from([*map(str, MODES[name])]) for name in CHANNELS}),
            max_size=3,
        ),
        "quiet": st.none()
        | st.fixed_dictionaries(
            {"from": times, "to": times},
            optional={"days": st.lists(st.sampled_from(["mon", "sat", "sun"]), min_size=1, unique=True)},
        ),
        "digest": st.fixed_dictionaries({"every": st.sampled_from(["day", "hour"]), "at": times}),
        "time_zone": st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]),
        "muted_until": st.none() | st.just((BEGIN + timedelta(hours=30)).isoformat()),
    },
)
people = st.sampled_from(PEOPLE)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("told"), st.sampled_from(KINDS), people, st.integers(1, 15), st.booleans()),
        st.tuples(st.just("chooses"), people, choices),
        st.tuples(st.just("reads"), people),
        st.tuples(st.just("time"), st.sampled_from([1, 20, 61, 600, 3_600, 9 * 3_600, 26 * 3_600])),
        st.tuples(st.just("works")),
        st.tuples(st.just("dies"), st.integers(1, 6), st.booleans()),
    ),
    max_size=22,
)  # fmt: skip


class Died(Exception):
    """A worker is killed."""


@dataclass
class World:
    """The desk, its gateway and its worker; what was told to whom, and what each may be told no more."""

    desk: Desk
    clock: FakeClock
    pushed: list[tuple[str, str]] = field(default_factory=list)  # (person, order) with a sound
    excused: set[tuple[str, str, str]] = field(default_factory=set)  # (person, channel, order): need not be told
    early: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hub = Hub(self.desk, self._emit, _Here(), _Nobody())
        self.listeners = [Listener(TENANT, who.user_id, str(who.role)) for who in PEOPLE]
        self.joined = list(self.listeners)
        for each in self.joined:
            self.hub.join(each)
        asyncio.run(self.hub.start())

    async def _emit(self, event: str, data: Mapping[str, Any], room: str) -> None:
        if event == "notification" and not data["silent"] and data["kind"] != DIGEST:
            self.pushed += [(one.user_id, data["order"]) for one in self.joined if room in one.rooms]

    def meet(self) -> None:
        """The gateway looks who has chosen what, and pushes what is new."""
        now = [present(self.desk, each) for each in self.listeners]
        for before, after in zip(self.joined, now, strict=True):
            self.hub.join(after)
            self.hub.leave(before)
        self.joined = now
        asyncio.run(self.hub.poll())

    def told(self) -> Counter[tuple[str, str, str]]:
        """(person, channel, order) -> how often."""
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            rows = uow.notifications.since(0, 10_000)
            posts = uow.connection.execute(
                messenger_post.select().where(messenger_post.c.tenant == TENANT)
            ).mappings().all()  # fmt: skip
        found = Counter((person, "desk", order) for person, order in self.pushed)
        for row in rows:
            if row.kind == DIGEST:
                person = row.audience.removeprefix("user:")
                found.update((person, "desk", str(each["order"])) for each in row.payload["digest"]["orders"])
        for post in posts:
            named = [re.split(r"[ （]", each["title"])[0] for each in post["shown"].get("items", ())]
            named = named or [post["shown"]["text"]]
            found.update((post["user_id"], post["channel"], order) for order in named)
        return found


class _Here:
    async def run(self, function: Any, *args: Any, **more: Any) -> Any:
        return function(*args, **more)


class _Nobody:
    def told(self, count: int) -> None: ...


@contextmanager
def dying(after: int, committed: bool) -> Iterator[None]:
    """The worker is killed at that commit, before it or right behind it."""
    left, commit = [after], UnitOfWork.commit

    def fatal(self: UnitOfWork) -> None:
        left[0] -= 1
        if left[0] or committed:
            commit(self)
        if not left[0]:
            raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitOfWork, "commit", fatal)
        yield


def prepared(desk: Desk, clock: FakeClock) -> World:
    """Nothing was told yet; everybody is in Slack and has an address."""
    clock.now = BEGIN
    with desk.unit_of_work(TENANT) as uow:
        for table in (notification, notification_cursor, notice_preference, notice_waiting):
            uow.connection.execute(delete(table).where(table.c.tenant == TENANT))
        for table in (messenger_link, messenger_post):
            uow.connection.execute(delete(table).where(table.c.tenant == TENANT))
        for who in PEOPLE:
            place, latest = MessengerAccount("slack", "T1", who.user_id), uow.notifications.latest_seq()
            uow.messengers.add(MessengerLink(place, who.user_id, "", {}, "at_once", latest, uow.now))
            uow.users.set_person(who.user_id, who.user_id, f"{who.user_id}@example.org", who.role)
        uow.commit()
    world = World(desk, clock)
    for who in PEOPLE:
        chosen(world, who, {})  # from now on their mail counts
    return world


def chosen(world: World, who: Actor, said: Mapping[str, Any]) -> None:
    """What came until then was told as it was wanted then: a choice counts from the next look."""
    world.meet()
    tell_news(world.desk, world.desk.tenant(TENANT))
    with world.desk.unit_of_work(TENANT) as uow:
        user = uow.users.get(who.user_id)
        assert user is not None
        try:
            save(world.desk, uow, who, user, said)
        except (MustBeHeard, PreferencesInvalid):
            return
        uow.commit()
    world.meet()
    excuse(world)


def hearings(world: World) -> dict[str, Hearing]:
    with world.desk.unit_of_work(TENANT, read_only=True) as uow:
        return {who.user_id: show(world.desk, uow, user) for who in PEOPLE if (user := uow.users.get(who.user_id))}


def excuse(world: World) -> None:
    """What is off now, or acknowledged before it was told, need not be told any more."""
    told, hears = world.told(), hearings(world)
    with world.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = uow.notifications.since(0, 10_000)
        read = {who.user_id: uow.notifications.cursor(who.user_id) for who in PEOPLE}
    for who in PEOPLE:
        for row in rows:
            for channel in CHANNELS:
                key = (who.user_id, channel, str(row.order_number))
                if not told[key] and (
                    hears[who.user_id].mode(row.kind, channel) is Mode.OFF or row.seq <= read[who.user_id]
                ):
                    world.excused.add(key)


def come(world: World, kind: str, to: Actor, count: int, own: bool) -> None:
    world.meet()
    with world.desk.unit_of_work(TENANT) as uow:
        first = uow.notifications.latest_seq() + 1_000_000
        orders = [f"N{first + place}" for place in range(count)]
        by = to.user_id if own else "somebody"
        uow.notifications.add([
            NewNotification(f"role:{to.role}", kind, order, {"text": {"zh": order, "en": order}, "by": by},
                            "Somebody", str(to.role), f"{order}:{kind}", uow.now)
            for order in orders
        ])  # fmt: skip
        uow.commit()
    if own:  # one's own doing is no news in a messenger; the desk, where it is the record, shows it
        world.excused |= {(to.user_id, channel, order) for order in orders for channel in CHANNELS}
    world.meet()
    excuse(world)


def work(world: World) -> None:
    """What is told in this round is told in time."""
    world.meet()
    before, hears, now = world.told(), hearings(world), world.clock()
    try:
        tell_messengers(world.desk, world.desk.tenant(TENANT))
    finally:
        with world.desk.unit_of_work(TENANT, read_only=True) as uow:
            rows = {row.order_number: row for row in uow.notifications.since(0, 10_000)}
        for person, channel, order in world.told() - before:
            hearing, row = hears[person], rows[order]
            mode, held = hearing.mode(row.kind, channel), hearing.is_held(row.kind, now)
            if held or (mode is Mode.DIGEST and row.created_at > hearing.preferences.digest_due(now)):
                world.early.append(f"{order} to {person} by {channel}")
        world.meet()


def read_all(world: World, who: Actor) -> None:
    world.meet()
    with world.desk.unit_of_work(TENANT) as uow:
        uow.notifications.ack(who.user_id, uow.notifications.latest_seq())
        uow.commit()
    excuse(world)


def die(world: World, at: int, committed: bool) -> None:
    with dying(at, committed):
        try:
            work(world)
        except Died:
            world.meet()


DOING: Mapping[str, Callable[..., None]] = {
    "told": come,
    "chooses": chosen,
    "reads": read_all,
    "time": lambda world, seconds: world.clock.forward(seconds=seconds),
    "works": work,
    "dies": die,
}


def play(world: World, script: list[tuple[Any, ...]]) -> None:
    """At last the worker lives long enough, and everybody is to be spoken to."""
    for name, *more in script:
        DOING[name](world, *more)
    for hours in (9, 9, 9):
        work(world)
        world.clock.forward(hours=hours)
    for who in PEOPLE:
        chosen(world, who, {"quiet": None, "muted_until": None})
    for hours in (1, 26, 1):
        work(world)
        world.clock.forward(hours=hours)
    work(world)


@given(script=steps)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_notice_is_told_once_by_each_wanted_channel_and_to_nobody_else(
    desk: Desk, clock: FakeClock, script: list[tuple[Any, ...]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "MOST_ORDERS", 10_000)
        patch.setattr(notices, "MOST_POSTS", 3)
        world = prepared(desk, clock)
        play(world, script)

    told = world.told()
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [row for row in uow.notifications.since(0, 10_000) if row.kind != DIGEST]
        left = uow.notice_settings.count_waiting()
    role = {who.user_id: f"role:{who.role}" for who in PEOPLE}
    audience = {row.order_number: row.audience for row in rows}
    entitled = {
        (person, channel, str(row.order_number))
        for row in rows
        for person in role
        if role[person] == row.audience
        for channel in CHANNELS
    }
    assert {key: count for key, count in told.items() if count > 1} == {}, "told twice"
    assert [key for key in told if role[key[0]] != audience[key[2]]] == [], "told to others"
    assert world.early == [], "told before its hour"
    assert sorted(entitled - set(told) - world.excused) == [], "lost"
    assert left == 0
