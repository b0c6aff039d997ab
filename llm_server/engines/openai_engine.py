"""Another server with OpenAI's API as an engine: vLLM, llama-server, a cloud. Speaks HTTP to it, knows nothing of ours.

Every option is passed on; what the other server does not know it refuses, and its words reach who asked.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import aiohttp

from llm_server.engines.engine import (
    Candidate,
    ChoiceFinished,
    DrawnToken,
    Embeddings,
    EngineFigures,
    EngineState,
    FinishReason,
    GenerationEvent,
    GenerationRequest,
    Message,
    Prompt,
    ServedModel,
    TextDelta,
)
from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import EngineFailed, EngineLost, GenerationFailed, InvalidRequest

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
ANSWER_SECONDS = 5.0
SILENCE_SECONDS = 120.0
RETRY_SECONDS = 5
CONTEXT_LENGTH = 131_072  # until it says another
_BYTES_PER_TOKEN = 4
_UNAVAILABLE = {401, 403, 404, 408, 429, 500, 502, 503, 504}
_LARGEST_LINE = 1024 * 1024


class OpenAIEngine:
    """One model of another server, looked after so that its absence is known before anybody asks."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec
        self._remote = spec.remote_model or spec.name
        length = spec.context_length or CONTEXT_LENGTH
        self._model = ServedModel(spec.name, "openai", spec.at_once, length)
        self._state = EngineState.LOADING
        self._ready = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """The one model."""
        return (self._model,)

    async def start(self) -> None:
        """Looks for the server, and goes on looking; one that is away now may come later."""
        headers = {"Authorization": f"Bearer {self._spec.key}"} if self._spec.key else {}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_SECONDS, sock_read=SILENCE_SECONDS)
        self._session = aiohttp.ClientSession(headers=headers, timeout=timeout, read_bufsize=_LARGEST_LINE)
        await self._look()
        self._looking = asyncio.create_task(self._keep_looking(), name=f"looking after {self._spec.name}")

    async def close(self) -> None:
        """Ends the connections."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        if self._session is not None:
            await self._session.close()

    def state(self, model: str) -> EngineState:
        """As it was found last."""
        return self._state

    async def until_ready(self, model: str) -> None:
        """Waits until the server is there."""
        await self._ready.wait()

    def figures(self, model: str) -> EngineFigures:
        """The other server has metrics of its own."""
        return EngineFigures()

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """The prompt as it is; how many tokens it has is only guessed."""
        if isinstance(source, str):
            return Prompt(len(source.encode()) // _BYTES_PER_TOKEN + 1, text=source)
        size = sum(len(message.content.encode()) for message in source)
        return Prompt(size // _BYTES_PER_TOKEN + 4 * len(source), messages=tuple(source))

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """Passes on what the other server streams.

        Raises:
            InvalidRequest: in the other server's words.
            EngineLost: it is not there, or went away, or is too busy.
        """
        route = "chat/completions" if request.prompt.messages else "completions"
        try:
            async with self._http.post(self._url(route), json=_body(request, self._remote)) as response:
                await _checked(response)
                async for event in _events(response, request):
                    yield event
        except (aiohttp.ClientError, TimeoutError) as problem:
            log.error("%s: %s", self._spec.name, type(problem).__name__)
            self._found(False)
            raise EngineLost(RETRY_SECONDS) from None

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """The other server's vectors."""
        body = {"model": self._remote, "input": list(texts), "encoding_format": "float"}
        try:
            async with self._http.post(self._url("embeddings"), json=body) as response:
                await _checked(response)
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError):
            raise EngineLost(RETRY_SECONDS) from None
        vectors = tuple(tuple(map(float, one["embedding"])) for one in answer["data"])
        return Embeddings(vectors, int(answer.get("usage", {}).get("prompt_tokens", 0)))

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            raise EngineFailed()
        return self._session

    def _url(self, route: str) -> str:
        return f"{self._spec.address.rstrip('/')}/{route}"

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        found = False
        with suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with asyncio.timeout(ANSWER_SECONDS), self._http.get(self._url("models")) as response:
                found = response.status == 200
                await response.read()
        self._found(found)

    def _found(self, found: bool) -> None:
        state = EngineState.READY if found else EngineState.RECOVERING
        if state is not self._state:
            log.info("%s: %s is %s", self._spec.name, self._spec.address, "there" if found else "away")
        self._state = state
        if found:
            self._ready.set()
        else:
            self._ready.clear()


