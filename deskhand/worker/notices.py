"""Tells people in Slack and Teams what their inbox has: at once, or what they left unread, as each has chosen.

Each person's cursor moves in the transaction that writes the posts: nothing is told twice, and nothing is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from deskhand.channels.sentences import sentence
from deskhand.notifications.audience import Listener
from deskhand.notifications.inbox import with_lent
from deskhand.orders.events import EventName
from deskhand.orders.model import Actor
from deskhand.orders.tenant import LANGUAGES, Tenant
from deskhand.store import Desk, MessengerLink, Notification, UnitOfWork, User
from deskhand.store.repositories.messengers import AT_ONCE, NEVER
from deskhand.store.waiting import waiting_for
from deskhand.worker.rounds import Rounds

BATCH = 50
UNREAD_AFTER = timedelta(minutes=10)


class Notices:
    """The worker's round over all companies."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rounds = Rounds("messengers")

    async def run_once(self) -> int:
        return await self._rounds.run(self._desk.tenants.values(), self._tell)

    async def _tell(self, tenant: Tenant) -> int:
        return await asyncio.to_thread(tell_messengers, self._desk, tenant)


def tell_messengers(desk: Desk, tenant: Tenant) -> int:
    """One company's round; says how many posts were written."""
    with desk.unit_of_work(tenant.id, read_only=True) as uow:
        latest = uow.notifications.latest_seq()
        behind = [link for link in uow.messengers.all() if link.notified_seq < latest]
    return sum(_tell(desk, tenant, link, latest) for link in behind)


def _tell(desk: Desk, tenant: Tenant, link: MessengerLink, latest: int) -> int:
    with desk.unit_of_work(tenant.id) as uow:
        now = uow.messengers.find(link.account)
        user = uow.users.get(link.user_id)
        if now is None or user is None or now.notified_seq != link.notified_seq:
            return 0  # unlinked, or told by another worker
        wants = now.notices != NEVER and user.active and link.account.channel in tenant.channels
        due, seq = _due(uow, now, user, latest) if wants else ([], latest)
        if seq == now.notified_seq:
            return 0
        for each in due:
            uow.messengers.post(link.account.channel, user.id, **notice_of(desk, uow, user, each))
        uow.messengers.set_notified(link.account, seq)
        uow.commit()
    return len(due)


def _due(uow: UnitOfWork, link: MessengerLink, user: User, latest: int) -> tuple[list[Notification], int]:
    """What is told now, and where the cursor stands then. One's own doing is no news."""
    who = with_lent(uow, Listener(uow.tenant.id, user.id, user.role, user.customer_id))
    found = uow.notifications.after(who.audiences, link.notified_seq, BATCH, dict(who.lent))
    reached = latest if len(found) < BATCH else found[-1].seq
    if link.notices != AT_ONCE:
        ripe = uow.now - UNREAD_AFTER
        young = next((each.seq for each in found if each.created_at > ripe), None)
        reached = reached if young is None else young - 1
        read = uow.notifications.cursor(user.id)
        found = [each for each in found if read < each.seq <= reached]
    return [each for each in found if each.payload.get("by") != user.id], reached


def notice_of(desk: Desk, uow: UnitOfWork, user: User, item: Notification) -> dict[str, Any]:
    """The post: its card in the person's language, with buttons where it is theirs to decide."""
    language = user.language if user.language in LANGUAGES else "en"
    said: Any = item.payload.get("text") or {}
    card: dict[str, Any] = {"language": language, "text": said.get(language) or "", "state": "open"}
    subject, actions = _decision(desk, uow, user, item, language)
    if subject is None:
        return {"shown": card}
    return {"subject": subject, "shown": {**card, "subject": subject, "actions": actions}}


def _decision(
    desk: Desk, uow: UnitOfWork, user: User, item: Notification, language: str
) -> tuple[str | None, list[dict[str, Any]]]:
    who = Actor(user.id, user.role, uow.tenant.id, "worker", item.id, user.customer_id)
    if item.kind == EventName.APPROVAL_NEEDED and item.order_number:
        grants = [desk.granted(uow, name, who) for name in ("ApproveOrder", "RejectOrder")]
        if all(grants):
            return f"approval:{item.order_number}", list(_buttons(("approve", "reject"), {"reject"}, language))
    if item.kind == EventName.TASK_WAITING:
        told: Mapping[str, Any] = item.payload
        wanted = set(told.get("tasks") or ())
        for task in waiting_for(desk, uow, who, process=told.get("process"), orders=False).items:
            if task.id in wanted and not task.fields:
                return f"task:{task.id}", list(_buttons(task.decisions, task.reason_for, language))
    return None, []


def _buttons(decisions: Iterable[str], reason_for: Iterable[str], language: str) -> Iterator[dict[str, Any]]:
    """A rejection always needs a reason here, whatever the process asks for."""
    needing, styles = {*reason_for, "reject"}, {"approve": "primary", "complete": "primary", "reject": "danger"}
    for each in decisions:
        label = sentence(f"decision_{each}", language) if each in styles else each
        style = styles.get(each, "default")
        yield {"id": each, "label": label, "style": style, "reason": each in needing}
