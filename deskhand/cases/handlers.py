"""What each command does: one sentence each. The table at the foot is the table of contents. Knows no SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deskhand.cases.calls import carry_through, try_again, withdrawing_role
from deskhand.cases.commands import (
    CaseCommand,
    ClaimTask,
    DecideTask,
    GiveFields,
    ReleaseTask,
    StartCase,
    WithdrawCase,
)
from deskhand.cases.correcting import corrected
from deskhand.cases.definition import STARTER, WITHDRAW, Definition, TaskRule, WhoMay
from deskhand.cases.errors import (
    CaseNotPossibleNow,
    CaseStuck,
    DecisionUnknown,
    OtherPersonNeeded,
    ReasonNeeded,
    TaskClaimed,
    UnknownCase,
    UnknownProcess,
    UnknownTask,
)
from deskhand.cases.model import BEGUN, CaseFile, CaseOutcome, Claim
from deskhand.cases.telling import tell
from deskhand.cases.values import computed, given
from deskhand.cases.work import CaseStep, CaseWork, begin, changed, fire, store
from deskhand.engine import Event, Refusal
from deskhand.engine.case import NO_PATH
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.events import EventName
from deskhand.orders.model import Actor
from deskhand.orders.permissions import Grant, Reach
from deskhand.orders.status import Role

STARTED = "start_case"


def start_case(work: CaseWork, command: StartCase, grant: Grant) -> CaseOutcome:
    """The fields are read, the case begins and goes on to where somebody has to act."""
    definition = startable(work.definitions, command.process, work.actor)
    values = dict(given(work.uow, work.tenant, definition, None, command.fields, work.actor))
    values |= computed(definition, values)
    step = begin(work, definition, values, definition.start_event)
    work.uow.cases.begin(
        definition.process, definition.version, [step.change] if step.change else [], work.actor.channel
    )
    tell(work, step, EventName.CASE_STARTED, [node for node in step.entered if definition.is_task(node)])
    return finished(work, [step], STARTED)


def decide_task(work: CaseWork, command: DecideTask, grant: Grant) -> CaseOutcome:
    """Approved, rejected or done, by somebody whose task it is; the fields that are given there are read."""
    definition, file = opened(work, command.case, grant)
    rule = _rule(definition, file, command.task, work.actor)
    _expect(file, command.expected_version)
    _require_answer(command, rule, file)
    _require_free(work, file, rule)
    _require_others(work, definition, file, rule)
    values = dict(given(work.uow, work.tenant, definition, rule.node, command.fields, work.actor))
    params = {**values, "decision": command.decision, "reason": (command.reason or "").strip() or None}
    params |= computed(definition, {**file.values, **params})
    role = acting_role(definition, file, rule.node, work.actor)
    steps, refused = fire(work, [file], Event(definition.node(rule.node).event, params, rule.node), role=role)
    if refused:
        raise refusal_error(file, refused[0], rule.title.get("en", rule.node))
    (step,) = steps
    _note(step, command)
    said = {"decision": _decision(work, command.decision), "reason": params["reason"] or ""}
    tell(work, step, EventName.TASK_DECIDED, [rule.node], **said)
    return finished(work, steps, definition.node(rule.node).event)


def give_fields(work: CaseWork, command: GiveFields, grant: Grant) -> CaseOutcome:
    """By who began it, before anybody has decided it; where its diagram says so, it begins its way again."""
    definition, file = opened(work, command.case, grant)
    _expect(file, command.expected_version)
    _require_one_of(work.actor, definition.correction, file, GiveFields)
    step, event = corrected(work, definition, file, command.fields)
    tell(
        work,
        step,
        EventName.CASE_CORRECTED,
        [node for node in sorted(step.file.case.marking) if definition.is_task(node)],
    )
    outcome = finished(work, [step], event)
    return replace(outcome, case=try_again(work, outcome.case))


def withdraw_case(work: CaseWork, command: WithdrawCase, grant: Grant) -> CaseOutcome:
    """Taken back while the diagram allows it, by who started it or by a role that process.yml names."""
    definition, file = opened(work, command.case, grant)
    _expect(file, command.expected_version)
    _require_one_of(work.actor, definition.withdrawal, file, WithdrawCase)
    reason = (command.reason or "").strip() or None
    steps, refused = fire(work, [file], Event(WITHDRAW, {"reason": reason}), role=withdrawing_role(definition))
    if refused:
        raise refusal_error(file, refused[0], WITHDRAW)
    (step,) = steps
    step.personal |= {"reason": reason} if reason else {}
    tell(work, step, EventName.CASE_WITHDRAWN, _waited(step), reason=reason or "")
    return finished(work, steps, WITHDRAW)


def claim_task(work: CaseWork, command: ClaimTask, grant: Grant) -> CaseOutcome:
    """Nobody else decides it until it is released; claiming one's own again changes nothing."""
    definition, file = opened(work, command.case, grant)
    rule = _rule(definition, file, command.task, work.actor)
    _require_others(work, definition, file, rule)
    mine = work.uow.case_files.claim(Claim(file.id, rule.node, work.actor.user_id, work.now))
    if not mine:
        _require_free(work, file, rule)
        return CaseOutcome(file)
    return _noted(work, definition, file, "claim_task", rule.node)


