"""Making, rotating and revoking API keys, for the HTTP API and the command alike. Whoever calls has asked the rights.

Keys are made by people alone: a stolen key must not be able to outlive its own revocation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from deskhand.gateway.api_keys import digest_of, new_bearer, new_id
from deskhand.gateway.errors import InvalidRequest, KeyUnknown
from deskhand.gateway.scopes import Scope
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import ApiKey, UnitOfWork

DAYS = 365
MOST_DAYS = 3650
OVERLAP_HOURS = 24
MOST_OVERLAP_HOURS = 24 * 90
LONGEST_NAME = 100
ROLES = tuple(role for role in Role if role is not Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class WantedKey:
    """What a key is to be; `days` 0: it does not expire."""

    name: str
    role: Role
    scopes: frozenset[Scope]
    customer_id: str | None = None
    days: int = DAYS

    def check(self) -> None:
        """What needs no database.

        Raises:
            InvalidRequest: naming the field.
        """
        if not self.name or not self.name.isprintable() or len(self.name) > LONGEST_NAME:
            raise InvalidRequest(field="name", problem=f"must be at most {LONGEST_NAME} printable characters")
        if self.role not in ROLES:
            raise InvalidRequest(field="role", problem=f"must be one of {', '.join(ROLES)}")
        if not self.scopes:
            raise InvalidRequest(field="scopes", problem=f"must be some of {', '.join(Scope)}")
        if (self.role is Role.CUSTOMER) != (self.customer_id is not None):
            raise InvalidRequest(field="customer", problem="is needed for role customer, and for no other role")
        if not 0 <= self.days <= MOST_DAYS:
            raise InvalidRequest(field="days", problem=f"must be between 0 (does not expire) and {MOST_DAYS}")


def scopes_of(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names.

    Raises:
        InvalidRequest: one is none.
    """
    try:
        return frozenset(Scope(name) for name in names)
    except ValueError as error:
        raise InvalidRequest(field="scopes", problem=f"must be some of {', '.join(Scope)}") from error


def make_key(uow: UnitOfWork, who: Actor, wanted: WantedKey) -> tuple[ApiKey, str]:
    """The new key, and the text of it that is shown this once.

    Raises:
        InvalidRequest, UnknownCustomer.
    """
    wanted.check()
    if wanted.customer_id is not None:
        uow.customers.get(wanted.customer_id)
    lifetime = timedelta(days=wanted.days) if wanted.days else None
    key = ApiKey(
        id=new_id(),
        name=wanted.name,
        digest="",
        role=wanted.role,
        customer_id=wanted.customer_id,
        scopes=frozenset(str(scope) for scope in wanted.scopes),
        created_by=who.user_id,
        created_at=uow.now,
        expires_at=uow.now + lifetime if lifetime else None,
    )
    key, bearer = _stored(uow, key)
    uow.audit.add(who, "make_key", key.id, "done", after=_said(key))
    return key, bearer


def rotate_key(uow: UnitOfWork, who: Actor, key_id: str, overlap_hours: int = OVERLAP_HOURS) -> tuple[ApiKey, str]:
    """A new key that may do the same for as long again; the old one works until the overlap is over.

    Raises:
        InvalidRequest: the overlap is negative, or too long.
        KeyUnknown: there is no such key, or it does not work any more.
    """
    if not 0 <= overlap_hours <= MOST_OVERLAP_HOURS:
        raise InvalidRequest(field="overlap_hours", problem=f"must be between 0 and {MOST_OVERLAP_HOURS}")
    old = _in_force(uow, key_id)
    lifetime = old.expires_at - old.created_at if old.expires_at is not None else None
    made = replace(
        old,
        id=new_id(),
        created_by=who.user_id,
        created_at=uow.now,
        expires_at=uow.now + lifetime if lifetime is not None else None,
        last_used_at=None,
    )
    made, bearer = _stored(uow, made)
    if overlap_hours:
        uow.api_keys.expire(old.id, uow.now + timedelta(hours=overlap_hours))
    else:
        uow.api_keys.revoke(old.id, uow.now)
    detail = {"new": made.id, "overlap_hours": overlap_hours}
    uow.audit.add(who, "rotate_key", old.id, "done", detail, before=_said(old), after=_said(made))
    return made, bearer


def revoke_key(uow: UnitOfWork, who: Actor, key_id: str) -> None:
    """It opens nothing from now on.

    Raises:
        KeyUnknown: there is no such key, or it does not work any more.
    """
    key = _in_force(uow, key_id)
    uow.api_keys.revoke(key.id, uow.now)
    uow.audit.add(who, "revoke_key", key.id, "done", before=_said(key))


def key_json(key: ApiKey) -> dict[str, Any]:
    """Everything about a key but its digest."""
    return {
        "id": key.id,
        "name": key.name,
        "role": str(key.role),
        "customer": key.customer_id,
        "scopes": sorted(key.scopes),
        "created_by": key.created_by,
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }


def _stored(uow: UnitOfWork, key: ApiKey) -> tuple[ApiKey, str]:
    bearer = new_bearer(uow.tenant.id, key.id)
    key = replace(key, digest=digest_of(bearer))
    uow.api_keys.add(key)
    return key, bearer


def _in_force(uow: UnitOfWork, key_id: str) -> ApiKey:
    key = uow.api_keys.get(key_id)
    if key is None or not key.works(uow.now):
        raise KeyUnknown(id=key_id)
    return key


def _said(key: ApiKey) -> dict[str, object]:
    said = ("name", "role", "customer", "scopes", "expires_at")
    return {name: value for name, value in key_json(key).items() if name in said}
