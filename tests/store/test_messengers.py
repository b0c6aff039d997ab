"""Accounts in Slack and Teams: one user for each, one for each user, gone with the person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.gateway.messengers.people import company_of, person_of
from deskhand.store import Desk, MessengerAccount, MessengerLink
from deskhand.store.privacy import RasaConversations, erase, export
from deskhand.store.privacy.documents import Documents
from tests.support.desks import ADMIN, TENANT, FakeClock, demo_database, open_desk
from tests.support.messengers import TEAM, with_workspaces

ACCOUNT = MessengerAccount("slack", TEAM, "U1")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = open_desk(demo_database(tmp_path), FakeClock())
    yield made
    made.close()


def link(desk: Desk, user: str, account: MessengerAccount = ACCOUNT) -> bool:
    with desk.unit_of_work(TENANT) as uow:
        added = uow.messengers.add(MessengerLink(account, user, "Ann", {"channel": "U1"}, "at_once", 0, uow.now))
        uow.commit()
    return added


def test_an_account_is_one_users_and_a_user_has_one_account_in_each(desk: Desk) -> None:
    assert link(desk, "clerk")
    assert not link(desk, "manager")
    assert not link(desk, "clerk", MessengerAccount("slack", TEAM, "U2"))
    assert link(desk, "clerk", MessengerAccount("teams", "d", "29:1"))


def test_a_workspace_that_two_companies_name_is_nobodys(desk: Desk) -> None:

    with_workspaces(desk)
    assert link(desk, "clerk") and person_of(desk, ACCOUNT) is not None
    tenants = desk.tenants
    assert isinstance(tenants, dict)
    other = next(name for name in tenants if name != TENANT)
    tenants[other] = replace(tenants[other], slack=tenants[TENANT].slack)

    assert company_of(desk, "slack", TEAM) is None and person_of(desk, ACCOUNT) is None


def test_who_is_erased_has_no_account_any_more(desk: Desk, tmp_path: Path) -> None:
    assert link(desk, "customer")
    with desk.unit_of_work(TENANT) as uow:
        uow.messengers.post("slack", "customer", shown={"text": "hello"})
        customer = uow.users.get("customer")
        uow.commit()
    assert customer is not None and customer.customer_id
    documents, rasa = Documents(tmp_path, TENANT), RasaConversations(str(tmp_path / "none.db"))

    copy = export(desk, ADMIN, customer.customer_id, documents, rasa)
    assert copy["messenger_link"] and copy["messenger_post"]
    erase(desk, ADMIN, customer.customer_id, documents, rasa)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.messengers.find(ACCOUNT) is None and uow.messengers.of_user("customer") == []
