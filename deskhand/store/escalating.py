"""A notice that nobody of its role has acknowledged is told to the next one: after the times of process.yml, once each.

What is acknowledged, by anybody of the role or who stands in for one of them, or of those who were told since, goes no
further. How a person wants to be told changes nothing of it: what waits for their digest is not acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta

from deskhand.orders.events import ESCALATED
from deskhand.orders.process import Escalation, Process
from deskhand.store.projector import LANGUAGES, LOCK
from deskhand.store.records import Notification
from deskhand.store.repositories.notifications import NewNotification
from deskhand.store.texts import TextFile
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

__all__ = ["ESCALATED", "escalate"]

OLDEST = timedelta(days=7)  # what is older was seen to otherwise, or never will be
OLDEST_OF_WORK = timedelta(days=21)  # where the clock stands still at night and on days off
PAGE = 100
TEXT = "escalated"


def escalate(desk: Desk, tenant: str) -> int:
    """One company's round; says how many notices went further."""
    running = desk.versions.active(tenant)
    if not running.process.escalate:
        return 0
    with desk.unit_of_work(tenant, read_only=True) as uow:
        if not any(_due(uow, running.process)):
            return 0
    with desk.unit_of_work(tenant) as uow:
        uow.outbox.lock(LOCK)
        words = running.texts.with_own(uow.tenant.texts)
        told = uow.notifications.add(
            [_further(words, uow.now, each, place, step) for each, place, step in _due(uow, running.process)]
        )
        uow.commit()
    return told


def _due(uow: UnitOfWork, process: Process) -> Iterator[tuple[Notification, int, Escalation]]:
    """The next step of each notice that waits for one."""
    readers = _Readers(uow)
    for kind, roles in process.escalate.items():
        for role, steps in roles.items():
            for page in _waiting(uow, readers, kind, role, steps):
                told = uow.notifications.told([_key(each, place) for each in page for place in range(len(steps))])
                for each in page:
                    if (found := _next(uow, process, readers, each, steps, told)) is not None:
                        yield each, found, steps[found]


def _waiting(
    uow: UnitOfWork, readers: _Readers, kind: str, role: str, steps: tuple[Escalation, ...]
) -> Iterator[list[Notification]]:
    """What nobody of the role has acknowledged, a page at a time: however many wait, none hides another."""
    oldest = uow.now - (OLDEST_OF_WORK if any(step.working for step in steps) else OLDEST)
    after = uow.notifications.read_by(role)
    while page := uow.notifications.to_role(role, kind, after, oldest, uow.now - steps[0].after, PAGE):
        yield [each for each in page if not readers.have_read(role, each)]
        after = page[-1].seq


class _Readers:
    """Who of a role has read how far, with those who stand in for one of them; asked for once in a round."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._own: dict[str, int] = {}

    @cached_property
    def _lent(self) -> list[tuple[str, datetime, int]]:
        """(role, since when, how far) of those who have it lent."""
        lent = self._uow.delegations.lent_to_all(self._uow.now)
        return [
            (str(away.role), away.since, self._uow.notifications.cursor(user_id))
            for user_id, found in lent.items()
            for away in found
        ]

    def have_read(self, role: str, notice: Notification) -> bool:
        if role not in self._own:
            self._own[role] = self._uow.notifications.read_by(role)
        return self._own[role] >= notice.seq or any(
            lent == role and seq >= notice.seq and notice.created_at >= since for lent, since, seq in self._lent
        )


def _next(
    uow: UnitOfWork,
    process: Process,
    readers: _Readers,
    notice: Notification,
    steps: tuple[Escalation, ...],
    told: Mapping[str, Notification],
) -> int | None:
    """Which step; None while it is not time, when there is none left, or somebody of the last one has read it."""
    for place, step in enumerate(steps):
        further = told.get(_key(notice, place))
        if further is None:
            return place if _passed(uow, process, notice, step) >= step.after else None
        if readers.have_read(step.to, further):
            return None
    return None


def _passed(uow: UnitOfWork, process: Process, notice: Notification, step: Escalation) -> timedelta:
    """How long it has waited, by the clock of the step."""
    if not step.working:
        return uow.now - notice.created_at
    return process.working_hours.between(notice.created_at, uow.now, ZoneInfo(uow.tenant.time_zone))


def _further(words: TextFile, now: datetime, notice: Notification, place: int, step: Escalation) -> NewNotification:
    said = notice.payload.get("text")
    texts = {
        language: words.text(
            TEXT,
            language,
            {
                "time": format_timedelta(step.after, locale=language, threshold=1),
                "said": said.get(language, "") if isinstance(said, Mapping) else "",
            },
        )
        for language in LANGUAGES
    }
    return NewNotification(
        audience=f"role:{step.to}",
        kind=ESCALATED,
        order_number=notice.order_number,
        payload={**notice.payload, "text": texts, "of": notice.seq, "from": notice.receiver},
        sender=notice.sender,
        receiver=step.to,
        dedupe_key=_key(notice, place),
        at=now,
    )


def _key(notice: Notification, place: int) -> str:
    return f"{notice.id}:{ESCALATED}:{place}"
