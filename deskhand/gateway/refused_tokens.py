"""Tokens that were refused, in the audit: forged ones, those of a session that is over, those of another site's page.

Whose a token is counts only if one of our keys signed it; of a forged one the company that it names is all there is.
Whoever sends many leaves a few rows, and nobody is kept waiting by them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jwt

from deskhand.gateway.addresses import address_digest
from deskhand.gateway.errors import GatewayError, TooManyRequests
from deskhand.gateway.excess import Excess, note_excess
from deskhand.gateway.sessions import read_token
from deskhand.gateway.signin import read_signin_link

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

USE_SESSION, USE_LINK = "use_session", "use_link"
_ANY_TIME = datetime.fromtimestamp(0, UTC)  # nothing of ours was over then

_log = logging.getLogger("deskhand.gateway")


@dataclass(frozen=True, slots=True)
class Shown:
    """A token, and at which door it was shown: `action` is what it was for."""

    token: str
    action: str
    channel: str
    cause: str
    address: str


async def note_refused(at: Door, shown: Shown, refused: Exception) -> None:
    """One row, or a line in the log where no company is named; beyond the address's share they are only counted."""
    try:
        at.limits.refusal(shown.address)
    except TooManyRequests as enough:
        cause, address = shown.cause, address_digest(shown.address, at.settings.session_secret)
        await note_excess(at, Excess(company_in(shown.token), enough, shown.channel, cause, address))
        return
    await at.threads.run(_note, at, shown, str(getattr(refused, "code", "internal_error")))


def _note(at: Door, shown: Shown, code: str) -> None:
    tenant = company_in(shown.token)
    if tenant not in at.desk.tenants:
        _log.warning("request %s: a token was refused: %s", shown.cause, code)
        return
    with at.desk.unit_of_work(tenant) as uow:
        session_id, user_id = _named(at, shown)
        found = uow.sessions.find(session_id) if session_id else None
        owner = found[1].id if found else user_id
        uow.audit.add_unknown(shown.channel, shown.cause, shown.action, owner, "refused", {"code": code})
        uow.commit()


def _named(at: Door, shown: Shown) -> tuple[str | None, str | None]:
    """The session or the user of a token that is signed by us, over or not."""
    keys = at.settings.session_secrets
    try:
        if shown.action == USE_LINK:
            return None, read_signin_link(shown.token, keys, _ANY_TIME).user_id
        return read_token(shown.token, keys, _ANY_TIME).session_id, None
    except GatewayError:
        return None, None


def company_in(token: str) -> str:
    """What the token says, whoever signed it: where a refusal is noted, and nothing else."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False, "verify_aud": False})
    except (jwt.InvalidTokenError, TypeError, ValueError):
        return ""
    return str(claims.get("tenant", ""))
