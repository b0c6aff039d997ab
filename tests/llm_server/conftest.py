"""What the server's tests share: an engine without a model, a server that really listens, the packaged model."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from openai import AsyncOpenAI

from llm_server.api.keys import QUEUE
from llm_server.app import build_app, served
from llm_server.engines.engine import (
    Candidate,
    ChoiceFinished,
    DrawnToken,
    Embeddings,
    Engine,
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
from llm_server.settings import DEFAULT_MODEL_DIR, Settings
from tests.llm_server.tiny_model import make_tiny_model

ROOT = Path(__file__).parents[2]


class FakeEngine:
    """Answers with the words it was given, one token a word; can be held before each word, and can fail."""

    def __init__(
        self,
        words: Sequence[str] = ("Hello", " world", "!"),
        *,
        held: bool = False,
        names: Sequence[str] = ("fake",),
        at_once: int = 1,
    ) -> None:
        self.words = words
        self.models = (
            *(ServedModel(name, "fake", at_once, 64, 1000, "digest of " + name) for name in names),
            ServedModel("vectors", "fake", 1, 64, None, "digest of vectors", embeds=True),
        )
        self.requests: list[GenerationRequest] = []
        self.embedded: list[tuple[str, ...]] = []
        self.messages: Sequence[Message] | str = ()
        self.may_load = asyncio.Event()
        self.may_load.set()
        self.may_speak = asyncio.Event()
        self.fails_with: Exception | None = None
        self.saw_cancel = asyncio.Event()
        self.is_state = EngineState.LOADING
        if not held:
            self.may_speak.set()

    async def start(self) -> None:
        await self.may_load.wait()
        self.is_state = EngineState.FAILED if isinstance(self.fails_with, OSError) else EngineState.READY
        if isinstance(self.fails_with, OSError):
            raise self.fails_with

    async def close(self) -> None:
        pass

    def state(self, model: str) -> EngineState:
        return self.is_state

    async def until_ready(self, model: str) -> None:
        while self.is_state in {EngineState.LOADING, EngineState.RECOVERING}:
            await asyncio.sleep(0.005)

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        self.messages = source
        texts = [source] if isinstance(source, str) else [message.content for message in source]
        tokens = sum(len(text.split()) for text in texts)
        return Prompt(tokens, tuple(range(tokens)))

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        self.requests.append(request)
        try:
            for choice in range(request.choices):
                said = self.words[: request.max_tokens]
                for number, word in enumerate(said, 1):
                    yield TextDelta(choice, word, _drawn(word, request.top_logprobs), number)
                    await self.may_speak.wait()
                    if self.fails_with:
                        raise self.fails_with
                reason = FinishReason.STOP if len(said) == len(self.words) else FinishReason.LENGTH
                yield ChoiceFinished(choice, reason, len(said))
        except (GeneratorExit, asyncio.CancelledError):
            self.saw_cancel.set()
            raise

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        self.embedded.append(tuple(texts))
        await self.may_speak.wait()
        return Embeddings(tuple((0.6, 0.8 * len(text), 0.0) for text in texts), len(texts))

    def figures(self, model: str) -> EngineFigures:
        return EngineFigures()


def _drawn(word: str, top: int | None) -> tuple[DrawnToken, ...]:
    """The word as a token of probability 1/2, before others of which the last is impossible."""
    if top is None:
        return ()
    others = [Candidate(f"other{number}", b"other", -1.0 - number) for number in range(top)]
    if others:
        others[-1] = Candidate("never", b"never", -math.inf)
    return (DrawnToken(Candidate(word, word.encode(), math.log(0.5)), tuple(others)),)


class Server:
    """A server that listens, and the official client pointed at it."""

    def __init__(self, app: web.Application, url: str, client: AsyncOpenAI) -> None:
        self.app = app
        self.url = url
        self.client = client


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers on free ports of this machine, and closes them."""
    async with AsyncExitStack() as stack:

        async def start(engine: Engine, *, wait: bool = True, **settings: object) -> Server:
            return await stack.enter_async_context(serving(engine, wait=wait, **settings))

        yield start


@asynccontextmanager
async def serving(engine: Engine, *, wait: bool = True, **settings: object) -> AsyncIterator[Server]:
    """A server over an engine, while the context is open."""
    app = build_app(engine, replace(Settings(), **settings))
    async with served(app, "127.0.0.1", 0) as (host, port):
        url = f"http://{host}:{port}"
        async with AsyncOpenAI(base_url=url + "/v1", api_key="none", max_retries=0) as client:
            server = Server(app, url, client)
            if wait:
                await until_ready(server)
            yield server


async def until_ready(server: Server) -> None:
    await eventually(lambda: server.app[QUEUE].ready)


async def eventually(is_so: Callable[[], bool]) -> None:
    """Waits until something is so, for five minutes at most: a model is loaded in that, on any machine."""
    async with asyncio.timeout(300):
        while not is_so():
            await asyncio.sleep(0.005)


@pytest.fixture
def fake_engine() -> Callable[..., FakeEngine]:
    return FakeEngine


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    return eventually


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The packaged model, converted if no run has done so yet."""
    from llm_server.convert import convert

    folder = ROOT / DEFAULT_MODEL_DIR
    convert(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of no size."""
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")
