"""Cases as cards: what will begin, what is decided, how one stands, what waits. Values in words of the turn's language.

Knows neither forms nor which case is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from actions import cards
from actions.case_draft import CORRECT, DECIDE, START, CaseDraft, to_payload
from actions.case_reference import is_visible, seen_values, speaker, version_of, visible_case
from actions.process_fields import facts_of, titled
from actions.turn import Turn
from deskhand.cases import Definition, FieldInvalid, WithdrawCase, read
from deskhand.cases.model import CaseFile, CaseOutcome, Task
from deskhand.store.case_reading import linked

Label = dict[str, str]


def ask_yes(turn: Turn, definition: Definition, draft: CaseDraft, outcome: CaseOutcome) -> None:
    """The card of a start or a decision: every field, and what happens after the yes."""
    starts = draft.purpose == START
    kind = _KINDS[draft.purpose]
    shown = _draft_facts(turn, definition, draft) if starts else _decision_facts(turn, definition, draft)
    shown.append(_fact(turn, "next_step", _next(turn, definition, outcome)))
    if outcome.on_behalf_of:
        shown.append(_fact(turn, "on_behalf_of", turn.name_of(outcome.on_behalf_of)))
    shown.append(_fact(turn, "effect", turn.wording.say("effects", kind, turn.language)))
    title = _title_of(turn, definition, draft)
    optional = [titled(each, turn.language) for each in draft.open_optional(definition) if not draft.offered]
    joined = ("、" if turn.language == "zh" else ", ").join(optional)
    turn.say("utter_process_check_optional" if joined else "utter_card_check", fields=joined)
    buttons = cards.yes_or_no(turn, "submit" if starts else "confirm", "not_yet" if starts else "reject")
    face = {**cards.face(turn, "command", title), "facts": [each for each in shown if each["value"]]}
    cards.issue(turn, face, {**to_payload(draft.command()), "kind": kind, "case": draft.case}, buttons)


_KINDS = {START: "start_process", DECIDE: "decide_task", CORRECT: "correct_case"}


def ask_withdrawal(turn: Turn, definition: Definition, file: CaseFile, command: WithdrawCase) -> None:
    shown = [*case_facts(turn, definition, file), _fact(turn, "reason", command.reason or "")]
    shown.append(_fact(turn, "effect", turn.wording.say("effects", "withdraw_case", turn.language)))
    title = cards.title(turn, "withdraw_case", number=file.number)
    told = {"facts": [each for each in shown if each["value"]], "status": status_of(turn, definition, file)}
    face = {**cards.face(turn, "command", title), **told}
    turn.say("utter_card_check")
    payload = {**to_payload(command), "kind": "withdraw_case", "case": file.number}
    cards.issue(turn, face, payload, cards.yes_or_no(turn, danger=True))


def say_done(turn: Turn, response: str, outcome: CaseOutcome, decision: str = "") -> None:
    """What was done, how the case stands now and where it waits."""
    file = outcome.case
    definition = version_of(turn, file)
    said = turn.wording.say("decisions_done", decision, turn.language) if decision else ""
    turn.say(
        response, number=file.number, process=definition.title[turn.language], decision=said,
        status=definition.status(file.status, turn.language), next=_next(turn, definition, outcome),
    )  # fmt: skip
    if outcome.on_behalf_of:
        turn.say("utter_done_on_behalf", name=turn.name_of(outcome.on_behalf_of))
    if is_visible(turn, file):
        turn.show(case_card(turn, definition, file))


def case_card(turn: Turn, definition: Definition, file: CaseFile) -> dict[str, Any]:
    """A case as it is now; of one that is over, how it was decided last and why."""
    title = cards.title(turn, "case", process=definition.title[turn.language], number=file.number)
    decided = _last_decision(turn, file) if file.ended_at else []
    waits = _fact(turn, "waits_at", waits_at(turn, definition, file))
    stopped = _fact(turn, "stopped", stopped_because(turn, definition, file))
    shown = [*case_facts(turn, definition, file), *decided, waits, stopped]
    shown = [each for each in shown if each["value"]]
    return {**cards.face(turn, "case", title), "facts": shown, "status": status_of(turn, definition, file)}


def tasks_card(turn: Turn, tasks: Sequence[Task]) -> dict[str, Any]:
    """What waits, one line each; the due ones first, as they come."""
    items = [{"order": None, "title": task_title(turn, each), "subtitle": task_line(turn, each)} for each in tasks]
    return cards.face(turn, "tasks", cards.title(turn, "tasks"), items=items[: cards.MOST_ITEMS])


def task_card(turn: Turn, task: Task) -> dict[str, Any]:
    """One task with what its person may see of the case; as a list to choose from, its decisions are the choices."""
    definition, file = visible_case(turn, task.case)
    due = _fact(turn, "due_at", _day(turn, task.due_at) if task.due_at else "")
    stopped = _fact(turn, "stopped", stopped_because(turn, definition, file))
    shown = [*case_facts(turn, definition, file), due, stopped]
    face = cards.face(turn, "choices", task_title(turn, task))
    return {**face, "facts": [each for each in shown if each["value"]], "status": status_of(turn, definition, file)}


def task_title(turn: Turn, task: Task) -> str:
    return cards.title(turn, "task", task=task.title[turn.language], number=task.case)


def task_line(turn: Turn, task: Task) -> str:
    """10台显示器 · 25,000 元 · 11月24日前."""
    parts = [task.subject.get(turn.language) or task.process_title[turn.language]]
    if task.due_at is not None:
        parts.append(turn.wording.say("case", "due", turn.language, day=_day(turn, task.due_at)))
    return " · ".join(parts)


def case_facts(turn: Turn, definition: Definition, file: CaseFile) -> list[Label]:
    """The fields that the reader may see, who started it and when."""
    return [
        *facts_of(definition, in_words(turn, definition, seen_values(turn, definition, file)), turn.language),
        _fact(turn, "started_by", turn.name_of(file.started_by)),
        _fact(turn, "started_at", _day(turn, file.started_at)),
    ]


def in_words(turn: Turn, definition: Definition, values: Mapping[str, Any]) -> dict[str, str]:
    """Values by name, as people read them; days in full."""
    said = speaker(turn).facts(definition, values, turn.language)
    days = {name: value for name, value in values.items() if isinstance(value, date) and name in said}
    return {**said, **{name: _day(turn, day) for name, day in days.items()}}


def subject(turn: Turn, definition: Definition, file: CaseFile) -> str:
    """10台显示器（25,000 元）."""
    said = speaker(turn).subject(definition, seen_values(turn, definition, file))
    return said.get(turn.language) or definition.title[turn.language]


def waits_at(turn: Turn, definition: Definition, file: CaseFile) -> str:
    """The tasks that somebody has to do and the cases that have to end first, and since when."""
    called = linked(turn.uow, file)
    nodes = [node for node in sorted(file.case.marking) if definition.is_task(node) or node in called]
    said = [
        turn.wording.say(
            "case", "since_called" if node in called else "since", turn.language, number=called.get(node, ""),
            task=definition.rule(node).title[turn.language], day=_day(turn, file.since(node)),
        )
        for node in nodes
    ]  # fmt: skip
    return ("；" if turn.language == "zh" else "; ").join(said)


def stopped_because(turn: Turn, definition: Definition, file: CaseFile) -> str:
    """Where it can't go on by itself, and what it lacks; nothing where it goes on."""
    if file.stopped_reason is None or file.stopped_node is None:
        return ""
    where = definition.rule(file.stopped_node).title if file.stopped_node in definition.compiled.table.nodes else {}
    kind = file.stopped_reason.partition(":")[0]
    why = turn.wording.say("stopped", kind if turn.wording.has("stopped", kind) else "other", turn.language)
    return f"{where.get(turn.language, file.stopped_node)}: {why}"


