"""The processes of these tests, and people who use them: `spend_request`, and `stock_check` that runs by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from deskhand.cases import DecideTask, Definition, StartCase
from deskhand.cases.model import CaseFile
from deskhand.orders.model import Actor
from deskhand.store import Database, Desk, load_tenants
from deskhand.store.definitions import read_definition
from deskhand.store.process_files import read_folder
from tests.support.desks import ADMIN, CLERK, FINANCE, MANAGER, OTHER_TENANT, ROOT, TENANT, WAREHOUSE, FakeClock

PROCESSES = Path(__file__).with_name("processes")
FOLDER = PROCESSES / "spend_request"
BY_MANAGER, BY_FINANCE = "approve_by_manager", "approve_by_finance"
SMALL = {"item": "Chairs", "amount": "900"}
LARGE = {"item": "Laptops", "amount": "8000", "kind": "it"}

__all__ = ["ADMIN", "CLERK", "FINANCE", "MANAGER", "TENANT", "WAREHOUSE"]


def open_spending(url: str, clock: FakeClock, folder: Path) -> Desk:
    """A desk whose processes are the orders' own and these."""
    processes = folder / "processes"
    processes.mkdir()
    for each in (ROOT / "processes" / "order_to_cash", *PROCESSES.iterdir()):
        (processes / each.name).symlink_to(each)
    tenants = dict(load_tenants(ROOT / "tenants"))
    tenants[TENANT] = replace(tenants[TENANT], scheduled=("spend_request", "stock_check"))
    tenants[OTHER_TENANT] = replace(tenants[TENANT], id=OTHER_TENANT, name="Another company")
    return Desk(Database.connect(url), tenants, processes, clock, ROOT / "permissions.yml")


def definition() -> Definition:
    return read_definition(read_folder(FOLDER), 1)


def started(desk: Desk, actor: Actor = CLERK, **fields: Any) -> CaseFile:
    return desk.handle(StartCase("spend_request", {**SMALL, **fields}), actor).case


def decided(desk: Desk, file: CaseFile, actor: Actor, decision: str = "approve", **more: Any) -> CaseFile:
    (task,) = file.case.marking
    return desk.handle(DecideTask(file.number, task, decision, **more), actor).case


def fresh(desk: Desk, number: str) -> CaseFile:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.case_files.get(number)
