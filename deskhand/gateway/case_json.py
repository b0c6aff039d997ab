"""Cases and tasks as JSON: numbers as text, times in ISO 8601, titles in each language. Knows nothing of requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.cases import Definition, Field, plain
from deskhand.cases.model import CALLER, CaseDocument, Claim, Task
from deskhand.cases.values import for_everybody, visible
from deskhand.cases.words import Speaker
from deskhand.gateway.order_json import STAFF
from deskhand.orders.status import Role
from deskhand.orders.tenant import LANGUAGES
from deskhand.store.case_reading import SeenCase, SeenRow, shows

Names = Mapping[str, str]


def process_json(definition: Definition) -> dict[str, Any]:
    """A process that may be started, with what is asked."""
    return {
        "name": definition.process,
        "version": definition.version,
        "title": definition.title,
        "description": definition.description or None,
        "fields": [field_json(each) for each in definition.fields_at()],
    }


def field_json(field: Field) -> dict[str, Any]:
    limits = {"min": field.min, "max": field.max}
    return {
        "name": field.name,
        "type": field.type,
        "title": field.title,
        "question": field.question or None,
        "required": field.required,
        **{name: None if limit is None else f"{limit:f}" for name, limit in limits.items()},
        "max_length": field.max_length,
        "not_past": field.not_past,
        "unit": field.unit,
        "choices": [{"value": each.value, "title": each.title} for each in field.choices] or None,
    }


def summary(seen: SeenCase, speaker: Speaker, names: Names) -> dict[str, Any]:
    """One row of a list."""
    file, definition = seen.file, seen.definition
    return {
        "number": file.number,
        "process": file.process,
        "title": definition.title,
        "subject": speaker.subject(definition, for_everybody(definition, file.values)),
        "status": file.status,
        "status_name": {language: definition.status(file.status, language) for language in LANGUAGES},
        "started_by": _name(seen, file.started_by, names),
        "started_at": file.started_at.isoformat(),
        "updated_at": file.updated_at.isoformat(),
        "ended_at": file.ended_at.isoformat() if file.ended_at else None,
        "version": file.version,
    }


def case_json(
    seen: SeenCase,
    speaker: Speaker,
    names: Names,
    claims: Mapping[str, Claim],
    documents: Sequence[CaseDocument],
    linked: Names,
) -> dict[str, Any]:
    """Everything about one case that the actor may see: its fields, where it waits and why, its documents.

    Args:
        linked: the numbers of the cases that it has called and waits for, by node; under CALLER of which it was called.
    """
    file, definition = seen.file, seen.definition
    waiting = [node for node in definition.compiled.table.waiting if node.id in file.case.marking]
    written = {each.name: each for each in documents if shows(seen, each.name)}
    return summary(seen, speaker, names) | {
        "fields": {name: plain(value) for name, value in visible(definition, file, seen.actor).items()},
        "due_at": file.case.due_at.isoformat() if file.case.due_at else None,
        "waits_at": [
            {
                "id": f"{file.number}.{node.id}",
                "node": node.id,
                "title": definition.rule(node.id).title,
                "roles": sorted(node.roles),
                "since": file.since(node.id).isoformat(),
                "called": linked.get(node.id),
                "claimed_by": _name(seen, claims[node.id].claimed_by, names) if node.id in claims else None,
            }
            for node in waiting
        ],
        "called_by": linked.get(CALLER),
        "stopped": {"node": file.stopped_node, "reason": file.stopped_reason} if file.stopped_reason else None,
        "documents": [
            {
                "name": name,
                "title": definition.documents[name].title,
                "written_at": each.written_at.isoformat(),
                "pdf": definition.documents[name].pdf and each.text is not None,
            }
            for name, each in written.items()
        ],
    }


def row_json(seen: SeenCase, row: SeenRow, names: Names) -> dict[str, Any]:
    """One row of the history, with its place in the chain."""
    away = None if row.on_behalf_of is None else _name(seen, row.on_behalf_of, names)
    return {
        "seq": row.seq,
        "event": row.event,
        "before": row.before,
        "after": row.after,
        "at": row.at.isoformat(),
        "actor": _name(seen, row.actor, names),
        "on_behalf_of": away,
        "role": row.role,
        "channel": row.channel,
        "node": row.node,
        "decision": row.decision,
        "reason": row.reason,
        "values": dict(row.values),
        "rules": list(row.rules),
        "previous_hash": row.previous_hash,
        "hash": row.hash,
    }


def rules_json(rows: Sequence[SeenRow]) -> list[dict[str, Any]]:
    """Every rule that applied, in the order in which they did, in the words of its table in each language."""
    applied = [(row, rule) for row in rows for rule in row.rules if rule.get("rule")]
    return [{**rule, "seq": row.seq, "words": _in_words(str(rule.get("annotation", "")))} for row, rule in applied]


def _in_words(annotation: str) -> dict[str, str]:
    zh, slash, en = annotation.partition(" / ")
    return {"zh": zh, "en": en if slash else zh}


def task_json(task: Task, names: Names) -> dict[str, Any]:
    return {
        "id": task.id,
        "case": task.case,
        "node": task.node,
        "title": task.title,
        "process": task.process,
        "process_title": task.process_title,
        "subject": task.subject,
        "status": task.status,
        "since": task.since.isoformat(),
        "due_at": task.due_at.isoformat() if task.due_at else None,
        "claimed_by": names.get(task.claimed_by, task.claimed_by) if task.claimed_by else None,
        "decisions": list(task.decisions),
        "reason_for": sorted(task.reason_for),
        "fields": [field_json(each) for each in task.fields],
        "facts": {name: plain(value) for name, value in task.facts.items()},
        "on_behalf_of": task.on_behalf_of,
        "stopped": task.stopped,
        "version": task.version,
    }


def _name(seen: SeenCase, user_id: str, names: Names) -> str:
    """A customer is told of nobody but themselves."""
    if seen.actor.role is Role.CUSTOMER and user_id != seen.actor.user_id:
        return STAFF
    return names.get(user_id, user_id)
