"""A robot without a screen: its target is a dictionary, and each test says what happens at which item."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deskhand.robots.outcome import Successful
from deskhand.robots.queue import RobotQueue
from deskhand.robots.robots_file import Robots
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session
from deskhand.robots.shift import Shift, Workshop
from deskhand.robots.vault import CredentialUnknown
from deskhand.store import Desk
from deskhand.store.work_item import WorkItem
from tests.support.desks import TENANT

FILE = """
title: {zh: 老ERP, en: old ERP}
words: {zh: [老ERP, 老系统], en: [old ERP, legacy system]}
class: deskhand.robots.robot:Robot
credentials: [legacy_user]
input: order
"""
PNG = b"\x89PNG\r\n\x1a\n"


class OldSystem:
    """What has been entered there; `happens` is called before each entry."""

    def __init__(self) -> None:
        self.entered: list[str] = []
        self.happens: Callable[[WorkItem, Session], None] = lambda item, session: None
        self.sessions = 0
        self.most_sessions = 0
        self.lock = threading.Lock()


class FakeRobot:
    """Looks the reference up before it writes, as every robot does."""

    def __init__(self, system: OldSystem, session: Session) -> None:
        self.system, self.session = system, session

    def start(self) -> None:
        with self.system.lock:
            self.system.sessions += 1
            self.system.most_sessions = max(self.system.most_sessions, self.system.sessions)

    def work(self, item: WorkItem) -> Successful:
        self.session.control.checkpoint("look it up")
        self.system.happens(item, self.session)
        self.session.evidence.screenshot("filled in", PNG)
        if self.session.confirm is not None:
            self.session.confirm("save it", PNG)
        self.session.control.checkpoint("save it")
        if item.reference not in self.system.entered and not self.session.dry_run:
            self.system.entered.append(item.reference)
        return Successful({"entered_as": f"L-{item.reference}"})

    def end(self) -> None:
        with self.system.lock:
            self.system.sessions -= 1


class FakeRobots(Robots):
    """Real files, with the fake in the place of their classes."""

    def __init__(self, folder: Path, system: OldSystem) -> None:
        super().__init__(folder, {})
        self.system = system

    def class_of(self, spec: Any) -> Any:
        return lambda session: FakeRobot(self.system, session)


class FakeVault:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def get(self, tenant: str, name: str) -> Secret:
        if name not in self.values:
            raise CredentialUnknown(name)
        return Secret(self.values[name])


class House:
    """A desk with one robot, `legacy_entry`, and the system on whose screen it works."""

    def __init__(self, desk: Desk, folder: Path, more: str = "") -> None:
        self.desk, self.system = desk, OldSystem()
        self.files = folder / "robots"
        self.files.mkdir()
        (self.files / "legacy_entry.yml").write_text(FILE + more, encoding="utf-8")
        self.robots = FakeRobots(self.files, self.system)
        self.queue = RobotQueue(desk, self.robots)
        self.shop = Workshop(desk, self.robots, FakeVault({"legacy_user": "s3cret-word"}), folder / "kept")
        self.halt = threading.Event()

    def shift(self, holder: str = "one") -> Shift:
        return Shift(self.shop, TENANT, self.robots.read("legacy_entry"), holder, self.halt)

    def add(self, *references: str, **values: Any) -> list[WorkItem]:
        with self.desk.unit_of_work(TENANT) as uow:
            made = [uow.work_items.add("legacy_entry", each, {"number": each}, **values)[0] for each in references]
            uow.commit()
        return made

    def item(self, reference: str) -> WorkItem:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            found = uow.work_items.of_reference("legacy_entry", reference)
        assert found is not None
        return found
