"""Undo the speaker's own last change, inside the grace window: a card that says what is taken back, and one yes."""

from __future__ import annotations

from actions import set_notifications
from actions.amendment import before_and_after
from actions.case_reference import numbers_in, own_cases
from actions.desk_action import DeskAction
from actions.order_command import ask_which_order, ask_yes
from actions.order_reference import named_orders, visible_order
from actions.turn import Event, Turn
from deskhand.language import read_order_numbers
from deskhand.orders.commands import UndoLastChange
from deskhand.orders.model import Order

KIND = "undo_change"
UNDO_CHOICE = "undo"


class UndoChangeAction(DeskAction):
    """ "Undo that", "刚才点错了". Refused at once where nothing is to undo, or it is too late."""

    action_name = "action_undo_change"

    def act(self, turn: Turn) -> list[Event]:
        return begin(turn)


def begin(turn: Turn) -> list[Event]:
    """The order that is named, else the last that the speaker changed; several: a list to pick from."""
    turn.void_command_card()
    if _is_of_case(turn) or _is_of_notices(turn):
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


def _is_of_case(turn: Turn) -> bool:
    """Says what can be done instead, where a case is what "undo that" is about: the last thing that the speaker did."""
    if read_order_numbers(turn.text):
        return False
    named = numbers_in(turn)
    newest = next((file for _, file in own_cases(turn)), None)
    order = turn.uow.orders.last_changed_by(turn.user_id) if newest is not None else None
    if not named and newest is not None and (order is None or order.updated_at < newest.started_at):
        named = [newest.number]
    if named:
        turn.say("utter_case_undo", number=named[0])
    return bool(named)


def _is_of_notices(turn: Turn) -> bool:
    """Asks whether one wants to be told as before, where that is the last thing that the speaker changed."""
    if read_order_numbers(turn.text):
        return False
    kept = turn.uow.notice_settings.get(turn.user_id)
    if kept is None or kept.previous is None:
        return False
    order = turn.uow.orders.last_changed_by(turn.user_id)
    if not set_notifications.is_named(turn) and order is not None and order.updated_at > kept.updated_at:
        return False
    set_notifications.begin_undo(turn, kept)
    return True
