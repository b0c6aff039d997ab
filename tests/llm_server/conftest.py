"""What the server's tests share: an engine without a model, a server that really listens, the packaged model."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from openai import AsyncOpenAI

from llm_server.app import build_app, served
from llm_server.engine import ChoiceFinished, Emit, Engine, FinishReason, GenerationRequest, Message, TextDelta
from llm_server.keys import QUEUE
from llm_server.settings import DEFAULT_MODEL_DIR, Settings

ROOT = Path(__file__).parents[2]


class FakeEngine:
    """Answers with the words it was given, one token a word; can be held before each word, and can fail."""

    model_id = "fake"
    context_length = 64

    def __init__(self, words: Sequence[str] = ("Hello", " world", "!"), *, held: bool = False) -> None:
        self.words = words
        self.requests: list[GenerationRequest] = []
        self.messages: Sequence[Message] = ()
        self.may_load = threading.Event()
        self.may_load.set()
        self.may_speak = threading.Event()
        self.fails_with: Exception | None = None
        self.saw_cancel = threading.Event()
        if not held:
            self.may_speak.set()

    def load(self) -> None:
        self.may_load.wait(10)
        if isinstance(self.fails_with, OSError):
            raise self.fails_with

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        self.messages = messages
        return tuple(range(sum(len(message.content.split()) for message in messages)))

    def generate(self, request: GenerationRequest, emit: Emit, cancelled: threading.Event) -> None:
        self.requests.append(request)
        for choice in range(request.choices):
            if not self._speak(choice, request, emit, cancelled):
                self.saw_cancel.set()
                return

    def _speak(self, choice: int, request: GenerationRequest, emit: Emit, cancelled: threading.Event) -> bool:
        said = self.words[: request.max_tokens]
        for word in said:
            emit(TextDelta(choice, word))
            while not self.may_speak.wait(0.01):
                if cancelled.is_set():
                    return False
            if self.fails_with:
                raise self.fails_with
        reason = FinishReason.STOP if len(said) == len(self.words) else FinishReason.LENGTH
        emit(ChoiceFinished(choice, reason, len(said)))
        return True


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
            app = build_app(engine, replace(Settings(), **settings))
            host, port = await stack.enter_async_context(served(app, "127.0.0.1", 0))
            url = f"http://{host}:{port}"
            client = AsyncOpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
            await stack.enter_async_context(client)
            server = Server(app, url, client)
            if wait:
                await until_ready(server)
            return server

        yield start


async def until_ready(server: Server) -> None:
    await eventually(lambda: server.app[QUEUE].ready)


async def eventually(is_so: Callable[[], bool]) -> None:
    """Waits until something is so, for five seconds at most."""
    async with asyncio.timeout(5):
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
def real_engine(model_folder: Path) -> Iterator[Engine]:
    """The packaged model, loaded once; on one thread, which bears neighbours best."""
    from llm_server.torch_engine import TorchEngine

    engine = TorchEngine(Settings(model_dir=model_folder, threads=1))
    engine.load()
    yield engine
