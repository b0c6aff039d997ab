"""Identifiers: those that sort by time for rows, those that nobody can guess for cards and conversations."""

from __future__ import annotations

import itertools
import secrets
import time

_counter = itertools.count(secrets.randbits(32))


def new_id() -> str:
    """32 hex digits: milliseconds, a counter, and 48 random bits; grows within one service."""
    return f"{time.time_ns() // 1_000_000:012x}{next(_counter) & 0xFFFFFFFF:08x}{secrets.randbits(48):012x}"


def secret_id() -> str:
    """128 random bits."""
    return secrets.token_hex(16)
