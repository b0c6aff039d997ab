"""A notice as a messenger shows it: its words, and buttons where it is the person's to decide. Posts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from deskhand.channels.sentences import sentence
from deskhand.orders.events import EventName
from deskhand.orders.model import Actor
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import Desk, Notification, UnitOfWork, User
from deskhand.store.waiting import waiting_for


def language_of(user: User) -> str:
    return user.language if user.language in LANGUAGES else "en"


def notice_of(desk: Desk, uow: UnitOfWork, user: User, item: Notification) -> dict[str, Any]:
    """The post: its card in the person's language, with buttons where it is theirs to decide."""
    language = language_of(user)
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
