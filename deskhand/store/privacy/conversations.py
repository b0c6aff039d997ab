"""Rasa's own record of conversations: it keeps what people wrote, so it must forget with us.

Its table is Rasa's (`events`); nothing else of Rasa's database is touched. A sender id there is our conversation's id,
with a number behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    func,
    inspect,
    or_,
    select,
    update,
)

from deskhand.store.database import normalized
from deskhand.store.privacy.wording import Words
from deskhand.store.repositories.base import chunks

ID_CHARACTERS = 32  # of a conversation's id

_events = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String),
    Column("timestamp", Float),
    Column("data", Text),
)


class RasaConversations:
    """`address` is a SQLite file or a database URL. Where there is none yet, there is nothing to forget."""

    def __init__(self, address: str) -> None:
        is_url = "://" in address
        self._file = None if is_url else Path(address)
        self._url = normalized(address if is_url else f"sqlite:///{address}")

    def of(self, conversation_ids: Sequence[str]) -> list[dict[str, Any]]:
        """What is kept of these conversations, oldest first."""
        found: list[dict[str, Any]] = []
        with self._open() as connection:
            for part in chunks(list(conversation_ids)) if connection is not None else ():
                query = select(_events.c.sender_id, _events.c.data).where(_of(part))
                rows = connection.execute(query.order_by(_events.c.id)) if connection is not None else ()
                found += [{"conversation": row.sender_id, "event": _json(row.data)} for row in rows]
        return found

    def forget(self, conversation_ids: Sequence[str], older_than: datetime | None = None) -> int:
        """Deletes their events, or those before a time; says how many."""
        gone = 0
        with self._open() as connection:
            for part in chunks(list(conversation_ids)) if connection is not None else ():
                gone += _deleted(connection, part, older_than)
        return gone

    def take_out(self, words: Words) -> int:
        """Takes marks of somebody out of everybody else's conversations; says how many events had one."""
        changed = 0
        with self._open() as connection:
            if connection is None or not words:
                return 0
            for row_id, data in list(_suspects(connection, words)):
                cleaned = words.taken_out(data)
                if cleaned != data:
                    text = json.dumps(cleaned)
                    connection.execute(update(_events).where(_events.c.id == row_id).values(data=text))
                    changed += 1
        return changed

    @contextmanager
    def _open(self) -> Iterator[Connection | None]:
        """One transaction; None where the file or the table is not there yet."""
        if self._file is not None and not self._file.exists():
            yield None
            return
        engine = create_engine(self._url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _overwrite_what_is_deleted)
        try:
            with engine.begin() as connection:
                yield connection if inspect(connection).has_table("events") else None
            if engine.dialect.name == "sqlite":
                _empty_the_log(engine)
        finally:
            engine.dispose()


def _overwrite_what_is_deleted(connection: Any, _record: object) -> None:
    """SQLite leaves deleted text in free pages of the file unless it is told not to."""
    connection.execute("PRAGMA secure_delete=ON").fetchall()
    connection.execute("PRAGMA busy_timeout=30000").fetchall()


def _empty_the_log(engine: Engine) -> None:
    """What was deleted would stand in the write-ahead log until Rasa has written as much again."""
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _of(conversation_ids: Sequence[str]) -> ColumnElement[bool]:
    return func.substr(_events.c.sender_id, 1, ID_CHARACTERS).in_(conversation_ids)


def _deleted(connection: Connection | None, ids: Sequence[str], older_than: datetime | None) -> int:
    assert connection is not None
    query = delete(_events).where(_of(ids))
    if older_than is not None:
        query = query.where(_events.c.timestamp < older_than.timestamp())
    return connection.execute(query).rowcount


def _suspects(connection: Connection, words: Words) -> Iterator[tuple[int, Any]]:
    """Rasa writes JSON in ASCII: 华 stands there as \\u534e, so texts are compared after they are read."""
    first = [word.split()[0] for word in words.words]
    forms = {form for word in first for form in (word, json.dumps(word)[1:-1])}
    like = or_(*(_events.c.data.icontains(form, autoescape=True) for form in sorted(forms)))
    for row in connection.execute(select(_events.c.id, _events.c.data).where(like)):
        yield row.id, _json(row.data)


def _json(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return text
