"""What all actions have in common: the token, the repeat, one commit for a call, refusals in words.

A message is answered once: what an action said and did for it is kept under the message's id, and a repeat of the
turn gets the same answer without anything being done again, even when Rasa, which has moved on, asks another action.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import stuck
from actions.misunderstood import Misreading, misreading, note
from actions.order_reference import card_of_another_order
from actions.services import Services
from actions.turn import Event, Turn, meant_in
from deskhand.channels.handovers import BOT
from deskhand.channels.turn_token import TurnClaims, TurnTokenRefused, verify
from deskhand.language import read_requests
from deskhand.language.robots import bare_robot_talk
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.store import Card, UnitOfWork, follow_files

_log = logging.getLogger(__name__)


@dataclass
class Reply:
    """What goes back to Rasa: events for the tracker, responses for the user.

    `denied` is what was refused to somebody who only asked: their turn writes nothing, so it is noted afterwards. So is
    `misread`, that a message was not understood.
    """

    events: list[Event] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    denied: tuple[Actor, str, DeskhandError] | None = None
    misread: Misreading | None = None

    def kept(self) -> dict[str, Any]:
        return {"events": self.events, "responses": self.responses}


class DeskAction(Action):  # type: ignore[misc]  # rasa_sdk has no types
    """A skill says what it does in `act`; everything around it is here."""

    action_name: ClassVar[str]
    may_offer_person: ClassVar[bool] = True  # whether it answers what somebody wrote
    read_only: ClassVar[bool] = False  # does not wait for writers; there is nothing to commit
    hears_several: ClassVar[bool] = True  # whether it may be the first to see a text

    def __init__(self, services: Services) -> None:
        self.services = services

    def name(self) -> str:
        return self.action_name

    def act(self, turn: Turn) -> list[Event]:
        """Read the turn, do what it asks, queue what is said; returns events for the tracker."""
        raise NotImplementedError

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        """The events after a refusal that `act` let through; everything it did is taken back."""
        return []

    def when_several(self, turn: Turn) -> list[Event]:
        """The events when the text was several requests, which are no one skill's."""
        return []

    def when_failed(self) -> list[Event]:
        """The events when nobody could be told from the token, or on a fault of ours."""
        return []

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Event]:
        try:
            claims = self.claims(tracker)
            reply = await asyncio.to_thread(self._perform, claims, tracker)
        except TurnTokenRefused as refusal:
            _log.warning("%s: turn refused: %s", self.action_name, refusal.code)
            await self.services.refused_turns.note(self.action_name, str(tracker.sender_id), refusal)
            dispatcher.utter_message(response="utter_turn_refused")
            return self.when_failed()
        except Exception:  # a fault of ours, whatever it is: Rasa goes on, and who wrote is told
            _log.exception("%s failed in conversation %s", self.action_name, tracker.sender_id)
            for said in stuck.failed(tracker.events):
                dispatcher.utter_message(response=said)
            return self.when_failed()
        if reply.denied:
            await asyncio.to_thread(self.services.desk.note_refused, *reply.denied)
        if reply.misread:
            await asyncio.to_thread(note, self.services.desk, reply.misread)
        for response in reply.responses:
            dispatcher.utter_message(**response)
        return reply.events

    def claims(self, tracker: Tracker) -> TurnClaims:
        """Who speaks, from the newest message's token and no other.

        Raises:
            TurnTokenRefused: missing, forged, expired or of another conversation.
        """
        return self.verified(tracker.latest_message.get("metadata"), tracker)

    def verified(self, metadata: object, tracker: Tracker) -> TurnClaims:
        """The claims of the token in the metadata, if it was made for the conversation that Rasa says this is."""
        token = metadata.get("token") if isinstance(metadata, Mapping) else None
        claims = verify(token, self.services.turn_secrets, self.services.desk.clock())
        if not claims.is_of(str(tracker.sender_id)):
            raise TurnTokenRefused("turn_token_of_another_conversation", claims)
        return claims

    def _perform(self, claims: TurnClaims, tracker: Tracker) -> Reply:
        meant, said_by = meant_in(tracker), claims
        if meant is not None:  # the button has been answered; what follows reads the words it stands for
            claims = replace(claims, card=None, action=None)
        several = self._may_be_heard_first(claims, tracker)
        if several:  # one of them may be a question about the rules
            follow_files(self.services.desk, self.services.knowledge, claims.tenant)
        read_only = self.read_only and not several
        replaced = self._replaced_card(said_by, tracker, read_only)
        with self.services.desk.unit_of_work(claims.tenant, read_only=read_only) as uow:
            is_over = self._is_over(uow, claims, read_only)
            turn = Turn(self.services, claims, tracker, uow, replaced=replaced, meant=meant)
            kept = {} if read_only else dict(uow.messages.turn_result(claims.message_id) or {})
            key = f"{self.action_name}/2" if turn.is_second_look else self.action_name
            if key in kept:
                return Reply(**kept[key])
            if before := [each for name, each in kept.items() if is_over or not turn.has_run(name)]:
                return Reply([], [response for each in before for response in each["responses"]])
            try:
                with uow.savepoint():
                    events = self._acted(turn)
            except DeskhandError as error:
                events = self._refused(turn, error)
            self._offer_person(turn)
            reply = Reply(events, turn.replies, turn.denied, misreading(turn))
            if turn.changed:
                uow.messages.save_turn_result(claims.message_id, {**kept, key: reply.kept()})
                uow.commit()
            return reply

    def _may_be_heard_first(self, claims: TurnClaims, tracker: Tracker) -> bool:
        text = "" if claims.card or claims.file else str(tracker.latest_message.get("text") or "")
        return self.hears_several and (bool(read_requests(text)) or bare_robot_talk(text) is not None)

    def _acted(self, turn: Turn) -> list[Event]:
        """The skill; but what is several requests is taken before it, by whichever action is called first."""
        first = self.services.heard_first if self.hears_several else None
        if first is None or turn.is_second_look or turn.is_opened_by_action:
            return self.act(turn)
        events = first(turn)
        return self.act(turn) if events is None else events or self.when_several(turn)

    def _is_over(self, uow: UnitOfWork, claims: TurnClaims, read_only: bool) -> bool:
        """Once its message is answered, a token does nothing more; what was said then can be had again.

        Raises:
            TurnTokenRefused: there is nothing to repeat; or the message was erased, or is of another conversation.
        """
        message = uow.messages.get(claims.message_id)
        if message is None or message.conversation_id != claims.conversation:
            raise TurnTokenRefused("turn_token_without_message", claims)
        if message.answered and (read_only or not uow.messages.turn_result(claims.message_id)):
            raise TurnTokenRefused("turn_token_used", claims)
        return message.answered

    def _replaced_card(self, claims: TurnClaims, tracker: Tracker, read_only: bool) -> Card | None:
        """Once another order is named, the card of the one before takes no yes any more, whatever becomes of this turn.

        In a transaction of its own, because a skill that only reads may be what answers.
        """
        if not any(map(str.isdigit, str(tracker.latest_message.get("text") or ""))):
            return None
        desk = self.services.desk
        with desk.unit_of_work(claims.tenant, read_only=True) as uow:
            if self._is_over(uow, claims, read_only) or uow.messages.turn_result(claims.message_id):
                return None
            card = card_of_another_order(Turn(self.services, claims, tracker, uow))
        if card is not None:
            with desk.unit_of_work(claims.tenant) as uow:
                uow.cards.supersede_open(claims.user_id)
                uow.commit()
        return card

    def _offer_person(self, turn: Turn) -> None:
        """To who gets no further, behind the answer; not where a person was asked for, or nothing was typed."""
        if not self.may_offer_person or not turn.replies or not turn.text or turn.meant is not None:
            return
        saying = [str(reply.get("response") or "") for reply in turn.replies]
        offered = stuck.offer(turn.tracker.events, saying, turn.is_customer)
        conversation = turn.uow.conversations.get(turn.claims.conversation) if offered else None
        if offered and conversation is not None and conversation.state == BOT:
            turn.say(offered)

    def _refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        """What `act` had begun is taken back already; the refusal is said, and noted if a command met it."""
        turn.replies.clear()
        turn.changed = False
        turn.refuse(error)
        if self.read_only:
            turn.denied = (turn.actor, turn.attempted, error) if isinstance(turn.attempted, str) else None
            return self.when_refused(turn, error)
        turn.note_refusal(error)
        if turn.names_command:
            turn.void_command_card()
        return self.when_refused(turn, error)
