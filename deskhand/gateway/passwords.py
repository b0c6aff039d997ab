"""Passwords, checked with argon2. Slow on purpose: call it in a thread."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
LEAST_CHARACTERS, MOST_CHARACTERS = 10, 1024


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def password_problem(password: str) -> str | None:
    """What is wrong with a password that somebody wants to sign in with; None when it will do."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        return f"has at least {LEAST_CHARACTERS} characters and at most {MOST_CHARACTERS}"
    return None if password == password.strip() else "neither begins nor ends with a blank"


def password_matches(password: str, password_hash: str | None) -> bool:
    """Takes as long for an unknown user (`None`) as for a known one, so that logins can't be told by time."""
    if len(password) > MOST_CHARACTERS:
        return False
    try:
        return _hasher.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
