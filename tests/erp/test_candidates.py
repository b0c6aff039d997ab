"""Orders that may be one: found in one import and beside what is here, decided by a person, taken back again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskhand.erp.candidates import decide
from deskhand.erp.importing import preview, run
from deskhand.orders.errors import CandidateGone, RoleNotAllowed
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus, Role
from deskhand.store import Desk
from deskhand.store.repositories.candidates import OrderCandidate, Verdict
from tests.erp.test_importing import OPEN, SHOP, file, line, orders_of, system

ERP, SALES = replace(SHOP, source="erp"), replace(SHOP, source="sales")


def candidates(desk: Desk, state: Verdict = Verdict.OPEN) -> list[OrderCandidate]:
    with desk.unit_of_work("demo", read_only=True) as uow:
        return uow.candidates.standing(state)


def decided(desk: Desk, actor: Actor, verdict: Verdict, candidate: str) -> None:
    with desk.unit_of_work("demo") as uow:
        decide(desk, uow, actor, candidate, verdict)
        uow.commit()


def two_systems(desk: Desk, actor: Actor, status: OrderStatus | None = None) -> OrderCandidate:
    for number, options in (("1", ERP), ("S-77", SALES)):
        run(desk, actor, [file(line(number))], replace(options, start_status=status))
    (found,) = candidates(desk)
    return found


def statuses(orders: dict[str, Order]) -> dict[str, OrderStatus]:
    return {number: order.status for number, order in orders.items()}


def test_two_systems_of_one_import_give_a_candidate_that_is_kept(desk: Desk, actor: Actor) -> None:
    options = replace(SHOP, mappings={"erp.csv": system("erp"), "sales.csv": system("sales")})
    files = [file(line("1"), name="erp.csv"), file(line("S-77"), line("S-78", quantity=9), name="sales.csv")]

    seen = preview(desk, actor, files, options)
    assert seen.changes["candidates"] == 1
    run(desk, actor, files[::-1], options)

    (found,) = candidates(desk)
    assert {(found.source, found.key), (found.like_source, found.like_key)} == {("erp", "1"), ("sales", "S-77")}
    assert found.id == seen.report.as_dict()["candidates"][0]["id"]


def test_two_files_of_one_system_may_hold_one_order_twice_and_two_orders_of_one_file_are_two(
    desk: Desk, actor: Actor
) -> None:
    alike = [file(line("1"), line("2"), name="a.csv"), file(line("3"), name="b.csv")]

    report = run(desk, actor, alike, SHOP)

    assert [(one.key, one.like_key) for one in report.candidates] == [("3", "1"), ("3", "2")]


def test_two_that_are_the_same_become_the_one_that_was_there_first(desk: Desk, actor: Actor) -> None:
    found = two_systems(desk, actor)

    decided(desk, actor, Verdict.SAME, found.id)

    assert statuses(orders_of(desk)) == {"1": OrderStatus.SETTLED, "S-77": OrderStatus.CANCELLED}
    assert candidates(desk) == []
    with desk.unit_of_work("demo", read_only=True) as uow:
        double = orders_of(desk)["S-77"]
        assert [row.event for row in uow.orders.history(double.id)][-1] == "import_same"
        assert uow.orders.verify_chain(double.id)
        assert any(row.detail.get("verdict") == "same" for row in uow.audit.list())


def test_later_imports_speak_of_the_order_that_was_kept(desk: Desk, actor: Actor) -> None:
    decided(desk, actor, Verdict.SAME, two_systems(desk, actor).id)

    said = file(line("S-77", address="New Street", updated="2026-02-01"))
    report = run(desk, actor, [said], SALES)

    assert (report.inserted, report.changed, report.candidates) == (0, 1, [])
    orders = orders_of(desk)
    assert (orders["1"].address, orders["S-77"].status) == ("New Street", OrderStatus.CANCELLED)


def test_open_orders_are_cancelled_as_people_do_it(desk: Desk, actor: Actor) -> None:
    found = two_systems(desk, actor, OPEN.start_status)

    decided(desk, actor, Verdict.SAME, found.id)

    assert statuses(orders_of(desk))["S-77"] is OrderStatus.CANCELLED


@pytest.mark.parametrize("status", [None, OPEN.start_status])
def test_a_decision_can_be_taken_back(desk: Desk, actor: Actor, status: OrderStatus | None) -> None:
    found = two_systems(desk, actor, status)
    before = statuses(orders_of(desk))
    decided(desk, actor, Verdict.SAME, found.id)

    decided(desk, actor, Verdict.OPEN, found.id)

    assert statuses(orders_of(desk)) == before
    assert [one.id for one in candidates(desk)] == [found.id]
    with desk.unit_of_work("demo", read_only=True) as uow:
        there = uow.source_records.with_keys("orders", ["S-77"])["S-77"]
    assert [one.order_id for one in there] == [orders_of(desk)["S-77"].id]


def test_two_that_are_apart_stay_and_are_not_told_again(desk: Desk, actor: Actor) -> None:
    found = two_systems(desk, actor)

    decided(desk, actor, Verdict.APART, found.id)
    report = run(desk, actor, [file(line("S-77", address="New Street", updated="2026-02-01"))], SALES)

    assert report.candidates == candidates(desk) == []
    assert [one.id for one in candidates(desk, Verdict.APART)] == [found.id]


def test_what_is_decided_is_not_decided_again(desk: Desk, actor: Actor) -> None:
    found = two_systems(desk, actor)
    decided(desk, actor, Verdict.APART, found.id)

    for candidate, verdict in ((found.id, Verdict.SAME), ("none", Verdict.SAME), ("none", Verdict.OPEN)):
        with pytest.raises(CandidateGone):
            decided(desk, actor, verdict, candidate)


def test_only_who_may_import_decides(desk: Desk, actor: Actor) -> None:
    found = two_systems(desk, actor)

    with pytest.raises(RoleNotAllowed):
        decided(desk, replace(actor, role=Role.WAREHOUSE), Verdict.SAME, found.id)

    assert [one.id for one in candidates(desk)] == [found.id]
