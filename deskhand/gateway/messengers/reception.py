"""What comes in from Slack or Teams, once it is known from whom: stored, then worked on. Knows neither.

The same way as the widget's: the message is stored under the messenger's id, so that a repeat is recognised and what
was not answered is found again; answers go out from the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deskhand.cases import errors as cases
from deskhand.channels.errors import CardActionUnknown
from deskhand.channels.inbound import Inbound, read_inbound
from deskhand.channels.sentences import sentence, sentence_for
from deskhand.channels.turns import Received, Speaker
from deskhand.gateway.channels import require_channels
from deskhand.gateway.chat_routes import noted
from deskhand.gateway.errors import TooManyRequests
from deskhand.gateway.excess import TOO_MANY, Excess, note_excess
from deskhand.gateway.messengers.decisions import CARD, decide
from deskhand.gateway.messengers.people import Person, person_of
from deskhand.orders import errors as orders
from deskhand.orders.errors import CardError, DeskhandError
from deskhand.store import Desk, MessengerAccount

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

_OVER = (
    orders.NotPossibleNow,
    orders.VersionConflict,
    cases.UnknownTask,
    cases.CaseNotPossibleNow,
    cases.TaskClaimed,
    cases.AlreadyDecided,
)

Place = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Press:
    """One button: what it is about, which it was, and the reason where one was asked for."""

    subject: str
    action: str
    reason: str | None = None


class Reception:
    """One for both messengers."""

    def __init__(self, at: Door) -> None:
        self._at = at

    async def person(self, account: MessengerAccount) -> Person | None:
        return await self._at.threads.run(person_of, self._at.desk, account)

    async def say(self, person: Person, identifier: str, text: str, place: Place) -> Received:
        """A text, stored when this returns.

        Raises:
            DeskhandError: it was refused.
        """
        inbound = read_inbound({"id": identifier, "text": text})
        return await self.receive(person, Inbound(inbound.id, text=inbound.text, place=place))

    async def press(self, person: Person, identifier: str, press: Press, place: Place) -> Received | None:
        """A button: of a card like a text, of a notice carried out when this returns.

        Raises:
            DeskhandError: it was refused.
        """
        kind, _, about = press.subject.partition(":")
        if kind != CARD:
            await self._allow(person, identifier)
            who = person.actor(identifier)
            await self._at.threads.run(decide, self._at.desk, who, press.subject, press.action, press.reason)
            return None
        inbound = read_inbound({"id": identifier, "card": {"id": about, "action": press.action}})
        return await self.receive(person, Inbound(inbound.id, press=inbound.press, place=place))

    async def answered(self, person: Person, received: Received) -> None:
        """Waits until the turn is over; what it said goes out by itself.

        Raises:
            BotUnavailable: it will be answered later.
        """
        await self._at.chat.answer(person.tenant.id, received)

    async def first(self, tenant: str, channel: str, name: str) -> bool:
        """Whether this was never seen before; it is from now on."""
        key = f"{channel}:{digest(name)}"
        return await self._at.threads.run(_first, self._at.desk, tenant, key)

    async def note(self, tenant: str, channel: str, cause: str, action: str, code: str, target: str | None) -> None:
        """A refusal of somebody who is nobody here."""
        await self._at.threads.run(_note, self._at.desk, tenant, (channel, cause, action, target, "refused"), code)

    async def receive(self, person: Person, inbound: Inbound) -> Received:
        """What has been checked already.

        Raises:
            DeskhandError: it was refused.
        """
        await self._allow(person, inbound.id)
        speaker = Speaker(person.tenant.id, person.known.id, person.channel)
        async with noted(self._at, person.actor(inbound.id)):
            try:
                received = await self._at.chat.receive(speaker, inbound)
            except TOO_MANY as refused:
                await self._too_many(person, inbound.id, refused)
                raise
        if not received.message.answered:
            self._at.chat.wake(person.tenant.id, received.conversation.id)
        return received

    async def _allow(self, person: Person, cause: str) -> None:
        """
        Raises:
            ChannelClosed, TooManyRequests.
        """
        require_channels(self._at.desk, person.tenant.id, (person.channel,))
        try:
            self._at.limits.message(person.caller)
        except TooManyRequests as refused:
            await self._too_many(person, cause, refused)
            raise

    async def _too_many(self, person: Person, cause: str, refused: DeskhandError) -> None:
        who = person.actor(cause)
        await note_excess(self._at, Excess(person.tenant.id, refused, person.channel, cause, "", who))


def digest(name: str) -> str:
    """A name of any length and shape as an id of ours."""
    return hashlib.sha256(name.encode()).hexdigest()[:48]


def refusal_said(error: DeskhandError, language: str) -> str:
    """In words for the person alone; nothing that the refusal's own English sentence would be needed for."""
    if isinstance(error, orders.RoleNotAllowed):
        return sentence("messenger_not_allowed", language)
    if isinstance(error, _OVER):
        return sentence("messenger_decided", language)
    if isinstance(error, cases.CaseError | orders.OrderError) and not isinstance(error, CardError | CardActionUnknown):
        return sentence("messenger_refused", language, why=error.code)
    return sentence_for(error, language)


def _first(desk: Desk, tenant: str, key: str) -> bool:
    with desk.unit_of_work(tenant) as uow:
        first = uow.inbox.begin(key, key) is None
        uow.commit()
    return first


def _note(desk: Desk, tenant: str, row: tuple[str, str, str, str | None, str], code: str) -> None:
    with desk.unit_of_work(tenant) as uow:
        channel, cause, action, target, outcome = row
        uow.audit.add_unknown(channel, cause, action, target, outcome, {"code": code})
        uow.commit()
