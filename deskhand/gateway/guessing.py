"""A login and a password against a user. Whoever guesses learns nothing: an unknown login takes the same steps."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deskhand.gateway.addresses import address_digest
from deskhand.gateway.errors import SignInRefused
from deskhand.gateway.passwords import password_matches
from deskhand.gateway.sessions_store import SIGN_IN
from deskhand.store import Desk, User

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

_log = logging.getLogger("deskhand.gateway")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody gave, and where they are."""

    tenant: str
    login: str
    password: str = field(repr=False)
    address: str
    cause: str


async def user_by_password(at: Door, attempt: Attempt) -> User | None:
    """The user, if the password is theirs. None: login or password is wrong; the audit has it.

    Raises:
        TooManyRequests: whatever the password.
    """
    login = address_digest(f"{attempt.tenant} {attempt.login}", at.settings.session_secret)
    at.limits.sign_in(attempt.tenant, login, attempt.address)
    at.guesses.attempt(login, attempt.address)
    places = [address_digest(attempt.address, key) for key in at.settings.session_secrets]
    user, usual = await at.threads.run(_find, at.desk, attempt, places)
    if not usual:
        at.guesses.attempt_from_new_place(login)
    matches = await at.threads.run(password_matches, attempt.password, user.password_hash if user is not None else None)
    if user is None or not matches:
        await at.threads.run(_note, at.desk, attempt, user, login)
        return None
    at.guesses.right(login, attempt.address)
    return user


def _find(desk: Desk, attempt: Attempt, places: list[str]) -> tuple[User | None, bool]:
    """The user, if there is one who may sign in by password, and whether they have signed in from there before."""
    if attempt.tenant not in desk.tenants:
        return None, False
    with desk.unit_of_work(attempt.tenant, read_only=True) as uow:
        user = uow.users.by_login(attempt.login)
        usual = uow.sessions.signed_in_from(user.id if user is not None else "", places)
        may = user is not None and user.active and uow.tenant.sign_in.password
    return user if may else None, usual


def _note(desk: Desk, attempt: Attempt, user: User | None, login: str) -> None:
    """A login that nobody has may be a password that slipped into the wrong field: only a digest of it is kept."""
    if attempt.tenant not in desk.tenants:
        _log.warning("request %s: a sign-in was refused for a company that is not served", attempt.cause)
        return
    detail = {"code": SignInRefused.code, "how": "password"}
    with desk.unit_of_work(attempt.tenant) as uow:
        target = user.id if user is not None else login
        uow.audit.add_unknown("http", attempt.cause, SIGN_IN, target, "refused", detail)
        uow.commit()
