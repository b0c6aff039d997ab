"""Rasa's own record, while Rasa has it open: what is forgotten is in no file any more."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from deskhand.store.privacy import RasaConversations

TALK = "c" * 32


def test_what_is_forgotten_does_not_stay_in_the_write_ahead_log(tmp_path: Path) -> None:
    file = tmp_path / "rasa.db"
    with closing(sqlite3.connect(file)) as rasa:
        rasa.execute("pragma journal_mode=wal").fetchall()
        rasa.execute("create table events (id integer primary key, sender_id text, timestamp real, data text)")
        rasa.execute("insert into events values (1, ?, 1.0, ?)", (f"{TALK}-0", '{"text": "call Wang Wei"}'))
        rasa.commit()
        assert b"Wang Wei" in written(file)

        gone = RasaConversations(str(file)).forget([TALK])

        assert gone == 1
        assert b"Wang Wei" not in written(file)


def written(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