def release_task(work: CaseWork, command: ReleaseTask, grant: Grant) -> CaseOutcome:
    """By who has claimed it, or a role that is accountable for it."""
    definition, file = opened(work, command.case, grant)
    node = command.task
    if node not in file.case.marking or not definition.is_task(node):
        raise UnknownTask(number=file.number, task=node)
    claim = work.uow.case_files.claims([file.id]).get(file.id, {}).get(node)
    if claim is None:
        raise UnknownTask(number=file.number, task=node)
    above = {*definition.node(node).raci.accountable, str(Role.ADMIN)}
    if claim.claimed_by not in (work.actor.user_id, work.actor.on_behalf_of) and str(work.actor.role) not in above:
        raise TaskClaimed(number=file.number, task=node, by=claim.claimed_by)
    work.uow.case_files.release([(file.id, node)])
    return _noted(work, definition, file, "release_task", node)


def handle(work: CaseWork, command: CaseCommand, grant: Grant) -> CaseOutcome:
    """Does what the command says.

    Args:
        grant: what permissions.yml allows the actor of this command.

    Raises:
        DeskhandError: nothing may be stored then.
    """
    return HANDLERS[type(command)](work, command, grant)


HANDLERS: Mapping[type[Any], Callable[[CaseWork, Any, Grant], CaseOutcome]] = {
    StartCase: start_case,
    DecideTask: decide_task,
    GiveFields: give_fields,
    WithdrawCase: withdraw_case,
    ClaimTask: claim_task,
    ReleaseTask: release_task,
}


def startable(definitions: Any, process: str, actor: Actor) -> Definition:
    """
    Raises:
        UnknownProcess: there is none, or it is not for the actor's role: which there are is nobody else's business.
    """
    definition: Definition | None = definitions.newest().get(process)
    if definition is None or not definition.may_start(str(actor.role)):
        raise UnknownProcess(process=process)
    return definition


def opened(work: CaseWork, number: str, grant: Grant) -> tuple[Definition, CaseFile]:
    """The case, if the actor may see it.

    Raises:
        UnknownCase: its existence is nobody else's business.
    """
    file = work.uow.case_files.get(number)
    definition = work.definitions.of(file.process, file.case.version)
    if not sees(definition, file, work.actor, grant):
        raise UnknownCase(number=number)
    return definition, file


def sees(definition: Definition, file: CaseFile, actor: Actor, grant: Grant) -> bool:
    """Who started it, and the roles to which the process is visible; with the reach `own` only the former."""
    if file.started_by in (actor.user_id, actor.on_behalf_of) or actor.role is Role.SYSTEM:
        return True
    return grant.reach is Reach.ANY and str(actor.role) in definition.seen_by | _lanes(definition, file)


def is_other_person(
    definition: Definition, file: CaseFile, rule: TaskRule, actor: Actor, decided: Mapping[str, set[str]]
) -> bool:
    """Four eyes: neither they nor whom they stand in for started the case, or decided an earlier such task of it."""
    others, hands = set(rule.apart_from), set[str]()
    if rule.four_eyes:
        others |= {each.node for each in definition.tasks.values() if each.four_eyes and each.node != rule.node}
        others.add(BEGUN)
        hands.add(file.started_by)
    hands = hands.union(*(decided.get(node, set()) for node in others))
    return not hands & {actor.user_id, actor.on_behalf_of}


