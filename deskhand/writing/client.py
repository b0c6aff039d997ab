"""The client of a language model over HTTP (any OpenAI-compatible server). Knows nothing of facts or templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import aiohttp

_BUSY = (429, 503)
_LATE = (408, 504)
_MAX_BYTES = 1_000_000


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
    """Its queue is full."""

    reason = "llm_busy"


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
        self, messages: Sequence[Message], *, max_tokens: int, seed: int, timeout: float
    ) -> Completion: ...


class LlmClient:
    """`POST {url}/v1/chat/completions`, temperature 0. Opens its connection pool at the first call."""

    def __init__(self, url: str, model: str, api_key: str | None = None) -> None:
        self._url = url.rstrip("/") + "/v1/chat/completions"
        self._model = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._session: aiohttp.ClientSession | None = None

    async def complete(self, messages: Sequence[Message], *, max_tokens: int, seed: int, timeout: float) -> Completion:
        body = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "temperature": 0,
            "seed": seed,
            "max_tokens": max_tokens,
        }
        try:
            return self._read(await self._post(body, timeout))
        except TimeoutError:
            raise ModelTimeout(f"no answer within {timeout:.1f} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ModelDown(str(error) or type(error).__name__) from error

    async def _post(self, body: dict[str, Any], timeout: float) -> Any:
        limit = aiohttp.ClientTimeout(total=timeout)
        async with self._pool().post(self._url, json=body, timeout=limit, headers=self._headers) as response:
            if response.status in _BUSY:
                raise ModelBusy(f"status {response.status}")
            if response.status in _LATE:
                raise ModelTimeout(f"status {response.status}")
            if response.status != 200 or (response.content_length or 0) > _MAX_BYTES:
                raise ModelDown(f"status {response.status}")
            return await response.json(content_type=None)

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
