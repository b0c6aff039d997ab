"""An engine that is made only when it is loaded, so that the server answers before torch is even imported."""

from collections.abc import Callable, Sequence
from threading import Event

from llm_server.engine import Emit, Engine, GenerationRequest, Message
from llm_server.errors import LibraryMissing


class DeferredEngine:
    """Stands for an engine whose name is known and whose making takes seconds."""

    def __init__(self, model_id: str, make: Callable[[], Engine]) -> None:
        self.model_id = model_id
        self._make = make
        self._made: Engine | None = None

    @property
    def context_length(self) -> int:
        """The engine's own."""
        return self._engine.context_length

    def load(self) -> None:
        """Makes the engine and loads it.

        Raises:
            LibraryMissing: what it is made of is not installed.
        """
        try:
            engine = self._make()
        except ModuleNotFoundError as error:
            raise LibraryMissing(str(error.name)) from error
        engine.load()
        self._made = engine

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """The engine's own."""
        return self._engine.encode(messages)

    def generate(self, request: GenerationRequest, emit: Emit, cancelled: Event) -> None:
        """The engine's own."""
        self._engine.generate(request, emit, cancelled)

    @property
    def _engine(self) -> Engine:
        if self._made is None:
            raise RuntimeError("the engine is not loaded")
        return self._made
