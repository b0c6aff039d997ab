"""Undo the speaker's own last change, inside the grace window."""

from __future__ import annotations

from actions import cards
from actions.desk_action import DeskAction
from actions.order_reference import named_orders
from actions.turn import Event, Turn
from deskhand.orders.commands import UndoLastChange

_SURE = 0.6


class UndoChangeAction(DeskAction):
    """ "Undo that", "刚才点错了". Undoing is said in so many words or asked back, never guessed."""

    action_name = "action_undo_change"

    def act(self, turn: Turn) -> list[Event]:
        if turn.confidence < _SURE:
            turn.say("utter_undo_unsure")
            return []
        named = named_orders(turn)
        outcome = turn.do(UndoLastChange(named[0].number if named else None))
        order = outcome.order
        assert order is not None
        turn.say("utter_undone", number=order.number, status=cards.status(turn, order)["label"])
        turn.say_for_whom(outcome)
        turn.show(cards.order_card(turn, order))
        return []
