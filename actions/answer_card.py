"""Yes, no or a choice: the answer to the card that waits, by button or typed.

The card is used up and its command carried out in one transaction; a refusal is said and the card stays used.
"""

from __future__ import annotations

from typing import Any

from actions import (
    amend_order,
    candidate_cards,
    cards,
    case_command,
    case_turns,
    did_you_mean,
    draft_text,
    forms,
    give_shipment,
    import_cards,
    order_command,
    robot_cards,
    set_notifications,
    settle_payment,
    several_card,
    undo_change,
    work_robot,
)
from actions.command_done import say_done
from actions.desk_action import DeskAction
from actions.order_reference import visible_order
from actions.order_rules import say_cleared, say_why_waiting
from actions.order_step import STEPS, Said, from_payload
from actions.place_order import reopen
from actions.query_order import tell
from actions.receipts import CONFIRMATION
from actions.turn import MEANING_CHOICE, Event, Turn
from deskhand.language import is_yes, starts_with_no
from deskhand.orders.commands import ConfirmOrder, RecordPayment, ReleaseOrder, SettlePayments
from deskhand.orders.errors import DeskhandError
from deskhand.orders.status import OrderStatus
from deskhand.store import Card

_TYPED = {"affirm": cards.CONFIRM, "deny": cards.REJECT}


class AnswerCardAction(DeskAction):
    """Whatever card is answered, but for the draft's own while its form is on."""

    action_name = "action_answer_card"

    def act(self, turn: Turn) -> list[Event]:
        instead = order_command.begin_instead(turn)
        instead = case_turns.of_case(turn) if instead is None else instead
        if instead is not None:
            return instead
        card = _card(turn)
        if card is None:
            return _nothing_waits(turn)
        if card.kind == "order_draft":
            return reopen(turn) or _of_no_draft(turn, card)
        action = _action(turn, card)
        if action not in card.actions and not turn.claims.card:
            return _which(turn, card)
        used = turn.uow.cards.consume(card.id, turn.user_id, action, turn.uow.now)
        turn.changed = True
        if card.kind == "choices":
            return _chosen(turn, used)
        if (answered := _of_no_order(turn, used, action == cards.CONFIRM)) is not None:
            return answered
        if action == cards.REJECT:
            turn.say("utter_command_rejected")
            return []
        return _carry_out(turn, used)


def _of_no_order(turn: Turn, card: Card, yes: bool) -> list[Event] | None:
    """The answer to a card of a case, an import, orders that may be one, one's notices; None: it is none of these."""
    if set_notifications.is_settings(card):
        return set_notifications.answered(turn, card, yes)
    if case_command.is_of_case(card):
        return case_command.answered(turn, card, yes)
    if robot_cards.is_of_robot(card):
        return robot_cards.answered(turn, card, yes)
    if candidate_cards.is_candidate(card):
        return candidate_cards.answered(turn, card, yes)
    return import_cards.answered(turn, card, yes) if import_cards.is_import(card) else None


def _nothing_waits(turn: Turn) -> list[Event]:
    decided = case_turns.decided_bare(turn)
    decided = work_robot.begin_bare(turn) if decided is None else decided
    if decided is None:
        turn.say("utter_nothing_pending")
    return decided or []


def _of_no_draft(turn: Turn, card: Card) -> list[Event]:
    """The card of a draft that was placed or left.

    Raises:
        CardUsed, CardExpired: as it mostly is; an empty answer would be taken for a failure.
    """
    turn.uow.cards.consume(card.id, turn.user_id, turn.claims.action or _typed(turn), turn.uow.now)
    turn.changed = True
    turn.say("utter_no_open_draft")
    return []


def _action(turn: Turn, card: Card) -> str:
    """What was pressed or typed; a yes to a list of one is that one."""
    action = turn.claims.action or case_turns.typed_decision(turn, card.payload) or _typed(turn)
    only = card.kind == "choices" and len(cards.options_of(card)) == 1
    return "choose:1" if only and action == cards.CONFIRM else action


