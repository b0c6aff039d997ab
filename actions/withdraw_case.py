"""A case is taken back by who started it, while its diagram allows it: a card, then a yes."""

from __future__ import annotations

from typing import Any

from actions import cards, case_cards, process_form, undo_change
from actions.case_reference import Seen, named_cases, numbers_in, own_cases, processes_named, visible_case
from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.cases import Definition, WithdrawCase
from deskhand.cases.model import CaseFile
from deskhand.language import read_order_numbers, read_reason

WITHDRAWAL_CHOICE = "withdrawal"


class WithdrawCaseAction(DeskAction):
    """ "撤回PA-1001", "withdraw my purchase request, it has a mistake"."""

    action_name = "action_withdraw_case"

    def act(self, turn: Turn) -> list[Event]:
        return begin(turn)


def begin(turn: Turn) -> list[Event]:
    """The case that is named, else the speaker's only one under way; several: a list to pick from.

    An order is not withdrawn: what was done to it last is taken back.
    """
    if process_form.is_on(turn):
        return []
    if read_order_numbers(turn.text) and not numbers_in(turn):
        return undo_change.begin(turn)
    turn.void_command_card()
    reason = read_reason(turn.text)
    found = named_cases(turn) or _own(turn)
    if not found:
        turn.say("utter_no_cases")
        return []
    if len(found) == 1:
        return proceed(turn, *found[0], reason)
    options = [cards.Option(file.number, file.number, case_cards.subject(turn, of, file)) for of, file in found]
    turn.say("utter_question_which_case")
    payload = {"purpose": WITHDRAWAL_CHOICE, "reason": reason}
    cards.ask_which(turn, cards.title(turn, "choose_case"), options, payload)
    return []


def proceed(turn: Turn, definition: Definition, file: CaseFile, reason: str | None) -> list[Event]:
    """Refused at once if it would be, else the card."""
    command = WithdrawCase(file.number, reason, file.version)
    turn.rehearse_case(command)
    case_cards.ask_withdrawal(turn, definition, file, command)
    return []


def chosen(turn: Turn, payload: Any, number: str) -> list[Event]:
    return proceed(turn, *visible_case(turn, number), payload.get("reason"))


def _own(turn: Turn) -> list[Seen]:
    named = {each.process for each in processes_named(turn)}
    return [each for each in own_cases(turn, is_open=True) if not named or each[1].process in named]