def status_of(turn: Turn, definition: Definition, file: CaseFile) -> Label:
    return {"code": file.status, "label": definition.status(file.status, turn.language)}


def say_field_problem(turn: Turn, definition: Definition, error: FieldInvalid) -> None:
    """Why a value can't be used, with the field by its title."""
    field = definition.fields[str(error.data["field"])]
    why = {"value": "", "min": "", "max": "", **error.data, "field": titled(field, turn.language)}
    if field.choices:
        why["choices"] = " / ".join(each.title.get(turn.language) or each.value for each in field.choices)
    if field.unit:
        why["unit"] = turn.wording.say("units", field.unit, turn.language)
    problem = str(error.data.get("problem"))
    key = problem if turn.wording.has("field_problems", problem) else "other"
    turn.say("utter_field_invalid", why=turn.wording.say("field_problems", key, turn.language, **why))


def _draft_facts(turn: Turn, definition: Definition, draft: CaseDraft) -> list[Label]:
    return facts_of(definition, in_words(turn, definition, _values(turn, definition, draft)), turn.language)


def _decision_facts(turn: Turn, definition: Definition, draft: CaseDraft) -> list[Label]:
    """The case as who decides or corrects it sees it, and what they say to it; beside what is new, what it was."""
    _, file = visible_case(turn, str(draft.case))
    new = {each["key"]: each for each in _draft_facts(turn, definition, draft)}
    shown = [_changed(turn, each, new.pop(each["key"], None)) for each in case_facts(turn, definition, file)]
    decided = turn.wording.say("decisions", draft.decision, turn.language) if draft.decision else ""
    return [*shown, *new.values(), _fact(turn, "decision", decided), _fact(turn, "reason", draft.reason or "")]


