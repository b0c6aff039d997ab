"""What the permission check and the record cost: the same work with and without them, in turn, on durable SQLite.

Processor time of this process, database included, so that neither a busy machine nor the disk's fsync hides the share;
of the time on the clock it is smaller. A chat turn is the part of it that the actions do (token, message, command,
commit); with Rasa and the gateway around it the share is smaller still.
"""

from __future__ import annotations

import asyncio
import csv
import shutil
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

from deskhand.erp import ImportOptions, Source, run
from deskhand.orders import work
from deskhand.orders.commands import Command, ConfirmOrder, PlaceOrder, SettlePayments
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.handlers import ON_ORDERS
from deskhand.orders.history import Entry
from deskhand.orders.model import Actor, Order
from deskhand.orders.permissions import Grant, Permissions, Reach
from deskhand.orders.status import OrderStatus, Role
from deskhand.orders.work import Outcome, Step, Work
from deskhand.store import Database, Desk, UnitOfWork, load_tenants, utc_now
from deskhand.store.demo import load_demo
from deskhand.store.repositories.audit import Audit
from deskhand.store.repositories.order_writing import Orders
from deskhand.store.rights import Rights
from tests.benchmarks.bench import ADMIN, CLERK, TENANT, Bench
from tests.benchmarks.figures import Row, cpu_seconds_of, interleaved_ratio
from tests.support.deskhand import ROOT
from tests.support.desks import FakeClock, done
from tests.support.doors import DONE, SAMPLES, ChatDoor

TURNS, MANY, ROUNDS = 60, 10_000, 4
FINANCE = Actor("finance", Role.FINANCE, TENANT, "http", "benchmark")
WAREHOUSE = Actor("warehouse", Role.WAREHOUSE, TENANT, "chat", "benchmark")
DUE = ImportOptions("rights", start_status=OrderStatus.IN_ACCOUNT_PERIOD)
LIMITED = "SettlePayments: {finance: {reach: any, up_to: 1000000 CNY}, system: any}"

Make = Callable[[str], Desk]


class _Anything(Permissions):
    def grant(self, action: str, role: Role) -> Grant:
        return Grant(Reach.ANY)

    def require_result(self, action: str, actor: Actor, order: Order) -> None:
        """Whatever came of it."""


class _NoRights(Rights):
    """Everybody may do everything; the order is loaded, because the handler needs it."""

    @property
    def permissions(self) -> Permissions:
        return _Anything({})

    def tell(self, uow: UnitOfWork) -> None:
        """Nothing."""

    def candidates(self, uow: UnitOfWork, action: str, actor: Actor) -> Iterator[Actor]:
        yield actor

    def permitted(self, uow: UnitOfWork, command: Command, actor: Actor) -> Sequence[Order]:
        return [uow.orders.get(command.number)] if type(command) in ON_ORDERS else []  # type: ignore[union-attr, arg-type]


class _NoHistory(Orders):
    def _link(self, entry: Entry, *_: object) -> dict[str, Any]:
        seq, previous = self.heads.get(entry.order.id, (0, "0" * 64))
        return {"seq": seq + 1, "hash": previous}

    def _add_links(self, links: Sequence[dict[str, Any]]) -> None:
        """Nothing."""


class _NoAudit(Audit):
    def _note(self, *said: Any) -> None:
        """Nothing."""


class _Unrecorded(UnitOfWork):
    @cached_property
    def orders(self) -> Orders:
        return self._make(_NoHistory)

    @cached_property
    def audit(self) -> Audit:
        return self._make(_NoAudit)


def _unsaid(_work: Work, step: Step, event: str, _moves: object) -> Entry:
    """An entry that says neither what changed nor how to undo it."""
    return Entry(step.order, event, None)


class _UnrecordedDesk(Desk):
    def handle_in(self, uow: UnitOfWork, command: Command, actor: Actor) -> Outcome:
        with patch.object(work, "_entry", _unsaid):
            return super().handle_in(uow, command, actor)

    def unit_of_work(self, tenant: str, read_only: bool = False) -> UnitOfWork:
        return _Unrecorded(self.database, self.tenant(tenant), self.clock, self.versions, read_only)


def _real(url: str, kind: type[Desk] = Desk, permissions: Path | None = None) -> Desk:
    clock = FakeClock(utc_now())  # the door of the chat signs by a clock that stands still
    return kind(Database.connect(url), load_tenants(ROOT / "tenants"), ROOT / "processes", clock, permissions)


def _unchecked(url: str) -> Desk:
    desk = _real(url)
    desk.rights = _NoRights(ROOT / "permissions.yml")
    return desk


def _unrecorded(url: str) -> Desk:
    return _real(url, _UnrecordedDesk)


def measure(bench: Bench) -> Iterator[Row]:
    yield from _in_chat(bench)
    yield from _in_bulk(bench)


