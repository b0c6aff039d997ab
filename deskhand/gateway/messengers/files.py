"""Files that were sent in a messenger: fetched from where it keeps them alone, looked at, previewed where they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from deskhand.channels.inbound import Inbound
from deskhand.channels.sentences import sentence
from deskhand.channels.turns import Speaker
from deskhand.erp.jobs import NotImportable, Wanted
from deskhand.erp.words import problem_said
from deskhand.gateway.errors import FileRefused, RequestTooLarge
from deskhand.gateway.messengers.people import Person
from deskhand.gateway.messengers.reception import Reception
from deskhand.gateway.uploads import plain_name

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

SECONDS = 60
MOST_FILES = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """One file. `address` None: it lies where nothing is fetched from; `headers` go to that address and no other."""

    name: str
    address: str | None
    headers: Mapping[str, str] = field(default_factory=dict)


class Files:
    """One for each messenger."""

    def __init__(self, at: Door, reception: Reception) -> None:
        self._at = at
        self._reception = reception

    async def take(self, person: Person, event_id: str, files: Sequence[Sent], place: Mapping[str, Any]) -> None:
        """The bot answers with what would be imported, and asks for the yes. The same event again is the same import.

        Raises:
            DeskhandError: what can't be fetched or read, is too much, or is not this person's to import.
        """
        tenant, user = person.tenant, person.known
        kept = []
        for file in files[:MOST_FILES]:
            self._at.limits.file(tenant.id)
            data = await _fetched(person, file, tenant.limits.largest_import_mb << 20)
            place_of = await self._at.slow.run(self._at.imports.kept.keep, tenant.id, data)
            kept.append((plain_name(file.name), place_of))
        speaker = Speaker(tenant.id, user.id, person.channel)
        conversation, _, _ = await self._at.threads.run(self._at.chat.turns.open, speaker)
        who, wanted = person.actor(event_id), Wanted(person.channel)
        try:
            job = await self._at.slow.run(
                self._at.imports.look, who, kept, wanted, person.language, event_id, conversation.id
            )
        except NotImportable as refused:
            raise FileRefused(problem=problem_said(refused.problem)[person.language]) from refused
        said = Inbound(f"file-{job.id}"[:64], text=", ".join(job.names), file=job.id, place=place)
        await self._reception.receive(person, said)


async def _fetched(person: Person, file: Sent, most: int) -> bytes:
    """Never from another address that this one names."""
    if file.address is None:
        raise FileRefused(problem=sentence("messenger_file_not_fetched", person.language))
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
            http.get(file.address, headers=file.headers, allow_redirects=False) as response,
        ):
            if response.status != 200 or response.content_type == "text/html":
                raise FileRefused(problem=sentence("messenger_file_not_fetched", person.language))
            return await _bounded(response, most)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise FileRefused(problem=sentence("messenger_file_not_fetched", person.language)) from error


async def _bounded(response: aiohttp.ClientResponse, most: int) -> bytes:
    chunks = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        chunks += chunk
        if len(chunks) > most:
            raise RequestTooLarge(limit=most)
    return bytes(chunks)
