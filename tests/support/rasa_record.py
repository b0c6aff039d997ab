"""Rasa's own record of conversations, as its SQL tracker store lays it down; no Rasa runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path


def rasa_heard(file: Path, said: Iterable[tuple[str, str]]) -> None:
    """Adds (sender, text); makes the table where there is none."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id TEXT, type_name TEXT,"
            " timestamp FLOAT, intent_name TEXT, action_name TEXT, data TEXT)"
        )
        rows = [(sender, 1000.0, json.dumps({"text": text})) for sender, text in said]
        connection.executemany("INSERT INTO events (sender_id, timestamp, data) VALUES (?, ?, ?)", rows)


def rasa_knows(file: Path) -> list[tuple[str, str]]:
    """(sender, what was kept), oldest first."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT sender_id, data FROM events ORDER BY id").fetchall()
    return [(sender, str(json.loads(data))) for sender, data in rows]
