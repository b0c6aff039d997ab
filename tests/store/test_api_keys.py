"""API keys in the store: each tenant has its own, and none is ever deleted."""

from __future__ import annotations

from datetime import timedelta

from deskhand.orders.status import Role
from deskhand.store import ApiKey, Desk
from tests.support.desks import OTHER_TENANT, TENANT, FakeClock


def key(clock: FakeClock, identifier: str, days: int | None = 1) -> ApiKey:
    return ApiKey(
        id=identifier,
        name="Shop",
        digest="d" * 64,
        role=Role.SALES,
        customer_id=None,
        scopes=frozenset({"orders:read"}),
        created_by="admin",
        created_at=clock(),
        expires_at=clock() + timedelta(days=days) if days else None,
    )


def added(desk: Desk, *keys: ApiKey) -> None:
    with desk.unit_of_work(TENANT) as uow:
        for one in keys:
            uow.api_keys.add(one)
        uow.commit()


def stored(desk: Desk, identifier: str, tenant: str = TENANT) -> ApiKey | None:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return uow.api_keys.get(identifier)


def test_a_key_is_found_as_it_was_added_and_in_its_tenant_alone(desk: Desk, clock: FakeClock) -> None:
    made = key(clock, "one")
    added(desk, made, key(clock, "two", days=None))

    assert stored(desk, "one") == made
    assert stored(desk, "one", OTHER_TENANT) is None
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert [one.id for one in uow.api_keys.all()] == ["one", "two"]
        assert uow.api_keys.names(["api_key:one", "api_key:none", "clerk"]) == {"api_key:one": "Shop"}


def test_a_key_is_revoked_once_and_works_no_more(desk: Desk, clock: FakeClock) -> None:
    added(desk, key(clock, "one"))
    with desk.unit_of_work(OTHER_TENANT) as uow:
        assert not uow.api_keys.revoke("one", clock())
        uow.commit()
    with desk.unit_of_work(TENANT) as uow:
        assert uow.api_keys.revoke("one", clock()) and not uow.api_keys.revoke("one", clock())
        uow.commit()

    found = stored(desk, "one")
    assert found is not None and found.revoked_at == clock() and not found.works(clock())


def test_an_end_is_never_put_off_and_a_use_is_remembered(desk: Desk, clock: FakeClock) -> None:
    added(desk, key(clock, "short"), key(clock, "endless", days=None))
    with desk.unit_of_work(TENANT) as uow:
        for name in ("short", "endless"):
            uow.api_keys.expire(name, clock() + timedelta(days=2))
            uow.api_keys.used(name, clock())
        uow.commit()

    short, endless = stored(desk, "short"), stored(desk, "endless")
    assert short is not None and short.expires_at == clock() + timedelta(days=1) and short.last_used_at == clock()
    assert endless is not None and endless.expires_at == clock() + timedelta(days=2)
    clock.forward(days=1)
    assert not short.works(clock()) and endless.works(clock())
