"""Call activities: a case begins another one, waits for it, and goes on with what it hands back. Knows no SQL.

The called case is one like any other, with a number of its own and who began the caller as its starter, on the version
of its process that was newest when it was called. Caller and called know each other by what stands in their data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deskhand.cases.definition import WITHDRAW, Definition
from deskhand.cases.errors import CaseStuck, UnknownProcess
from deskhand.cases.happening import let_happen
from deskhand.cases.model import ANSWERED, CALLED, CALLER, ENDED, CaseFile
from deskhand.cases.telling import tell, told_of
from deskhand.cases.values import computed, given
from deskhand.cases.work import Beginning, CaseStep, CaseWork, begin, fire, store, take
from deskhand.engine import SYSTEM, Change, Event, compile_expression
from deskhand.engine.model import Kind, Node, Trigger
from deskhand.engine.walk import CALL_EFFECT
from deskhand.orders.errors import DeskhandError
from deskhand.orders.events import EventName

DEEPEST = 8  # calls within calls; what calls itself without end is a mistake in the files
STARTED = "start_case"
NOT_CALLED = "not_called"


def carry_through(work: CaseWork, steps: Sequence[CaseStep], event: str) -> list[CaseFile]:
    """The effects, what is told and stored of these steps, and of all that they mean for callers and called ones."""
    _settle(work, steps, event)
    latest = {step.file.id: step.file for step in steps}
    latest |= _follow(work, [step for step in steps if _concerns_others(step)])
    return [latest[step.file.id] for step in steps]


def withdraw_called(work: CaseWork, case_ids: Collection[str]) -> None:
    """Nobody waits for them any more; what they have called goes with them."""
    files = work.uow.case_files.by_ids(sorted(case_ids))
    _follow(work, [ended for file in files for ended in _withdrawn(work, file)])


def try_again(work: CaseWork, file: CaseFile) -> CaseFile:
    """A case that has stopped, as it is then: the one that it calls begins after all, or what another case or system
    has said is taken now. The rest is tried again by the worker.
    """
    step = CaseStep(work.definitions.of(file.process, file.case.version), file, file, None)
    latest = dict[str, CaseFile]()
    for name, results in file.case.data.get(ANSWERED, {}).items():
        latest |= _follow(work, _moved(work, file, Event(step.definition.node(name).event, results, name)))
    for name, case_id in _by_node(file).items():
        called = next(iter(work.uow.case_files.by_ids([case_id])), None)
        if called is None:
            latest |= _follow(work, _begun(work, step, step.definition.node(name)))
        elif called.ended_at is not None:
            latest |= _follow(work, _taken_back(work, called))
    return latest.get(file.id, file)


def _follow(work: CaseWork, steps: Iterable[CaseStep]) -> dict[str, CaseFile]:
    """Step by step until nobody is concerned any more; the cases as they are then."""
    latest, ahead = dict[str, CaseFile](), list(steps)
    while ahead:
        step = ahead.pop(0)
        latest[step.file.id] = step.file
        ahead += [*_left_alone(work, step), *_called(work, step), *_handed_back(work, step)]
    return latest


def _settle(work: CaseWork, steps: Sequence[CaseStep], event: str) -> None:
    let_happen(work, steps)
    for step in steps:
        told_of(work, step)
    store(work, steps, event)


def _concerns_others(step: CaseStep) -> bool:
    """Most cases call nobody and are called by nobody."""
    return bool(_known(step.before) or _known(step.file) or (step.file.ended_at and CALLER in step.file.case.data))


def _by_node(file: CaseFile) -> Mapping[str, str]:
    found: Mapping[str, str] = file.case.data.get(CALLED, {})
    return found


def _known(file: CaseFile | None) -> set[str]:
    """The ids of those that it has called and waits for."""
    return set(_by_node(file).values()) if file is not None else set()


def _called(work: CaseWork, step: CaseStep) -> list[CaseStep]:
    """Those that this step has called begin."""
    effects = step.change.effects if step.change else ()
    nodes = [step.definition.node(each.node) for each in effects if each.name == CALL_EFFECT]
    return [begun for node in nodes for begun in _begun(work, step, node)]


def _begun(work: CaseWork, step: CaseStep, node: Node) -> list[CaseStep]:
    """Begun and stored; where that can't be, the way of the call's error is taken, else the caller stops there."""
    try:
        begun = _beginning(work, step, node)
    except DeskhandError as error:
        return _not_called(work, step, node, f"{error.code}: {error}")
    tell(work, begun, EventName.CASE_STARTED, [each for each in begun.entered if begun.definition.is_task(each)])
    _settle(work, [begun], STARTED)
    return [begun]


def _beginning(work: CaseWork, step: CaseStep, node: Node) -> CaseStep:
    """
    Raises:
        UnknownProcess, FieldUnknown, FieldMissing, FieldInvalid: what is given does not do.
        CaseStuck: no way leads on from its start, or calls lead to calls without end.
    """
    caller, name = step.file, node.called or ""
    depth = int(caller.case.data.get(CALLER, {}).get("depth", 0)) + 1
    definition = work.definitions.newest().get(name)
    if definition is None:
        raise UnknownProcess(process=name)
    if depth > DEEPEST:
        raise CaseStuck(process=name, node=node.id, problem=f"{DEEPEST} cases have called each other already")
    said = {field: value for field, value in _worked_out(node.gives, _facts(caller)).items() if value is not None}
    values = dict(given(work.uow, work.tenant, definition, None, said, work.actor))
    values |= computed(definition, values)
    begins = Beginning(_by_node(caller)[node.id], caller.started_by, caller.channel, depth, caller, node.id)
    begun = begin(work, definition, values, definition.start_event, begins)
    work.uow.cases.begin(name, definition.version, [begun.change] if begun.change else [], caller.channel)
    return begun


def _not_called(work: CaseWork, step: CaseStep, node: Node, reason: str) -> list[CaseStep]:
    caught = [each for each in step.definition.compiled.table.hosted.get(node.id, ()) if each.trigger is Trigger.ERROR]
    if caught:
        return _moved(work, step.file, Event(caught[0].event, {}, caught[0].id))
    _stop(work, step.file, node.id, f"{NOT_CALLED}: {reason}")
    return []


def _handed_back(work: CaseWork, step: CaseStep) -> list[CaseStep]:
    """Its caller goes on, where it is over and still waited for."""
    over = step.change is not None and step.change.ended
    return _taken_back(work, step.file) if over and CALLER in step.file.case.data else []


def _taken_back(work: CaseWork, file: CaseFile) -> list[CaseStep]:
    caller = next(iter(work.uow.case_files.by_ids([file.case.data[CALLER]["case"]])), None)
    if caller is None:
        return []
    name = next((node for node, case_id in _by_node(caller).items() if case_id == file.id), None)
    if name is None or name not in caller.case.marking:
        return []
    definition = work.definitions.of(caller.process, caller.case.version)
    node = definition.node(name)
    results = _worked_out(node.takes, _facts(file))
    results |= computed(definition, {**caller.values, **results})
    return _moved(work, caller, Event(node.event, results, name))


def _moved(work: CaseWork, file: CaseFile, event: Event) -> list[CaseStep]:
    """By nobody in person; a way that leads nowhere stops the case."""
    steps, refused = fire(work, [file], event, role=SYSTEM)
    if steps:
        _settle(work, steps, event.name)
    for each in refused:
        _stop(work, file, each.node or str(event.node), f"{each.code}: {each.detail}")
    return steps


def _left_alone(work: CaseWork, step: CaseStep) -> list[CaseStep]:
    """Those that this case does not wait for any more: it was withdrawn, or went another way."""
    gone = _known(step.before) - _known(step.file)
    files = work.uow.case_files.by_ids(sorted(gone)) if gone else []
    return [ended for file in files for ended in _withdrawn(work, file)]


def _withdrawn(work: CaseWork, file: CaseFile) -> list[CaseStep]:
    """As its diagram says, else where it stands."""
    if file.ended_at is not None:
        return []
    definition = work.definitions.of(file.process, file.case.version)
    steps, _ = fire(work, [file], Event(WITHDRAW, {"reason": None}), role=withdrawing_role(definition))
    if not steps:
        steps = [_ended(definition, file, work)]
        take(work, steps)
    for step in steps:
        tell(work, step, EventName.CASE_WITHDRAWN, _waited(definition, file), reason="")
    _settle(work, steps, WITHDRAW)
    return steps


def withdrawing_role(definition: Definition) -> str | None:
    """One for which the diagram lets a case be withdrawn; who may do it, process.yml says."""
    ways = definition.compiled.table.transitions
    return next((sorted(each.roles)[0] for each in ways if each.event == WITHDRAW and each.roles), None)


def _ended(definition: Definition, file: CaseFile, work: CaseWork) -> CaseStep:
    """Every token is gone."""
    case, data = file.case, {name: value for name, value in file.case.data.items() if name != CALLED}
    change = Change(
        case.id, case.row_version, case.marking, frozenset(), "", WITHDRAW, None, None, data, (), True,
        case.due_at, case.data,
    )  # fmt: skip
    over = replace(case, marking=frozenset(), row_version=case.row_version + 1, due_at=None, data=data)
    after = replace(file, case=over, status=ENDED, updated_at=work.now, ended_at=work.now)
    return CaseStep(definition, file, after, change)


def _stop(work: CaseWork, file: CaseFile, node: str, reason: str) -> None:
    """Told once, and kept with the case: where and why it waits can be asked."""
    step = CaseStep(work.definitions.of(file.process, file.case.version), file, file, None)
    tell(work, step, EventName.CASE_STOPPED, (), node=node, reason=reason)
    work.uow.outbox.publish(step.events, work.actor)
    work.uow.cases.stop([(file.id, node, reason)])


def _waited(definition: Definition, file: CaseFile) -> list[str]:
    return [node for node in sorted(file.case.marking) if definition.is_task(node)]


def _facts(file: CaseFile) -> dict[str, Any]:
    return {**file.values, "status": file.status, "number": file.number}


def _worked_out(wanted: Iterable[tuple[str, str]], facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: compile_expression(expression)(facts) for name, expression in wanted}


def call_nodes(definition: Definition) -> list[Node]:
    """The places of a diagram at which another process is called."""
    return [node for node in definition.compiled.table.nodes.values() if node.kind is Kind.CALL]
