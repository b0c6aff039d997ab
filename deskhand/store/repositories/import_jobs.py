"""Imports that somebody asked for, from the file that was looked at to the report. Knows no file and no column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, and_, delete, or_, select

from deskhand.store.ids import secret_id
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import import_job

Json = Mapping[str, Any]


class JobState(StrEnum):
    """Where an import is."""

    READY = "ready"  # looked at; waits for a yes
    WAITING = "waiting"  # the yes is there, nobody is at work yet
    RUNNING = "running"
    STOPPING = "stopping"  # somebody wants it to end
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


ALIVE = (JobState.WAITING, JobState.RUNNING, JobState.STOPPING)
OVER = (JobState.DONE, JobState.FAILED)
FETCHED = "robot:"  # how the cause of one begins whose rows a robot has read: nobody is looking when they are there


@dataclass(frozen=True, slots=True)
class ImportJob:
    """`files`: name and place of each; `wanted`: how they are to be taken; the rest is as far as it has come."""

    id: str
    state: JobState
    actor: Json
    user_id: str
    language: str
    conversation_id: str | None
    cause: str
    files: Sequence[Json]
    wanted: Json
    preview: Json | None
    progress: Json | None
    report: Json | None
    problem: Json | None
    told: str | None
    attempts: int
    claimed_until: datetime | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime

    @property
    def names(self) -> list[str]:
        return [str(file["name"]) for file in self.files]


class ImportJobs(Repository):
    """One row for each import; what is over is forgotten with its files after some days."""

    def add(self, cause: str, user_id: str, expires_at: datetime, **values: Any) -> ImportJob:
        """A new one that waits for its yes; the one that is there already for the same cause."""
        now, made = self.clock(), secret_id()
        row = {"id": made, "state": str(JobState.READY), "cause": cause, "user_id": user_id, "attempts": 0}
        times = {"created_at": now, "updated_at": now, "expires_at": expires_at}
        self.add_missing(import_job, [{**_NOTHING, **row, **times, **values}])
        found = self.of_cause(cause)
        assert found is not None
        return found

    def get(self, job_id: str) -> ImportJob | None:
        return self._one(import_job.c.id == job_id)

    def of_cause(self, cause: str) -> ImportJob | None:
        return self._one(import_job.c.cause == cause)

    def list(self, user_id: str | None = None, limit: int = 50) -> Sequence[ImportJob]:
        """Newest first; without `user_id` everybody's."""
        query = select(import_job).where(self.own(import_job), import_job.c.state != str(JobState.DISCARDED))
        if user_id is not None:
            query = query.where(import_job.c.user_id == user_id)
        newest = (import_job.c.created_at.desc(), import_job.c.id)
        return [_job(row) for row in self.rows(query.order_by(*newest).limit(limit))]

    def enter(self, job: ImportJob, state: JobState, **values: Any) -> bool:
        """From the state that was read to another one; False when somebody else was quicker."""
        mine = (import_job.c.id == job.id, import_job.c.state == str(job.state))
        return self.change(import_job, *mine, state=str(state), updated_at=self.clock(), **values) > 0

    def claim(self, seconds: float) -> ImportJob | None:
        """The oldest that waits, or that was left by a worker that died; it is the caller's for so long."""
        now = self.clock()
        left = and_(import_job.c.state.in_(_AT_WORK), import_job.c.claimed_until <= now)
        free = or_(import_job.c.state == str(JobState.WAITING), left)
        query = select(import_job).where(self.own(import_job), free).order_by(import_job.c.created_at, import_job.c.id)
        row = self.row(query.limit(1).with_for_update(skip_locked=True))
        if row is None:
            return None
        state = JobState.RUNNING if row["state"] == JobState.WAITING else JobState(row["state"])
        values = {
            "state": str(state),
            "attempts": row["attempts"] + 1,
            "claimed_until": now + timedelta(seconds=seconds),
        }
        self.change(import_job, import_job.c.id == row["id"], **values, updated_at=now)
        return self.get(row["id"])

    def is_waiting(self) -> bool:
        """Whether there is anything to claim, without taking a lock."""
        left = and_(import_job.c.state.in_(_AT_WORK), import_job.c.claimed_until <= self.clock())
        free = or_(import_job.c.state == str(JobState.WAITING), left)
        return self.value(select(import_job.c.id).where(self.own(import_job), free).limit(1)) is not None

    def go_on(self, job: ImportJob, progress: Json, seconds: float) -> JobState | None:
        """How far it is, and it stays the caller's; the state that it has now. None: it is somebody else's."""
        now = self.clock()
        mine = (import_job.c.id == job.id, import_job.c.attempts == job.attempts, import_job.c.state.in_(_AT_WORK))
        until = now + timedelta(seconds=seconds)
        if not self.change(import_job, *mine, progress=dict(progress), claimed_until=until, updated_at=now):
            return None
        found = self.get(job.id)
        return found.state if found else None

    def untold(self) -> Sequence[ImportJob]:
        """Those of conversations that have not heard of the newest step; one that was fetched asks for its yes."""
        at_work = and_(import_job.c.state.in_(_AT_WORK), import_job.c.progress.is_not(None))
        over = and_(import_job.c.state.in_([str(each) for each in OVER]), _NOT_TOLD_OF_END)
        asks = and_(import_job.c.state == str(JobState.READY), import_job.c.cause.startswith(FETCHED))
        fetched = and_(asks, import_job.c.told.is_(None), import_job.c.expires_at > self.clock())
        query = select(import_job).where(self.own(import_job), import_job.c.conversation_id.is_not(None))
        return [_job(row) for row in self.rows(query.where(or_(at_work, over, fetched)).limit(100))]

    def tell(self, job: ImportJob, told: str) -> bool:
        """Notes what its conversation was told; False when another gateway has told it."""
        before = import_job.c.told.is_(None) if job.told is None else import_job.c.told == job.told
        return self.change(import_job, import_job.c.id == job.id, before, told=told) > 0

    def expired(self) -> Sequence[ImportJob]:
        """Those whose time is over; what is at work goes on."""
        alive = import_job.c.state.in_([str(each) for each in ALIVE])
        query = select(import_job).where(self.own(import_job), import_job.c.expires_at <= self.clock(), ~alive)
        return [_job(row) for row in self.rows(query.limit(100))]

    def remove(self, job: ImportJob) -> None:
        self.connection.execute(delete(import_job).where(self.own(import_job), import_job.c.id == job.id))

    def _one(self, condition: Any) -> ImportJob | None:
        row = self.row(select(import_job).where(self.own(import_job), condition))
        return None if row is None else _job(row)


TOLD_OF_END = "over"
_AT_WORK = (str(JobState.RUNNING), str(JobState.STOPPING))
_NOT_TOLD_OF_END = or_(import_job.c.told.is_(None), import_job.c.told != TOLD_OF_END)
_NOTHING: Json = dict.fromkeys(
    ("conversation_id", "preview", "progress", "report", "problem", "told", "claimed_until"),
)


def _job(row: RowMapping) -> ImportJob:
    values = {name: value for name, value in row.items() if name not in {"tenant", "state"}}
    return ImportJob(state=JobState(row["state"]), **values)
