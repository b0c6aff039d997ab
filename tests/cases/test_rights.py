"""permissions.yml, the process and the lanes together: each command in each role is done or refused as they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from deskhand.cases import CaseCommand, ClaimTask, DecideTask, GiveFields, ReleaseTask, StartCase, WithdrawCase
from deskhand.orders.actions import ACTIONS, CASE_COMMANDS
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk, system_actor
from deskhand.store.rights import Rights
from tests.cases.spending import BY_MANAGER, MANAGER, SMALL, TENANT, started
from tests.support.desks import ROOT
from tests.support.doors import BY_ROLE

MAY = {  # by the process file and the diagram; what permissions.yml takes away comes on top
    StartCase: {Role.SALES, Role.WAREHOUSE, Role.MANAGER, Role.SYSTEM},
    DecideTask: {Role.MANAGER},
    ClaimTask: {Role.MANAGER},
    ReleaseTask: {Role.ADMIN},  # accountable; the others have not claimed it
    GiveFields: set(),  # its starter alone, who is none of these
    WithdrawCase: set(),  # likewise
}


def command_of(kind: type, number: str) -> CaseCommand:
    if kind is StartCase:
        return StartCase("spend_request", SMALL)
    if kind is WithdrawCase:
        return WithdrawCase(number)
    if kind is GiveFields:
        return GiveFields(number, {"item": "Desks"})
    return DecideTask(number, BY_MANAGER, "approve") if kind is DecideTask else kind(number, BY_MANAGER)


def somebody(role: Role) -> Actor:
    known = BY_ROLE.get(role, system_actor(TENANT))
    return replace(known, user_id=f"another-{role}") if role is not Role.SYSTEM else known


def test_every_command_of_cases_stands_in_the_table() -> None:
    assert [kind.__name__ for kind in get_args(CaseCommand)] == list(CASE_COMMANDS)
    assert {*CASE_COMMANDS, "query_cases"} <= ACTIONS.keys()
    assert set(MAY) == set(get_args(CaseCommand))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", list(Role))
def test_each_command_in_each_role(desk: Desk, role: Role) -> None:
    for kind, allowed in MAY.items():
        case = started(desk)
        if kind is ReleaseTask:
            desk.handle(ClaimTask(case.number, BY_MANAGER), MANAGER)
        granted = desk.permissions.grant(kind.__name__, role) is not None
        with desk.unit_of_work(TENANT, read_only=True) as uow:
            before = len([row for row in uow.audit.list(1000) if row.outcome == "refused"])

        try:
            desk.handle(command_of(kind, case.number), somebody(role))
            done = True
        except DeskhandError:
            done = False

        assert done == (granted and role in allowed), (kind, role)
        with desk.unit_of_work(TENANT, read_only=True) as uow:
            refused = len([row for row in uow.audit.list(1000) if row.outcome == "refused"]) - before
            assert refused == (0 if done else 1), (kind, role)
            assert len(uow.case_files.history(case.id)) == 1 + (kind is ReleaseTask) + (done and kind is not StartCase)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_table_takes_away_nobody_has(desk: Desk, tmp_path: Path) -> None:
    lines = (ROOT / "permissions.yml").read_text(encoding="utf-8").splitlines()
    file = tmp_path / "permissions.yml"
    file.write_text("\n".join("DecideTask: nobody" if line.startswith("DecideTask:") else line for line in lines))
    case = started(desk)
    desk.rights = Rights(file)

    with pytest.raises(DeskhandError) as refused:
        desk.handle(DecideTask(case.number, BY_MANAGER, "approve"), MANAGER)

    assert refused.value.code == "role_not_allowed"
