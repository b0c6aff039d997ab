"""Pushes new notifications to whoever is connected. Knows nothing of sign-in; it is told who listens.

A client joins its rooms first and then asks for all after its cursor, so a push that it sees twice is dropped by its
`seq`, and one that it missed is in the replay: at least once over any network, shown once.

New rows are found by asking the database every half second, on both databases. The projector allots `seq` in commit
order under a lock, so that "after the last one pushed" never skips a late commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeVar

from deskhand.notifications.audience import Listener, notice_room
from deskhand.notifications.inbox import hearing_of, notification_json, unread_counts
from deskhand.store import Desk, Notification

P = ParamSpec("P")
R = TypeVar("R")

POLL_SECONDS = 0.5
BATCH = 500


class Emitter(Protocol):
    """Sends one event to all in a room."""

    async def __call__(self, event: str, data: Mapping[str, Any], room: str) -> None: ...


class Threads(Protocol):
    """Runs a blocking call elsewhere."""

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...


class Watch(Protocol):
    """Counts what was pushed."""

    def told(self, count: int) -> None: ...


class Hub:
    """Who listens, and what was pushed last for each tenant."""

    def __init__(self, desk: Desk, emit: Emitter, threads: Threads, watch: Watch) -> None:
        self._desk = desk
        self._watch = watch
        self._emit = emit
        self._threads = threads
        self._listeners: Counter[Listener] = Counter()
        self._pushed: dict[str, int] = {}

    def join(self, listener: Listener) -> None:
        self._listeners[listener] += 1

    def leave(self, listener: Listener) -> None:
        self._listeners[listener] -= 1
        if self._listeners[listener] <= 0:
            del self._listeners[listener]

    async def start(self) -> None:
        """From here on new rows are pushed; older ones are in each client's replay."""
        for tenant in self._desk.tenants:
            self._pushed[tenant] = await self._threads.run(self._latest, tenant)

    async def poll(self) -> int:
        """Push what is new, tenant by tenant; returns how many rows had a listener."""
        pushed, served = 0, [*self._desk.tenants]
        self._pushed = {tenant: seq for tenant, seq in self._pushed.items() if tenant in served}
        for tenant in served:
            rows = await self._threads.run(self._since, tenant, await self._last_pushed(tenant))
            wanted, lent = self._audiences(tenant)
            heard = [row for row in rows if row.audience in wanted]
            for row in heard:
                await self._emit("notification", notification_json(row), notice_room(tenant, row.audience))
                if row.audience in lent and row.created_at >= lent[row.audience]:
                    await self._emit("notification", notification_json(row), notice_room(tenant, row.audience, True))
            await self._tell_apart(tenant, heard)
            if rows:
                self._pushed[tenant] = rows[-1].seq
            if heard:
                await self._emit_unread(tenant, {row.audience for row in heard})
            self._watch.told(len(heard))
            pushed += len(heard)
        return pushed

    async def _tell_apart(self, tenant: str, rows: list[Notification]) -> None:
        """Those who have chosen how they are told: silently what they don't want to hear now."""
        for person in [person for person in self._listeners if person.tenant == tenant and person.apart]:
            hearing = hearing_of(self._desk, person)
            for row in rows:
                if person.hears(row.audience, row.created_at):
                    silent = hearing.is_silent(row.kind, row.created_at)
                    await self._emit("notification", notification_json(row, silent), person.apart_room)

    async def _last_pushed(self, tenant: str) -> int:
        """A tenant that was taken up meanwhile begins at its newest row, unless somebody of it listens already."""
        if tenant not in self._pushed and not any(person.tenant == tenant for person in self._listeners):
            self._pushed[tenant] = await self._threads.run(self._latest, tenant)
        return self._pushed.get(tenant, 0)

    def _audiences(self, tenant: str) -> tuple[set[str], dict[str, datetime]]:
        """Those that somebody connected belongs to, and since when which of them are lent to somebody."""
        here = [person for person in self._listeners if person.tenant == tenant]
        lent: dict[str, datetime] = {}
        for audience, since in (each for person in here for each in person.lent):
            lent[audience] = min(since, lent.get(audience, since))
        return {audience for person in here for audience in person.all_audiences}, lent

    def _latest(self, tenant: str) -> int:
        if tenant not in self._desk.tenants:  # removed just now
            return 0
        with self._desk.unit_of_work(tenant, read_only=True) as uow:
            return uow.notifications.latest_seq()

    def _since(self, tenant: str, seq: int) -> list[Notification]:
        if tenant not in self._desk.tenants:
            return []
        with self._desk.unit_of_work(tenant, read_only=True) as uow:
            return list(uow.notifications.since(seq, BATCH))

    async def _emit_unread(self, tenant: str, audiences: set[str]) -> None:
        concerned = [p for p in self._listeners if p.tenant == tenant and audiences & p.all_audiences]
        for person, count in (await self._threads.run(unread_counts, self._desk, concerned)).items():
            await self._emit("unread", {"count": count}, person.own_room)
