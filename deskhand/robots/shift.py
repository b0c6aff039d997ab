"""One robot at one company's queue, in one thread: takes an item, works on it, writes what came of it, takes the next.

The robot and its target are made when there is something to do, stay for the next item, and are made anew after every
failure. Knows the queue and the seam to robots, no screen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from deskhand.robots.evidence import Evidence, pieces_in
from deskhand.robots.heart import QUESTION_SECONDS, Heart
from deskhand.robots.outcome import BusinessException, NotReady, RobotError, Stopped, Successful, SystemException
from deskhand.robots.queue import facts_of
from deskhand.robots.robots_file import ORDER, Robots, RobotSpec, RobotUnusable
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session
from deskhand.robots.settling import Ended, keep, settle, tell
from deskhand.robots.vault import CredentialUnknown, Vault, VaultError, VaultLocked
from deskhand.store import Desk, UnitOfWork
from deskhand.store.repositories.robots import Mode
from deskhand.store.repositories.work_items import TOO_LATE
from deskhand.store.work_item import WorkItem

CASE_GONE = "case_gone"
_SETTLES = 30.0

_log = logging.getLogger(__name__)


class Working(Protocol):
    """A robot, as it is worked with here; `deskhand.robots.robot.Robot` is one."""

    def start(self) -> None: ...

    def work(self, item: WorkItem) -> Successful: ...

    def end(self) -> None: ...


@dataclass(frozen=True)
class Workshop:
    """What every shift works with. `told` hears of each attempt: robot, how it ended, seconds."""

    desk: Desk
    robots: Robots
    vault: Vault
    folder: Path
    lease: float = 60.0
    question_seconds: float = QUESTION_SECONDS
    told: Callable[[str, str, float], None] = field(default=lambda *_: None)


class Shift:
    """`run` until nothing is left to do now."""

    def __init__(self, shop: Workshop, tenant: str, spec: RobotSpec, holder: str, halt: threading.Event) -> None:
        self._shop, self._tenant, self._spec, self._holder, self._halt = shop, tenant, spec, holder, halt
        self._robot: Working | None = None
        self._session: Session | None = None
        self._settles = _SETTLES

    def run(self, most: int | None = None) -> int:
        """Says how many attempts there were."""
        done = 0
        try:
            while not self._halt.is_set() and (most is None or done < most):
                item = self._take()
                if item is None:
                    break
                self._attempt(item)
                done += 1
        finally:
            self._end_robot()
            self._give_back()
        return done

    def _take(self) -> WorkItem | None:
        """The next item, with a place of the licence. What nobody is to work on any more is settled on the way."""
        while True:
            with self._shop.desk.unit_of_work(self._tenant) as uow:
                self._too_late(uow)
                item = self._claimed(uow)
                if item is not None and not item.is_over and not self._still_wanted(uow, item):
                    settle(uow, self._spec, item, Ended(Stopped(CASE_GONE)))
                elif item is None or not item.is_over:
                    uow.commit()
                    return item
                else:
                    tell(uow, self._spec, item, item.attempts)
                uow.commit()

    def _claimed(self, uow: UnitOfWork) -> WorkItem | None:
        spec = self._spec
        if uow.robots.mode(spec.name) is not Mode.RUNNING or not self._at_work(uow):
            return None
        if not uow.robots.hold(spec.licence, spec.places, self._holder, self._shop.lease):
            return None
        item = uow.work_items.claim(spec.name, self._holder, self._shop.lease, spec.attempts * 2)
        return item if item is None or item.is_over or item.attempts > 1 else self._as_it_is_now(uow, item)

    def _as_it_is_now(self, uow: UnitOfWork, item: WorkItem) -> WorkItem:
        """An order may have changed since the robot was asked; once it is begun, every attempt types the same."""
        found = uow.orders.by_numbers([str(item.input["order"])]) if item.input.get("order") else []
        if self._spec.input != ORDER or not found:
            return item
        uow.work_items.hand_over(item, {**item.input, **facts_of(uow, found[0])})
        return uow.work_items.get(item.id) or item

    def _at_work(self, uow: UnitOfWork) -> bool:
        return self._spec.hours is None or self._spec.hours.hold(uow.now, ZoneInfo(uow.tenant.time_zone))

    def _too_late(self, uow: UnitOfWork) -> None:
        for item in uow.work_items.too_late():
            if item.robot == self._spec.name and uow.work_items.abandon(item, TOO_LATE):
                tell(uow, self._spec, uow.work_items.get(item.id) or item, item.attempts)

    def _still_wanted(self, uow: UnitOfWork, item: WorkItem) -> bool:
        """A case that was withdrawn, or went another way, waits for nothing."""
        if item.case_id is None:
            return True
        files = uow.case_files.by_ids([item.case_id])
        return bool(files) and (item.node is None or item.node in files[0].case.marking)

    def _attempt(self, item: WorkItem) -> None:
        began = self._shop.desk.clock()
        self._recover(item)
        evidence = Evidence(self._folder(item))
        with Heart(self._shop.desk, self._tenant, self._spec, item, self._shop.lease, self._halt) as heart:
            evidence.log("attempt", "began", robot=self._spec.name, reference=item.reference, attempt=item.attempts)
            outcome = self._outcome(item, evidence, heart)
            name = "successful" if isinstance(outcome, Successful) else outcome.code
            evidence.log("attempt", "ended", outcome=name, detail=getattr(outcome, "detail", ""))
        ended = Ended(outcome, evidence, self._settles)
        with self._shop.desk.unit_of_work(self._tenant) as uow:
            if settle(uow, self._spec, item, ended):
                uow.commit()
        self._shop.told(self._spec.name, name, (self._shop.desk.clock() - began).total_seconds())
        if not isinstance(outcome, Successful | BusinessException):
            self._end_robot()

    def _recover(self, item: WorkItem) -> None:
        """What an attempt has left whose robot was killed: its evidence counts too."""
        before = item.attempts - 1
        left = folder_of(self._shop.folder, self._tenant, item.id, before)
        if before < 1 or not left.is_dir():
            return
        with self._shop.desk.unit_of_work(self._tenant) as uow:
            if all(row.attempt != before for row in uow.robots.evidence_of(item.id)):
                keep(uow, item.id, before, pieces_in(left))
                uow.commit()

    def _outcome(self, item: WorkItem, evidence: Evidence, heart: Heart) -> Successful | RobotError:
        try:
            robot = self._ready(item, evidence, heart)
            done = robot.work(item)
            return done if isinstance(done, Successful) else Successful(dict(done))
        except RobotError as error:
            return error
        except RobotUnusable as error:
            return NotReady(error.code, str(error))
        except Exception as error:  # whatever a robot does wrong: it is tried again, then given up
            _log.warning("robot %s: %s", self._spec.name, evidence.mask.masked(f"{type(error).__name__}: {error}"))
            return SystemException("unexpected", evidence.mask.masked(f"{type(error).__name__}: {error}"))

    def _ready(self, item: WorkItem, evidence: Evidence, heart: Heart) -> Working:
        """The robot that is there still, or a new one, with this item's session."""
        confirm = partial(self._confirm, item, evidence, heart) if item.attended else None
        if self._session is None:
            self._session = Session(evidence, heart.control, self._secret, self._spec.settings)
        self._session.evidence, self._session.control = evidence, heart.control
        self._session.dry_run, self._session.confirm = item.dry_run, confirm
        if self._robot is None:
            made: Any = self._shop.robots.class_of(self._spec)
            robot: Working = made(self._session)
            self._robot = robot  # also one that does not start is ended
            self._settles = float(getattr(robot, "settles", _SETTLES))
            robot.start()
        return self._robot

    def _confirm(self, item: WorkItem, evidence: Evidence, heart: Heart, what: str, png: bytes) -> None:
        """The picture is kept first, so that whoever is asked can see it."""
        piece = evidence.screenshot(f"asked before {what}", png)
        with self._shop.desk.unit_of_work(self._tenant) as uow:
            keep(uow, item.id, item.attempts, evidence.finished())
            uow.commit()
        with self._shop.desk.unit_of_work(self._tenant, read_only=True) as uow:
            rows = [row for row in uow.robots.evidence_of(item.id) if piece and row.file == piece.file]
        found = next((row.id for row in rows if row.attempt == item.attempts), item.id)
        heart.confirm(what, found, self._shop.question_seconds)

    def _secret(self, name: str) -> Secret:
        """Only what the robot's file names."""
        if name not in self._spec.credentials:
            raise NotReady("credential_unknown", name, credential=name)
        try:
            return self._shop.vault.get(self._tenant, name)
        except (CredentialUnknown, VaultLocked) as error:
            raise NotReady(error.code, str(error), credential=name) from error
        except VaultError as error:
            raise SystemException(error.code, str(error)) from error

    def _folder(self, item: WorkItem) -> Path:
        return folder_of(self._shop.folder, self._tenant, item.id, item.attempts)

    def _end_robot(self) -> None:
        robot, self._robot, self._session = self._robot, None, None
        if robot is None:
            return
        try:
            robot.end()
        except Exception:  # it is over either way
            _log.exception("robot %s did not end well", self._spec.name)

    def _give_back(self) -> None:
        with self._shop.desk.unit_of_work(self._tenant) as uow:
            uow.robots.give_back(self._spec.licence, self._holder)
            uow.commit()


def folder_of(folder: Path, tenant: str, item_id: str, attempt: int) -> Path:
    """Where the evidence of an attempt lies."""
    return folder / tenant / item_id / str(attempt)
