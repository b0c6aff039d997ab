"""Rasa's tracker store with our connections: it keeps what Rasa's own keeps, with a write-ahead log."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.rasa_components.test_start import rasas

pytestmark = pytest.mark.rasa

TALK = """
import asyncio, json, sys
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa_components.tracker_store import DeskTrackerStore

REASON = "reason: {type: any, mappings: [{type: custom}]}"
domain = Domain.from_yaml("version: '3.1'\\nintents: [greet]\\nslots: {" + REASON + "}")

def said(text):
    return [UserUttered(text, {"name": "greet", "confidence": 1.0}), ActionExecuted("utter_greet"), BotUttered("Hello")]

async def talk(kind, path):
    store = kind(domain, db=path)
    tracker = await store.get_or_create_tracker("c-0")
    for event in [ActionExecuted("action_session_start"), SessionStarted(), *said("one")]:
        tracker.update(event, domain)
    await store.save(tracker)
    again = await store.get_or_create_tracker("c-0")
    for event in [*said("two"), SlotSet("reason", "late")]:
        again.update(event, domain)
    await store.save(again)
    for event in [ActionExecuted("action_session_start"), SessionStarted(), *said("three")]:
        again.update(event, domain)
    await store.save(again)
    other = kind(domain, db=path)
    last, whole = await other.retrieve("c-0"), await other.retrieve_full_tracker("c-0")
    made = await other.get_or_create_tracker("c-1")
    assert await other.retrieve("c-2") is None
    return [[event.type_name for event in each.events] for each in (last, whole, made)] + [whole.get_slot("reason")]

kinds = (SQLTrackerStore, DeskTrackerStore)
print(json.dumps([asyncio.run(talk(kind, path)) for kind, path in zip(kinds, sys.argv[1:])]))
"""


def test_it_keeps_what_rasas_own_store_keeps_each_event_once(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("rasa.db", "desk.db")]

    ran = rasas(TALK, arguments=paths)

    assert ran.returncode == 0, ran.stderr
    theirs, ours = json.loads(ran.stdout)
    assert ours == theirs
    rows = [
        sqlite3.connect(path).execute("select type_name, data from events order by id").fetchall() for path in paths
    ]
    assert [name for name, _ in rows[0]] == [name for name, _ in rows[1]]


def test_the_file_has_a_write_ahead_log(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("rasa.db", "desk.db")]
    rasas(TALK, arguments=paths)

    modes = [sqlite3.connect(path).execute("pragma journal_mode").fetchone()[0] for path in paths]

    assert modes == ["delete", "wal"]
