"""Sessions from their beginning to their end: rows in the store, each step in the audit.

Knows nothing of passwords, links or providers: whoever calls `start_session` has seen who it is.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from deskhand.gateway.addresses import address_digest
from deskhand.gateway.cookies import cookie_name
from deskhand.gateway.door import SOCKETS
from deskhand.gateway.errors import GatewayError, LinkUsed, SessionExpired
from deskhand.gateway.keys import REQUEST_ID, caller_of
from deskhand.gateway.sessions import TOKEN_LIFETIME, Session, Ticket, mint_token, read_token
from deskhand.gateway.signin import Link
from deskhand.orders.errors import TenantNotServed
from deskhand.orders.model import Actor
from deskhand.orders.tenant import SessionRules
from deskhand.store import Desk, StoredSession, UnitOfWork, User, secret_id

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

SIGN_IN, SIGN_OUT, END_SESSIONS, CHANGE_USER = "sign_in", "sign_out", "end_sessions", "change_user"
_PARTS = 24  # of the idle time: how exactly `seen_at` is known, so that not every request is a write


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a sign-in besides whose it is. `link` is the one that was opened, good `once` or more often."""

    how: str
    cause: str
    address: str | None = None
    link: Link | None = None
    once: bool = True
    replaces: Ticket | None = None


async def start_session(
    at: Door, user: User, how: str, request: web.Request | None = None, link: Link | None = None
) -> tuple[Session, str]:
    """A new session for somebody who has shown who they are, and the token for their cookie.

    A session that the browser had before is ended and never taken over, so nobody can plant one.

    Raises:
        LinkUsed: the link was withdrawn, or has signed somebody in already; in the demo it may.
    """
    beginning = Beginning(how, uuid.uuid4().hex, link=link, once=not at.settings.demo)
    if request is not None:
        address = address_digest(caller_of(request), at.settings.session_secret)
        beginning = replace(beginning, cause=request[REQUEST_ID], address=address, replaces=_brought(at, request))
    begun = await at.threads.run(_begin, at.desk, user, beginning, at.clock())
    if request is not None and beginning.replaces is not None:
        await request.app[SOCKETS].move(beginning.replaces.session_id, user.id)
    return begun, cookie_token(at, begun)


def cookie_token(at: Door, signed_in: Session) -> str:
    """For a cookie: it lasts as long as the session may; the row says how long that really is."""
    return mint_token(signed_in.tenant, signed_in.id, signed_in.expires_at, at.settings.session_secret)


def bearer_token(at: Door, signed_in: Session) -> tuple[str, datetime]:
    """For a program, and until when; it may be renewed as long as the session lasts."""
    until = min(at.clock() + TOKEN_LIFETIME, signed_in.expires_at)
    return mint_token(signed_in.tenant, signed_in.id, until, at.settings.session_secret), until


def check_session(desk: Desk, tenant: str, session_id: str, now: datetime) -> Session:
    """The session as it is now: row and user are read in one statement.

    Raises:
        SessionExpired: it was ended, is over or unused for too long, or the user is locked or another one since.
        TenantNotServed.
    """
    rules = desk.tenant(tenant).session
    with desk.unit_of_work(tenant, read_only=True) as uow:
        found = uow.sessions.find(session_id)
    if found is None or not found[0].lasts(found[1], rules, now):
        if found is not None:
            _end_if_changed(desk, *found)
        raise SessionExpired()
    if _is_stale(found[0], rules, now):
        with desk.unit_of_work(tenant) as uow:
            uow.sessions.seen([session_id], now)
            uow.commit()
    return _session(*found)


def lasting(desk: Desk, sessions: Iterable[Session], used: Collection[str], now: datetime) -> set[str]:
    """Ids of those that go on, a statement for each tenant; those in `used` were used since the last time."""
    by_tenant: defaultdict[str, set[str]] = defaultdict(set)
    for one in sessions:
        by_tenant[one.tenant].add(one.id)
    alive: set[str] = set()
    for tenant, ids in by_tenant.items():
        try:
            alive |= _lasting_of(desk, tenant, ids, used, now)
        except TenantNotServed:
            continue
    return alive


def own_sessions(desk: Desk, signed_in: Session, now: datetime) -> list[StoredSession]:
    """Those of the same user that go on, newest first."""
    rules = desk.tenant(signed_in.tenant).session
    with desk.unit_of_work(signed_in.tenant, read_only=True) as uow:
        user = uow.users.get(signed_in.user_id)
        found = uow.sessions.of_user(signed_in.user_id)
    return [one for one in found if user is not None and one.lasts(user, rules, now)]


