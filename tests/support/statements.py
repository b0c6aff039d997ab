"""Which statements a test's own action sends, beside the background rounds that ask about other tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from deskhand.store import Desk


@contextmanager
def statements_about(desk: Desk, *tables: str) -> Iterator[list[str]]:
    """Those that name one of the tables, as they come."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if set(tables) & set(statement.replace("(", " ").replace(".", " ").split()):
            seen.append(statement)

    engine = desk.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
