"""Requests that pretend to come from Slack or Teams, in the audit of the company that they name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from deskhand.gateway.addresses import address_digest
from deskhand.gateway.errors import TooManyRequests
from deskhand.gateway.excess import Excess, note_excess
from deskhand.gateway.messengers.people import company_of

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

USE_MESSENGER = "use_messenger"
_log = logging.getLogger("deskhand.gateway")


async def note_forged(at: Door, channel: str, team: str, cause: str, address: str, code: str) -> None:
    """One row, or a line in the log where no company is named; beyond the address's share they are only counted."""
    tenant = company_of(at.desk, channel, team)
    named, where = tenant.id if tenant is not None else "", address_digest(address, at.settings.session_secret)
    try:
        at.limits.refusal(address)
    except TooManyRequests as enough:
        await note_excess(at, Excess(named, enough, channel, cause, where))
        return
    if tenant is None:
        _log.warning("request %s: %s refused: %s", cause, channel, code)
        return
    await at.threads.run(_note, at, tenant.id, channel, cause, where, code)


def _note(at: Door, tenant: str, channel: str, cause: str, where: str, code: str) -> None:
    with at.desk.unit_of_work(tenant) as uow:
        uow.audit.add_unknown(channel, cause, USE_MESSENGER, where, "refused", {"code": code})
        uow.commit()
