"""Who is signed in: a signed token in a cookie or a bearer header.

Knows nothing of requests or storage. Role and tenant come from here and from nowhere else.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt
from jwt.types import Options

from deskhand.gateway.errors import SessionExpired, SessionForged
from deskhand.orders.model import Actor
from deskhand.orders.status import Role

if TYPE_CHECKING:
    from deskhand.store import User

COOKIE = "deskhand_session"
SESSION_LIFETIME = timedelta(hours=12)

ISSUER = "deskhand-gateway"
_SESSION = "deskhand-session"
ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in: the user as they were then, until `expires_at`."""

    id: str
    user_id: str
    login: str
    name: str
    role: Role
    tenant: str
    customer_id: str | None
    language: str
    expires_at: datetime
    scopes: frozenset[str] | None = None  # None: a person, who may all that the role may; else an API key

    def actor(self, channel: str, cause: str) -> Actor:
        return Actor(self.user_id, self.role, self.tenant, channel, cause, self.customer_id)


def open_session(user: User, now: datetime) -> Session:
    """A session of twelve hours for somebody who has shown who they are."""
    return Session(
        id=uuid.uuid4().hex,
        user_id=user.id,
        login=user.login,
        name=user.name,
        role=Role(user.role),
        tenant=user.tenant,
        customer_id=user.customer_id,
        language=user.language,
        expires_at=now + SESSION_LIFETIME,
    )


def mint_session(session: Session, secret: str) -> str:
    """The session as a signed token."""
    body = {
        "iss": ISSUER,
        "aud": _SESSION,
        "exp": int(session.expires_at.timestamp()),
        "jti": session.id,
        "sub": session.user_id,
        "login": session.login,
        "name": session.name,
        "role": session.role.value,
        "tenant": session.tenant,
        "customer_id": session.customer_id,
        "language": session.language,
    }
    return jwt.encode(body, secret, algorithm=ALGORITHM)


def read_session(token: str, secret: str, now: datetime) -> Session:
    """The session of a token.

    Raises:
        SessionForged, SessionExpired.
    """
    body = decode(token, secret, _SESSION, now, ["jti", "sub", "login", "name", "role", "tenant", "language"])
    try:
        role = Role(body["role"])
    except ValueError as error:
        raise SessionForged() from error
    return Session(
        id=str(body["jti"]),
        user_id=str(body["sub"]),
        login=str(body["login"]),
        name=str(body["name"]),
        role=role,
        tenant=str(body["tenant"]),
        customer_id=body.get("customer_id"),
        language=str(body["language"]),
        expires_at=datetime.fromtimestamp(body["exp"], UTC),
    )


def decode(token: str, secret: str, audience: str, now: datetime, required: list[str]) -> dict[str, Any]:
    """The claims of one of our tokens, if it is whole, ours, for this audience and not over.

    Raises:
        SessionForged, SessionExpired.
    """
    options: Options = {"require": ["iss", "aud", "exp", *required], "verify_exp": False, "verify_iat": False}
    try:
        body: dict[str, Any] = jwt.decode(
            token, secret, algorithms=[ALGORITHM], audience=audience, issuer=ISSUER, options=options
        )
    except jwt.InvalidTokenError as error:
        raise SessionForged() from error
    if body["exp"] <= now.timestamp():
        raise SessionExpired()
    return body
