"""Cases stay on the version they began with; a version is published by two people and runs from its day on."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from deskhand.engine import Case, ProcessRefused
from deskhand.orders.commands import Command, ConfirmOrder, HoldOrder, ReceiveGoods
from deskhand.orders.errors import DeskhandError, ProcessVersionUnknown, RoleNotAllowed
from deskhand.orders.model import Actor
from deskhand.orders.process import NAME
from deskhand.store import Database, Desk, load_tenants
from deskhand.store.process_errors import (
    HistoriesBreak,
    NoSuchProcess,
    NoSuchVersion,
    NotAMoment,
    NotProposed,
    OwnProposal,
    ProcessFaulty,
    ProcessUnchanged,
)
from deskhand.store.process_list import listed
from deskhand.store.publishing import WantedVersion, approve, differing, propose, take_over, withdraw
from tests.support.desks import (
    ADMIN,
    CLERK,
    MANAGER,
    NOW,
    ROOT,
    TENANT,
    WAREHOUSE,
    FakeClock,
    demo_database,
    done,
    fresh,
    open_desk,
    order_in,
    placed,
    placing,
)
from tests.support.versions import BREAKS, RENAMED, SAME, draft, published, renamed_node

TOMORROW = NOW + timedelta(days=1)


def case_of(desk: Desk, number: str) -> Case:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        order = uow.orders.get(number)
        return uow.cases.many([order.id])[order.id]


def audited(desk: Desk, action: str) -> list[tuple[str, str | None, str]]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return [(row.actor, row.target, row.outcome) for row in uow.audit.list() if row.action == action]


def test_the_folder_as_it_lies_runs_until_something_is_stored_and_is_the_first_version(desk: Desk) -> None:
    before = desk.versions.active(TENANT).version
    taken = take_over(desk, TENANT)

    assert NAME in {row.process for row in taken} == set(desk.versions.laid)
    assert desk.versions.active(TENANT).version == before == 1
    assert take_over(desk, TENANT) == []
    assert audited(desk, "take_over_process").count(("system", f"{NAME} 1", "done")) == 1


def test_new_cases_begin_on_a_version_from_its_day_on_and_old_ones_stay(desk: Desk, clock: FakeClock) -> None:
    old = order_in(desk, "confirmed")
    published(desk, renamed_node(desk), TOMORROW)
    still_old = order_in(desk, "confirmed")
    clock.forward(days=1)
    new = order_in(desk, "confirmed")

    assert [case_of(desk, order.number).version for order in (old, still_old, new)] == [1, 1, 2]
    assert RENAMED[1] in case_of(desk, new.number).marking
    for order in (old, still_old, new):
        done(desk, ReceiveGoods(order.number), WAREHOUSE)
        assert str(fresh(desk, order.number).status) == "awaiting_shipment"


def test_one_command_moves_orders_of_two_versions(desk: Desk, clock: FakeClock) -> None:
    numbers = [order_in(desk, "in_account_period").number]
    published(desk, draft(desk, SAME))
    numbers.append(order_in(desk, "in_account_period").number)
    assert {case_of(desk, number).version for number in numbers} == {1, 2}

    clock.forward(days=60, hours=9)  # past the cut-off
    settled = desk.settle_due(TENANT)

    assert settled is not None and sorted(settled.orders) == sorted(numbers)


def test_automatic_nodes_are_those_of_the_order_s_own_version(desk: Desk) -> None:
    by_hand = order_in(desk, "pending_confirmation")
    files = draft(desk)
    said = files.text("process.yml").replace(
        "confirm_order: {chat: manual, http: manual, import: manual}", "confirm_order: automatic"
    )
    assert said != files.text("process.yml")
    published(desk, type(files)(NAME, {**files.texts, "process.yml": said}))
    by_itself = order_in(desk, "pending_confirmation")

    desk.run_automatic(TENANT)

    assert str(fresh(desk, by_hand.number).status) == "pending_confirmation"
    assert str(fresh(desk, by_itself.number).status) == "confirmed"


def test_an_order_whose_version_is_not_here_is_refused_and_the_others_of_a_batch_go_on(
    desk: Desk, clock: FakeClock
) -> None:
    lost, fine = order_in(desk, "pending_confirmation"), order_in(desk, "pending_confirmation")
    with desk.unit_of_work(TENANT) as uow:
        uow.cases.move_over([Case(**{**_fields(case_of(desk, lost.number)), "version": 9})])
        uow.commit()

    with pytest.raises(ProcessVersionUnknown) as refused:
        desk.handle(ConfirmOrder(lost.number), CLERK)
    done(desk, ConfirmOrder(fine.number), CLERK)

    assert refused.value.data == {"process": NAME, "version": 9}
    assert str(fresh(desk, lost.number).status) == "pending_confirmation"
    assert [row["cases"] for row in listed(desk, TENANT, NAME) if row["state"] == "missing"] == [1]
    assert desk.run_automatic(TENANT).moved == 0


def test_a_version_needs_two_people_and_whoever_may_publish(desk: Desk) -> None:
    wanted = WantedVersion(NAME, files=draft(desk, SAME).texts)
    with pytest.raises(RoleNotAllowed):
        propose(desk, CLERK, wanted)
    made = propose(desk, MANAGER, wanted).version

    with pytest.raises(OwnProposal):
        approve(desk, MANAGER, NAME, made.version)
    with pytest.raises(RoleNotAllowed):
        approve(desk, CLERK, NAME, made.version)
    assert desk.versions.active(TENANT).version == 1
    approve(desk, ADMIN, NAME, made.version)

    assert desk.versions.active(TENANT).version == 2
    assert audited(desk, "approve_process") == [
        ("admin", f"{NAME} 2", "done"),
        ("manager", f"{NAME} 2", "refused"),
    ]
    with pytest.raises(NotProposed):
        approve(desk, ADMIN, NAME, made.version)


def test_a_proposal_can_be_withdrawn_and_its_number_is_not_given_again(desk: Desk) -> None:
    wanted = WantedVersion(NAME, files=draft(desk, SAME).texts)
    first = propose(desk, MANAGER, wanted).version
    withdraw(desk, MANAGER, NAME, first.version)
    with pytest.raises(NotProposed):
        approve(desk, ADMIN, NAME, first.version)
    again = propose(desk, MANAGER, wanted).version

    assert (first.version, again.version) == (2, 3)
    with pytest.raises(NoSuchVersion):
        withdraw(desk, MANAGER, NAME, 7)


def test_what_is_faulty_breaks_histories_or_changes_nothing_is_not_proposed(desk: Desk) -> None:
    order_in(desk, "awaiting_shipment")
    faulty = draft(desk, ('effect name="reserve_stock"', 'effect name="launch_rocket"')).texts
    breaks = draft(desk, BREAKS).texts

    with pytest.raises(ProcessFaulty, match="launch_rocket"):
        propose(desk, MANAGER, WantedVersion(NAME, files=faulty))
    with pytest.raises(HistoriesBreak, match="inspected"):
        propose(desk, MANAGER, WantedVersion(NAME, files=breaks))
    with pytest.raises(ProcessUnchanged):
        propose(desk, MANAGER, WantedVersion(NAME))
    with pytest.raises(NoSuchProcess):
        propose(desk, MANAGER, WantedVersion("nothing"))
    with pytest.raises(NotAMoment):
        propose(desk, MANAGER, WantedVersion(NAME, "next week", files=breaks))
    accepted = propose(desk, MANAGER, WantedVersion(NAME, accept_broken="goods are inspected now", files=breaks))

    assert accepted.version.notes == "goods are inspected now"
    assert len(accepted.simulation.broken) == 1
    outcomes = [outcome for _, _, outcome in audited(desk, "propose_process")]
    assert outcomes == ["done", *["refused"] * 4]


def test_other_services_take_a_version_up_without_a_restart(database_url: str, clock: FakeClock) -> None:
    publisher, service = open_desk(database_url, clock), open_desk(database_url, clock)
    try:
        before = service.versions.active(TENANT).version
        published(publisher, draft(publisher, SAME), TOMORROW)
        statements = service.database.statements
        unlooked = service.versions.active(TENANT).version
        assert service.database.statements == statements
        service.versions.look_again()
        early = service.versions.active(TENANT).version
        clock.forward(days=1)
        statements = service.database.statements

        assert (before, unlooked, early, service.versions.active(TENANT).version) == (1, 1, 1, 2)
        assert service.database.statements == statements  # the day needs no look
    finally:
        publisher.close()
        service.close()


def test_a_draft_that_cannot_run_keeps_nothing_from_running(tmp_path: Path) -> None:
    desk = open_desk(demo_database(tmp_path))
    take_over(desk, TENANT)
    desk.versions.laid.pop(NAME)  # as after a start with a broken folder

    order = order_in(desk, "confirmed")

    assert case_of(desk, order.number).version == 1
    desk.close()


def test_a_first_folder_that_cannot_run_is_told_with_its_fault(tmp_path: Path) -> None:
    processes = tmp_path / "processes"
    shutil.copytree(ROOT / "processes", processes)
    diagram = processes / NAME / "process.bpmn"
    diagram.write_text(diagram.read_text(encoding="utf-8").replace("reserve_stock", "launch_rocket"), encoding="utf-8")
    desk = Desk(
        Database.connect(demo_database(tmp_path)), load_tenants(ROOT / "tenants"), processes, FakeClock(),
        ROOT / "permissions.yml",
    )  # fmt: skip

    with pytest.raises(ProcessRefused, match="launch_rocket"):
        desk.handle(placing(), CLERK)

    desk.close()


def test_the_folder_that_nobody_published_is_told(desk: Desk) -> None:
    take_over(desk, TENANT)
    assert differing(desk, TENANT) == {}
    laid = desk.versions.laid[NAME]
    desk.versions.laid[NAME] = type(laid)(1, draft(desk, SAME), laid.process, laid.texts)

    assert differing(desk, TENANT) == {NAME: 1}
    propose(desk, MANAGER, WantedVersion(NAME, files=draft(desk, SAME).texts))
    assert differing(desk, TENANT) == {}


def test_notices_are_in_the_words_of_the_version_that_runs(desk: Desk) -> None:
    files = draft(desk)
    said = files.text("texts.yml").replace("  order_placed:\n", "  order_placed:\n    fr: bonjour\n")
    assert said != files.text("texts.yml")
    published(desk, type(files)(NAME, {**files.texts, "texts.yml": said}))

    assert desk.versions.active(TENANT).texts.text("order_placed", "fr") == "bonjour"


def _fields(case: Case) -> dict[str, object]:
    return {name: getattr(case, name) for name in Case.__slots__}


class TwoVersions(RuleBasedStateMachine):
    """Orders begun before and after a version walk side by side, each on its own."""

    @initialize()
    def begin(self) -> None:
        from tempfile import TemporaryDirectory

        self.folder = TemporaryDirectory()
        self.clock = FakeClock()
        self.desk = open_desk(demo_database(Path(self.folder.name)), self.clock)
        self.begun: dict[str, int] = {}
        self.versions = 1

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.close()
            self.folder.cleanup()

    @rule()
    def place(self) -> None:
        order = placed(self.desk)
        self.begun[order.number] = self.versions

    @rule(days=st.integers(0, 2))
    def publish(self, days: int) -> None:
        if self.versions == 1:
            published(self.desk, renamed_node(self.desk), self.clock.now + timedelta(days=days))
            self.clock.forward(days=days)
            self.versions = 2

    @rule(pick=st.integers(0, 20), kind=st.sampled_from([ConfirmOrder, ReceiveGoods, HoldOrder]))
    def step(self, pick: int, kind: type) -> None:
        if not self.begun:
            return
        number = sorted(self.begun)[pick % len(self.begun)]
        actor: Actor = WAREHOUSE if kind is ReceiveGoods else CLERK
        command: Command = HoldOrder(number, "wait") if kind is HoldOrder else kind(number)
        try:
            self.desk.handle(command, actor)
        except DeskhandError as refusal:
            assert refusal.code != "process_version_unknown"

    @invariant()
    def each_is_where_its_own_version_has_a_place(self) -> None:
        for number, version in getattr(self, "begun", {}).items():
            case = case_of(self.desk, number)
            places = {node.id for node in self.desk.process_of(TENANT, version).table.waiting}
            assert case.version == version
            assert case.marking <= places


TwoVersions.TestCase.settings = settings(
    max_examples=5, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTwoVersions = TwoVersions.TestCase
