"""Identifiers: those that sort by time for rows, those that nobody can guess for cards and conversations."""

from __future__ import annotations

import itertools
import secrets
import time

_counter = itertools.count(secrets.randbits(32))


def new_id() -> str:
    """32 hex digits: milliseconds, a counter, and 48 random bits; grows within one service."""
    return f"{time.time_ns() // 1_000_000:012x}{next(_counter) & 0xFFFFFFFF:08x}{secrets.randbits(48):012x}"


def new_ids(count: int) -> list[str]:
    """As many of them, from one look at the clock and one draw; each is greater than the one before."""
    at, drawn = f"{time.time_ns() // 1_000_000:012x}", secrets.token_hex(6 * count)
    return [f"{at}{next(_counter) & 0xFFFFFFFF:08x}{drawn[start : start + 12]}" for start in range(0, 12 * count, 12)]


def secret_id() -> str:
    """128 random bits."""
    return secrets.token_hex(16)
