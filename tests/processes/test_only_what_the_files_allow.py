"""Over the desk, in every state that a shipped process gets into: who can do what at which task, beside its diagram.

The diagram is read a second time by `Reading`. The engine alone is looked at in tests/engine; here the people, the
table of permissions and the four eyes are between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import yaml

from deskhand.cases import DecideTask, StartCase
from deskhand.cases.fields import plain
from deskhand.cases.model import CaseFile
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk, UnitOfWork, system_actor
from deskhand.store.case_running import service_answered, service_failed
from tests.engine.reading import Reading
from tests.processes.office import DIRECTOR, Office
from tests.processes.values import AT_TASKS, AT_THE_START, Values
from tests.support.desks import ROOT, TENANT
from tests.support.doors import BY_ROLE

OUTCOMES = (None, "business_exception", "failed")
DECISIONS = ("approve", "reject", "complete", "no_such_decision")
BESIDES: Values = {"delivery_date": "2026-12-15"}  # what a contract needs and the others do not ask for
ANSWERS = {**AT_TASKS, "rework": ({"rework_done": "Cut again"},)}
PEOPLE = [BY_ROLE.get(role, system_actor(TENANT)) for role in Role]


class _Back(Exception):
    """What was tried is taken back."""


@dataclass
class Walk:
    """Every state of one process, from one case; what happens there and should not is noted."""

    desk: Desk
    uow: UnitOfWork
    reading: Reading
    starter: Actor
    seen: set[frozenset[str]] = field(default_factory=set)
    happened: Counter[tuple[frozenset[str], str]] = field(default_factory=Counter)
    attempts: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def people(self) -> Iterator[Actor]:
        """Each role as somebody who has nothing to do with the case, who began it, and a second manager."""
        for actor in PEOPLE:
            yield actor if actor.role is Role.SYSTEM else replace(actor, user_id=f"another-{actor.role}")
        yield from (self.starter, DIRECTOR)

    @property
    def tasks(self) -> list[str]:
        return [each for each in self.reading.nodes if self.reading.rests(each)]

    def visit(self, file: CaseFile) -> None:
        marking = file.case.marking
        self.seen.add(marking)
        for task in self.tasks:
            for actor in self.people:
                for decision in DECISIONS if task in marking else DECISIONS[:1]:
                    for values in ANSWERS.get(task, ({},)):
                        self.attempt(file, task, actor, decision, values)
        for task in self.tasks:
            if task in marking and self.reading.kind(task) == "serviceTask":
                for error in OUTCOMES:
                    self.told(file, task, error)

    def told(self, file: CaseFile, task: str, error: str | None) -> None:
        """What another system, or a robot, says leads on as well, to states in which people decide."""
        with suppress(_Back), self.uow.savepoint():
            if error is None:
                assert service_answered(self.desk, self.uow, file.id, task, {"outcome": "entered"})
            else:
                assert service_failed(self.desk, self.uow, file.id, task, "why", error, {"problem": "why"})
            after = self.uow.case_files.by_ids([file.id])[0]
            if after.case.marking and after.case.marking not in self.seen:
                self.visit(after)
            raise _Back

    def attempt(self, file: CaseFile, task: str, actor: Actor, decision: str, values: Values) -> None:
        """Taken back at once, unless it leads where nobody has been: then that is looked at first."""
        self.attempts += 1
        fields = {name: plain(value) for name, value in values.items()}
        command = DecideTask(file.number, task, decision, "as it may be", fields)
        try:
            with self.uow.savepoint():
                try:
                    after = self.desk.handle_in(self.uow, command, actor).case
                except DeskhandError as error:
                    raise _Back from error
                self.judge(file, after, task, actor, decision)
                if after.case.marking and after.case.marking not in self.seen:
                    self.visit(after)
                raise _Back
        except _Back:
            pass

    def judge(self, file: CaseFile, after: CaseFile, task: str, actor: Actor, decision: str) -> None:
        before = file.case.marking
        said = f"{actor.role} ({actor.user_id}) can {decision} {task} at {sorted(before)}"
        self.happened[before, task] += 1
        roles = self.reading.roles(task) | ({"system"} if self.reading.kind(task) == "serviceTask" else set())
        mine = {str(actor.role)} | ({"starter"} if actor.user_id == self.starter.user_id else set())
        if task not in before:
            self.wrong.append(f"{said}, where it does not wait")
        elif not roles & mine:
            self.wrong.append(f"{said}, which is for {sorted(roles)}")
        elif after.case.marking not in self.reading.after(before, task):
            self.wrong.append(f"{said}, which leads to {sorted(after.case.marking)}")
        if self.desk.permissions.grant("DecideTask", actor.role) is None:
            self.wrong.append(f"{said}, without a right in permissions.yml")


def reading_of(name: str) -> tuple[Reading, Any]:
    folder = ROOT / "processes" / name
    said = yaml.safe_load((folder / "process.yml").read_text(encoding="utf-8"))
    return Reading((folder / "process.bpmn").read_bytes(), {"call_connector"}), said


def started_with(name: str, values: Values) -> dict[str, Any]:
    more = BESIDES if name == "contract_signing" else {}
    return {each: plain(value) for each, value in {**values, **more}.items()}


@pytest.mark.parametrize("name", list(AT_THE_START))
def test_at_every_task_only_those_decide_whom_the_files_name(
    office: Office, name: str, tell: Callable[[str], None]
) -> None:
    reading, said = reading_of(name)
    starter = next(each for each in PEOPLE if str(each.role) in said["start"]["roles"])
    states: set[frozenset[str]] = set()
    decided: set[str] = set()
    attempts, wrong = 0, []

    for values in AT_THE_START[name]:
        with office.desk.unit_of_work(TENANT) as uow:
            fields = started_with(name, values)
            begun = office.desk.handle_in(uow, StartCase(name, fields), starter).case
            walk = Walk(office.desk, uow, reading, starter)
            walk.visit(begun)
        states |= walk.seen
        decided |= {task for _, task in walk.happened}
        attempts += walk.attempts
        wrong += walk.wrong

    tell(f"{name} over the desk: {len(states)} states, {attempts} attempts, {len(wrong)} that the files forbid")
    assert wrong == []
    people_decide = {task for task in walk.tasks if reading.kind(task) != "serviceTask"}
    assert decided >= {task for task in people_decide if any(task in each for each in states)}


@pytest.mark.parametrize("name", list(AT_THE_START))
def test_only_those_begin_a_case_whom_its_file_names(office: Office, name: str) -> None:
    _, said = reading_of(name)
    fields = started_with(name, AT_THE_START[name][0])
    began: set[str] = set()

    for actor in PEOPLE:
        try:
            office.desk.handle(StartCase(name, fields), actor)
        except DeskhandError:
            continue
        began.add(str(actor.role))

    granted = {str(role) for role in Role if office.desk.permissions.grant("StartCase", role) is not None}
    assert began == set(said["start"]["roles"]) & granted
