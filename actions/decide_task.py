"""A task is approved, rejected or done: which one is meant, what is decided, why; then the card that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions import cards, case_cards, order_approval, process_form
from actions.case_draft import DECIDE, CaseDraft
from actions.case_reference import named_cases, processes_named, waiting_tasks
from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.cases import DecideTask, Definition, UnknownTask
from deskhand.cases.model import CaseFile, Task
from deskhand.language.decision import read_decision, read_decision_reason
from deskhand.orders.errors import RoleNotAllowed

TASK_CHOICE, DECISION_CHOICE = "task", "decision"
_STYLES = {"approve": "primary", "complete": "primary", "reject": "danger"}


class DecideTaskAction(DeskAction):
    """ "同意PA-1001", "reject PA-1002 because it is too expensive"."""

    action_name = "action_decide_task"

    def act(self, turn: Turn) -> list[Event]:
        rejected, reason = read_decision(turn.text) == "reject", read_decision_reason(turn.text)
        of_order = order_approval.of_named(turn, rejected, reason)
        return begin(turn) if of_order is None else of_order


def begin(turn: Turn) -> list[Event]:
    """The task that is meant; several: a list to pick from; none: said so."""
    if process_form.is_on(turn):
        return []
    turn.void_command_card()
    said = {"decision": read_decision(turn.text), "reason": read_decision_reason(turn.text)}
    tasks = _meant(turn)
    if not tasks:
        of_order = order_approval.of_waiting(turn, said["decision"] == "reject")
        if of_order is None:
            turn.say("utter_no_tasks")
        return of_order or []
    if len(tasks) == 1:
        return proceed(turn, tasks[0], **said)
    turn.say("utter_question_which_task")
    options = [cards.Option(each.id, case_cards.task_title(turn, each), case_cards.task_line(turn, each))
               for each in tasks]  # fmt: skip
    cards.ask_which(turn, cards.title(turn, "choose_task"), options, {"purpose": TASK_CHOICE, **said})
    return []


def proceed(turn: Turn, task: Task, decision: str | None, reason: str | None) -> list[Event]:
    """With a decision its form and card; without one, the task with a button for each."""
    if decision is None and len(task.decisions) == 1:
        decision = task.decisions[0]
    if decision not in task.decisions:
        return _ask_decision(turn, task)
    draft = CaseDraft(DECIDE, task.process, task.case, task.node, task.version, decision, reason)
    return process_form.begin(turn, draft, "")


def task_chosen(turn: Turn, payload: Any, option: str) -> list[Event]:
    return proceed(turn, _waiting(turn, option), payload.get("decision"), payload.get("reason"))


def decision_chosen(turn: Turn, payload: Any, option: str) -> list[Event]:
    return proceed(turn, _waiting(turn, str(payload["task"])), option, None)


def _ask_decision(turn: Turn, task: Task) -> list[Event]:
    """The task with all that its person may see, and its decisions as buttons."""
    turn.say("utter_question_decision")
    say, language = turn.wording.say, turn.language
    buttons = [
        {"id": f"choose:{n}", "label": say("decisions", each, language), "style": _STYLES.get(each, "default")}
        for n, each in enumerate(task.decisions, 1)
    ]
    payload = {"purpose": DECISION_CHOICE, "task": task.id, "options": list(task.decisions)}
    cards.issue(turn, case_cards.task_card(turn, task), payload, buttons)
    return []


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


def _meant(turn: Turn) -> Sequence[Task]:
    """By number, else by the words of a process and who started the case, else all that waits.

    Raises:
        UnknownTask: a case is named of which nothing waits for the speaker.
    """
    tasks = waiting_tasks(turn)
    if named := named_cases(turn):
        numbers = {file.number for _, file in named}
        return [task for task in tasks if task.case in numbers] or _refused(turn, *named[0])
    processes = {each.process for each in processes_named(turn)}
    return [task for task in tasks if task.process in processes] or tasks


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
