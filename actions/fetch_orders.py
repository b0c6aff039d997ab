"""Orders of a source that a robot reads off another system's screens: the robot is asked, and its rows wait for a yes.

How far it is and what it read are told by the gateway, as of every robot.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from actions import robot_cards
from actions.turn import Turn
from deskhand.erp.configured import Configured
from deskhand.robots.queue import Wish
from deskhand.robots.rows import FOR_IMPORT
from deskhand.store.work_item import ItemState, WorkItem

_OPEN = (ItemState.NEW, ItemState.IN_PROGRESS)


def fetch(turn: Turn, source: Configured) -> None:
    """One that is on its way for the speaker is shown in place of another.

    Raises:
        RoleNotAllowed, RobotNotKnown.
    """
    name = source.robot or ""
    waiting = turn.uow.work_items.newest(name, _OPEN, turn.user_id, limit=1)
    if waiting:
        turn.say("utter_robot_has_it", number=waiting[0].reference)
        robot_cards.show_item(turn, waiting[0])
        return
    item = _asked(turn, name, source)
    turn.changed = True
    title = turn.services.robots.spec(name).title[turn.language]
    seconds = turn.uow.tenant.undo_window_seconds
    turn.say("utter_robot_begun", number=item.reference, case=title, seconds=seconds)


def _asked(turn: Turn, robot: str, source: Configured) -> WorkItem:
    """Each time anew: there may be more orders than when it was last asked."""
    now = turn.uow.now.astimezone(ZoneInfo(turn.uow.tenant.time_zone))
    wish = Wish(
        f"{now:%Y-%m-%d %H:%M:%S}",
        {"day": now.date().isoformat(), FOR_IMPORT: source.name},
        conversation=turn.claims.conversation,
        language=turn.language,
    )
    return turn.services.robots.add(turn.uow, turn.actor, robot, wish)
