"""What is known of robots besides their items: evidence, the switch of each, licences, credentials. Knows no screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, delete, or_, select

from deskhand.store.ids import new_id
from deskhand.store.repositories.base import Repository
from deskhand.store.robot_jobs import defer
from deskhand.store.schema import credential, robot_evidence, robot_licence, robot_switch


class Mode(StrEnum):
    """What a robot may do."""

    RUNNING = "running"
    PAUSED = "paused"  # finishes what it is at, takes nothing new
    STOPPED = "stopped"  # the kill switch: ends before its next step, and the item waits


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One file that is kept of an attempt."""

    id: str
    item_id: str
    attempt: int
    position: int
    kind: str
    name: str
    file: str
    size: int
    digest: str
    at: datetime


class Robots(Repository):
    def modes(self) -> dict[str, Mode]:
        """Those that somebody has switched; every other one runs."""
        query = select(robot_switch).where(self.own(robot_switch))
        return {row["robot"]: Mode(row["mode"]) for row in self.rows(query)}

    def mode(self, robot: str) -> Mode:
        query = select(robot_switch.c.mode).where(self.own(robot_switch), robot_switch.c.robot == robot)
        return Mode(self.value(query) or Mode.RUNNING)

    def switch(self, robot: str, mode: Mode, by: str) -> None:
        """What waits for a robot that runs again is begun at once, where the database can wake somebody."""
        row = {"robot": robot, "mode": str(mode), "changed_by": by, "changed_at": self.clock()}
        self.upsert(robot_switch, [row], ["robot"])
        if mode is Mode.RUNNING:
            defer(self.connection, self.tenant, robot, None)

    def hold(self, licence: str, places: int, holder: str, seconds: float) -> bool:
        """One of the licence's places is the holder's for so long; False: others have them all."""
        if self.keep(licence, holder, seconds):
            return True
        until = self.clock() + timedelta(seconds=seconds)
        free = or_(robot_licence.c.holder.is_(None), robot_licence.c.held_until <= self.clock())
        for place in range(places):
            at = {"licence": licence, "place": place, "holder": None, "held_until": None}
            here = (robot_licence.c.licence == licence, robot_licence.c.place == place)
            self.add_missing(robot_licence, [at])
            if self.change(robot_licence, *here, free, holder=holder, held_until=until):
                return True
        return False

    def keep(self, licence: str, holder: str, seconds: float) -> bool:
        """Whether the place is the holder's still, and now for so much longer."""
        now = self.clock()
        mine = (robot_licence.c.licence == licence, robot_licence.c.holder == holder, robot_licence.c.held_until > now)
        return self.change(robot_licence, *mine, held_until=now + timedelta(seconds=seconds)) > 0

    def give_back(self, licence: str, holder: str) -> None:
        mine = (robot_licence.c.licence == licence, robot_licence.c.holder == holder)
        self.change(robot_licence, *mine, holder=None, held_until=None)

    def keep_evidence(self, item_id: str, attempt: int, pieces: Sequence[Mapping[str, Any]]) -> None:
        """Rows of files that are there already; a file that has grown since is no second row."""
        rows = [
            {"id": new_id(), "item_id": item_id, "attempt": attempt, "position": position, **piece}
            for position, piece in enumerate(pieces)
        ]
        self.upsert(robot_evidence, rows, ["item_id", "attempt", "file"], keep=["id", "position"])

    def evidence_of(self, item_id: str) -> list[EvidenceRow]:
        """In the order in which it was taken."""
        mine = select(robot_evidence).where(self.own(robot_evidence), robot_evidence.c.item_id == item_id)
        order = (robot_evidence.c.attempt, robot_evidence.c.position)
        return [_evidence(row) for row in self.rows(mine.order_by(*order))]

    def evidence(self, evidence_id: str) -> EvidenceRow | None:
        row = self.row(select(robot_evidence).where(self.own(robot_evidence), robot_evidence.c.id == evidence_id))
        return None if row is None else _evidence(row)

    def old_evidence(self, before: datetime, limit: int = 500) -> list[EvidenceRow]:
        old = select(robot_evidence).where(self.own(robot_evidence), robot_evidence.c.at < before)
        return [_evidence(row) for row in self.rows(old.order_by(robot_evidence.c.at).limit(limit))]

    def forget_evidence(self, ids: Sequence[str]) -> int:
        gone = delete(robot_evidence).where(self.own(robot_evidence), robot_evidence.c.id.in_(ids))
        return self.connection.execute(gone).rowcount

    def sealed(self, name: str) -> str | None:
        """A credential as it lies here: nobody reads it without the key."""
        found = self.value(select(credential.c.sealed).where(self.own(credential), credential.c.name == name))
        return None if found is None else str(found)

    def seal(self, name: str, sealed: str, by: str) -> None:
        row = {"name": name, "sealed": sealed, "changed_by": by, "changed_at": self.clock()}
        self.upsert(credential, [row], ["name"])

    def credentials(self) -> list[tuple[str, str, datetime]]:
        """Names, who set each last, and when; no values."""
        query = select(credential.c.name, credential.c.changed_by, credential.c.changed_at).where(self.own(credential))
        rows = self.rows(query.order_by(credential.c.name))
        return [(row["name"], row["changed_by"], row["changed_at"]) for row in rows]

    def forget_credential(self, name: str) -> bool:
        gone = delete(credential).where(self.own(credential), credential.c.name == name)
        return self.connection.execute(gone).rowcount > 0


def _evidence(row: RowMapping) -> EvidenceRow:
    return EvidenceRow(**{name: value for name, value in row.items() if name != "tenant"})
