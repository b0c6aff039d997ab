"""Somebody wants a person: the conversation enters the queue and colleagues are notified. The bot goes on meanwhile."""

from __future__ import annotations

from actions import stuck
from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.channels.handovers import ask


class TalkToPersonAction(DeskAction):
    """ "转人工", "let me talk to somebody"."""

    action_name = "action_talk_to_person"

    def act(self, turn: Turn) -> list[Event]:
        reason = stuck.reason(turn.tracker.events)
        _, created = ask(turn.uow, turn.actor, turn.claims.conversation, reason, turn.language, turn.text)
        turn.changed = True
        turn.say("utter_person_requested" if created else "utter_person_already_requested")
        return []