def end_session(desk: Desk, signed_in: Session, actor: Actor) -> None:
    """Signs out here."""
    with desk.unit_of_work(signed_in.tenant) as uow:
        if uow.sessions.end(signed_in.id, "signed_out"):
            uow.audit.add(actor, SIGN_OUT, signed_in.user_id, "done", {"sessions": 1})
        uow.commit()


def end_all_sessions(uow: UnitOfWork, actor: Actor, user_id: str, reason: str) -> list[str]:
    """Signs a user out everywhere, inside the caller's transaction; says which sessions that were."""
    ended = uow.sessions.end_all(user_id, reason)
    uow.audit.add(actor, END_SESSIONS, user_id, "done", {"code": reason, "sessions": len(ended)})
    return ended


def _brought(at: Door, request: web.Request) -> Ticket | None:
    """The session that this browser has a cookie of; one that is not ours is nothing to end."""
    token = request.cookies.get(cookie_name(at.settings))
    try:
        return read_token(token, at.settings.session_secrets, at.clock()) if token else None
    except GatewayError:
        return None


def _begin(desk: Desk, user: User, beginning: Beginning, now: datetime) -> Session:
    lasts = timedelta(hours=desk.tenant(user.tenant).session.longest_hours)
    row = StoredSession(
        id=secret_id(),
        user_id=user.id,
        role=user.role,
        customer_id=user.customer_id,
        how=beginning.how,
        created_at=now,
        seen_at=now,
        expires_at=now + lasts,
        address=beginning.address,
        link=beginning.link.id if beginning.link is not None and beginning.once else None,
    )
    signed_in = _session(row, user)
    actor = signed_in.actor("http", beginning.cause)
    with desk.unit_of_work(user.tenant) as uow:
        if _withdrawn(uow, beginning.link) or not uow.sessions.add(row):
            uow.audit.add(actor, SIGN_IN, user.id, "refused", {"how": beginning.how, "code": LinkUsed.code})
            uow.commit()
            raise LinkUsed()
        uow.audit.add(actor, SIGN_IN, user.id, "done", {"how": beginning.how})
        if beginning.replaces is not None and beginning.replaces.tenant == user.tenant:
            uow.sessions.end(beginning.replaces.session_id, "replaced")
        uow.commit()
    if beginning.replaces is not None and beginning.replaces.tenant != user.tenant:
        _end_elsewhere(desk, beginning.replaces)
    return signed_in


def _withdrawn(uow: UnitOfWork, link: Link | None) -> bool:
    return link is not None and uow.sessions.links_withdrawn(link.user_id, link.made_at)


def _end_elsewhere(desk: Desk, ticket: Ticket) -> None:
    """The browser was signed in at another company."""
    if ticket.tenant in desk.tenants:
        with desk.unit_of_work(ticket.tenant) as uow:
            uow.sessions.end(ticket.session_id, "replaced")
            uow.commit()


def _end_if_changed(desk: Desk, row: StoredSession, user: User) -> None:
    """So that it does not come to life again when the user is given back what was taken."""
    if row.ended_at is None and not row.fits(user):
        with desk.unit_of_work(user.tenant) as uow:
            uow.sessions.end(row.id, "user_changed")
            uow.commit()


def _lasting_of(desk: Desk, tenant: str, ids: set[str], used: Collection[str], now: datetime) -> set[str]:
    rules = desk.tenant(tenant).session
    with desk.unit_of_work(tenant, read_only=True) as uow:
        found = uow.sessions.many(ids)
    alive = {row.id for row, user in found.values() if row.lasts(user, rules, now)}
    for row, user in found.values():
        _end_if_changed(desk, row, user)
    stale = [one for one in alive & set(used) if _is_stale(found[one][0], rules, now)]
    if stale:
        with desk.unit_of_work(tenant) as uow:
            uow.sessions.seen(stale, now)
            uow.commit()
    return alive


def _is_stale(row: StoredSession, rules: SessionRules, now: datetime) -> bool:
    return now - row.seen_at >= timedelta(minutes=rules.idle_minutes) / _PARTS


def _session(row: StoredSession, user: User) -> Session:
    return Session(
        id=row.id,
        user_id=user.id,
        login=user.login,
        name=user.name,
        role=row.role,
        tenant=user.tenant,
        customer_id=row.customer_id,
        language=user.language,
        expires_at=row.expires_at,
    )
