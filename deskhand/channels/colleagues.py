"""Handovers, live: what a colleague does is stored and shown to who asked, to the person, and to all who could answer.

The stored side is in `handovers`; knows nothing of HTTP or sign-in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar

from deskhand.channels.handovers import BOT, Change, Handovers, Standing
from deskhand.channels.ready_replies import ReadyReplies
from deskhand.orders.model import Actor
from deskhand.orders.tenant import CHAT
from deskhand.store import Conversation, Message

_log = logging.getLogger("deskhand.channels")

P = ParamSpec("P")
R = TypeVar("R")

Json = Mapping[str, Any]


class Audience(Protocol):
    """Who is connected: all tabs of one user, and all who may take a conversation over."""

    async def tell(self, tenant: str, user_id: str, event: str, data: Json, skip: str | None = None) -> None: ...

    async def tell_staff(self, tenant: str, event: str, data: Json) -> None: ...


class Threads(Protocol):
    """Runs a blocking call elsewhere."""

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...


class Colleagues:
    """People who answer in the bot's place."""

    def __init__(
        self, handovers: Handovers, audience: Audience, threads: Threads, ready: ReadyReplies | None = None
    ) -> None:
        self.handovers = handovers
        self.ready = ready
        self._audience = audience
        self._threads = threads

    async def claim(self, actor: Actor, handover_id: str) -> Change:
        return await self._done(actor.tenant, self.handovers.claim, actor, handover_id)

    async def reply(self, actor: Actor, handover_id: str, text: str, client_id: str) -> Change:
        return await self._done(actor.tenant, self.handovers.reply, actor, handover_id, text, client_id)

    async def give_back(self, actor: Actor, handover_id: str) -> Change:
        return await self._done(actor.tenant, self.handovers.give_back, actor, handover_id)

    async def close(self, actor: Actor, handover_id: str) -> Change:
        return await self._done(actor.tenant, self.handovers.close, actor, handover_id)

    async def take_back(self, tenants: Sequence[str]) -> int:
        """What nobody took, and what nobody answers, goes back to the bot; says how many.

        What fails for one company does not keep the others waiting.
        """
        count = 0
        for tenant in tenants:
            try:
                for change in await self._threads.run(self.handovers.overdue, tenant):
                    await self.show(tenant, change)
                    count += 1
            except Exception:  # whatever it is, it is this company's, and the next round tries again
                _log.exception("the handovers of %s could not be looked at", tenant)
        return count

    async def hear(self, tenant: str, conversation: Conversation, messages: Sequence[Json]) -> None:
        """What is said in a conversation, for the person who has it."""
        if conversation.person_id is not None:
            await self.tell_person(tenant, conversation.person_id, conversation.id, messages)

    async def answer_ahead(self, tenant: str, conversation: Conversation, message: Message) -> None:
        """What is ready for a customer's message is said, or offered to the person who has the conversation."""
        if self.ready is None or conversation.person_id is None:
            return
        try:
            ready = await self._threads.run(self.ready.hear, tenant, conversation, message)
        except Exception:  # the message is stored and the person has heard it: they answer by themselves
            _log.exception("no answer could be made ready for message %s", message.id)
            return
        for said in ready.said if conversation.channel == CHAT else ():
            await self._audience.tell(tenant, conversation.user_id, "bot_uttered", said)
        await self.tell_person(tenant, conversation.person_id, conversation.id, ready.said)
        offered = {"conversation": conversation.id, "offers": list(ready.offers)}
        await self._audience.tell(tenant, conversation.person_id, "handover_offers", offered)

    async def show(self, tenant: str, change: Change) -> None:
        """To who asked, in the tabs where they talk; what is said in a messenger goes out from the store."""
        one, here = change.handover, change.channel == CHAT
        for message in change.messages if here else ():
            await self._audience.tell(tenant, one.user_id, "bot_uttered", message)
        if change.person_id is not None:
            await self.tell_person(tenant, change.person_id, one.conversation_id, change.messages)
        if change.moved and here:
            await self._audience.tell(tenant, one.user_id, "handover", change.standing.json())
        if change.moved:
            await self._audience.tell_staff(tenant, "handovers", {})

    async def forget(self, tenant: str, user_id: str) -> None:
        """A conversation that had a person, or wanted one, was deleted; the next one is the bot's."""
        await self._audience.tell(tenant, user_id, "handover", Standing(BOT).json())
        await self._audience.tell_staff(tenant, "handovers", {})

    async def tell_person(self, tenant: str, person_id: str, conversation: str, messages: Sequence[Json]) -> None:
        for message in messages:
            said = {"conversation": conversation, "message": message}
            await self._audience.tell(tenant, person_id, "handover_message", said)

    async def _done(self, tenant: str, change: Callable[P, Change], *args: P.args, **kwargs: P.kwargs) -> Change:
        made = await self._threads.run(change, *args, **kwargs)
        await self.show(tenant, made)
        return made
