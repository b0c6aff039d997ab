"""Yes or no to a card about a case: its command is carried out, and what was done is said. Knows no questions."""

from __future__ import annotations

from typing import Any

from actions import case_cards, forms
from actions.case_draft import DRAFT, FORM, SLOTS, command_in
from actions.turn import Event, Turn
from deskhand.cases import DecideTask, GiveFields, StartCase, WithdrawCase
from deskhand.orders.errors import DeskhandError
from deskhand.store import Card


def is_of_case(card: Card) -> bool:
    return "case_command" in card.payload


def is_of_form(card: Card) -> bool:
    """Whether the card is the process form's own: a text while it waits is for that form."""
    return is_of_case(card) and card.payload["case_command"] != WithdrawCase.__name__


def carry_out(turn: Turn, card: Card) -> None:
    """What the card said, in the transaction in which it was used up; nothing is asked any more, even if refused."""
    command = command_in(card.payload)
    try:
        outcome = turn.do_case(command)
    except DeskhandError as error:
        turn.refuse(error)
    else:
        _say_done(turn, command, outcome)
    finish(turn)


def _say_done(turn: Turn, command: Any, outcome: Any) -> None:
    if isinstance(command, StartCase):
        case_cards.say_done(turn, "utter_case_started", outcome)
    elif isinstance(command, DecideTask):
        said = "utter_task_decided_last" if outcome.case.ended_at else "utter_task_decided"
        case_cards.say_done(turn, said, outcome, command.decision)
    elif isinstance(command, GiveFields):
        case_cards.say_done(turn, "utter_case_corrected", outcome)
    else:
        case_cards.say_done(turn, "utter_case_withdrawn", outcome)


def declined(turn: Turn, card: Card) -> bool:
    """No: what is being filled in can be corrected, and its form stays; a decision is left as it was."""
    if card.payload["case_command"] == StartCase.__name__ and turn.uow.drafts.open_of(turn.user_id, DRAFT):
        turn.say("utter_process_what_to_change")
        return True
    turn.say("utter_command_rejected")
    finish(turn)
    return False


def finish(turn: Turn) -> None:
    draft = turn.uow.drafts.open_of(turn.user_id, DRAFT)
    if draft is not None:
        turn.uow.drafts.finish(draft.id)
        turn.changed = True


def answered(turn: Turn, card: Card, confirmed: bool) -> list[Event]:
    """From the action that answers cards: the form is over, but for a draft that is to be corrected."""
    stays = False
    if confirmed:
        carry_out(turn, card)
    else:
        stays = declined(turn, card)
    return forms.closing(SLOTS) if turn.form == FORM and not stays else []