# --- a chat turn


def _in_chat(bench: Bench) -> Iterator[Row]:
    desk = bench.new_desk("rights")
    load_demo(desk)
    url = str(desk.database.engine.url)
    kinds: Mapping[str, Make] = {"real": _real, "unchecked": _unchecked, "unrecorded": _unrecorded}
    doors = {name: ChatDoor(make(url)) for name, make in kinds.items()}
    taken = _turns(desk, doors, CLERK, DONE)
    refused = _turns(desk, {name: doors[name] for name in ("real", "unrecorded")}, WAREHOUSE, RoleNotAllowed.code)
    for door in doors.values():
        door.desk.close()
    yield Row("a turn that confirms an order", statistics.median(taken["real"]) * 1e3, "ms", _alone(TURNS))
    yield _share("permission check in it", taken["real"], taken["unchecked"])
    yield _share("history row in it", taken["real"], taken["unrecorded"])
    yield Row("a turn that is refused", statistics.median(refused["real"]) * 1e3, "ms", _alone(TURNS))
    yield _share("audit row in it", refused["real"], refused["unrecorded"])


def _turns(desk: Desk, doors: Mapping[str, ChatDoor], actor: Actor, answer: str) -> dict[str, list[float]]:
    """One turn at each in turn, begun by another one each time; the first of each must be answered like that."""
    taken: dict[str, list[float]] = {name: [] for name in doors}
    names = [*doors]
    for name in names:
        number = done(desk, SAMPLES[PlaceOrder].command(""), CLERK).number
        said = asyncio.run(doors[name].send(actor, ConfirmOrder, number))
        assert said == answer, f"{name}: {said}"
    for turn in range(TURNS):
        for name in (*names[turn % len(names) :], *names[: turn % len(names)]):
            number = done(desk, SAMPLES[PlaceOrder].command(""), CLERK).number
            seconds = cpu_seconds_of(asyncio.run, doors[name].send(actor, ConfirmOrder, number))
            taken[name].append(seconds)
    return taken


# --- ten thousand orders in one command


def _in_bulk(bench: Bench) -> Iterator[Row]:
    template = bench.folder / "rights-many.db"
    numbers = _orders_due(f"sqlite:///{template}", bench.folder / "rights.csv")
    kinds: Mapping[str, Make] = {
        "real": _real, "unchecked": _unchecked, "unrecorded": _unrecorded, "limited": _limited(bench.folder),
    }  # fmt: skip
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    names = [*kinds]
    _settled(_real, template, numbers)  # what is loaded once is loaded now
    for turn in range(ROUNDS):
        for name in (*names[turn:], *names[:turn]):
            taken[name].append(_settled(kinds[name], template, numbers))
    yield Row(f"{MANY:,} orders settled in one command", statistics.median(taken["real"]), "s", _alone(ROUNDS))
    yield _share("permission check in it", taken["real"], taken["unchecked"])
    yield _share("history rows in it", taken["real"], taken["unrecorded"])
    yield _share("an amount limit, checked on each order", taken["limited"], taken["real"])


def _orders_due(url: str, file: Path) -> tuple[str, ...]:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["订单号", "客户名称", "总额", "下单时间"])
        writer.writerows([f"R{n:05}", f"客户{n % 40}", "12.5", "2026-11-02 09:30:00"] for n in range(MANY))
    desk = _real(url)
    desk.database.migrate()
    run(desk, ADMIN, [Source.of(file)], DUE)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        numbers = tuple(order.number for order in uow.orders.list(source=DUE.source, limit=MANY).items)
    desk.close()
    assert len(numbers) == MANY
    return numbers


def _settled(make: Make, template: Path, numbers: tuple[str, ...]) -> float:
    file = template.with_name("rights-run.db")
    for each in template.parent.glob("rights-run.db*"):
        each.unlink()
    shutil.copyfile(template, file)
    desk = make(f"sqlite:///{file}")
    today = desk.tenant(TENANT).today(desk.clock())
    try:
        return cpu_seconds_of(desk.handle, SettlePayments(today, numbers), FINANCE)
    finally:
        desk.close()


def _limited(folder: Path) -> Make:
    lines = (ROOT / "permissions.yml").read_text(encoding="utf-8").splitlines()
    file = folder / "limited.yml"
    file.write_text("\n".join(LIMITED if line.startswith("SettlePayments:") else line for line in lines))
    return lambda url: _real(url, permissions=file)


def _share(name: str, with_it: Sequence[float], without: Sequence[float]) -> Row:
    share = (interleaved_ratio(with_it, without) - 1) * 100
    note = f"with : without, the median of {len(with_it)} interleaved pairs; below zero is noise"
    return Row(name, share, "%", note)


def _alone(count: int) -> str:
    return f"processor time, median of {count}"
