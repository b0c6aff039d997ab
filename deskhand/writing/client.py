"""The client of a language model over HTTP (any OpenAI-compatible server). Knows nothing of facts or templates.

It may know several addresses: the next is asked when one fails or is busy. Anything cleverer is a balancer's.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import aiohttp

from deskhand.writing.nodes import REST_SECONDS, Node, Nodes

_BUSY = (429, 503)
_LATE = (408, 504)
_MAX_BYTES = 1_000_000
_CONNECT_SECONDS = 2.0


class ModelError(Exception):
    """The model gave no text."""

    reason = "llm_down"


class ModelDown(ModelError):
    """It can't be reached, or answers with an error."""

    reason = "llm_down"


class ModelTimeout(ModelError):
    """It did not answer in time."""

    reason = "llm_timeout"


class ModelBusy(ModelError):
    """Its queue is full; it may have said after how many seconds to come back."""

    reason = "llm_busy"

    def __init__(self, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    model: str


class TextClient(Protocol):
    """What a Writer asks for texts. Raises ModelDown, ModelTimeout or ModelBusy."""

    async def complete(
        self, messages: Sequence[Message], *, max_tokens: int, seed: int, timeout: float, temperature: float = 0.0
    ) -> Completion: ...


class LlmClient:
    """`POST {address}/v1/chat/completions`. Opens its connection pool at the first call.

    Args:
        url: one address, or several: separated by commas, or as a list.
    """

    def __init__(self, url: str | Sequence[str], model: str, api_key: str | None = None) -> None:
        self._nodes = Nodes(url)
        self._model = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._session: aiohttp.ClientSession | None = None

    async def complete(
        self, messages: Sequence[Message], *, max_tokens: int, seed: int, timeout: float, temperature: float = 0.0
    ) -> Completion:
        """The answer of the first address that gives one; all tries together take no longer than ``timeout``."""
        body = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "temperature": temperature,
            "seed": seed,
            "max_tokens": max_tokens,
        }
        until = time.monotonic() + timeout
        try:
            return await self._first_answer(body, until)
        except ModelBusy as busy:
            wait = self._nodes.soonest()
            if busy.retry_after is None or wait > (until - time.monotonic()) / 2:
                raise  # what is left then would hardly do for an answer
            await asyncio.sleep(wait)
            return await self._first_answer(body, until)

    async def _first_answer(self, body: dict[str, Any], until: float) -> Completion:
        """Asks one address after another.

        Raises:
            ModelError: none answered; the reason of the first one that was only busy, else of the last.
        """
        problems: list[ModelError] = []
        for node in self._nodes.in_turn():
            try:
                return self._read(await self._ask(node, body, until))
            except ModelError as problem:
                problems.append(problem)
        raise next((problem for problem in problems if isinstance(problem, ModelBusy)), problems[-1])

    async def _ask(self, node: Node, body: dict[str, Any], until: float) -> Any:
        left = until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            answer = await self._post(node, body, left)
        except ModelBusy as busy:
            self._nodes.rest(node, 0.0 if busy.retry_after is None else busy.retry_after)
            raise
        except ModelError:
            self._nodes.rest(node)
            raise
        except TimeoutError:
            self._nodes.rest(node, REST_SECONDS if left > 0 else 0.0)
            raise ModelTimeout("no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            self._nodes.rest(node)
            raise ModelDown(str(error) or type(error).__name__) from error
        self._nodes.wake(node)
        return answer

    async def _post(self, node: Node, body: dict[str, Any], left: float) -> Any:
        limit = aiohttp.ClientTimeout(total=left, sock_connect=min(_CONNECT_SECONDS, left))
        headers = {**self._headers, "X-Request-Timeout": f"{left:.3f}"}
        address = node.address + "/v1/chat/completions"
        async with self._pool().post(address, json=body, timeout=limit, headers=headers) as response:
            if response.status in _BUSY:
                raise ModelBusy(f"status {response.status}", _seconds(response.headers.get("Retry-After")))
            if response.status in _LATE:
                raise ModelTimeout(f"status {response.status}")
            if response.status != 200:
                raise ModelDown(f"status {response.status}")
            return json.loads(await _bounded(response.content))

    def _read(self, answer: Any) -> Completion:
        try:
            text = answer["choices"][0]["message"]["content"]
        except (LookupError, TypeError):
            raise ModelDown("not a chat completion") from None
        if not isinstance(text, str):
            raise ModelDown("a completion without text")
        return Completion(text.strip(), str(answer.get("model") or self._model))

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    """The body, unless it is larger than any answer is."""
    read = bytearray()
    async for piece in content.iter_any():
        read += piece
        if len(read) > _MAX_BYTES:
            raise ModelDown("the answer is too large")
    return bytes(read)


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds; as a date it is left aside."""
    return float(header) if header is not None and header.isascii() and header.isdigit() else None
