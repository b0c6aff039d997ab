"""A task is approved, rejected or done: which one is meant, what is decided, why; then the card that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions import cards, case_cards, order_approval, process_form
from actions.case_draft import DECIDE, CaseDraft
from actions.case_reference import named_cases, numbers_in, processes_named, waiting_tasks
from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.cases import DecideTask, Definition, UnknownTask
from deskhand.cases.model import CaseFile, Task
from deskhand.language import normalise
from deskhand.language.choice import choice_in
from deskhand.language.decision import REFUSALS, meant_among, read_decision, read_decision_reason
from deskhand.orders.errors import RoleNotAllowed

TASK_CHOICE, DECISION_CHOICE = "task", "decision"
_UNDECIDED: Mapping[str, str | None] = {"decision": None, "reason": None}
_STYLES = {"approve": "primary", "complete": "primary", "resubmit": "primary", "reject": "danger"}


class DecideTaskAction(DeskAction):
    """ "同意PA-1001", "reject PA-1002 because it is too expensive"."""

    action_name = "action_decide_task"

    def act(self, turn: Turn) -> list[Event]:
        rejected, reason = read_decision(turn.text) in REFUSALS, read_decision_reason(turn.text)
        of_order = order_approval.of_named(turn, rejected, reason)
        return begin(turn) if of_order is None else of_order


def begin(turn: Turn) -> list[Event]:
    """The task that is meant; several: a list to pick from; none: said so."""
    if process_form.is_on(turn):
        return []
    pointed = _pointed_at(turn)
    turn.void_command_card()
    one = len(numbers_in(turn)) < 2  # of "approve PA-1001, reject PA-1002" each is decided by itself
    said = {"decision": read_decision(turn.text), "reason": read_decision_reason(turn.text)} if one else _UNDECIDED
    tasks = _meant(turn, pointed)
    if not tasks:
        of_order = order_approval.of_waiting(turn, said["decision"] in REFUSALS)
        if of_order is None:
            turn.say("utter_no_tasks")
        return of_order or []
    if len(tasks) == 1:
        return proceed(turn, tasks[0], **said)
    turn.say("utter_question_which_task")
    _ask_which(turn, tasks, **said)
    return []


def offer(turn: Turn, tasks: Sequence[Task]) -> None:
    """What waits, with buttons where nothing else does: of one task its decisions, of several which one it is."""
    waiting = turn.uow.cards.open_of(turn.user_id)
    if turn.form is not None or (waiting is not None and waiting.kind != "choices"):
        turn.show(case_cards.tasks_card(turn, tasks))
    elif len(tasks) == 1:
        _show_task(turn, tasks[0])
    else:
        _ask_which(turn, tasks, None, None)


def proceed(turn: Turn, task: Task, decision: str | None, reason: str | None) -> list[Event]:
    """With a decision its form and card; without one, the task with a button for each."""
    decision = meant_among(decision, task.decisions)
    if decision is None and len(task.decisions) == 1:
        decision = task.decisions[0]
    if decision not in task.decisions:
        return _ask_decision(turn, task)
    draft = CaseDraft(DECIDE, task.process, task.case, task.node, task.version, decision, reason)
    return process_form.begin(turn, draft, "")


def proceed_with(turn: Turn, task: Task, said: str) -> list[Event]:
    """The only decision of a task, with what the words say of its fields."""
    draft = CaseDraft(DECIDE, task.process, task.case, task.node, task.version, task.decisions[0])
    return process_form.begin(turn, draft, said)


def task_chosen(turn: Turn, payload: Any, option: str) -> list[Event]:
    return proceed(turn, _waiting(turn, option), payload.get("decision"), payload.get("reason"))


def decision_chosen(turn: Turn, payload: Any, option: str) -> list[Event]:
    return proceed(turn, _waiting(turn, str(payload["task"])), option, read_decision_reason(turn.text))


def _ask_which(turn: Turn, tasks: Sequence[Task], decision: str | None, reason: str | None) -> None:
    shown = [(each.id, case_cards.task_title(turn, each), case_cards.task_line(turn, each)) for each in tasks]
    payload = {"purpose": TASK_CHOICE, "decision": decision, "reason": reason}
    cards.ask_which(turn, cards.title(turn, "choose_task"), [cards.Option(*each) for each in shown], payload)


def _ask_decision(turn: Turn, task: Task) -> list[Event]:
    turn.say("utter_question_decision")
    _show_task(turn, task)
    return []


def _show_task(turn: Turn, task: Task) -> None:
    """The task with all that its person may see, and its decisions as buttons."""
    say, language = turn.wording.say, turn.language
    buttons = [
        {"id": f"choose:{n}", "label": say("decisions", each, language), "style": _STYLES.get(each, "default")}
        for n, each in enumerate(task.decisions, 1)
    ]
    payload = {"purpose": DECISION_CHOICE, "task": task.id, "options": list(task.decisions)}
    cards.issue(turn, case_cards.task_card(turn, task), payload, buttons)


def _waiting(turn: Turn, task_id: str) -> Task:
    """
    Raises:
        UnknownTask: somebody else was faster.
    """
    found = next((each for each in waiting_tasks(turn) if each.id == task_id), None)
    if found is None:
        number, _, node = task_id.partition(".")
        raise UnknownTask(number=number, task=node)
    return found


def _meant(turn: Turn, pointed: str | None) -> Sequence[Task]:
    """By its place in the list that was shown, by number, else by the words of a process, else all that waits.

    Raises:
        UnknownTask: a case is named of which nothing waits for the speaker.
    """
    tasks = waiting_tasks(turn)
    if pointed is not None:
        return [task for task in tasks if task.id == pointed] or tasks
    if named := named_cases(turn):
        numbers = {file.number for _, file in named}
        return [task for task in tasks if task.case in numbers] or _refused(turn, *named[0])
    processes = {each.process for each in processes_named(turn)}
    return [task for task in tasks if task.process in processes] or tasks


def _pointed_at(turn: Turn) -> str | None:
    """The task of the list that was shown: 同意第二个."""
    card, place = turn.uow.cards.open_of(turn.user_id), choice_in(normalise(turn.text))
    if card is None or place is None or card.payload.get("purpose") != TASK_CHOICE:
        return None
    options = cards.options_of(card)
    return options[place if place < 0 else place - 1] if place <= len(options) else None


def _refused(turn: Turn, definition: Definition, file: CaseFile) -> Sequence[Task]:
    """Why the speaker can't decide a case that they can see: it takes another role, or other eyes than theirs.

    Raises:
        DeskhandError: the refusal that the command would meet.
    """
    for node in sorted(filter(definition.is_task, file.case.marking)):
        rule = definition.rule(node)
        try:
            turn.rehearse_case(DecideTask(file.number, node, rule.decisions[0], "-"))
        except RoleNotAllowed as error:
            raise type(error)(**{**error.data, "event": rule.title[turn.language]}) from error
    raise UnknownTask(number=file.number, task="-")
