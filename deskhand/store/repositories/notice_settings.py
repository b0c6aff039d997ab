"""How people want to be told, and what waits until they are. Knows no hour and no channel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, delete, func, select

from deskhand.store.records import Json
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import notice_preference, notice_waiting

MOST_AT_ONCE = 5_000  # of what waits for one person on one channel, looked at in one round


@dataclass(frozen=True, slots=True)
class KeptPreference:
    """What somebody has chosen, as it is kept."""

    user_id: str
    settings: Json
    previous: Json | None
    desk_seq: int
    mail_seq: int
    updated_at: datetime


class NoticeSettings(Repository):
    """One row for each person who has ever chosen anything."""

    def get(self, user_id: str) -> KeptPreference | None:
        row = self.row(
            select(notice_preference).where(self.own(notice_preference), notice_preference.c.user_id == user_id)
        )
        return None if row is None else _preference(row)

    def all(self) -> list[KeptPreference]:
        query = select(notice_preference).where(self.own(notice_preference))
        return [_preference(row) for row in self.rows(query.order_by(notice_preference.c.user_id))]

    def save(self, user_id: str, settings: Json, previous: Json | None, seq: int) -> None:
        """`seq`: from which notification on, for somebody who had chosen nothing before."""
        row = {"user_id": user_id, "settings": dict(settings), "previous": None if previous is None else dict(previous),
               "desk_seq": seq, "mail_seq": seq, "updated_at": self.clock()}  # fmt: skip
        self.upsert(notice_preference, [row], ["user_id"], keep=["desk_seq", "mail_seq"])

    def advance(self, user_id: str, column: str, before: int, seq: int) -> bool:
        """Moves `desk_seq` or `mail_seq`; False where another worker has moved it meanwhile."""
        at = notice_preference.c[column]
        return self.change(notice_preference, notice_preference.c.user_id == user_id, at == before, **{column: seq}) > 0

    def wait(self, user_id: str, channel: str, told: Sequence[tuple[int, datetime]]) -> None:
        """(number, when it came) of notifications that this person will be told there later."""
        rows = [{"user_id": user_id, "channel": channel, "seq": seq, "since": since} for seq, since in told]
        self.add_missing(notice_waiting, rows)

    def places_waited_for(self) -> list[tuple[str, str]]:
        """(person, channel) where something waits."""
        columns = (notice_waiting.c.user_id, notice_waiting.c.channel)
        query = select(*columns).where(self.own(notice_waiting)).group_by(*columns).order_by(*columns)
        return [(row["user_id"], row["channel"]) for row in self.rows(query)]

    def waiting(self, user_id: str, channel: str) -> list[int]:
        """The numbers of what waits there, oldest first."""
        query = (
            select(notice_waiting.c.seq)
            .where(
                self.own(notice_waiting), notice_waiting.c.user_id == user_id, notice_waiting.c.channel == channel
            )
            .order_by(notice_waiting.c.seq)
            .limit(MOST_AT_ONCE)
        )  # fmt: skip
        return [int(row["seq"]) for row in self.rows(query)]

    def done(self, user_id: str, channel: str, seqs: Collection[int]) -> bool:
        """They wait no more; False where another worker has taken some of them: then nothing of this is to be done."""
        gone = 0
        for part in chunks([*seqs]):
            mine = (
                notice_waiting.c.user_id == user_id,
                notice_waiting.c.channel == channel,
                notice_waiting.c.seq.in_(part),
            )
            gone += self.connection.execute(delete(notice_waiting).where(self.own(notice_waiting), *mine)).rowcount
        return gone == len(seqs)

    def count_waiting(self) -> int:
        return int(self.value(select(func.count()).select_from(notice_waiting).where(self.own(notice_waiting))) or 0)


def _preference(row: RowMapping) -> KeptPreference:
    return KeptPreference(**{name: row[name] for name in row if name != "tenant"})
