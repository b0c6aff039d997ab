"""What happens to cases without a person: timers, automatic tasks, answers of other systems. Set-based, knows no clock.

Where a case can't go on is said with the reason; that is told once, and it waits for a person to see to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.cases.definition import Definition
from deskhand.cases.handlers import finished
from deskhand.cases.model import ANSWERED, CaseFile
from deskhand.cases.telling import hosts, tell
from deskhand.cases.work import CaseStep, CaseWork, facts_of, fire
from deskhand.engine import TIMER, Event, Refusal
from deskhand.engine.begin import known_better
from deskhand.engine.case import NO_PATH
from deskhand.engine.model import Trigger
from deskhand.orders.events import EventName

NO_ANSWER = "no_answer"

Stopped = list[tuple[str, str, str]]
"""Case id, node, reason."""


def fire_timers(work: CaseWork, files: Sequence[CaseFile]) -> tuple[list[CaseStep], Stopped]:
    """The first timer of each that is due; a task at whose border it stands is overdue."""
    steps, refused = fire(work, files, Event(TIMER))
    for step in steps:
        if late := hosts(step):
            tell(work, step, EventName.TASK_OVERDUE, late)
    _finish(work, steps, TIMER)
    return steps, _stop(work, files, refused, "timer")


def pass_task(work: CaseWork, files: Sequence[CaseFile], node: str) -> tuple[list[CaseStep], Stopped]:
    """An automatic task of cases of one version, decided by what process.yml names first for it."""
    definition = work.definitions.of(files[0].process, files[0].case.version)
    params = {"decision": definition.rule(node).decisions[0], "reason": None}
    steps, refused = fire(work, files, Event(definition.node(node).event, params, node), automatic={node})
    _finish(work, steps, node)
    return steps, _stop(work, files, refused, node)


def answer_service(
    work: CaseWork,
    file: CaseFile,
    node: str,
    results: Mapping[str, Any] | None,
    reason: str = "",
    error: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> tuple[list[CaseStep], Stopped]:
    """Another system has answered the service task, or has failed for good (None): the way of its error is taken.

    Where the diagram has none the case stops there, and a person is told the reason.

    Args:
        error: which error it has failed with; the diagram's own way for that is taken before any other.
        said: what is kept when a way for the error is taken.
    """
    definition = work.definitions.of(file.process, file.case.version)
    if node not in file.case.marking:
        return [], []  # nothing waits for the answer
    event = Event(definition.node(node).event, results or {}, node)
    if results is None:
        caught = [each for each in definition.compiled.table.hosted.get(node, ()) if each.trigger is Trigger.ERROR]
        if not caught:
            return [], _stop(work, [file], [Refusal(file.id, NO_ANSWER, node, None, (), reason)], node)
        taken = next((each for each in caught if each.event == error), caught[0])
        event = Event(taken.event, said or {}, taken.id)
    steps, refused = fire(work, [file], event)
    _finish(work, steps, event.name)
    if refused and refused[0].code == NO_PATH and results is not None:
        _remember(work, definition, file, node, results)
    return steps, _stop(work, [file], refused, node)


def _remember(work: CaseWork, definition: Definition, file: CaseFile, node: str, results: Mapping[str, Any]) -> None:
    """What was answered is not asked for again, when the case can go on."""
    said = {**file.case.data.get(ANSWERED, {}), node: dict(results)}
    facts = facts_of(work, definition, file.values, file.id)
    work.uow.cases.apply([known_better(definition.compiled.table, file.case, {ANSWERED: said}, facts, node)])


def _finish(work: CaseWork, steps: Sequence[CaseStep], event: str) -> None:
    if steps:
        finished(work, steps, event)


def _stop(work: CaseWork, files: Sequence[CaseFile], refused: Sequence[Refusal], node: str) -> Stopped:
    """Told once: a case that has stopped is not tried again until it moves."""
    by_id = {file.id: file for file in files}
    stopped = [(each.case_id, each.node or node, f"{each.code}: {each.detail}") for each in refused]
    for case_id, where, reason in stopped:
        file = by_id[case_id]
        definition = work.definitions.of(file.process, file.case.version)
        step = CaseStep(definition, file, file, None)
        about = [where] if definition.is_task(where) else []
        tell(work, step, EventName.CASE_STOPPED, about, node=where, reason=reason)
        work.uow.outbox.publish(step.events, work.actor)
    return stopped
