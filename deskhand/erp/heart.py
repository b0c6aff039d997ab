"""The lease of an import that is at work: renewed, with how far it is, by a thread of its own. Knows no file."""

from __future__ import annotations

import contextlib
import threading

from deskhand.erp.steps import Phase, Step
from deskhand.store import Desk
from deskhand.store.repositories.import_jobs import ImportJob, JobState

LEASE_SECONDS = 90.0
BEAT_SECONDS = 1.0


class Heart:
    """While an import runs: its row says how far it is, its lease is renewed, and a wish to stop is heard.

    In a thread of its own: the import may hold the database's one writing lock when it tells of a step.
    """

    def __init__(self, desk: Desk, tenant: str, job: ImportJob, halt: threading.Event | None = None) -> None:
        self._desk, self._tenant, self._job = desk, tenant, job
        self._step: Step | None = None
        self._stop, self._over, self._halt = threading.Event(), threading.Event(), halt or threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"import-{job.id[:8]}", daemon=True)
        if job.state is JobState.STOPPING:
            self._stop.set()

    def told(self, step: Step) -> None:
        self._step = step

    def is_stopped(self) -> bool:
        return self._stop.is_set() or self._halt.is_set()

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            with contextlib.suppress(Exception):  # the next beat tries again; the lease outlasts many of them
                self.beat()

    def beat(self) -> None:
        step = self._step or Step(Phase.READING, "", 0)
        progress = {"phase": str(step.phase), "name": step.name, "done": step.done, "total": step.total}
        with self._desk.unit_of_work(self._tenant) as uow:
            state = uow.import_jobs.go_on(self._job, progress, LEASE_SECONDS)
            uow.commit()
        if state is not JobState.RUNNING:  # stopped, or taken over by another worker, who thought this one dead
            self._stop.set()
