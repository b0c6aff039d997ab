"""Links that sign a user in: for the demo's first page and the command line. Knows nothing of requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import jwt

from deskhand.gateway.sessions import ALGORITHM, ISSUER, decode

if TYPE_CHECKING:
    from deskhand.store import User

LINK_LIFETIME = timedelta(hours=24)
_AUDIENCE = "deskhand-signin"


def signin_link(user: User, secret: str, address: str, now: datetime | None = None) -> str:
    """An address that signs this user in, for a day. Whoever has the link is the user: never send it on."""
    expires = (now or datetime.now(UTC)) + LINK_LIFETIME
    body = {"iss": ISSUER, "aud": _AUDIENCE, "exp": int(expires.timestamp()), "sub": user.id, "tenant": user.tenant}
    return f"{address.rstrip('/')}/signin?token={jwt.encode(body, secret, algorithm=ALGORITHM)}"


def read_signin_token(token: str, secret: str, now: datetime) -> tuple[str, str]:
    """(tenant, user id) of a sign-in link.

    Raises:
        SessionForged, SessionExpired.
    """
    body = decode(token, secret, _AUDIENCE, now, ["sub", "tenant"])
    return str(body["tenant"]), str(body["sub"])
