"""Rasa's one webhook, which wants to see the secret that it shares with us. Knows nothing of users, cards or storage.

Rasa answers `200 []` when its action server is down or an action failed, so an answer without a message is never
taken for success but for a failure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from deskhand.channels.inbound import for_rasa

HEADER = "X-Deskhand-Rasa-Token"
_MAX_ANSWER_BYTES = 1 << 20


class RasaFailed(Exception):
    """No answer: `down` (not reachable), `slow` (timed out), `broken` (not what a webhook says) or `empty`.

    `refused`: it does not know our token, until one of the two is started again with the other's.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class BotReply:
    """One message of the bot; quick replies are texts that a person could have typed.

    `response` is the sentence of domain.yml that it is, if the company's own words may take its place still.
    """

    text: str | None = None
    card: Mapping[str, Any] | None = None
    quick_replies: tuple[Mapping[str, str], ...] = ()
    response: str | None = None


class Bot(Protocol):
    """What a turn needs of Rasa."""

    async def send(self, sender: str, message: str, metadata: Mapping[str, Any]) -> Sequence[BotReply]: ...

    async def ready(self) -> bool: ...

    async def close(self) -> None: ...


class RasaClient:
    """Keeps one pooled HTTP session, opened with the first call."""

    def __init__(self, url: str, token: str, timeout_seconds: float = 30.0, connections: int = 50) -> None:
        self._url = url.rstrip("/") + "/webhooks/desk/"
        self._headers = {HEADER: token}
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=min(5.0, timeout_seconds))
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def send(self, sender: str, message: str, metadata: Mapping[str, Any]) -> list[BotReply]:
        """One turn.

        Raises:
            RasaFailed: whenever there is nothing to show to the user.
        """
        body = {"sender": sender, "message": message, "metadata": dict(metadata)}
        try:
            async with self._http().post(self._url + "webhook", json=body, allow_redirects=False) as response:
                if response.status != 200:
                    raise RasaFailed("refused" if response.status == 401 else "broken")
                answer = await _read(response)
        except TimeoutError as error:
            raise RasaFailed("slow") from error
        except aiohttp.ClientError as error:
            raise RasaFailed("down") from error
        return _replies(answer)

    async def ready(self) -> bool:
        """Whether the webhook is there and knows us; Rasa listens only once its model is loaded."""
        try:
            timeout = aiohttp.ClientTimeout(total=2)
            async with self._http().get(self._url, timeout=timeout, allow_redirects=False) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, trust_env=False, headers=self._headers
            )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    chunks = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        chunks += chunk
        if len(chunks) > _MAX_ANSWER_BYTES:
            raise RasaFailed("broken")
    return bytes(chunks)


def _replies(answer: bytes) -> list[BotReply]:
    try:
        items = json.loads(answer)
    except ValueError as error:
        raise RasaFailed("broken") from error
    if not isinstance(items, list):
        raise RasaFailed("broken")
    replies = [reply for item in items if isinstance(item, Mapping) and (reply := _reply(item)) is not None]
    if not replies:
        raise RasaFailed("empty")
    return replies


def _reply(item: Mapping[str, Any]) -> BotReply | None:
    """None for a message with nothing to show."""
    text = item.get("text") or None
    custom = item.get("custom")
    card = custom.get("card") if isinstance(custom, Mapping) else None
    buttons = tuple(_quick_reply(button) for button in item.get("buttons") or () if button.get("title"))
    return BotReply(text, card, buttons, item.get("response")) if text or card or buttons else None


def _quick_reply(button: Mapping[str, Any]) -> Mapping[str, str]:
    """A payload that names an intent would be neutralised on its way back, so the title is sent instead."""
    title, text = str(button["title"]), str(button.get("payload") or "")
    return {"title": title, "text": text if text and for_rasa(text) == text.strip() else title}
