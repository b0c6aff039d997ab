"""What a case says is corrected or added to by who started it: a card with before and after, then a yes.

Where the case was sent back it is handed in again with that; else its way begins anew, while nobody has decided it.
"""

from __future__ import annotations

from typing import Any

from actions import cards, case_cards, decide_task, process_form
from actions.case_draft import CORRECT, CaseDraft
from actions.case_reference import (
    Seen,
    named_cases,
    own_cases,
    processes_named,
    visible_case,
    waiting_tasks,
    without_numbers,
)
from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.cases import Definition
from deskhand.cases.model import CaseFile, Task

CORRECTION_CHOICE = "correction"


class CorrectCaseAction(DeskAction):
    """ "PA-1001 金额改成8000", "change the supplier of PA-1001 to Huaxing"."""

    action_name = "action_correct_case"

    def act(self, turn: Turn) -> list[Event]:
        return begin(turn)


def begin(turn: Turn) -> list[Event]:
    """The case that is named, else the speaker's only one under way; several: a list to pick from."""
    if process_form.is_on(turn):
        return []
    turn.void_command_card()
    found = named_cases(turn) or _own(turn)
    if not found:
        turn.say("utter_no_cases")
        return []
    if len(found) == 1:
        return proceed(turn, *found[0], without_numbers(turn))
    options = [cards.Option(file.number, file.number, case_cards.subject(turn, of, file)) for of, file in found]
    turn.say("utter_question_which_case")
    payload = {"purpose": CORRECTION_CHOICE, "said": turn.text}
    cards.ask_which(turn, cards.title(turn, "choose_case"), options, payload)
    return []


def proceed(turn: Turn, definition: Definition, file: CaseFile, said: str) -> list[Event]:
    """Where it was sent back: the task of handing it in again; else what to correct is asked, if it was not said."""
    task = _sent_back(turn, definition, file)
    if task is not None:
        return decide_task.proceed_with(turn, task, said)
    draft = CaseDraft(CORRECT, file.process, file.number, version=file.version)
    if not process_form.says_something(turn, draft, said):
        turn.say("utter_correct_what", number=file.number)
        return []
    return process_form.begin(turn, draft, said)


def chosen(turn: Turn, payload: Any, number: str) -> list[Event]:
    return proceed(turn, *visible_case(turn, number), str(payload.get("said") or ""))


def is_correction(turn: Turn, seen: Seen) -> bool:
    """Whether the text says what a field of the case is to be."""
    definition, file = seen
    draft = CaseDraft(CORRECT, definition.process, file.number)
    return process_form.says_something(turn, draft, without_numbers(turn))


def _sent_back(turn: Turn, definition: Definition, file: CaseFile) -> Task | None:
    if not any(definition.is_task(node) and definition.rule(node).corrects for node in file.case.marking):
        return None
    mine = (task for task in waiting_tasks(turn) if task.case == file.number)
    return next((task for task in mine if definition.rule(task.node).corrects), None)


def _own(turn: Turn) -> list[Seen]:
    named = {each.process for each in processes_named(turn)}
    return [each for each in own_cases(turn, is_open=True) if not named or each[1].process in named]
