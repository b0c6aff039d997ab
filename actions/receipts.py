"""The texts that a finished step is answered with, from `deskhand.writing`: receipt and confirmation.

Knows nothing of Rasa. The model has a few seconds; the template answers when it is slow, down or wrong.
"""

from __future__ import annotations

import asyncio
import logging

from deskhand.orders.model import Order
from deskhand.store import Desk, TextRecord
from deskhand.writing import Facts, Text, Writer

DEADLINE_SECONDS = 4.0
RECEIPT, CONFIRMATION = "receipt", "confirmation"

_log = logging.getLogger(__name__)


class Receipts:
    """Writes the text and keeps a record of who wrote it. `writer` None: no text at all."""

    def __init__(self, desk: Desk, writer: Writer | None) -> None:
        self._desk = desk
        self._writer = writer

    async def write(self, kind: str, order: Order, facts: Facts, language: str) -> str | None:
        """The text about an order, or None when there is nobody to write it. Never raises."""
        if self._writer is None:
            return None
        try:
            text = await self._writer.write(kind, facts, language, deadline_seconds=DEADLINE_SECONDS)
            await asyncio.to_thread(self._keep, order, text)
        except Exception:  # the order stands already: no text is no failure of the turn
            _log.exception("no %s for %s", kind, order.number)
            return None
        return text.text

    def _keep(self, order: Order, text: Text) -> None:
        record = TextRecord(
            text.kind, order.id, text.language, text.text, text.source, text.reason, text.verdict.as_dict(), text.model,
            text.seconds,
        )  # fmt: skip
        with self._desk.unit_of_work(order.tenant) as uow:
            uow.texts.add(record)
            uow.commit()