def _changed(turn: Turn, before: Label, after: Label | None) -> Label:
    if after is None or after["value"] == before["value"]:
        return before
    said = turn.wording.say("case", "changed", turn.language, before=before["value"], after=after["value"])
    return {**after, "value": said}


def _last_decision(turn: Turn, file: CaseFile) -> list[Label]:
    decision, reason = file.values.get("decision"), file.values.get("reason")
    said = turn.wording.say("decisions_done", decision, turn.language) if decision else ""
    return [_fact(turn, "decision", said), _fact(turn, "reason", reason or "")]


def _values(turn: Turn, definition: Definition, draft: CaseDraft) -> dict[str, Any]:
    asked = {each.name: each for each in draft.fields(definition)}
    return {name: read(asked[name], value, turn.uow.now, turn.today) for name, value in draft.values.items()}


def _title_of(turn: Turn, definition: Definition, draft: CaseDraft) -> str:
    process = definition.title[turn.language]
    if draft.purpose == START:
        return cards.title(turn, "start_process", process=process)
    if draft.purpose == CORRECT:
        return cards.title(turn, "correct_case", number=draft.case)
    task = definition.rule(str(draft.task)).title[turn.language]
    decision = turn.wording.say("decisions", str(draft.decision), turn.language)
    return cards.title(turn, "decide_task", decision=decision, task=task, number=draft.case)


def _next(turn: Turn, definition: Definition, outcome: CaseOutcome) -> str:
    """The tasks that wait then; where none does, what the case has become."""
    file = outcome.case
    nodes = [node for node in sorted(file.case.marking) if definition.is_task(node)]
    said = [definition.rule(node).title[turn.language] for node in nodes]
    return ("、" if turn.language == "zh" else ", ").join(said) or definition.status(file.status, turn.language)


def _fact(turn: Turn, key: str, value: str) -> Label:
    return {"key": key, "label": turn.wording.say("labels", key, turn.language), "value": value}


def _day(turn: Turn, moment: date) -> str:
    """A day in full; a moment on the company's clock, with its time."""
    if not isinstance(moment, datetime):
        return turn.wording.day(moment, turn.language)
    local = moment.astimezone(ZoneInfo(turn.uow.tenant.time_zone))
    day = turn.wording.day(local.date(), turn.language)
    return turn.wording.say("parts", "of_day", turn.language, day=day, time=f"{local:%H:%M}")
