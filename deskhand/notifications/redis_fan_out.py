"""What one gateway emits reaches the browsers of the others by Redis, and nobody waits for Redis. Knows no event.

Redis keeps nothing. Whatever may have been missed while it was away, on either side, is told to `missed`, who lets the
clients of this gateway catch up from their cursors: everything that counts is stored before it is emitted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Any

import redis.asyncio as aioredis
import socketio
from redis.exceptions import RedisError

from deskhand.notifications.fan_out import FanOut

MOST_WAITING = 1_000  # events on their way to Redis
ANSWER_SECONDS = 3.0  # Redis answers in milliseconds; a later answer is none
SILENCE_SECONDS = 5.0  # then it is asked whether it is still there
RETRY_SECONDS = 1.0
_CATCH_UP = b"catch up"  # in an event's place: the sender could not send all of them
_GONE = (RedisError, OSError, TimeoutError)

_log = logging.getLogger("deskhand.gateway")


class RedisFanOut(socketio.AsyncRedisManager, FanOut):  # type: ignore[misc]  # python-socketio has no types
    """For several gateways: what the others emit is spread here."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.missed: Callable[[], None] = lambda: None
        self.is_reached = False  # what the others emit is heard here
        self._said_gone = self._subscribed = False
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._lost = False  # something that the others should have heard
        self._sender: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """The gateway stops."""
        tasks = [task for task in (self._sender, getattr(self, "thread", None)) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _publish(self, data: Any) -> None:
        """Sent in its turn; the library's own would keep a turn waiting for as long as Redis is away."""
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        try:
            self._outgoing.put_nowait(self.json.dumps(data).encode())
        except asyncio.QueueFull:
            self._lost = True

    async def _send(self) -> None:
        async with _client(self.redis_url) as client:
            while True:
                await self._hand_over(client, await self._outgoing.get())

    async def _hand_over(self, client: aioredis.Redis, text: bytes) -> None:
        """One event; when it can't be sent, what waits behind it is worth no more than the word that it was."""
        try:
            await self._published(client, text)
        except _GONE as error:
            self._note_gone(error)
            self._lost = True
        while self._lost:
            while not self._outgoing.empty():
                self._outgoing.get_nowait()
            with suppress(*_GONE):
                await self._published(client, _CATCH_UP)
                self._lost = False
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _published(self, client: aioredis.Redis, text: bytes) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            await client.publish(self.channel, text)

    async def _listen(self) -> AsyncIterator[bytes]:
        while True:
            try:
                async with aclosing(self._heard()) as heard:
                    async for data in heard:
                        if data == _CATCH_UP:
                            self.missed()
                        else:
                            yield data
            except _GONE as error:
                self._note_gone(error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _heard(self) -> AsyncGenerator[bytes]:
        """What the others send, until Redis is gone. One that stands still takes connections and never answers."""
        async with _client(self.redis_url) as client, client.pubsub() as pubsub:
            await pubsub.subscribe(self.channel)
            asked = True
            while True:
                said = await pubsub.get_message(timeout=ANSWER_SECONDS if asked else SILENCE_SECONDS)
                if said is None and asked:
                    raise TimeoutError
                if said is None:
                    await pubsub.ping()
                elif said["type"] == "subscribe":  # the client library does it again by itself
                    self._note_back()
                elif said["type"] == "message":
                    yield said["data"]
                asked = said is None

    def _note_gone(self, error: BaseException) -> None:
        if not self._said_gone:
            _log.warning("Redis is away (%s): what is said on other gateways is shown here later", type(error).__name__)
        self.is_reached, self._said_gone = False, True

    def _note_back(self) -> None:
        if self._said_gone:
            _log.info("Redis is back")
        if self._said_gone or self._subscribed:
            self.missed()
        self._said_gone, self.is_reached, self._subscribed = False, True, True


def _client(url: str) -> aioredis.Redis:
    return aioredis.Redis.from_url(url, socket_connect_timeout=ANSWER_SECONDS)
