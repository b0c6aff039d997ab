"""Undo the speaker's own last change, inside the grace window: a card that says what is taken back, and one yes."""

from __future__ import annotations

from actions import case_turns
from actions.amendment import before_and_after
from actions.desk_action import DeskAction
from actions.order_command import ask_which_order, ask_yes
from actions.order_reference import named_orders, visible_order
from actions.turn import Event, Turn
from deskhand.orders.commands import UndoLastChange
from deskhand.orders.model import Order

KIND = "undo_change"
UNDO_CHOICE = "undo"


class UndoChangeAction(DeskAction):
    """ "Undo that", "刚才点错了". Refused at once where nothing is to undo, or it is too late."""

    action_name = "action_undo_change"

    def act(self, turn: Turn) -> list[Event]:
        turn.void_command_card()
        if case_turns.undone(turn):
            return []
        named = named_orders(turn)
        if len(named) > 1:
            turn.say("utter_question_order_number")
            ask_which_order(turn, named, {"purpose": UNDO_CHOICE})
            return []
        return proceed(turn, named[0].number if named else None)


def proceed(turn: Turn, number: str | None) -> list[Event]:
    """The card for this order, or for the one that the speaker changed last."""
    outcome = turn.rehearse(UndoLastChange(number))
    after = outcome.order
    assert after is not None
    order = visible_order(turn, after.number)
    facts, parts = before_and_after(turn, order, after)
    facts = [("undone", _last_step(turn, order)), *facts]
    ask_yes(turn, KIND, order, UndoLastChange(order.number, order.row_version), outcome, facts, **parts)
    return []


def _last_step(turn: Turn, order: Order) -> str:
    """What the speaker did last, in words: it is the newest row of the order's history."""
    return turn.wording.say("steps", turn.uow.orders.history(order.id)[-1].event, turn.language)
