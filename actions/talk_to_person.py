"""Somebody wants a person: the wish is recorded as an event, so that colleagues are notified."""

from __future__ import annotations

from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.orders.events import DomainEvent, EventName


class TalkToPersonAction(DeskAction):
    """ "转人工", "let me talk to somebody"."""

    action_name = "action_talk_to_person"

    def act(self, turn: Turn) -> list[Event]:
        wish = {"conversation": turn.claims.conversation, "name": turn.claims.name, "said": turn.text[:500]}
        turn.uow.outbox.publish(DomainEvent(EventName.PERSON_REQUESTED, None, wish), turn.actor)
        turn.changed = True
        turn.say("utter_person_requested")
        return []
