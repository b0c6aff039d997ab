"""Links that sign a user in: for the demo's first page and the command line. Knows nothing of requests."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from deskhand.gateway.errors import SessionForged
from deskhand.gateway.sessions import decode, encode

if TYPE_CHECKING:
    from deskhand.store import User

LINK_LIFETIME = timedelta(hours=24)
_AUDIENCE = "deskhand-signin"


@dataclass(frozen=True, slots=True)
class Link:
    """Whom a link signs in; `id` tells it from every other one."""

    id: str
    tenant: str
    user_id: str
    made_at: datetime


def signin_link(user: User, secret: str, address: str, now: datetime | None = None) -> str:
    """An address that signs this user in, within a day: once, or in the demo as often as it is opened.

    Whoever has the link is the user: never send it on.
    """
    made_at = now or datetime.now(UTC)
    claims = {"aud": _AUDIENCE, "jti": secrets.token_hex(16), "sub": user.id, "tenant": user.tenant}
    token = encode({**claims, "made": made_at.isoformat()}, made_at + LINK_LIFETIME, secret)
    return f"{address.rstrip('/')}/signin?token={token}"


def read_signin_link(token: str, keys: Sequence[str], now: datetime) -> Link:
    """What the token of a link says.

    Raises:
        SessionForged, SessionExpired.
    """
    body = decode(token, keys, _AUDIENCE, now, ["jti", "sub", "tenant", "made"])
    try:
        made_at = datetime.fromisoformat(body["made"])
    except (TypeError, ValueError) as error:
        raise SessionForged() from error
    return Link(str(body["jti"]), str(body["tenant"]), str(body["sub"]), made_at)
