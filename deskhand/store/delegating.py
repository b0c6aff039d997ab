"""Handing one's rights to a colleague for a time, and taking them back. Every change stands in the audit.

What a delegate may do with them is decided in `deskhand.store.rights`; administrative actions are never lent, and
lent rights can't be lent on, because everybody lends the rights of their own role and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from deskhand.orders.actions import DELEGATE
from deskhand.orders.errors import DelegationRefused, DeskhandError, RoleNotAllowed, UnknownDelegation, UnknownUser
from deskhand.orders.model import Actor
from deskhand.orders.permissions import Reach
from deskhand.orders.status import Role
from deskhand.orders.tenant import Tenant
from deskhand.store.records import Delegation, User
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

END = "end_delegation"


@dataclass(frozen=True, slots=True)
class WantedDelegation:
    """As people say it: logins, and times or days in the company's zone; `begins` None: now."""

    away: str | None  # None: the one who asks
    delegate: str
    ends: str
    begins: str | None = None
    reason: str = ""


def delegate(desk: Desk, actor: Actor, wanted: WantedDelegation) -> Delegation:
    """Lends the rights of the one who is away.

    Raises:
        RoleNotAllowed: the actor may not lend (these) rights.
        UnknownUser, DelegationRefused.
    """
    with desk.unit_of_work(actor.tenant) as uow:
        try:
            made = _drawn_up(desk, uow, actor, wanted)
            uow.delegations.add(made)
            uow.audit.add(actor, DELEGATE, made.id, "done", after=_said(made))
        except DeskhandError as error:
            uow.audit.add(actor, DELEGATE, wanted.delegate, "refused", {"code": error.code})
            raise
        finally:
            uow.commit()
    return made


def end_delegation(desk: Desk, actor: Actor, delegation_id: str) -> None:
    """At once. The one who is away may do it, the delegate, and whoever may lend anybody's rights.

    Raises:
        RoleNotAllowed: the actor has nothing to do with delegations.
        UnknownDelegation: there is none, or it is others'.
    """
    with desk.unit_of_work(actor.tenant) as uow:
        try:
            grant = desk.permissions.require(DELEGATE, actor)
            found = uow.delegations.get(delegation_id)
            if found is None or (grant.reach is Reach.OWN and actor.user_id not in (found.from_user, found.to_user)):
                raise UnknownDelegation(delegation=delegation_id)
            if uow.delegations.end(delegation_id, uow.now):
                uow.audit.add(actor, END, delegation_id, "done", before=_said(found))
        except DeskhandError as error:
            uow.audit.add(actor, END, delegation_id, "refused", {"code": error.code})
            raise
        finally:
            uow.commit()


def delegations(desk: Desk, actor: Actor) -> list[dict[str, object]]:
    """Newest first, with logins and whether each holds now: all of them, or those that concern the actor.

    Raises:
        RoleNotAllowed: the actor has nothing to do with delegations.
    """
    desk.require(DELEGATE, actor)
    with desk.unit_of_work(actor.tenant, read_only=True) as uow:
        own = desk.permissions.require(DELEGATE, actor).reach is Reach.OWN
        found = uow.delegations.of(actor.user_id if own else None)
        users = uow.users.many({user for each in found for user in (each.from_user, each.to_user, each.created_by)})
        logins = {user.id: user.login for user in users}
        out = {user.id for user in users if not user.active or user.role is Role.CUSTOMER}
        rows = [delegation_json(each, logins, uow.now) for each in found]
        for one, row in zip(found, rows, strict=True):
            row["in_force"] = row["in_force"] and not out & {one.from_user, one.to_user}
        return rows


def delegation_json(one: Delegation, logins: Mapping[str, str], now: datetime) -> dict[str, object]:
    """As people and programs are shown it."""
    return {
        "id": one.id,
        "away": logins.get(one.from_user, one.from_user),
        "delegate": logins.get(one.to_user, one.to_user),
        "from": one.from_at.isoformat(),
        "until": one.until_at.isoformat(),
        "reason": one.reason,
        "made_by": logins.get(one.created_by, one.created_by),
        "made_at": one.created_at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "in_force": one.ended_at is None and one.from_at <= now < one.until_at,
    }


def _drawn_up(desk: Desk, uow: UnitOfWork, actor: Actor, wanted: WantedDelegation) -> Delegation:
    grant = desk.permissions.require(DELEGATE, actor)
    away = _user(uow, wanted.away) if wanted.away else uow.users.get(actor.user_id)
    if away is None:
        raise UnknownUser(user=actor.user_id)
    if grant.reach is Reach.OWN and away.id != actor.user_id:
        raise RoleNotAllowed(role=str(actor.role), event=DELEGATE)
    to = _user(uow, wanted.delegate)
    begins = moment(wanted.begins, uow.tenant) if wanted.begins else uow.now
    ends = moment(wanted.ends, uow.tenant, end=True)
    if problem := _obstacle(away, to, begins, ends, uow.now):
        raise DelegationRefused(away=away.login, delegate=to.login, problem=problem)
    return Delegation(
        uow.new_id(), away.id, to.id, begins, ends, wanted.reason.strip(), actor.user_id, created_at=uow.now
    )


def _user(uow: UnitOfWork, login: str) -> User:
    found = uow.users.by_login(login)
    if found is None:
        raise UnknownUser(user=login)
    return found


def _obstacle(away: User, to: User, begins: datetime, ends: datetime, now: datetime) -> str:
    """Why not, as `DelegationRefused` words it; empty if nothing is against it."""
    obstacles = {
        "to_oneself": away.id == to.id,
        "from_a_customer": away.role is Role.CUSTOMER,
        "to_a_customer": to.role is Role.CUSTOMER,
        "locked": not (away.active and to.active),
        "ends_before_it_begins": ends <= begins,
        "over_already": ends <= now,
    }
    return next((name for name, holds in obstacles.items() if holds), "")


def moment(text: str, tenant: Tenant, end: bool = False) -> datetime:
    """A time, or a day that counts whole: it begins at its midnight, and as an end lasts until the next.

    Raises:
        DelegationRefused: it is neither.
    """
    zone = ZoneInfo(tenant.time_zone)
    try:
        if len(text) == len("2026-12-24"):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            return datetime.combine(day, time(), zone).astimezone(UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise DelegationRefused(said=text, problem="not_a_time") from error
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _said(one: Delegation) -> dict[str, object]:
    return {
        "from_user": one.from_user,
        "to_user": one.to_user,
        "from_at": one.from_at.isoformat(),
        "until_at": one.until_at.isoformat(),
        "reason": one.reason,
    }
