"""Turn tokens that were refused, in the audit: expired, used, of another conversation, forged, or none at all.

Whose a token is counts only if the gateway signed it. Of any other one there is the conversation that Rasa names: if we
have it, its company is told. Whoever sends many leaves one row a minute that says how many.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from deskhand.channels.turn_token import TurnTokenRefused
from deskhand.orders.tenant import CHAT
from deskhand.store import Desk
from deskhand.store.tally import Tally

USE_TURN = "use_turn"
_SENDER = re.compile(r"([0-9a-f]{32})(-\d+)?")  # what Rasa calls a conversation of ours

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Refused:
    action: str
    sender: str
    refusal: TurnTokenRefused

    @property
    def key(self) -> tuple[str, ...]:
        claims = self.refusal.claims
        return (self.refusal.code, *((claims.tenant, claims.user_id) if claims else (self.sender,)))


class RefusedTurns:
    """One for the action server; asked by one event loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tally: Tally[_Refused] = Tally(desk.clock)

    async def note(self, action: str, sender: str, refusal: TurnTokenRefused) -> None:
        """Counts it; what is to be told now is told. The turn is answered all the same, whatever becomes of the row."""
        due = self._tally.due()
        one = _Refused(action, sender, refusal)
        if self._tally.count(one.key, one):
            due.append((one, 1))
        await self._tell(due)

    async def close(self) -> None:
        """The server stops: the rest is told."""
        await self._tell(self._tally.rest())

    async def _tell(self, counted: Sequence[tuple[_Refused, int]]) -> None:
        for refused, times in counted:
            try:
                await asyncio.to_thread(self._write, refused, times)
            except Exception:  # a fault of the database must not keep who wrote without an answer
                _log.exception("a refused turn could not be noted")

    def _write(self, refused: _Refused, times: int) -> None:
        claims, code = refused.refusal.claims, refused.refusal.code
        tenant = claims.tenant if claims else self._company_of(refused.sender)
        if tenant is None or tenant not in self._desk.tenants:
            return  # the log has it
        cause, channel = (claims.message_id, claims.channel) if claims else (refused.sender, CHAT)
        detail = {"code": code, "action": refused.action, "times": times}
        with self._desk.unit_of_work(tenant) as uow:
            owner = claims.user_id if claims else None
            uow.audit.add_unknown(channel, cause, USE_TURN, owner, "refused", detail)
            uow.commit()

    def _company_of(self, sender: str) -> str | None:
        """The company of the conversation, if it is one of ours."""
        named = _SENDER.fullmatch(sender)
        for tenant in list(self._desk.tenants) if named else ():
            with self._desk.unit_of_work(tenant, read_only=True) as uow:
                if named and uow.conversations.get(named[1]) is not None:
                    return tenant
        return None
