"""Which companies there have been: finds out that one was taken up, changed or removed, and writes it into its audit.

Once, however many workers look: whoever changes the company's row in `known_tenant` writes the audit's. Knows no file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from deskhand.orders.tenant import Tenant
from deskhand.store.automatic import system_actor
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import known_tenant
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

TAKE_UP, CHANGE, REMOVE = "take_up_tenant", "change_tenant", "remove_tenant"
Settings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KnownTenant:
    """A company that is or was served; `at` is when that, or its settings, changed last."""

    id: str
    fingerprint: str
    active: bool
    at: datetime


def known_tenants(desk: Desk) -> list[KnownTenant]:
    """All of them, removed ones too."""
    with desk.database.transaction(read_only=True) as connection:
        return [KnownTenant(*row) for row in connection.execute(select(known_tenant).order_by(known_tenant.c.tenant))]


def note_tenants(desk: Desk, broken: Collection[str] = ()) -> int:
    """Brings the record up to date; says how many companies have come, changed or gone.

    Args:
        broken: whose files can't be read just now: nobody knows whether they have changed, and they are not removed.
    """
    known = {one.id: one for one in known_tenants(desk)}
    served = dict(desk.tenants.items())
    noted = 0
    for tenant in served.values():
        before = known.get(tenant.id)
        if before is None or (before.fingerprint, before.active) != (fingerprint(tenant), True):
            noted += _note(desk, tenant, before, active=True)
    for name in known.keys() - served.keys() - {*broken}:
        if known[name].active:
            noted += _note(desk, Tenant(name, name), known[name], active=False)
    return noted


def settings_of(tenant: Tenant) -> Settings:
    """Every setting in words, `limits.chat_per_minute` for one in a section."""
    return dict(_flat(asdict(tenant)))


def fingerprint(tenant: Tenant) -> str:
    return hashlib.sha256(json.dumps(settings_of(tenant), sort_keys=True).encode()).hexdigest()


def _note(desk: Desk, tenant: Tenant, before: KnownTenant | None, active: bool) -> bool:
    with UnitOfWork(desk.database, tenant, desk.clock, desk.versions) as uow:
        digest = fingerprint(tenant) if active or before is None else before.fingerprint
        if not _taken(uow, digest, active):
            return False  # another worker was quicker
        action = CHANGE if active and before is not None and before.active else TAKE_UP if active else REMOVE
        found, left = _settings_noted(uow), settings_of(tenant) if active else None
        detail = {"changed": ", ".join(_changed(found, left))} if action == CHANGE else None
        uow.audit.add(system_actor(tenant.id), action, tenant.id, "done", detail, before=found, after=left)
        uow.commit()
    return True


def _taken(uow: UnitOfWork, digest: str, active: bool) -> bool:
    """Whether this transaction is the one that brings the company's row up to date."""
    rows = Repository(uow.connection, uow.tenant.id, uow.clock)
    values: dict[str, Any] = {"fingerprint": digest, "active": active, "at": uow.now}
    if rows.add_missing(known_tenant, [values]):
        return True
    differs = or_(known_tenant.c.fingerprint != digest, known_tenant.c.active.is_not(active))
    return rows.change(known_tenant, differs, **values) > 0


def _settings_noted(uow: UnitOfWork) -> Settings | None:
    """The settings as the audit has them last; None where it has none, or not any more."""
    for row in uow.audit.list(limit=1, target=uow.tenant.id):
        found = row.after or row.before
        return None if found is None else {name: str(value) for name, value in found.items()}
    return None


def _changed(before: Settings | None, after: Settings | None) -> list[str]:
    old, new = before or {}, after or {}
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _flat(given: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in given.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{path}{name}.")
        else:
            words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            found.append((f"{path}{name}", words))
    return found
