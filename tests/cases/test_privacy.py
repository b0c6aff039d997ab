"""What people wrote in cases is copied, erased and forgotten like all the rest, and no chain breaks by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deskhand.cases import StartCase
from deskhand.cases.model import CaseFile
from deskhand.orders.tenant import Retention
from deskhand.store import Desk
from deskhand.store.privacy import RasaConversations, erase, export, forget_old
from deskhand.store.privacy.documents import Documents
from deskhand.store.verifying import verify
from tests.cases.spending import ADMIN, MANAGER, TENANT, WAREHOUSE, decided, fresh, started
from tests.support.desks import FakeClock, told


@pytest.fixture
def elsewhere(tmp_path: Path) -> tuple[Documents, RasaConversations]:
    return Documents(tmp_path, TENANT), RasaConversations(str(tmp_path / "rasa.db"))


def checked(desk: Desk) -> CaseFile:
    fields = {"place": "behind Huaxing's gate", "owner": "huaxing"}
    return desk.handle(StartCase("stock_check", fields), WAREHOUSE).case


def read(desk: Desk, case: CaseFile) -> tuple[list[Any], list[Any], list[Any]]:
    """Personal parts of its history, its documents' texts, its events."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert verify(uow.connection, TENANT).holds
        rows = [row["personal"] for row in uow.case_files.history(case.id)]
        texts = [each.text for each in uow.case_files.documents(case.id)]
        return rows, texts, [each.event.payload for each in uow.outbox.events_of(case.id)]


def test_a_customers_copy_has_the_cases_that_name_them(
    desk: Desk, elsewhere: tuple[Documents, RasaConversations]
) -> None:
    case, other = checked(desk), started(desk)

    copy = export(desk, ADMIN, "huaxing", *elsewhere)

    assert [row["number"] for row in copy["case_file"]] == [case.number]
    assert case.id in [row["id"] for row in copy["case"]]
    assert case.id in {row["order_id"] for row in copy["history"]}
    assert other.number not in str(copy)


def test_an_erased_customer_is_in_no_case(desk: Desk, elsewhere: tuple[Documents, RasaConversations]) -> None:
    case, other = checked(desk), started(desk, item="Something else")

    erase(desk, ADMIN, "huaxing", *elsewhere)

    rows, _, events = read(desk, case)
    assert rows == [None]
    assert "gate" not in str(events) + str(fresh(desk, case.number).values)
    assert fresh(desk, other.number).values["item"] == "Something else"


def test_what_is_personal_in_old_cases_is_forgotten_and_the_rest_stays(desk: Desk, clock: FakeClock) -> None:
    kept = replace(desk.tenants[TENANT], retention=Retention(personal_days=30))
    desk.tenants = {**desk.tenants, TENANT: kept}
    over, running = started(desk, item="A chair for Ann"), started(desk, item="A desk for Bob")
    decided(desk, over, MANAGER, "approve", reason="Ann needs it")
    told(desk)
    clock.forward(days=29)
    forget_old(desk, TENANT, None)
    assert "Ann" in str(read(desk, over))
    clock.now += timedelta(days=2)

    counts = forget_old(desk, TENANT, None).counts

    assert (counts["cases"], counts["history_rows"]) == (1, 2)
    assert forget_old(desk, TENANT, None).counts.get("cases") is None
    case = fresh(desk, over.number)
    assert "Ann" not in str(read(desk, over)) + str(case.values)
    assert (str(case.values["amount"]), case.status) == ("900.00", "approved")
    assert fresh(desk, running.number).values["item"] == "A desk for Bob"
