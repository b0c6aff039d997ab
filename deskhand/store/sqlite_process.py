"""A process of its own that holds one connection to SQLite, so that who prepares rows need not wait for Python while
others are written. Run as a script, by path; knows nothing of Deskhand but this file, so that it starts at once.

Read from its input and written to its output: eight bytes of length, eight of the head's length, the head, columns.
The head is JSON, in which bytes are {"hex": ...}: [message, [[form, length of a column in bytes], ...]].
Asked: [what, ...]; answered: [true, rows, columns, rowcount, lastrowid] or [false, error, message, code, name].
A column of texts lies there with a zero between each two, one of whole numbers in eight bytes each, any other as JSON.
To open and to insert is not answered: what goes wrong with it is the answer to the next request, which is then not
carried out.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import repeat
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

OPEN, EXECUTE, EXECUTEMANY, INSERT, COMMIT, ROLLBACK = range(6)
UNANSWERED = (OPEN, INSERT)
PARAMETERS = 32_000  # of one statement, at most: SQLite takes 32,766
_FEWER = 2_000  # here, where nobody waits for Python meanwhile, and each statement that is kept takes its room
_LENGTH = 8
_TEXTS, _NUMBERS, _OTHERS = "texts", "numbers", "others"  # forms of a column
_BETWEEN, _EIGHT_BYTES, _ENCODING = "\0", "q", ("utf-8", "surrogatepass")
_TURN = 0.0005  # seconds that the thread which listens may have to wait for Python


def put(out: BinaryIO, message: Sequence[Any], columns: Sequence[Sequence[Any]] = ()) -> None:
    """Sends one message. Raises OSError, and TypeError for what is no value of SQLite."""
    packed = [_packed(column) for column in columns]
    head = _in_bytes([message, [[form, len(data)] for form, data in packed]])
    total = _LENGTH + len(head) + sum(len(data) for _, data in packed)
    out.write(total.to_bytes(_LENGTH, "big") + len(head).to_bytes(_LENGTH, "big") + head)
    for _, data in packed:
        out.write(data)
    out.flush()


def _packed(column: Sequence[Any]) -> tuple[str, bytes]:
    """A column in the form that is quickest here and there."""
    with suppress(TypeError, OverflowError):  # they are not all alike, or larger than eight bytes
        if isinstance(column[0], str):
            written = _BETWEEN.join(column)
            if written.count(_BETWEEN) == len(column) - 1:
                return _TEXTS, written.encode(*_ENCODING)
        elif isinstance(column[0], int):
            return _NUMBERS, array(_EIGHT_BYTES, column).tobytes()
    return _OTHERS, _in_bytes(column)


def _column(form: str, data: bytes) -> Sequence[Any]:
    if form == _TEXTS:
        return data.decode(*_ENCODING).split(_BETWEEN)
    if form == _NUMBERS:
        return array(_EIGHT_BYTES, data)
    column: list[Any] = _from_bytes(data)
    return column


def get(source: BinaryIO) -> bytes | None:
    """The next message, not unpacked; None where the other side has ended, also in the middle of one."""
    length = source.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    data = source.read(size := int.from_bytes(length, "big"))
    return data if len(data) == size else None


def unpacked(data: bytes) -> list[Any]:
    """A message as it was put; tuples are lists. Where it came with columns, they are its last part."""
    start = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    message, parts = _from_bytes(data[_LENGTH:start])
    columns = []
    for form, length in parts:
        columns.append(_column(form, data[start : start + length]))
        start += length
    return [*message, columns] if columns else message


def _in_bytes(value: Sequence[Any]) -> bytes:
    return _IN_WORDS.encode(value).encode(*_ENCODING)


def _from_bytes(data: bytes) -> Any:
    return json.loads(data.decode(*_ENCODING), object_hook=_as_bytes)


def _as_bytes(found: dict[str, str]) -> bytes:
    return bytes.fromhex(found["hex"])


def _in_hex(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(f"no value for SQLite: {type(value).__name__}")


_IN_WORDS = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_in_hex)


def inserts(
    into: str, shared: Sequence[Any], own: Sequence[Sequence[Any]], parameters: int | None = None
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Statements of many rows, with their parameters.

    Args:
        into: all up to the rows, such as `INSERT INTO t (a, b) SELECT ?, column1 FROM (VALUES `.
        shared: the parameters in it.
        own: the columns whose values differ; all of one length.
        parameters: of one statement at most, unless a single row has more; else as many as SQLite takes.
    """
    rows, places = len(own[0]), f"({', '.join('?' * len(own))})"
    at_once = max(((parameters or PARAMETERS) - len(shared)) // len(own), 1)
    for start in range(0, rows, at_once):
        count = min(at_once, rows - start)
        values = [*shared, *repeat(None, count * len(own))]
        for place, column in enumerate(own, start=len(shared)):
            values[place :: len(own)] = column[start : start + count]
        yield into + ", ".join([places] * count) + ")", tuple(values)


class _Served:
    """The connection, and what went wrong with a request that was not answered."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._failed: Exception | None = None

    def answer(self, what: int, given: Sequence[Any]) -> tuple[Any, ...] | None:
        """None where nobody waits for it."""
        if what == ROLLBACK:
            self._failed = None
        elif self._failed is not None:
            if what in UNANSWERED:
                return None
            failed, self._failed = self._failed, None
            return _told(failed)
        try:
            return self._done(what, given)
        except Exception as error:  # a value may be too large for SQLite, or no text: whatever it is, it is told
            if what not in UNANSWERED:
                return _told(error)
            self._failed = error
            return None

    def _done(self, what: int, given: Sequence[Any]) -> tuple[Any, ...] | None:
        if what == OPEN:
            path, timeout = given
            self._connection = sqlite3.connect(path, timeout, isolation_level=None)
            return None
        connection = self._connection
        if connection is None:
            raise sqlite3.ProgrammingError("no database is open")
        if what == INSERT:
            into, shared, own = given
            for statement, values in inserts(into, shared, own, _FEWER):
                connection.execute(statement, values)
            return None
        if what in (COMMIT, ROLLBACK):
            connection.commit() if what == COMMIT else connection.rollback()
            return True, [], None, -1, None
        cursor = connection.execute(*given) if what == EXECUTE else connection.executemany(*given)
        columns = cursor.description and [each[0] for each in cursor.description]
        return True, cursor.fetchall(), columns, cursor.rowcount, cursor.lastrowid


def _told(error: Exception) -> tuple[Any, ...]:
    code, name = getattr(error, "sqlite_errorcode", None), getattr(error, "sqlite_errorname", None)
    kind = type(error).__name__ if isinstance(error, sqlite3.Error) else "DataError"
    return False, kind, str(error), code, name


def _listen(said: SimpleQueue[bytes | None]) -> None:
    while (message := get(sys.stdin.buffer)) is not None:
        said.put(message)
        del message
    said.put(None)


def main() -> int:
    """Serves until its input ends; what was not committed by then is rolled back.

    A thread takes in what is said meanwhile, so that who says it need not wait.
    """
    sys.setswitchinterval(_TURN)
    served, said = _Served(), SimpleQueue[bytes | None]()
    Thread(target=_listen, args=(said,), daemon=True).start()
    while (message := said.get()) is not None:
        what, *given = unpacked(message)
        del message
        answer = served.answer(what, given)
        del given
        if answer is not None:
            put(sys.stdout.buffer, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
