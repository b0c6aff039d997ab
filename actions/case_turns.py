"""Turns that are about a case although Rasa took them for an order's: a case number says so; and choices of cards.

Also the bare 批准 where no card waits. Knows the skills of cases; is asked by those of orders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actions import cards, correct_case, decide_task, process_form, query_case, start_process, withdraw_case
from actions.case_reference import named_cases, numbers_in, processes_named, startable_processes, waiting_tasks
from actions.turn import MEANING_CHOICE, Event, Turn
from deskhand.language import read_order_numbers
from deskhand.language.decision import names_decision, read_decision

Chosen = Callable[[Turn, Mapping[str, Any], str], list[Event]]

_CHOICES: Mapping[str, Chosen] = {
    start_process.PROCESS_CHOICE: lambda turn, kept, option: start_process.chosen(turn, option, str(kept["said"])),
    process_form.FIELD_CHOICE: lambda turn, kept, option: process_form.field_chosen(turn, str(kept["field"]), option),
    decide_task.TASK_CHOICE: decide_task.task_chosen,
    decide_task.DECISION_CHOICE: decide_task.decision_chosen,
    withdraw_case.WITHDRAWAL_CHOICE: withdraw_case.chosen,
    correct_case.CORRECTION_CHOICE: correct_case.chosen,
}
_DECLINED = frozenset({"out_of_scope", "nlu_fallback"})
_MEANT = ("start_process", "query_case")
_BY_INTENT: Mapping[str, Callable[[Turn], list[Event]]] = {
    "query_order": query_case.tell,
    "confirm_order": decide_task.begin,
    "affirm": decide_task.begin,
    "cancel_order": withdraw_case.begin,
}


def of_case(turn: Turn) -> list[Event] | None:
    """What a text that names a case and no order is answered by; None where it names none.

    "确认PA-1001" approves it, "取消PA-1001" withdraws it; what was not understood asks how it stands.
    """
    if turn.intent in _DECLINED and (offered := _offered(turn)) is not None:
        return offered
    if not any(map(str.isdigit, turn.text)) or read_order_numbers(turn.text) or not numbers_in(turn):
        return None
    skill = _BY_INTENT.get(turn.intent)
    if skill is None:
        skill = decide_task.begin if read_decision(turn.text) else _corrected_or_told
    return skill(turn)


def _corrected_or_told(turn: Turn) -> list[Event]:
    """PA-1001金额改成8000 says what it is to be; all else asks how it stands."""
    found = named_cases(turn)
    if len(found) == 1 and correct_case.is_correction(turn, found[0]):
        return correct_case.begin(turn)
    return query_case.tell(turn)


def is_choice(payload: Mapping[str, Any]) -> bool:
    """Whether a card's list is of processes, tasks, cases, decisions or values."""
    return payload.get("purpose") in _CHOICES


def typed_decision(turn: Turn, payload: Mapping[str, Any]) -> str | None:
    """批准 to a task that is shown with its decisions: the button that it stands for."""
    decision = read_decision(turn.text) if payload.get("purpose") == decide_task.DECISION_CHOICE else None
    options = list(payload.get("options") or ())
    return f"choose:{options.index(decision) + 1}" if decision in options else None


def chosen(turn: Turn, payload: Mapping[str, Any], option: str) -> list[Event] | None:
    """One of several processes, tasks, cases, decisions or values; None where the card was about something else."""
    choice = _CHOICES.get(str(payload.get("purpose")))
    return choice(turn, payload, option) if choice else None


def _offered(turn: Turn) -> list[Event] | None:
    """Words of a process that Rasa was not taught, or took for nothing of ours: what may be meant, as buttons."""
    if turn.form is not None or turn.uow.cards.open_of(turn.user_id) is not None or numbers_in(turn):
        return None
    may_start = {each.process for each in startable_processes(turn)}
    named = [each for each in processes_named(turn) if each.process in may_start]
    if not named:
        return None
    options = [cards.Option(each, turn.wording.say("meanings", each, turn.language)) for each in _MEANT]
    turn.say("utter_did_you_mean")
    payload = {"purpose": MEANING_CHOICE, "said": turn.text, "message": turn.claims.message_id}
    cards.ask_which(turn, cards.title(turn, "did_you_mean"), options, payload)
    return []


def decided_bare(turn: Turn) -> list[Event] | None:
    """批准 or "reject it" while no card waits, by somebody for whom a task does."""
    if not names_decision(turn.text) or not waiting_tasks(turn):
        return None
    return decide_task.begin(turn)
