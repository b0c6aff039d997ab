"""Whether an id_token says what it says: signature and claims (OpenID Connect Core 3.1.3.7). No I/O."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from jwt.types import Options

from deskhand.gateway.errors import IdentityRefused

ALGORITHMS: Mapping[str, str] = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}  # and their kind of key; no others
SKEW_SECONDS = 60.0
LONGEST_SUBJECT = 255
_LATEST = 1e11  # seconds; far beyond any token, and still a float
_PUBLIC = ("kty", "kid", "n", "e", "crv", "x", "y")
_REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must agree with."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Header:
    """Which key the token names, and how it says it was signed."""

    algorithm: str
    kid: str | None


def read_header(token: object) -> Header:
    """The header of a token that nobody has checked yet.

    Raises:
        IdentityRefused: no token, or an algorithm that is not on the list.
    """
    if not isinstance(token, str):
        raise IdentityRefused(reason="no id_token")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise IdentityRefused(reason="the id_token can't be read") from error
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise IdentityRefused(reason="the id_token's algorithm is not allowed")
    return Header(algorithm, kid if isinstance(kid, str) else None)


def key_for(header: Header, keys: Sequence[object]) -> Json | None:
    """The one key of the provider that the header means; None if there is none, or if it could be several."""
    fitting = [key for key in keys if isinstance(key, dict) and _fits(header, key)]
    if header.kid is not None:
        fitting = [key for key in fitting if key.get("kid") == header.kid]
    return fitting[0] if len(fitting) == 1 else None


def _fits(header: Header, key: Json) -> bool:
    operations = key.get("key_ops")
    return (
        key.get("kty") == ALGORITHMS[header.algorithm]
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, header.algorithm)
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )


def read_claims(token: str, header: Header, key: Json, expected: Expected) -> Json:
    """The claims, once signature, issuer, audience, times, nonce and at_hash are as they must be.

    Raises:
        IdentityRefused: saying which is not.
    """
    claims = _signed(token, header, key, expected)
    problem = _wrong(claims, expected)
    if problem:
        raise IdentityRefused(reason=problem)
    return claims


def _signed(token: str, header: Header, key: Json, expected: Expected) -> Json:
    options: Options = {
        "require": _REQUIRED,
        "verify_exp": False,  # times are checked against our own clock
        "verify_iat": False,
        "verify_nbf": False,
        "enforce_minimum_key_length": True,
    }
    public = {name: key[name] for name in _PUBLIC if isinstance(key.get(name), str)}
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(public, header.algorithm),
            algorithms=[header.algorithm],
            audience=expected.client_id,
            issuer=expected.issuer,
            options=options,
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise IdentityRefused(reason=f"the id_token does not hold: {type(error).__name__}") from error
    return claims


def _wrong(claims: Json, expected: Expected) -> str:
    audience, now = claims["aud"], expected.now.timestamp()
    several = isinstance(audience, list) and len(audience) > 1
    checks = (
        (_usable_subject(claims["sub"]), "sub"),
        (_number(claims["exp"]) + SKEW_SECONDS > now, "exp"),
        (_number(claims["iat"]) - SKEW_SECONDS <= now, "iat"),
        ("nbf" not in claims or _number(claims["nbf"]) - SKEW_SECONDS <= now, "nbf"),
        (_same(claims["nonce"], expected.nonce), "nonce"),
        ("azp" in claims or not several, "azp"),
        ("azp" not in claims or claims["azp"] == expected.client_id, "azp"),
        ("at_hash" not in claims or _same(claims["at_hash"], left_half(expected.access_token)), "at_hash"),
    )
    return next((f"the id_token's {name} is wrong" for holds, name in checks if not holds), "")


def _usable_subject(subject: object) -> bool:
    """At most 255 ASCII characters, as the standard says."""
    return (
        isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and subject.isascii() and subject.isprintable()
    )


def claim(claims: Json, name: str) -> object:
    """One claim; `realm_access.roles` goes one step down where no claim has that whole name. None: it isn't there."""
    found: object = claims.get(name)
    if found is not None:
        return found
    found = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def left_half(access_token: str | None) -> str:
    """`at_hash` of an access token; all our algorithms hash with SHA-256."""
    digest = hashlib.sha256((access_token or "").encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _number(value: object) -> float:
    """NaN, which no comparison holds for, for what is no number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not -_LATEST < value < _LATEST:
        return math.nan
    return float(value)


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and given.isascii() and hmac.compare_digest(given, expected)