def acting_role(definition: Definition, file: CaseFile, node: str, actor: Actor) -> str | None:
    """As whom the actor may do a task: in their role, or as who began the case; None: not at all."""
    roles = definition.node(node).roles
    if str(actor.role) in roles:
        return str(actor.role)
    return STARTER if STARTER in roles and file.started_by in (actor.user_id, actor.on_behalf_of) else None


def refusal_error(file: CaseFile, refusal: Refusal, event: str) -> Exception:
    """The engine's refusal, in words of the case."""
    if refusal.code == NO_PATH:
        return CaseStuck(process=file.process, number=file.number, node=refusal.node, problem=refusal.detail)
    return CaseNotPossibleNow(number=file.number, event=event, status=file.status, problem=refusal.code)


def _rule(definition: Definition, file: CaseFile, node: str, actor: Actor) -> TaskRule:
    if node not in file.case.marking or not definition.is_task(node):
        raise UnknownTask(number=file.number, task=node, status=file.status)
    if acting_role(definition, file, node, actor) is None:
        raise RoleNotAllowed(role=str(actor.role), event=node, number=file.number)
    return definition.rule(node)


def _expect(file: CaseFile, expected: int | None) -> None:
    if expected is not None and expected != file.version:
        raise changed(file)


def _require_answer(command: DecideTask, rule: TaskRule, file: CaseFile) -> None:
    if command.decision not in rule.decisions:
        possible = ", ".join(rule.decisions)
        raise DecisionUnknown(number=file.number, task=rule.node, decision=command.decision, decisions=possible)
    if command.decision in rule.reason_for and not (command.reason or "").strip():
        raise ReasonNeeded(number=file.number, task=rule.node, decision=command.decision)


def _require_free(work: CaseWork, file: CaseFile, rule: TaskRule) -> None:
    claim = work.uow.case_files.claims([file.id]).get(file.id, {}).get(rule.node)
    if claim is not None and claim.claimed_by not in (work.actor.user_id, work.actor.on_behalf_of):
        raise TaskClaimed(number=file.number, task=rule.node, by=claim.claimed_by)


def _require_others(work: CaseWork, definition: Definition, file: CaseFile, rule: TaskRule) -> None:
    if not rule.four_eyes and not rule.apart_from:
        return
    decided = work.uow.case_files.deciders([file.id]).get(file.id, {})
    if not is_other_person(definition, file, rule, work.actor, decided):
        raise OtherPersonNeeded(role=str(work.actor.role), event=rule.node, number=file.number, task=rule.node)


def _require_one_of(actor: Actor, allowed: WhoMay, file: CaseFile, command: type[Any]) -> None:
    mine = allowed.starter and file.started_by in (actor.user_id, actor.on_behalf_of)
    if not mine and str(actor.role) not in allowed.roles:
        raise RoleNotAllowed(role=str(actor.role), event=command.__name__, number=file.number)


def _note(step: CaseStep, command: DecideTask) -> None:
    step.detail |= {"node": command.task, "decision": command.decision}
    if command.reason and command.reason.strip():
        step.personal["reason"] = command.reason.strip()


def _decision(work: CaseWork, decision: str) -> dict[str, str]:
    return {language: work.words.label(decision, language) for language in ("zh", "en")}


def _waited(step: CaseStep) -> list[str]:
    """The tasks that need nobody any more."""
    gone = step.change.before - step.change.after if step.change else frozenset()
    return [node for node in sorted(gone) if step.definition.is_task(node)]


def finished(work: CaseWork, steps: Sequence[CaseStep], event: str) -> CaseOutcome:
    files = carry_through(work, steps, event)
    return CaseOutcome(files[0], tuple(told for step in steps for told in step.events), tuple(files))


def _noted(work: CaseWork, definition: Definition, file: CaseFile, event: str, node: str) -> CaseOutcome:
    """A row of the history where the case stays where it is."""
    step = CaseStep(definition, file, replace(file, updated_at=work.now), None, {"node": node})
    (stored,) = store(work, [step], event)
    return CaseOutcome(stored)


def _lanes(definition: Definition, file: CaseFile) -> frozenset[str]:
    """The roles for which it waits now."""
    tasks = [definition.node(each) for each in file.case.marking if definition.is_task(each)]
    return frozenset(role for node in tasks for role in node.roles)
