"""Sessions in the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deskhand.orders.status import Role
from deskhand.orders.tenant import SessionRules
from deskhand.store import Desk, StoredSession, User
from deskhand.store.privacy import forget_old
from tests.support.desks import OTHER_TENANT, TENANT, FakeClock

RULES = SessionRules(idle_minutes=120, longest_hours=12)


def session(desk: Desk, session_id: str = "s1", user: str = "clerk", **changes: Any) -> StoredSession:
    now = desk.clock()
    made = StoredSession(session_id, user, Role.SALES, None, "password", now, now, now + timedelta(hours=12))
    return replace(made, **changes)


def added(desk: Desk, *rows: StoredSession, tenant: str = TENANT) -> list[bool]:
    with desk.unit_of_work(tenant) as uow:
        done = [uow.sessions.add(row) for row in rows]
        uow.commit()
    return done


def test_a_session_is_found_with_its_user_and_in_its_company_only(desk: Desk) -> None:
    row = session(desk, address="a", link=None)
    added(desk, row)
    with desk.unit_of_work(TENANT) as uow:
        found = uow.sessions.find("s1")
        user = uow.users.get("clerk")
        missing = uow.sessions.find("s2")
    with desk.unit_of_work(OTHER_TENANT) as uow:
        elsewhere = uow.sessions.find("s1")
        ended_elsewhere = uow.sessions.end("s1", "signed_out"), uow.sessions.end_all("clerk", "signed_out")

    assert found == (row, user)
    assert (missing, elsewhere, ended_elsewhere) == (None, None, (False, []))


def test_a_link_begins_one_session_and_sessions_without_a_link_any_number(desk: Desk) -> None:
    done = added(
        desk,
        session(desk, "s1", link="l1"),
        session(desk, "s2", link="l1"),
        session(desk, "s3", link="l2"),
        session(desk, "s4"),
        session(desk, "s5"),
    )

    assert done == [True, False, True, True, True]
    assert added(desk, session(desk, "s6", link="l1"), tenant=OTHER_TENANT) == [True]


def test_a_session_is_ended_once_and_keeps_the_reason(desk: Desk) -> None:
    added(desk, session(desk, "s1"), session(desk, "s2"), session(desk, "s3", user="finance"))
    with desk.unit_of_work(TENANT) as uow:
        first, again = uow.sessions.end("s1", "signed_out"), uow.sessions.end("s1", "locked")
        others = uow.sessions.end_all("clerk", "locked")
        left = uow.sessions.of_user("clerk"), [one.id for one in uow.sessions.of_user("finance")]
        kept = uow.sessions.many(["s1", "s2", "s3"])
        uow.commit()

    assert (first, again, others, left) == (True, False, ["s2"], ([], ["s3"]))
    assert {name: row.end_reason for name, (row, _) in kept.items()} == {
        "s1": "signed_out", "s2": "locked", "s3": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "user_changes", "minutes", "lasts"),
    [
        ({}, {}, 0, True),
        ({}, {}, 119, True),
        ({}, {}, 120, False),
        ({"seen_after": 700}, {}, 719, True),
        ({"seen_after": 700}, {}, 720, False),
        ({"ended": True}, {}, 0, False),
        ({}, {"active": False}, 0, False),
        ({}, {"role": Role.ADMIN}, 0, False),
        ({}, {"customer_id": "huaxing"}, 0, False),
    ],
)
def test_how_long_a_session_lasts(
    desk: Desk, changes: dict[str, object], user_changes: dict[str, Any], minutes: int, lasts: bool
) -> None:
    now = desk.clock()
    row = session(desk, seen_at=now + timedelta(minutes=int(str(changes.get("seen_after", 0)))))
    if changes.get("ended"):
        row = replace(row, ended_at=now)
    user = replace(User("clerk", TENANT, "clerk", "Clerk", Role.SALES), **user_changes)

    assert row.lasts(user, RULES, now + timedelta(minutes=minutes)) is lasts


def test_places_are_known_by_their_digests(desk: Desk) -> None:
    added(desk, session(desk, address="home"), session(desk, "s2", user="finance", address="office"))
    with desk.unit_of_work(TENANT) as uow:
        known = [uow.sessions.signed_in_from("clerk", places) for places in (["home"], ["x", "home"], ["office"], [])]

    assert known == [True, True, False, False]


def test_sessions_are_forgotten_a_month_after_their_end(desk: Desk, clock: FakeClock) -> None:
    added(desk, session(desk), session(desk, "s2", ended_at=desk.clock()))
    added(desk, session(desk), tenant=OTHER_TENANT)
    clock.forward(days=30)
    early = forget_old(desk, TENANT, None).counts
    clock.forward(hours=13)
    late = forget_old(desk, TENANT, None).counts
    with desk.unit_of_work(OTHER_TENANT) as uow:
        other = [one.id for one in uow.sessions.of_user("clerk")]

    assert (early, late["sessions"]) == ({}, 2)
    assert other == ["s1"]
