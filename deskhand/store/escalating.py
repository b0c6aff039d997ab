"""A notice that nobody of its role has acknowledged is told to the next one: after the times of process.yml, once each.

What is acknowledged, by anybody of the role or of those who were told since, goes no further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from babel.dates import format_timedelta

from deskhand.orders.process import Escalation
from deskhand.store.projector import LANGUAGES, LOCK
from deskhand.store.records import Notification
from deskhand.store.repositories.notifications import NewNotification
from deskhand.store.texts import TextFile
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

ESCALATED = "Escalated"
OLDEST = timedelta(days=7)  # what is older was seen to otherwise, or never will be
TEXT = "escalated"


def escalate(desk: Desk, tenant: str) -> int:
    """One company's round; says how many notices went further."""
    running = desk.versions.active(tenant)
    if not running.process.escalate:
        return 0
    with desk.unit_of_work(tenant, read_only=True) as uow:
        if not any(_due(uow, running.process.escalate)):
            return 0
    with desk.unit_of_work(tenant) as uow:
        uow.outbox.lock(LOCK)
        words = running.texts.with_own(uow.tenant.texts)
        told = uow.notifications.add(
            [_further(words, uow.now, each, place, step) for each, place, step in _due(uow, running.process.escalate)]
        )
        uow.commit()
    return told


def _due(
    uow: UnitOfWork, rules: Mapping[str, Mapping[str, tuple[Escalation, ...]]]
) -> Iterator[tuple[Notification, int, Escalation]]:
    """The next step of each notice that waits for one."""
    for kind, roles in rules.items():
        for role, steps in roles.items():
            read = uow.notifications.read_by(role)
            waiting = uow.notifications.to_role(role, kind, read, uow.now - OLDEST, uow.now - steps[0].after)
            told = uow.notifications.told([_key(each, place) for each in waiting for place in range(len(steps))])
            for each in waiting:
                if (found := _next(uow, each, steps, told)) is not None:
                    yield each, found, steps[found]


def _next(
    uow: UnitOfWork, notice: Notification, steps: tuple[Escalation, ...], told: Mapping[str, Notification]
) -> int | None:
    """Which step; None while it is not time, when there is none left, or somebody of the last one has read it."""
    for place, step in enumerate(steps):
        further = told.get(_key(notice, place))
        if further is None:
            return place if notice.created_at <= uow.now - step.after else None
        if uow.notifications.read_by(step.to) >= further.seq:
            return None
    return None


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
