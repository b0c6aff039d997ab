"""Transactions that stand in each other's way: what the database says of it, told apart from its other errors.

On PostgreSQL two transactions may lock each other out, and one of them is stopped; on SQLite writers wait for each
other before they begin, at most as long as the database is told to. Knows no order and no command.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError

STOPPED = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, psycopg.errors.LockNotAvailable)
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class LockedOut(Exception):
    """Somebody else's transaction has what this one needs; nothing of it was stored."""


class DatabaseBusy(LockedOut):
    """SQLite has let nobody else write for as long as it may; to ask again at once would wait as long again."""


@contextmanager
def lockouts_told() -> Iterator[None]:
    """What is lost to another transaction is said as LockedOut, once the block has cleaned up behind itself."""
    try:
        yield
    except (DBAPIError, psycopg.Error, sqlite3.Error) as error:
        told = lockout_of(error)
        if told is None:
            raise
        raise told from error


class WrittenMeanwhile(Exception):
    """Somebody else has written the same rows since they were looked at; nothing of this was stored."""


@contextmanager
def clashes_told() -> Iterator[None]:
    """As `lockouts_told`: rows that are there by now are said as WrittenMeanwhile, also those that the driver met."""
    try:
        yield
    except (IntegrityError, psycopg.IntegrityError, sqlite3.IntegrityError) as error:
        raise WrittenMeanwhile(str(error)) from error


def lockout_of(error: Exception) -> LockedOut | None:
    """None: the database means something else."""
    met = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(met, STOPPED):
        return LockedOut(str(met))
    code = getattr(met, "sqlite_errorcode", None)
    return DatabaseBusy(str(met)) if code is not None and code & 0xFF in _BUSY else None
