"""Files that were dropped into Slack: fetched from Slack alone, kept, looked at, and previewed in the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from deskhand.channels.inbound import Inbound
from deskhand.channels.messengers.settings import SlackCredentials
from deskhand.channels.sentences import sentence
from deskhand.channels.turns import Speaker
from deskhand.erp.jobs import NotImportable, Wanted
from deskhand.erp.words import problem_said
from deskhand.gateway.errors import FileRefused, RequestTooLarge
from deskhand.gateway.messengers.people import Person
from deskhand.gateway.messengers.reception import Reception
from deskhand.gateway.uploads import plain_name
from deskhand.orders.tenant import SLACK

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

FILES_HOST = "files.slack.com"
SECONDS = 60
MOST_FILES = 5


class SlackFiles:
    """One for the gateway."""

    def __init__(self, at: Door, credentials: SlackCredentials, reception: Reception) -> None:
        self._at = at
        self._credentials = credentials
        self._reception = reception
        self._hosts = {FILES_HOST, urlsplit(credentials.api_url).netloc}

    async def take(self, person: Person, event_id: str, files: list[Any], place: Mapping[str, Any]) -> None:
        """The bot answers with what would be imported, and asks for the yes. The same event again is the same import.

        Raises:
            DeskhandError: what can't be fetched or read, is too much, or is not this person's to import.
        """
        tenant, user = person.tenant, person.known
        kept = []
        for file in files[:MOST_FILES]:
            self._at.limits.file(tenant.id)
            data = await self._fetched(person, file, tenant.limits.largest_import_mb << 20)
            place_of = await self._at.slow.run(self._at.imports.kept.keep, tenant.id, data)
            kept.append((plain_name(str(file.get("name") or "file")), place_of))
        speaker = Speaker(tenant.id, user.id, SLACK)
        conversation, _, _ = await self._at.threads.run(self._at.chat.turns.open, speaker)
        who, wanted = person.actor(event_id), Wanted("slack")
        try:
            job = await self._at.slow.run(
                self._at.imports.look, who, kept, wanted, person.language, event_id, conversation.id
            )
        except NotImportable as refused:
            raise FileRefused(problem=problem_said(refused.problem)[person.language]) from refused
        said = Inbound(f"file-{job.id}"[:64], text=", ".join(job.names), file=job.id, place=place)
        await self._reception.receive(person, said)

    async def _fetched(self, person: Person, file: Mapping[str, Any], most: int) -> bytes:
        """With the app's token, so from Slack's own host alone, and never on to another."""
        address, token = str(file.get("url_private_download") or ""), self._credentials.token_of(person.tenant)
        if urlsplit(address).netloc not in self._hosts or token is None:
            raise FileRefused(problem=sentence("messenger_file_not_fetched", person.language))
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
                http.get(address, headers={"Authorization": f"Bearer {token}"}, allow_redirects=False) as response,
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
