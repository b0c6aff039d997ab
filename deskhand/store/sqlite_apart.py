"""A DB-API connection to SQLite that lies in a process of its own (`sqlite_process`); SQLAlchemy uses it as any other.

While that process writes, this one's threads have Python for themselves. Its transactions are seen, and stand in the
way of others, as those of any other process do. If it ends, what it had not committed is rolled back by SQLite.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from deskhand.store import sqlite_process
from deskhand.store.sqlite_process import COMMIT, EXECUTE, EXECUTEMANY, INSERT, OPEN, ROLLBACK, get, put, unpacked

_TO_END = 10  # seconds
_PIPE = 1 << 20  # bytes that may be on their way; only where the system lets it be said


class Apart:
    """The connection. Belongs to one thread at a time, which nobody checks: SQLAlchemy's pool sees to it."""

    isolation_level = None  # the driver begins nothing by itself

    def __init__(self, path: str, timeout: float) -> None:
        """Starts the process; what is wrong with the file is said by the first call.

        Raises:
            OSError: there can be no further process.
        """
        command = [sys.executable, "-I", sqlite_process.__file__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pipesize=_PIPE)
        self._say((OPEN, path, timeout))

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def asked(self, *request: Any) -> list[Any]:
        """Rows, names of columns, rowcount and lastrowid. Raises sqlite3.Error, also where the process has ended."""
        self._say(request)
        message = get(self._process.stdout)  # type: ignore[arg-type]  # it is a pipe
        if message is None:
            raise _ended()
        answer = unpacked(message)
        if answer[0]:
            return answer[1:]
        _, kind, message, code, name = answer
        error: sqlite3.Error = getattr(sqlite3, kind)(message)
        if code is not None:
            error.sqlite_errorcode, error.sqlite_errorname = code, name
        raise error

    def insert(self, into: str, shared: Sequence[Any], own: Sequence[Sequence[Any]]) -> None:
        """As `sqlite_process.inserts`; returns at once. What goes wrong is raised by the next call."""
        self._say((INSERT, into, shared), own)

    def _say(self, request: tuple[Any, ...], columns: Sequence[Sequence[Any]] = ()) -> None:
        try:
            put(self._process.stdin, request, columns)  # type: ignore[arg-type]  # it is a pipe
        except TypeError as error:
            raise sqlite3.ProgrammingError(str(error)) from error
        except (OSError, ValueError) as error:  # the pipe is broken, or closed
            raise _ended() from error

    def cursor(self) -> Cursor:
        return Cursor(self)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        return self.cursor().execute(statement, parameters)

    def create_function(self, *_: Any, **__: Any) -> None:
        """What SQLAlchemy brings (regexp, floor) is not there: nothing that is written in bulk asks for it."""

    def commit(self) -> None:
        self.asked(COMMIT)

    def rollback(self) -> None:
        """Nothing is left to be rolled back where the process has ended."""
        if self._process.poll() is None:
            self.asked(ROLLBACK)

    def close(self) -> None:
        """Ends the process."""
        with self._process as process:
            with suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
            try:
                process.wait(_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()


class Cursor:
    """All rows of one statement, fetched already."""

    arraysize = 1

    def __init__(self, connection: Apart) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount, self.lastrowid = -1, None

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        return self._ask(EXECUTE, statement, parameters)

    def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Cursor:
        return self._ask(EXECUTEMANY, statement, parameters)

    def _ask(self, *request: Any) -> Cursor:
        rows, columns, self.rowcount, self.lastrowid = self._connection.asked(*request)
        self._rows = [tuple(row) for row in reversed(rows)]
        self.description = columns and [(name, None, None, None, None, None, None) for name in columns]
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        return [self._rows.pop() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows[::-1], []
        return rows

    def close(self) -> None:
        self._rows = []


def _ended() -> sqlite3.OperationalError:
    return sqlite3.OperationalError("the process that writes to the database has ended")
