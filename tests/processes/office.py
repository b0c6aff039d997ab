"""Short ways to work the shipped processes over the desk: start, answer, wait, look. Knows no particular process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.cases import DecideTask, StartCase, WithdrawCase, reasons
from deskhand.cases.fields import plain
from deskhand.cases.model import CaseFile
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk, User
from deskhand.store.delegating import WantedDelegation, delegate
from tests.support.desks import TENANT, FakeClock, told

DIRECTOR = Actor("director", Role.MANAGER, TENANT, "chat", "message-21")
BUYER = Actor("buyer", Role.SALES, TENANT, "chat", "message-22")


@dataclass
class Office:
    """One company's desk, and what happens at it."""

    desk: Desk
    clock: FakeClock

    @classmethod
    def opened(cls, desk: Desk, clock: FakeClock) -> Office:
        with desk.unit_of_work(TENANT) as uow:
            uow.users.add(
                User("buyer", TENANT, "buyer", "周颖 Zhou Ying", Role.SALES, None, "buyer@deskhand.example", "zh")
            )
            uow.commit()
        return cls(desk, clock)

    def start(self, process: str, values: Mapping[str, Any], actor: Actor) -> CaseFile:
        fields = {name: plain(value) for name, value in values.items()}
        return self.desk.handle(StartCase(process, fields), actor).case

    def answer(
        self, file: CaseFile, actor: Actor, decision: str = "approve", reason: str | None = None, **fields: Any
    ) -> CaseFile:
        """At the one task that waits."""
        (task,) = file.case.marking
        values = {name: plain(value) for name, value in fields.items()}
        return self.desk.handle(DecideTask(file.number, task, decision, reason, values), actor).case

    def reject(self, file: CaseFile, actor: Actor, reason: str = "没有必要") -> CaseFile:
        return self.answer(file, actor, "reject", reason)

    def withdraw(self, file: CaseFile, actor: Actor, reason: str | None = None) -> CaseFile:
        return self.desk.handle(WithdrawCase(file.number, reason), actor).case

    def away(self, who: Actor, delegate_: Actor) -> None:
        """For a fortnight from now on."""
        ends = self.clock().date().replace(day=28).isoformat()
        delegate(self.desk, who, WantedDelegation(None, delegate_.user_id, ends, reason="休假"))

    def fresh(self, file: CaseFile) -> CaseFile:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            return uow.case_files.get(file.number)

    def later(self, file: CaseFile, **duration: float) -> CaseFile:
        """The clock goes on, and the worker looks what is due."""
        self.clock.forward(**duration)
        while self.desk.run_cases(TENANT):
            pass  # until nothing is due any more
        return self.fresh(file)

    def rules(self, file: CaseFile) -> list[tuple[Any, Any]]:
        """Decision and number of every rule that applied, in the order in which they did."""
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            rows = uow.case_files.history(file.id)
            found = [rule for row in rows for rule in reasons.told(row["detail"], row["personal"])]
        return [(rule["decision"], rule["rule"]) for rule in found]

    def document(self, file: CaseFile, name: str, language: str = "zh") -> str:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            found = [
                each for each in uow.case_files.documents(file.id) if (each.name, each.language) == (name, language)
            ]
        return found[0].text or ""

    def told(self, *audiences: str) -> list[str]:
        """What has been told these, in Chinese, the oldest first."""
        return [text for _, text in told(self.desk, *audiences)]
