"""On a schedule: what the rules find in schedules and open orders is told to whoever leads the work, once each.

What is serious is told to the manager at once; the rest when nobody acknowledges it, as every notice that escalates.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from deskhand.orders.events import POSTED_TO, DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import LANGUAGES, Tenant
from deskhand.store import Desk
from deskhand.store.risks import Risk, RiskRules, find_risks
from deskhand.store.text_jobs import keep
from deskhand.store.work_schedule import read_schedule
from deskhand.worker.consumer import CHANNEL
from deskhand.worker.rounds import Rounds
from deskhand.writing import Text, Writer

KIND = "risk_reminder"
_BY_MODEL = 10  # of one round; the others take the template, so that a bad day holds nothing up
_TOLD = "told"


class Risks:
    """One round looks at every company; what was told stands in the inbox under its key."""

    def __init__(self, desk: Desk, writer: Writer, rules: RiskRules, schedules: Path, text_seconds: float) -> None:
        self._desk = desk
        self._writer = writer
        self._rules = rules
        self._schedules = schedules
        self._seconds = text_seconds
        self._rounds = Rounds("risks")

    async def run_once(self) -> int:
        return await self._rounds.run(self._desk.tenants.values(), self._of_tenant)

    async def _of_tenant(self, tenant: Tenant) -> int:
        found = await asyncio.to_thread(self._find, tenant)
        for place, risk in enumerate(found):
            texts = [await self._write(risk, language, place < _BY_MODEL) for language in LANGUAGES]
            await asyncio.to_thread(self._tell, tenant, risk, texts)
        return len(found)

    async def _write(self, risk: Risk, language: str, by_model: bool) -> Text:
        if not by_model:
            return self._writer.from_template(KIND, risk.facts, language)
        return await self._writer.write(KIND, risk.facts, language, self._seconds)

    def _find(self, tenant: Tenant) -> list[Risk]:
        """Those that nobody was told of."""
        schedule = read_schedule(self._schedules / f"{tenant.id}.csv")
        with self._desk.unit_of_work(tenant.id, read_only=True) as uow:
            return [risk for risk in find_risks(uow, self._rules, schedule) if not uow.inbox.has(risk.key)]

    def _tell(self, tenant: Tenant, risk: Risk, texts: list[Text]) -> None:
        """Another worker may have told it meanwhile."""
        with self._desk.unit_of_work(tenant.id) as uow:
            if uow.inbox.begin(risk.key, EventName.RISK_FOUND) is not None:
                return
            order = uow.orders.get(risk.order) if risk.order else None
            for text in texts:
                keep(uow, text, order.id if order else None)
            for role in dict.fromkeys([risk.tell, *([str(Role.MANAGER)] if risk.serious else [])]):
                event = DomainEvent(EventName.RISK_FOUND, order.id if order else None, _payload(risk, role, texts))
                uow.outbox.publish(event, Actor("system", Role.SYSTEM, tenant.id, CHANNEL, risk.key))
            uow.inbox.finish(risk.key, 200, {_TOLD: risk.tell})
            uow.commit()


def _payload(risk: Risk, role: str, texts: list[Text]) -> Mapping[str, object]:
    said: dict[str, object] = {POSTED_TO: f"role:{role}", "text": {text.language: text.text for text in texts}}
    return said | ({"number": risk.order} if risk.order else {})
