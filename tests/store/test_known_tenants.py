"""That a company was taken up, changed or removed stands in its audit, once, whoever looks and how often."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from deskhand.orders.tenant import Limits, Tenant
from deskhand.store import AuditRow, Desk, known_tenants, note_tenants
from deskhand.store.known_tenants import CHANGE, REMOVE, TAKE_UP
from deskhand.store.row_security import SHARED
from deskhand.store.schema import known_tenant
from tests.support.desks import OTHER_TENANT, TENANT


@pytest.fixture
def tenants(desk: Desk) -> Iterator[dict[str, Tenant]]:
    """The desk's own, to be changed as files would be."""
    assert isinstance(desk.tenants, dict)
    yield desk.tenants


def rows(desk: Desk, company: str = OTHER_TENANT) -> list[AuditRow]:
    with desk.unit_of_work(company) as uow:
        return [*reversed(uow.audit.list(target=company))]


def test_a_company_that_is_new_is_noted_once(desk: Desk) -> None:
    assert [note_tenants(desk) for _ in range(3)] == [2, 0, 0]

    (row,) = rows(desk)
    assert (row.action, row.actor, row.role, row.outcome, row.before) == (TAKE_UP, "system", "system", "done", None)
    assert row.after is not None and row.after["name"] == "Another company"
    assert [(one.id, one.active) for one in known_tenants(desk)] == [(TENANT, True), (OTHER_TENANT, True)]


def test_a_change_is_noted_with_what_was_and_what_is(desk: Desk, tenants: dict[str, Tenant]) -> None:
    note_tenants(desk)
    tenants[OTHER_TENANT] = replace(tenants[OTHER_TENANT], currency="EUR", limits=Limits(chat_per_minute=7))

    assert [note_tenants(desk) for _ in range(2)] == [1, 0]

    row = rows(desk)[-1]
    assert (row.action, row.detail["changed"]) == (CHANGE, "currency, limits.chat_per_minute")
    assert row.before is not None and row.after is not None
    assert (row.before["currency"], row.after["currency"]) == ("CNY", "EUR")
    assert len(rows(desk, TENANT)) == 1


def test_a_change_that_is_taken_back_is_a_change_too(desk: Desk, tenants: dict[str, Tenant]) -> None:
    first = tenants[OTHER_TENANT]
    for company in (first, replace(first, name="B"), first):
        tenants[OTHER_TENANT] = company
        note_tenants(desk)

    assert [row.action for row in rows(desk)] == [TAKE_UP, CHANGE, CHANGE]


def test_a_removed_company_is_noted_and_its_data_stays(desk: Desk, tenants: dict[str, Tenant]) -> None:
    note_tenants(desk)
    company = tenants.pop(OTHER_TENANT)

    assert [note_tenants(desk) for _ in range(2)] == [1, 0]
    assert [one.active for one in known_tenants(desk)] == [True, False]

    tenants[OTHER_TENANT] = company
    note_tenants(desk)
    assert [row.action for row in rows(desk)] == [TAKE_UP, REMOVE, TAKE_UP]


def test_a_company_whose_file_is_broken_is_not_a_removed_one(desk: Desk, tenants: dict[str, Tenant]) -> None:
    note_tenants(desk)
    company = tenants.pop(OTHER_TENANT)

    assert note_tenants(desk, broken={OTHER_TENANT}) == 0
    assert known_tenants(desk)[1].active

    tenants[OTHER_TENANT] = company
    assert [row.action for row in rows(desk)] == [TAKE_UP]


def test_of_several_workers_one_writes(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as workers:
        noted = [each.result() for each in [workers.submit(note_tenants, desk) for _ in range(8)]]

    assert sum(noted) == 2
    assert (len(rows(desk)), len(rows(desk, TENANT))) == (1, 1)


def test_what_every_company_may_see_of_another_is_that_it_exists() -> None:
    assert set(SHARED) == {"known_tenant"}
    assert set(known_tenant.c.keys()) == {"tenant", "fingerprint", "active", "at"}