def _which(turn: Turn, card: Card) -> list[Event]:
    """A yes to several says nothing."""
    if card.payload.get("purpose") == MEANING_CHOICE:
        turn.say("utter_did_you_mean")
    else:
        turn.say("utter_question_which_task" if case_turns.is_choice(card.payload) else "utter_question_order_number")
    return []


def _typed(turn: Turn) -> str:
    """What a text says to a yes or no; "no, SO-1001" is never a yes, whatever it was taken for."""
    if turn.intent == "affirm" and starts_with_no(turn.text) and not is_yes(turn.text):
        return cards.REJECT
    return _TYPED.get(turn.intent, "")


def _card(turn: Turn) -> Card | None:
    """The card whose button was pressed, else the latest that waits."""
    if turn.claims.card:
        return turn.uow.cards.get(turn.claims.card, turn.user_id)
    return turn.uow.cards.open_of(turn.user_id)


def _carry_out(turn: Turn, card: Card) -> list[Event]:
    if card.payload.get("kind") == several_card.KIND:
        several_card.carry_out(turn, card)
        return []
    command = from_payload(card.payload)
    try:
        outcome = turn.do(command)
    except DeskhandError as error:
        turn.refuse(error)
        return []
    order = outcome.order
    if isinstance(command, SettlePayments) and command.numbers is None:
        settle_payment.say_settled(turn, outcome)
        return []
    assert order is not None
    if isinstance(command, RecordPayment) and not outcome.events:
        turn.say("utter_payment_known", number=order.number, reference=command.reference)
        return []
    say_done(turn, command, order)
    if isinstance(command, ConfirmOrder | ReleaseOrder):
        say_why_waiting(turn, order)
    if isinstance(command, ConfirmOrder) and order.status is OrderStatus.CONFIRMED:
        turn.write(CONFIRMATION, order)
    say_cleared(turn, outcome)
    turn.say_for_whom(outcome)
    turn.show(cards.order_card(turn, order))
    return []


def _chosen(turn: Turn, card: Card) -> list[Event]:
    """One of several orders, products or meanings: go on with what it was wanted for."""
    payload: Any = card.payload
    option, purpose = cards.options_of(card)[int(str(card.action).partition(":")[2]) - 1], payload.get("purpose")
    if (done := _no_order_chosen(turn, payload, option)) is not None:
        return done
    order = visible_order(turn, option)
    if purpose == amend_order.AMEND_CHOICE:
        return _done_asking(turn, amend_order.changed(turn, order, payload["said"]), amend_order.FORM)
    if purpose == order_command.ORDER_CHOICE:
        step = STEPS[payload["step"]]
        return _done_asking(
            turn, order_command.proceed(turn, step, order, Said(**payload.get("said", {}))), order_command.FORM
        )
    if purpose == give_shipment.SHIPMENT_CHOICE:
        details = give_shipment.Details.of(payload["details"])
        return _done_asking(turn, give_shipment.proceed(turn, details, order), give_shipment.FORM)
    if purpose == undo_change.UNDO_CHOICE:
        return undo_change.proceed(turn, order.number)
    tell(turn, [order])
    return []


def _no_order_chosen(turn: Turn, payload: Any, option: str) -> list[Event] | None:
    """A product, a meaning, a customer, something of a case; None: the list was of orders."""
    purpose = payload.get("purpose")
    if purpose == amend_order.PRODUCT_CHOICE:
        return _done_asking(turn, amend_order.product_chosen(turn, option), amend_order.FORM)
    if purpose == MEANING_CHOICE:
        return did_you_mean.take_up(turn, option, str(payload["said"]), str(payload.get("message", "")))
    if purpose == draft_text.CONTRACT_CHOICE:
        return draft_text.customer_chosen(turn, payload, option)
    return case_turns.chosen(turn, payload, option)


def _done_asking(turn: Turn, events: list[Event], form: str) -> list[Event]:
    """The form that waited for this choice is over unless it asks on."""
    asks_on = any(event.get("name") == forms.REQUESTED and event.get("value") for event in events)
    if turn.form != form or asks_on:
        return events
    return forms.closing({*order_command.SLOTS, *give_shipment.SLOTS, *amend_order.SLOTS})
