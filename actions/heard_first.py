"""What a text may be before any skill, whatever intent Rasa gave it: a bare word to a robot, or several requests."""

from __future__ import annotations

from actions import several_requests, work_robot
from actions.turn import Event, Turn


def heard(turn: Turn) -> list[Event] | None:
    """None: it is left to the skill that Rasa chose."""
    waits = turn.form is not None or turn.uow.cards.open_of(turn.user_id) is not None
    said = None if waits else work_robot.begin_bare(turn)
    return several_requests.taken(turn) if said is None else said
