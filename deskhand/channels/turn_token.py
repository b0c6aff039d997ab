"""The token that tells the actions who speaks: minted by the gateway for one turn, read by the actions.

Knows nothing of sessions, sockets or Rasa. Rasa keeps the token of every turn in its tracker, so it lives
for minutes only and the actions read the newest message's token and no other. Its header names the key that signed it
(`kid`), so that a key can be replaced while turns are under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from jwt.types import Options

from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.settings import key_id

ISSUER = "deskhand-gateway"
AUDIENCE = "deskhand-actions"
LIFETIME = timedelta(minutes=5)

_ALGORITHM = "HS256"
_REQUIRED = ["iss", "aud", "exp", "sub", "role", "tenant", "channel", "conversation", "message_id", "language", "name"]


@dataclass(frozen=True, slots=True)
class TurnClaims:
    """Who speaks, where, and on which card; `message_id` is what makes a repeated turn recognisable."""

    user_id: str
    role: Role
    tenant: str
    channel: str
    conversation: str
    message_id: str
    language: str
    name: str
    customer_id: str | None = None
    card: str | None = None
    action: str | None = None
    file: str | None = None  # the import that was made of a file

    def actor(self) -> Actor:
        """The same person as the order domain knows them, with the message as the cause."""
        return Actor(self.user_id, self.role, self.tenant, self.channel, self.message_id, self.customer_id)

    def is_of(self, sender: str) -> bool:
        """Whether this is what Rasa calls the conversation: its id and a number that grows (`<conversation>-3`)."""
        conversation, _, number = sender.rpartition("-")
        return conversation == self.conversation and number.isascii() and number.isdigit()


class TurnTokenRefused(Exception):
    """The token is missing, forged, expired or meant for somebody else; `code` says which.

    `claims` is what a token of ours said; of a forged one nothing is known.
    """

    def __init__(self, code: str, claims: TurnClaims | None = None) -> None:
        self.code = code
        self.claims = claims
        super().__init__(code)


def mint(claims: TurnClaims, secret: str, now: datetime) -> str:
    """Sign the claims for the next five minutes."""
    body = asdict(claims)
    body["sub"] = body.pop("user_id")
    body |= {"iss": ISSUER, "aud": AUDIENCE, "iat": _seconds(now), "exp": _seconds(now + LIFETIME)}
    return jwt.encode(body, secret, algorithm=_ALGORITHM, headers={"kid": key_id(secret)})


def verify(token: object, secrets: Sequence[str], now: datetime) -> TurnClaims:
    """Check signature, issuer, audience and time; any of the keys may have signed.

    Raises:
        TurnTokenRefused: `turn_token_missing`, `turn_token_expired` or `turn_token_forged`.
    """
    if not isinstance(token, str) or not token:
        raise TurnTokenRefused("turn_token_missing")
    body = _decode(token, secrets)
    try:
        until = int(body["exp"])
        claims = TurnClaims(
            user_id=str(body["sub"]),
            role=Role(body["role"]),
            tenant=str(body["tenant"]),
            channel=str(body["channel"]),
            conversation=str(body["conversation"]),
            message_id=str(body["message_id"]),
            language=str(body["language"]),
            name=str(body["name"]),
            customer_id=body.get("customer_id"),
            card=body.get("card"),
            action=body.get("action"),
            file=body.get("file"),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise TurnTokenRefused("turn_token_forged") from error
    if until <= _seconds(now):
        raise TurnTokenRefused("turn_token_expired", claims)
    return claims


def _decode(token: str, secrets: Sequence[str]) -> dict[str, Any]:
    """The time is checked by the caller's clock, everything else by PyJWT."""
    keys = {key_id(secret): secret for secret in secrets}
    options: Options = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        secret = keys[jwt.get_unverified_header(token)["kid"]]
        return jwt.decode(token, secret, algorithms=[_ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=options)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:  # ValueError: a header that is no UTF-8
        raise TurnTokenRefused("turn_token_forged") from error


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
