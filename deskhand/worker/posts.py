"""Consumers `slack`, `teams`, `notice_mail`: one post or its change, as it is now, at its place. Claims nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.channels.messengers.face import Face, face_of_card, face_of_message
from deskhand.channels.messengers.posting import NotPosted, Posting, SlowDown
from deskhand.channels.messengers.standing import expired, standing_now
from deskhand.orders.errors import CardUnknown
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, Desk, Message, MessengerPost, UnitOfWork
from deskhand.store.repositories.messengers import MAIL
from deskhand.worker.errors import NotDeliverable, NotYet
from deskhand.worker.notice_mail import ADDRESS
from deskhand.worker.pace import Pace

OFF, GONE, UNLINKED, POSTED, CHANGED = "channel_off", "gone", "not_linked", "posted", "changed"
_TOO_LATE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "no_activity", "status_404"})


@dataclass(frozen=True, slots=True)
class _Job:
    post: MessengerPost
    face: Face
    place: Mapping[str, Any]


class PostConsumer:
    """`posting` None: the channel is off here, and what was meant for it stays where people read it otherwise."""

    def __init__(self, desk: Desk, name: str, posting: Posting | None, pace: Pace | None = None) -> None:
        self.name = name
        self._desk = desk
        self._posting = posting
        self._pace = pace or Pace()

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        if self._posting is None:
            await asyncio.to_thread(self._done, tenant, delivery, OFF)
            return
        job = await asyncio.to_thread(self._look, tenant, str(delivery.event.payload["post"]))
        if isinstance(job, str):
            await asyncio.to_thread(self._done, tenant, delivery, job)
            return
        if seconds := self._pace.wait(tenant.id, f"{tenant.id} {_address(job.place)}"):
            raise NotYet(seconds)
        try:
            outcome, posted = await self._carry(self._posting, tenant, job)
        except SlowDown as asked:
            self._pace.stop(tenant.id, asked.seconds)
            raise NotYet(asked.seconds) from asked
        except NotPosted as refused:
            raise NotDeliverable(f"{self.name}: {refused.reason}") from refused
        await asyncio.to_thread(self._done, tenant, delivery, outcome, job.post.id, posted)

    async def _carry(self, posting: Posting, tenant: Tenant, job: _Job) -> tuple[str, Mapping[str, Any] | None]:
        if job.post.posted is None:
            return POSTED, await posting.post(tenant, job.place, job.face, job.post.id)
        try:
            await posting.update(tenant, job.post.posted, job.face)
        except NotPosted as refused:
            if refused.reason not in _TOO_LATE:
                raise
            return GONE, None  # somebody has deleted what should say more now
        return CHANGED, None

    def _look(self, tenant: Tenant, post_id: str) -> _Job | str:
        """What is shown now, and where; else why nothing is."""
        with self._desk.unit_of_work(tenant.id, read_only=True) as uow:
            post = uow.messengers.get(post_id)
            if post is None:
                return GONE
            place = _home(uow, post)
            if place is None:
                return UNLINKED
            if post.message_id is None:
                return _Job(post, face_of_card(post.shown or {}, tenant), place)
            message = uow.messages.get(post.message_id)
            if message is None:
                return GONE
            try:
                now = standing_now(uow, message, post.user_id)
            except CardUnknown:
                now = expired(message)
            return _Job(post, face_of_message(now, tenant), _place(uow, message) or place)

    def _done(
        self,
        tenant: Tenant,
        delivery: Delivery,
        outcome: str,
        post_id: str | None = None,
        posted: Mapping[str, Any] | None = None,
    ) -> None:
        with self._desk.unit_of_work(tenant.id) as uow:
            if post_id is not None and posted is not None:
                uow.messengers.posted(post_id, posted)
            uow.outbox.done(delivery, {"outcome": outcome})
            uow.commit()


def _home(uow: UnitOfWork, post: MessengerPost) -> Mapping[str, Any] | None:
    """Where the person is written to; None: nowhere any more."""
    if post.channel == MAIL:
        user = uow.users.get(post.user_id)
        return {ADDRESS: user.email} if user is not None and user.active and user.email else None
    links = uow.messengers.of_user(post.user_id)
    return next((each.place for each in links if each.account.channel == post.channel), None)


def _place(uow: UnitOfWork, message: Message) -> Mapping[str, Any] | None:
    """Where the question was asked; a message of its own goes where the person is written to."""
    asked = uow.messages.get(message.turn) if message.turn is not None else None
    place = asked.extra.get("place") if asked is not None else None
    return place if isinstance(place, Mapping) else None


def _address(place: Mapping[str, Any]) -> str:
    """What the messenger counts by: the conversation, whatever the thread."""
    conversation = place.get("conversation")
    named = conversation.get("id") if isinstance(conversation, Mapping) else place.get("channel")
    return str(named or json.dumps(place, sort_keys=True))
