"""A model that can be asked: a client of a server elsewhere, or of one that this process starts for itself alone.

The model of one's own runs in a process of its own, as the server's do; it ends with the agent, and with this process
however that ends. Everything here runs on the agent's event loop.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import openai
from openai import AsyncOpenAI

from llm_server.agent.errors import (
    AgentBusy,
    AgentError,
    AgentTimeout,
    AnswerCutOff,
    InputTooLong,
    NoSuchModel,
    RequestRefused,
    ServerFailed,
    ServerUnreachable,
    WrongKey,
)
from llm_server.agent.place import Address, Files, Place
from llm_server.api.keys import QUEUE, SERVING
from llm_server.app import build_app, served
from llm_server.engines.engines import Engines
from llm_server.engines.grammar_compiler import GrammarCompiler
from llm_server.engines.local_engine import LocalEngine
from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import LlmError
from llm_server.settings import Settings

AT_ONCE = 16  # requests of a batch that are under way together
OWN = "model"  # what a model of one's own is called on its server


class Home:
    """One model and the way to it."""

    def __init__(self, client: AsyncOpenAI, model: str, stack: AsyncExitStack) -> None:
        self._client = client
        self._stack = stack
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.model = model

    @classmethod
    async def at(cls, place: Place, timeout: float) -> Home:
        """Raises AgentError, or what loading a model raises (ModelError)."""
        async with AsyncExitStack() as stack:
            address = place if isinstance(place, Address) else await _started(place, timeout, stack)
            client = await stack.enter_async_context(
                AsyncOpenAI(base_url=address.url, api_key=address.key or "none", timeout=timeout, max_retries=2)
            )
            model = address.model or await _only_model(client, address.url)
            return cls(client, model, stack.pop_all())
        raise AssertionError("an exit stack hides nothing")

    async def ask(
        self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any] | None, wanted: Mapping[str, Any]
    ) -> str:
        """What the model answers. Raises AgentError."""
        form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
        more = {"response_format": form} if schema is not None else {}
        create: Any = self._client.chat.completions.create
        async with self._turns:
            try:
                answer = await create(model=self.model, messages=list(messages), **more, **wanted)
            except openai.OpenAIError as problem:
                raise _told(problem, str(self._client.base_url)) from None
        choice = answer.choices[0]
        text = choice.message.content or ""
        if choice.finish_reason == "length" and schema is not None:
            raise AnswerCutOff(text, answer.usage.completion_tokens if answer.usage else len(text))
        return text

    async def close(self) -> None:
        """Ends the connections, and the process where there is one."""
        await self._stack.aclose()


async def _started(files: Files, timeout: float, stack: AsyncExitStack) -> Address:
    """A server of this process's own, on a free port of this machine, behind a key that nobody else knows."""
    spec = ModelSpec(
        OWN, folder=files.folder, adapter=files.adapter, converts=files.converts, threads=os.cpu_count() or 1
    )
    grammars = GrammarCompiler()
    engine = Engines([LocalEngine(spec, grammars)], grammars=grammars)
    key = secrets.token_urlsafe()
    app = build_app(engine, Settings(api_key=key, timeout_seconds=timeout, queue_limit=10_000))
    host, port = await stack.enter_async_context(served(app, "127.0.0.1", 0))
    while not app[QUEUE].ready:
        if app[SERVING].done():
            app[SERVING].result()  # raises why the model can't be loaded
        await asyncio.sleep(0.02)
    return Address(f"http://{host}:{port}/v1", key, OWN)


async def _only_model(client: AsyncOpenAI, url: str) -> str:
    try:
        names = [model.id async for model in client.models.list()]
    except openai.OpenAIError as problem:
        raise _told(problem, url) from None
    if len(names) != 1:
        raise NoSuchModel(f"{url} has {', '.join(names) or 'no model'}: say which with Agent.load(..., model=NAME).")
    return names[0]


def _told(problem: openai.OpenAIError, url: str) -> LlmError:
    """The client's error as one of ours that says what to do."""
    said = _words(problem)
    for kind, error, advice in _ADVICE:
        if isinstance(problem, kind):
            return error(f"{url}: {said}. {advice}")
    if isinstance(problem, openai.BadRequestError):
        if "context_length" in str(problem.code):
            return InputTooLong(f"{said}. Give a shorter input, or a smaller max_tokens.")
        return RequestRefused(f"{url}: {said}")
    if isinstance(problem, openai.APIStatusError) and problem.status_code in {408, 504}:
        return AgentTimeout(f"{url}: {said}. Load the agent with a larger timeout.")
    if isinstance(problem, openai.APIStatusError) and problem.status_code == 503:
        return AgentBusy(f"{url}: {said}. Try again later.")
    return ServerFailed(f"{url}: {said}. The server's log says more.")


_ADVICE: tuple[tuple[type[openai.OpenAIError], type[AgentError], str], ...] = (
    (openai.APITimeoutError, AgentTimeout, "Load the agent with a larger timeout, or ask for a smaller max_tokens."),
    (openai.APIConnectionError, ServerUnreachable, "Is the server up, and is this its address?"),
    (openai.AuthenticationError, WrongKey, "Load the agent with key=... ."),
    (openai.PermissionDeniedError, WrongKey, "Load the agent with a key that may do this."),
    (openai.NotFoundError, NoSuchModel, "Load the agent with model=NAME, a name that it has."),
    (openai.RateLimitError, AgentBusy, "Try again later, or with fewer at once."),
)


def _words(problem: openai.OpenAIError) -> str:
    body = getattr(problem, "body", None)
    said = body.get("message") if isinstance(body, Mapping) else None
    return str(said or problem).rstrip(".")