def _body(request: GenerationRequest, model: str) -> dict[str, Any]:
    wanted, prompt = request.sampling, request.prompt
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "temperature": wanted.temperature,
        "top_p": wanted.top_p,
        "n": request.choices,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if prompt.messages:
        body["messages"] = [{"role": message.role.value, "content": message.content} for message in prompt.messages]
    else:
        body["prompt"] = prompt.text if prompt.text is not None else list(prompt.ids)
    return body | _options(request)


def _options(request: GenerationRequest) -> dict[str, Any]:
    """Only what asks for something: other servers refuse what they don't know."""
    wanted = request.sampling
    options: dict[str, Any] = {
        "stop": list(request.stop),
        "seed": wanted.seed,
        "top_k": wanted.top_k,
        "min_p": wanted.min_p,
        "presence_penalty": wanted.presence_penalty,
        "frequency_penalty": wanted.frequency_penalty,
        "repetition_penalty": None if wanted.repetition_penalty == 1.0 else wanted.repetition_penalty,
        "logit_bias": {str(token): bias for token, bias in wanted.logit_bias},
        "ignore_eos": request.ignore_end,
    }
    asked = {name: value for name, value in options.items() if value or (name == "seed" and value is not None)}
    if request.top_logprobs is not None:
        chat = {"logprobs": True, "top_logprobs": request.top_logprobs}
        asked |= chat if request.prompt.messages else {"logprobs": request.top_logprobs}
    if request.grammar is not None:
        asked["response_format"] = _format(request.grammar.schema)
    return asked


def _format(schema: str | None) -> dict[str, Any]:
    if schema is None:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": json.loads(schema), "strict": True}}


async def _checked(response: aiohttp.ClientResponse) -> None:
    if response.status == 200:
        return
    if response.status in _UNAVAILABLE:
        log.error("the other server answered %d", response.status)
        raise EngineLost(RETRY_SECONDS)
    said = await response.text(errors="replace")
    with suppress(ValueError, KeyError, TypeError):
        said = json.loads(said)["error"]["message"]
    raise InvalidRequest(str(said)[:500])


async def _events(response: aiohttp.ClientResponse, request: GenerationRequest) -> AsyncIterator[GenerationEvent]:
    """Text as it comes; the ends of choices only at the very end, when the usage is known."""
    reasons: dict[int, FinishReason] = {}
    pieces: dict[int, int] = {}
    usage: Mapping[str, Any] = {}
    async for chunk in _chunks(response):
        usage = chunk.get("usage") or usage
        for choice in chunk.get("choices") or ():
            index = int(choice.get("index", 0))
            if delta := _delta(index, choice):
                pieces[index] = pieces.get(index, 0) + 1
                yield replace(delta, drawn=pieces[index])
            if choice.get("finish_reason"):
                reasons[index] = FinishReason.LENGTH if choice["finish_reason"] == "length" else FinishReason.STOP
    if len(reasons) < request.choices:
        raise GenerationFailed()
    spent = int(usage.get("completion_tokens") or sum(pieces.values()))
    for number, (index, reason) in enumerate(sorted(reasons.items())):
        share = spent // len(reasons) + (spent % len(reasons) if number == 0 else 0)
        yield ChoiceFinished(index, reason, share, usage.get("prompt_tokens"))


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    async for line in response.content:
        data = line.strip().removeprefix(b"data:").strip()
        if not line.startswith(b"data:") or data == b"[DONE]":
            continue
        try:
            chunk = json.loads(data)
        except ValueError:
            raise GenerationFailed() from None
        if "error" in chunk:
            raise GenerationFailed()
        yield chunk


def _delta(index: int, choice: Mapping[str, Any]) -> TextDelta | None:
    text = choice.get("text") or (choice.get("delta") or {}).get("content") or ""
    told = (choice.get("logprobs") or {}).get("content") or ()
    tokens = tuple(DrawnToken(_candidate(one), tuple(map(_candidate, one.get("top_logprobs") or ()))) for one in told)
    return TextDelta(index, text, tokens) if text or tokens else None


def _candidate(told: Mapping[str, Any]) -> Candidate:
    raw = told.get("bytes")
    text = str(told["token"])
    return Candidate(text, text.encode() if raw is None else bytes(raw), float(told["logprob"]))
