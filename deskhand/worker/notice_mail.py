"""Notices and digests as letters to people of the house. The same post gives the same letter; knows no notice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from deskhand.channels.messengers.face import Face
from deskhand.channels.messengers.posting import NotPosted
from deskhand.orders.tenant import Tenant
from deskhand.worker.errors import NotDeliverable
from deskhand.worker.mail_message import Letter, to_message
from deskhand.worker.smtp import MailServer

ADDRESS = "address"
_LONGEST_SUBJECT = 120


class MailPosting:
    """Writes to the address of the place. A letter that has gone is not changed any more."""

    def __init__(self, server: MailServer, sender: str, clock: Callable[[], datetime]) -> None:
        self._server, self._sender, self._clock = server, sender, clock

    async def post(self, tenant: Tenant, place: Mapping[str, Any], face: Face, key: str) -> Mapping[str, Any]:
        """Tried again after a death, it has the same Message-ID: whoever has it drops it."""
        subject = next(iter((face.title or face.text).splitlines()), tenant.name)[:_LONGEST_SUBJECT]
        letter = Letter(
            f"{tenant.id}.notice.{key}", self._sender, tenant.name, str(place.get(ADDRESS)), subject,
            "\n".join(_lines(face)), self._clock(), (),
        )  # fmt: skip
        try:
            message = to_message(letter)
            await asyncio.to_thread(self._server.send, message)
        except NotDeliverable as refused:
            raise NotPosted(str(refused)) from refused
        return {"message": str(message["Message-ID"])}

    async def update(self, tenant: Tenant, posted: Mapping[str, Any], face: Face) -> None:
        """Nothing: it lies in somebody's mailbox."""


def _lines(face: Face) -> Iterator[str]:
    yield from (text for text in (face.title, face.text) if text)
    yield from (f"{label}: {value}" for label, value in face.facts)
    for title, more in face.items:
        yield ""
        yield title
        if more:
            yield f"    {more}"
