"""What a case knows is corrected or added to while it runs: which fields, until when, and what begins again. Pure.

Where the diagram has a message `correct` the case goes the way of that, so that decisions are made anew. Where it has
none it stays where it is, and only what no decision has read may change; but of a case that has stopped, or that was
sent back, everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deskhand.cases.definition import CORRECT, Definition
from deskhand.cases.errors import AlreadyDecided, CaseNotPossibleNow, CaseStuck, FieldDecides, FieldMissing
from deskhand.cases.model import BEGUN, CaseFile
from deskhand.cases.values import computed, understood
from deskhand.cases.work import CaseStep, CaseWork, facts_of, fire, take
from deskhand.engine import Event, possible_events
from deskhand.engine.begin import known_better

GIVEN = "give_fields"


def corrected(work: CaseWork, definition: Definition, file: CaseFile, said: Mapping[str, Any]) -> tuple[CaseStep, str]:
    """The step, moved and not yet stored, and what it is called.

    Raises:
        FieldUnknown, FieldInvalid, FieldMissing: of what was said.
        CaseNotPossibleNow, AlreadyDecided, FieldDecides, CaseStuck: of the case.
    """
    if file.ended_at is not None:
        raise CaseNotPossibleNow(number=file.number, event=GIVEN, status=file.status, problem="ended")
    asked = {each.name: each for each in definition.fields_at()}
    values = dict(understood(work.uow, work.tenant, definition, asked, said, work.actor))
    if not values:
        raise FieldMissing(process=definition.process, fields="fields")
    _require_undecided(work, file, values)
    restarts = next((way.roles for way in _ways(definition, file) if way.event == CORRECT), None)
    if restarts is None:
        _require_undecisive(definition, file, values)
        return _known(work, definition, file, values), GIVEN
    values |= computed(definition, {**file.values, **values})
    steps, refused = fire(work, [file], Event(CORRECT, values), role=sorted(restarts)[0])
    if refused:
        problem = f"{refused[0].code}: {refused[0].detail}"
        raise CaseStuck(process=file.process, number=file.number, node=refused[0].node, problem=problem)
    return steps[0], GIVEN


def _ways(definition: Definition, file: CaseFile) -> Any:
    return possible_events(definition.compiled.table, file.case.marking)


def _require_undecided(work: CaseWork, file: CaseFile, values: Mapping[str, Any]) -> None:
    """What was agreed to stays as it is; but what a case that has stopped was never told can be said."""
    decided = work.uow.case_files.deciders([file.id]).get(file.id, {})
    adds = all(file.values.get(name) is None for name in values)
    if any(node != BEGUN for node in decided) and not (file.stopped_reason and adds):
        raise AlreadyDecided(number=file.number)


def _require_undecisive(definition: Definition, file: CaseFile, values: Mapping[str, Any]) -> None:
    again = any(definition.is_task(node) and definition.rule(node).corrects for node in file.case.marking)
    if again or file.stopped_reason:
        return
    for name in values:
        if name in definition.decisive:
            raise FieldDecides(number=file.number, field=name)


def _known(work: CaseWork, definition: Definition, file: CaseFile, values: Mapping[str, Any]) -> CaseStep:
    """It stays where it is, and knows better."""
    values = {**values, **computed(definition, {**file.values, **values})}
    facts = facts_of(work, definition, {**file.values, **values}, file.id)
    change = known_better(definition.compiled.table, file.case, values, facts, GIVEN)
    case = replace(file.case, data=change.data, due_at=change.due_at, row_version=change.row_version + 1)
    after = replace(file, case=case, updated_at=work.now, stopped_node=None, stopped_reason=None)
    step = CaseStep(definition, file, after, change)
    take(work, [step])
    return step
