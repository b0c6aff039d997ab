"""What a provider's claims make of somebody here: a role by their groups, and a user made or brought up to date.

A person is known by issuer and subject. Knows nothing of HTTP or tokens.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.gateway.errors import IdentityRefused, NoRoleGiven, UserLocked
from deskhand.gateway.oidc_token import claim
from deskhand.gateway.sessions_store import CHANGE_USER, end_all_sessions
from deskhand.orders.model import Actor
from deskhand.orders.sign_in import OidcSettings
from deskhand.orders.status import Role
from deskhand.store import Desk, UnitOfWork, User

CHANNEL = "oidc"
LONGEST_NAME = 120
LONGEST_EMAIL = 254
MOST_GROUPS = 2000
_LOGIN = re.compile(r"[^\w.@+-]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the provider describes them; nothing of it is trusted to be short, clean or free here."""

    issuer: str
    subject: str
    groups: tuple[str, ...]
    login: str
    name: str
    email: str | None
    email_verified: bool
    language: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A user who was let in, and the ids of sessions that had to end because their role is another one now."""

    user: User
    ended: tuple[str, ...] = ()


class Dismissed(NoRoleGiven):
    """Somebody who had a user here has no role any more; `ended` are the sessions that are over."""

    def __init__(self, ended: tuple[str, ...]) -> None:
        super().__init__()
        self.ended = ended


def person_of(issuer: str, claims: Claims, settings: OidcSettings) -> Person:
    """The person of claims that have been checked.

    Raises:
        IdentityRefused: the groups are there and are no list of names.
    """
    given = _text(claims.get("email"), LONGEST_EMAIL)
    email = given if _EMAIL.fullmatch(given) else None
    known_as = _text(claims.get("preferred_username"), LONGEST_NAME) or email or ""
    login = _LOGIN.sub("-", known_as).strip("-") or f"user-{_short(issuer, claims['sub'])}"
    return Person(
        issuer=issuer,
        subject=claims["sub"],
        groups=groups_of(claims, settings.groups_claim),
        login=login,
        name=_text(claims.get("name"), LONGEST_NAME) or login,
        email=email,
        email_verified=email is not None and claims.get("email_verified") is True,
        language={"zh": "zh", "en": "en"}.get(str(claims.get("locale") or "")[:2].lower()),
    )


def groups_of(claims: Claims, name: str) -> tuple[str, ...]:
    """The groups: a list of names, or one name alone. A claim that is not there means none.

    Raises:
        IdentityRefused: it is something else.
    """
    found = claim(claims, name)
    if found is None:
        return ()
    groups = [found] if isinstance(found, str) else found
    if not isinstance(groups, list) or len(groups) > MOST_GROUPS or not all(isinstance(one, str) for one in groups):
        raise IdentityRefused(reason="the groups are no list of names")
    return tuple(groups)


def take_in(desk: Desk, tenant: str, settings: OidcSettings, person: Person, cause: str) -> Arrival:
    """The person's user here, made or brought up to date; what was changed stands in the audit.

    Raises:
        NoRoleGiven: no group of theirs has a role; sessions that they still had are over.
        UserLocked: somebody locked the user here.
    """
    role = settings.role_of(person.groups)
    with desk.unit_of_work(tenant) as uow:
        known = _known(uow, person)
        if role is None:
            ended = end_all_sessions(uow, _actor(known, cause), known.id, NoRoleGiven.code) if known else []
            uow.commit()
            raise Dismissed(tuple(ended))
        user, user_id = (known, known.id) if known else _first_time(uow, settings, person)
        if user is None:
            arrival = Arrival(_made(uow, user_id, person, role, cause))
        elif not user.active:
            raise UserLocked(user=user.id)
        else:
            arrival = _brought_up_to_date(uow, user, person, role, cause)
        uow.commit()
    return arrival


def _known(uow: UnitOfWork, person: Person) -> User | None:
    user_id = uow.identities.user_id(person.issuer, person.subject)
    return None if user_id is None else uow.users.get(user_id)


def _first_time(uow: UnitOfWork, settings: OidcSettings, person: Person) -> tuple[User | None, str]:
    """The user who is this person from now on, and their id; None: one with that id has still to be made.

    The identity is written first: of two sign-ins at one moment the second waits for the first and finds its user.
    """
    linked = _linked(uow, person) if settings.link_by_email else None
    user_id = linked.id if linked else uow.new_id()
    if uow.identities.add(person.issuer, person.subject, user_id):
        return linked, user_id
    user = _known(uow, person)
    if user is None:
        raise IdentityRefused(reason="this person's user is gone")
    return user, user.id


def _linked(uow: UnitOfWork, person: Person) -> User | None:
    """The one member of staff with this address, if the provider has verified it and nobody else is linked to them."""
    if person.email is None or not person.email_verified:
        return None
    fitting = [user for user in uow.users.by_email(person.email) if user.role is not Role.CUSTOMER]
    return fitting[0] if len(fitting) == 1 and not uow.identities.is_linked(fitting[0].id) else None


def _made(uow: UnitOfWork, user_id: str, person: Person, role: Role, cause: str) -> User:
    login = person.login
    if uow.users.by_login(login) is not None:
        login = f"{login}-{_short(person.issuer, person.subject)}"
    language = person.language if person.language in uow.tenant.languages else uow.tenant.languages[0]
    user = User(user_id, uow.tenant.id, login, person.name, role, email=person.email, language=language)
    uow.users.add(user)
    after = {"login": login, "name": user.name, "email": user.email, "role": str(role)}
    uow.audit.add(_actor(user, cause), "make_user", user.id, "done", {"how": CHANNEL}, after=after)
    return user


def _brought_up_to_date(uow: UnitOfWork, user: User, person: Person, role: Role, cause: str) -> Arrival:
    before = {"name": user.name, "email": user.email, "role": str(user.role)}
    after = {"name": person.name, "email": person.email or user.email, "role": str(role)}
    if before == after:
        return Arrival(user)
    uow.users.set_person(user.id, person.name, person.email or user.email, role)
    moved = role is not user.role
    ended = end_all_sessions(uow, _actor(user, cause), user.id, "role_changed") if moved else []
    changed = uow.users.get(user.id)
    assert changed is not None
    uow.audit.add(_actor(changed, cause), CHANGE_USER, user.id, "done", {"how": CHANNEL}, before=before, after=after)
    return Arrival(changed, tuple(ended))


def _actor(user: User, cause: str) -> Actor:
    return Actor(user.id, user.role, user.tenant, CHANNEL, cause, user.customer_id)


def _short(issuer: str, subject: str) -> str:
    return hashlib.sha256(f"{issuer} {subject}".encode()).hexdigest()[:8]


def _text(given: object, longest: int) -> str:
    """Without control, format and private characters, which could turn a line round or hide a part of it."""
    if not isinstance(given, str):
        return ""
    shown = "".join(" " if character.isspace() else character for character in given[:2000])
    kept = "".join(character for character in shown if unicodedata.category(character)[0] != "C")
    return " ".join(kept.split())[:longest]
