"""What the service tasks of a diagram do to a case. What leaves the house is asked for here and done by the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deskhand.cases.answers import Answer, answers
from deskhand.cases.definition import Service
from deskhand.cases.effects import CALL_CONNECTOR, NOTIFY, RUN_ROBOT, WRITE_DOCUMENT
from deskhand.cases.fields import plain
from deskhand.cases.model import CaseDocument
from deskhand.cases.telling import hosts, tell
from deskhand.cases.work import CaseStep, CaseWork
from deskhand.engine.walk import CALL_EFFECT
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.tenant import LANGUAGES


def let_happen(work: CaseWork, steps: Sequence[CaseStep]) -> None:
    """Every effect of every step, in the order of the diagram."""
    for step in steps:
        for effect in step.change.effects if step.change else ():
            if effect.name == CALL_EFFECT:
                continue  # `calls` begins the other case when this step is stored
            service = step.definition.services.get(effect.node, Service(effect.node))
            HAPPENS[effect.name](work, step, service)


def notify(work: CaseWork, step: CaseStep, service: Service) -> None:
    """To the audiences that process.yml names for this task, with its own text."""
    if service.notify:
        tell(work, step, EventName.CASE_NOTICE, hosts(step))
        step.events[-1] = _with(step.events[-1], notify=dict(service.notify))


def write_document(work: CaseWork, step: CaseStep, service: Service) -> None:
    """The text, in both languages, as the facts are now; written again, it takes the place of the one before."""
    document = step.definition.documents[service.document or ""]
    given = answered(work, step)
    for language in LANGUAGES:
        text = work.speaker.document(step.definition, document, step.file, given, language)
        step.documents.append(CaseDocument(step.file.id, document.name, language, text, work.now))
    tell(work, step, EventName.DOCUMENT_WRITTEN, hosts(step), document=document.title)


def answered(work: CaseWork, step: CaseStep) -> dict[str, Answer]:
    """Who has answered at each task, whoever takes this step included: its row of the history isn't there yet."""
    actor = work.actor
    now = {"actor": actor.user_id, "on_behalf_of": actor.on_behalf_of, "at": work.now}
    this = {**now, "detail": step.detail, "personal": step.personal}
    return answers([*work.uow.case_files.history(step.file.id), this])


def call_connector(work: CaseWork, step: CaseStep, service: Service) -> None:
    """Asks the worker to call another system; the case goes on when it has answered, or at once if nothing waits."""
    payload = {**_asked(step, service), "connector": service.connector, "operation": service.operation}
    step.events.append(DomainEvent(EventName.CONNECTOR_REQUESTED, step.file.id, payload))


def run_robot(work: CaseWork, step: CaseStep, service: Service) -> None:
    """Asks for work on another system's screen, due when the undo window is over; the case goes on with its outcome."""
    payload = {**_asked(step, service), "robot": service.robot, "owner": step.file.started_by}
    step.events.append(DomainEvent(EventName.ROBOT_REQUESTED, step.file.id, payload))


def _asked(step: CaseStep, service: Service) -> dict[str, object]:
    """Which case asks from where, with the parameters that it sends."""
    values = {**step.file.values, "number": step.file.number}
    return {
        "number": step.file.number,
        "process": step.definition.process,
        "version": step.definition.version,
        "node": service.node,
        "params": {name: plain(values.get(fact)) for name, fact in service.send.items()},
    }


HAPPENS: Mapping[str, Callable[[CaseWork, CaseStep, Service], None]] = {
    NOTIFY: notify,
    WRITE_DOCUMENT: write_document,
    CALL_CONNECTOR: call_connector,
    RUN_ROBOT: run_robot,
}


def _with(event: DomainEvent, **more: object) -> DomainEvent:
    return DomainEvent(event.name, event.order_id, {**event.payload, **more})
