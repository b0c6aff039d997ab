"""Consumer `copies`: what Slack and Teams show of a task says who has decided it, wherever that was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from deskhand.orders.events import COPIES, EventName
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, MessengerPost, UnitOfWork
from deskhand.worker.consumer import StoredEffect

_PRESSED = {EventName.ORDER_APPROVED: "approve", EventName.ORDER_REJECTED: "reject"}


class CopiesConsumer(StoredEffect):
    name = COPIES

    def effect(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery) -> Mapping[str, object]:
        posts = [post for subject in subjects_of(delivery) for post in uow.messengers.about(subject)]
        if posts:
            user_id = str(delivery.actor["user_id"])
            by = uow.names_of({user_id}).get(user_id, user_id)
            for post in posts:
                self._answer(uow, delivery, post, by)
        return {"copies": len(posts)}

    def _answer(self, uow: UnitOfWork, delivery: Delivery, post: MessengerPost, by: str) -> None:
        shown: dict[str, Any] = dict(post.shown or {})
        pressed = str(delivery.event.payload.get("decision") or _PRESSED.get(delivery.event.name, ""))
        labels = {each["id"]: each["label"] for each in shown.get("actions") or ()}
        outcome = {"text": labels.get(pressed, ""), "by": by, "at": delivery.at.isoformat()}
        uow.messengers.show(post, {**shown, "state": "used", "outcome": outcome})


def subjects_of(delivery: Delivery) -> Iterable[str]:
    """What posts are called that are about this."""
    said = delivery.event.payload
    if delivery.event.name in _PRESSED:
        return [f"approval:{said['number']}"]
    nodes = said.get("nodes")
    return [f"task:{said['number']}.{node}" for node in nodes] if isinstance(nodes, list) else []
