"""What the asker's role can do here."""

from __future__ import annotations

from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.orders.status import Role

_SAME_AS = {Role.ADMIN: Role.MANAGER, Role.SYSTEM: Role.MANAGER}


class AskHelpAction(DeskAction):
    """ "What can you do?"."""

    action_name = "action_ask_help"
    read_only = True

    def act(self, turn: Turn) -> list[Event]:
        role = _SAME_AS.get(turn.claims.role, turn.claims.role)
        turn.say(f"utter_help_{role}")
        return []
