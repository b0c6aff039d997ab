"""Keeps an item its robot's while the robot works, and brings what people want of it: a thread beside the robot's.

In a thread of its own, since a step on a screen may take longer than a lease. Knows rows, no screen.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from deskhand.robots.control import Control
from deskhand.robots.outcome import Stopped
from deskhand.robots.robots_file import RobotSpec
from deskhand.store import Desk
from deskhand.store.repositories.robots import Mode
from deskhand.store.repositories.work_items import STOP
from deskhand.store.work_item import WorkItem

BEAT_SECONDS = 0.5
QUESTION_SECONDS = 600.0

# Why a robot was stopped before its next step.
LOST, WISHED, SWITCHED, HALTED, TOO_LONG = "lease_lost", "stopped", "robot_stopped", "worker_stopped", "time_out"
REFUSED, UNANSWERED = "refused_by_person", "not_answered"

_log = logging.getLogger(__name__)


class Heart:
    """Of one attempt: `with Heart(...): robot.work(item)`."""

    def __init__(
        self, desk: Desk, tenant: str, spec: RobotSpec, item: WorkItem, lease: float, halt: threading.Event
    ) -> None:
        self._desk, self._tenant, self._spec, self._item, self._lease = desk, tenant, spec, item, lease
        self._halt, self._over = halt, threading.Event()
        self._until: datetime = desk.clock() + timedelta(seconds=spec.seconds)
        self._held_until: datetime = desk.clock() + timedelta(seconds=lease)
        self._fresh = item
        self.control = Control(self._at_step)
        self._thread = threading.Thread(target=self._run, name=f"robot-heart-{item.id[-8:]}", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def confirm(self, what: str, evidence_id: str, seconds: float = QUESTION_SECONDS) -> None:
        """Asks the person before the last click, and waits; whoever has asked for the item is shown the picture.

        Raises:
            Stopped: they said no, nobody said anything in time, or somebody stopped it.
        """
        expires = self._desk.clock() + timedelta(seconds=seconds)
        question = {"id": evidence_id, "what": what, "picture": evidence_id, "expires_at": expires.isoformat()}
        self._ask(question)
        self._until = max(self._until, expires + timedelta(seconds=60))
        while self._answer_to(evidence_id) is None:
            if self._desk.clock() >= expires:
                self._ask(None)
                raise Stopped(UNANSWERED)
            self.control.wait(BEAT_SECONDS / 2)
        if self._answer_to(evidence_id) != "yes":
            raise Stopped(REFUSED)

    def beat(self) -> None:
        """The lease of the item and of its licence, and what somebody wants of it."""
        with self._desk.unit_of_work(self._tenant) as uow:
            fresh = uow.work_items.renew(self._item, self._lease)
            mode = uow.robots.mode(self._spec.name)
            kept = uow.robots.keep(self._spec.licence, self._item.holder or "", self._lease)
            uow.commit()
        if fresh is None or not kept:
            self.control.stop(LOST)
            return
        self._fresh, self._held_until = fresh, self._desk.clock() + timedelta(seconds=self._lease)
        for reason, holds in self._reasons(fresh, mode):
            if holds:
                self.control.stop(reason)

    def _reasons(self, fresh: WorkItem, mode: Mode) -> list[tuple[str, bool]]:
        return [
            (WISHED, fresh.wish == STOP),
            (SWITCHED, mode is Mode.STOPPED),
            (HALTED, self._halt.is_set()),
            (TOO_LONG, self._desk.clock() >= self._until),
        ]

    def _run(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                self.beat()
            except Exception as error:  # the next beat tries again; a lease that ran out meanwhile is lost
                _log.warning("robot %s: a beat failed: %s", self._spec.name, error)
                if self._desk.clock() >= self._held_until:
                    self.control.stop(LOST)

    def _at_step(self, step: str) -> None:
        """A step begins: it is told, and whatever was wanted meanwhile is obeyed before it."""
        if self._desk.clock() >= self._held_until:
            self.control.stop(LOST)
            return
        with self._desk.unit_of_work(self._tenant) as uow:
            mine = uow.work_items.at_step(self._item, step)
            fresh = uow.work_items.get(self._item.id)
            mode = uow.robots.mode(self._spec.name)
            uow.commit()
        if not mine or fresh is None:
            self.control.stop(LOST)
            return
        for reason, holds in self._reasons(fresh, mode):
            if holds:
                self.control.stop(reason)

    def _ask(self, question: Any) -> None:
        with self._desk.unit_of_work(self._tenant) as uow:
            mine = uow.work_items.ask(self._item, question)
            uow.commit()
        if not mine:
            self.control.stop(LOST)
            self.control.obey()

    def _answer_to(self, question_id: str) -> str | None:
        question = self._fresh.question or {}
        return question.get("answer") if question.get("id") == question_id else None
