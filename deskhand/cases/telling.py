"""What people are told of a case, and who: events with their audiences and their facts in both languages.

A field that not everybody may see is in no event. Knows no text of a process.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deskhand.cases.definition import STARTER
from deskhand.cases.values import for_everybody
from deskhand.cases.work import CaseStep, CaseWork
from deskhand.engine.model import PERSON_TASKS, Kind
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.status import Role
from deskhand.orders.tenant import LANGUAGES

LANE = "lane"
RACI = ("responsible", "accountable", "consulted", "informed")


def tell(work: CaseWork, step: CaseStep, name: EventName, nodes: Iterable[str] = (), **more: object) -> None:
    """Adds an event about this case.

    Args:
        nodes: the tasks that it is about; their lanes and their RACI say who else hears of it.
        more: further facts for the texts; a mapping of languages is said in each.
    """
    about = list(nodes)
    definition, file = step.definition, step.file
    known = {
        "number": file.number,
        "process": definition.title,
        "subject": work.speaker.subject(definition, for_everybody(definition, file.values)),
        "status": {language: definition.status(file.status, language) for language in LANGUAGES},
        "task": {
            language: ", ".join(definition.rule(each).title.get(language, each) for each in about)
            for language in LANGUAGES
        },
        **more,
    }
    payload: dict[str, object] = {
        "number": file.number,
        "process": definition.process,
        "version": definition.version,
        "status": file.status,
        "nodes": about,
        "shown": {language: _shown(work, step, known, language) for language in LANGUAGES},
        "audiences": audiences(step, about),
    }
    step.events.append(DomainEvent(name, file.id, payload))


def told_of(work: CaseWork, step: CaseStep) -> None:
    """Where it waits now, and that it is over, with the reason of the last answer."""
    for node in step.entered:
        if step.definition.is_task(node):
            tell(work, step, EventName.TASK_WAITING, [node])
    if step.change is not None and step.change.ended:
        tell(work, step, EventName.CASE_ENDED, hosts(step), reason=step.file.values.get("reason") or "")


def hosts(step: CaseStep) -> list[str]:
    """The task at which the step was taken: of a timer or message at its border, the task that has it."""
    if step.change is None:
        return []
    node = step.definition.compiled.table.nodes.get(step.change.node)
    if node is not None and node.kind is Kind.BOUNDARY:
        node = step.definition.node(node.host)
    return [node.id] if node is not None and node.kind in PERSON_TASKS else []


def audiences(step: CaseStep, nodes: Iterable[str]) -> dict[str, list[str]]:
    """Who is meant by the words that process.yml has for them besides the roles."""
    found: dict[str, list[str]] = {}
    starter = step.file.started_by
    if starter != str(Role.SYSTEM):
        found[STARTER] = [f"user:{starter}"]
    for each in nodes:
        node = step.definition.node(each)
        _add(found, LANE, node.roles, starter)
        for part in RACI:
            _add(found, part, getattr(node.raci, part), starter)
    return found


def _add(found: dict[str, list[str]], who: str, roles: Iterable[str], starter: str) -> None:
    known = found.setdefault(who, [])
    for role in sorted(roles):
        audience = f"user:{starter}" if role == STARTER else f"role:{role}"
        if audience not in (*known, f"role:{Role.SYSTEM}", f"user:{Role.SYSTEM}"):
            known.append(audience)


def _shown(work: CaseWork, step: CaseStep, known: dict[str, Any], language: str) -> dict[str, str]:
    facts = work.speaker.facts(step.definition, for_everybody(step.definition, step.file.values), language)
    said = {name: each.get(language, "") if isinstance(each, dict) else str(each) for name, each in known.items()}
    return {**facts, **said}
