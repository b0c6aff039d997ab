"""Whom the store makes of a provider's people, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from deskhand.gateway.errors import IdentityRefused, NoRoleGiven, UserLocked
from deskhand.gateway.oidc_people import Arrival, Person, take_in
from deskhand.orders.sign_in import OidcSettings
from deskhand.orders.status import Role
from deskhand.store import Desk, User
from tests.support.desks import OTHER_TENANT, TENANT

ISSUER = "https://login.example.com"
SETTINGS = OidcSettings(ISSUER, "desk", roles={"buyers": Role.SALES, "chiefs": Role.MANAGER})
ANN = Person(ISSUER, "s-1", ("buyers",), "ann", "Ann", "ann@acme.example", True, "en")


def users(desk: Desk, tenant: str = TENANT) -> dict[str, User]:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return {user.login: user for user in uow.users.all()}


def test_one_person_who_signs_in_many_times_at_once_is_one_user(desk: Desk) -> None:
    before, together = len(users(desk)), Barrier(4)

    def come(number: int) -> Arrival:
        together.wait()
        return take_in(desk, TENANT, SETTINGS, ANN, f"cause-{number}")

    with ThreadPoolExecutor(4) as pool:
        arrivals = list(pool.map(come, range(4)))

    assert len({arrival.user.id for arrival in arrivals}) == 1
    assert len(users(desk)) == before + 1


def test_the_same_person_is_another_user_at_another_company(desk: Desk) -> None:
    here = take_in(desk, TENANT, SETTINGS, ANN, "cause").user
    there = take_in(desk, OTHER_TENANT, SETTINGS, replace(ANN, groups=("chiefs",)), "cause").user

    assert here.id != there.id and (here.role, there.role) == (Role.SALES, Role.MANAGER)
    assert users(desk)["ann"].role is Role.SALES


def test_two_people_of_one_login_are_two_users_and_so_are_two_providers_people_of_one_subject(desk: Desk) -> None:
    ann = take_in(desk, TENANT, SETTINGS, ANN, "cause").user
    same_login = take_in(desk, TENANT, SETTINGS, replace(ANN, subject="s-2"), "cause").user
    same_subject = take_in(desk, TENANT, SETTINGS, replace(ANN, issuer=ISSUER + "/two", login="bea"), "cause").user

    assert len({ann.id, same_login.id, same_subject.id}) == 3
    assert same_login.login.startswith("ann-") and same_subject.login == "bea"


def test_an_address_that_two_have_links_nobody_and_a_link_is_made_once(desk: Desk) -> None:
    linking = replace(SETTINGS, link_by_email=True)
    with desk.unit_of_work(TENANT) as uow:
        uow.users.add(User("old-1", TENANT, "old1", "Old", Role.FINANCE, email="ann@acme.example"))
        uow.commit()

    assert take_in(desk, TENANT, linking, ANN, "cause").user.id == "old-1"
    assert take_in(desk, TENANT, linking, replace(ANN, subject="s-2"), "cause").user.id != "old-1"


def test_somebody_without_a_role_or_locked_changes_nothing(desk: Desk) -> None:
    ann = take_in(desk, TENANT, SETTINGS, ANN, "cause").user
    with pytest.raises(NoRoleGiven):
        take_in(desk, TENANT, SETTINGS, replace(ANN, groups=()), "cause")
    with desk.unit_of_work(TENANT) as uow:
        uow.users.set_active(ann.id, False)
        uow.commit()

    with pytest.raises(UserLocked):
        take_in(desk, TENANT, SETTINGS, replace(ANN, name="Other", groups=("chiefs",)), "cause")
    assert (users(desk)["ann"].name, users(desk)["ann"].role) == ("Ann", Role.SALES)


def test_an_identity_whose_user_is_gone_makes_no_second_one(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        assert uow.identities.add(ISSUER, "s-1", "nobody")
        uow.commit()

    with pytest.raises(IdentityRefused, match="gone"):
        take_in(desk, TENANT, SETTINGS, ANN, "cause")
