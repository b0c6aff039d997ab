"""Who is signed in, and the signed token that names their session. Knows nothing of requests or storage.

A token says which session it belongs to and nothing else that counts: whether that session lasts still, whose it is and
in which role, is read from its row with each request. So a session that was ended is over at once, whatever its
tokens say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt.types import Options

from deskhand.gateway.errors import SessionExpired, SessionForged
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.settings import key_id

TOKEN_LIFETIME = timedelta(minutes=30)  # of a bearer token; programs renew it

ISSUER = "deskhand-gateway"
AUDIENCE = "deskhand-session"
ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in: the user as they were then, until `expires_at` at the latest.

    `scopes` is None for a person, who may do all that the role may; otherwise an API key asks.
    """

    id: str
    user_id: str
    login: str
    name: str
    role: Role
    tenant: str
    customer_id: str | None
    language: str
    expires_at: datetime
    scopes: frozenset[str] | None = None

    def actor(self, channel: str, cause: str) -> Actor:
        return Actor(self.user_id, self.role, self.tenant, channel, cause, self.customer_id)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a token says. `outdated`: signed with a key that was replaced since."""

    tenant: str
    session_id: str
    expires_at: datetime
    outdated: bool


def mint_token(tenant: str, session_id: str, expires_at: datetime, key: str) -> str:
    """A signed token that names a session."""
    return encode({"aud": AUDIENCE, "jti": session_id, "tenant": tenant}, expires_at, key)


def read_token(token: str, keys: Sequence[str], now: datetime) -> Ticket:
    """What one of our tokens names.

    Raises:
        SessionForged, SessionExpired.
    """
    body = decode(token, keys, AUDIENCE, now, ["jti", "tenant"])
    expires_at = datetime.fromtimestamp(body["exp"], UTC)
    return Ticket(str(body["tenant"]), str(body["jti"]), expires_at, _key_of(token) != key_id(keys[0]))


def encode(claims: dict[str, Any], expires_at: datetime, key: str) -> str:
    """The claims as a token of ours that says which key signed it."""
    body = {"iss": ISSUER, "exp": int(expires_at.timestamp()), **claims}
    return jwt.encode(body, key, algorithm=ALGORITHM, headers={"kid": key_id(key)})


def decode(token: str, keys: Sequence[str], audience: str, now: datetime, required: list[str]) -> dict[str, Any]:
    """The claims of one of our tokens, if it is whole, signed with one of our keys, for this audience and not over.

    Raises:
        SessionForged, SessionExpired.
    """
    options: Options = {"require": ["iss", "aud", "exp", *required], "verify_exp": False, "verify_iat": False}
    named = _key_of(token)
    key = next((key for key in keys if key_id(key) == named), None)
    if key is None:
        raise SessionForged()
    try:
        body: dict[str, Any] = jwt.decode(
            token, key, algorithms=[ALGORITHM], audience=audience, issuer=ISSUER, options=options
        )
        over = datetime.fromtimestamp(_whole(body["exp"]), UTC) <= now
    except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError, OSError) as error:
        raise SessionForged() from error
    if over:
        raise SessionExpired()
    return body


def _whole(seconds: object) -> int:
    if not isinstance(seconds, int):
        raise TypeError("an end that is no time")
    return seconds


def _key_of(token: str) -> object:
    try:
        return jwt.get_unverified_header(token).get("kid")
    except (jwt.InvalidTokenError, ValueError) as error:  # ValueError: bytes of a header that are no UTF-8
        raise SessionForged() from error
