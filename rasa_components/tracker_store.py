"""Rasa's SQL tracker store without what it does anew at each turn: connections, their set-up, a count of stored events.

What must not be lost (messages, drafts, cards, orders) lies in our own database. Of a conversation's state the last
moments before a power cut may be gone here, and before a `kill -9` nothing: hence WAL without a sync at each commit.

Runs in Rasa's Python; imports Rasa and nothing of Deskhand.
"""

import itertools
import json
from typing import Any, Iterator, Optional, Text

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.pool import QueuePool

BUSY_MS = 30_000
STORED = "deskhand_stored_events"  # on a tracker: how many of its events are in the database


class DeskTrackerStore(SQLTrackerStore):
    """`tracker_store: {type: rasa_components.tracker_store.DeskTrackerStore}`, with the settings of `type: SQL`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        if self.engine.dialect.name == "sqlite":
            self._keep_connections()

    def _keep_connections(self) -> None:
        """Rasa opens the file anew for each transaction, and with a journal that syncs several times for each."""
        url = self.engine.url
        self.engine.dispose()
        self.engine = sa.create_engine(url, poolclass=QueuePool, connect_args={"check_same_thread": False})
        sa.event.listen(self.engine, "connect", _set_up)
        self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)

    async def _retrieve(self, sender_id: Text, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        """As Rasa's, but of each row only the event is read."""
        with self.session_scope() as session:
            query = self._event_query(session, sender_id, fetch_events_from_all_sessions)
            events = [json.loads(data) for (data,) in query.with_entities(self.SQLEvent.data)]
        if not events or not self.domain:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        if not fetch_events_from_all_sessions:
            setattr(tracker, STORED, len(tracker.events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        await super().save(tracker)
        setattr(tracker, STORED, len(tracker.events))

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Any]:
        """Those that came after the tracker was read or saved; of a tracker that was made otherwise, Rasa counts."""
        stored = getattr(tracker, STORED, None)
        if stored is None:
            return super()._additional_events(session, tracker)
        return itertools.islice(tracker.events, stored, len(tracker.events))


def _set_up(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout={}".format(BUSY_MS), "secure_delete=ON"):
        connection.execute("PRAGMA " + pragma).fetchall()
