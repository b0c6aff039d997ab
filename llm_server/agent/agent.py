"""The agent: a model, the form of its answers, and what can be done with them. How it is reached stands in `home`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Literal, TypeVar

from llm_server.agent.background import Background
from llm_server.agent.errors import AgentClosed, CannotTrain
from llm_server.agent.form import Form, label_form, text_form, typed_form
from llm_server.agent.home import Home
from llm_server.agent.learning import Trained, check_method, rows_of, train
from llm_server.agent.place import Files, Place, files_of, place_of
from llm_server.registry.evaluation import read_evaluation
from llm_server.registry.store import Entry, Registry
from llm_server.settings import DEFAULT_REGISTRY

T = TypeVar("T")
U = TypeVar("U")

Method = Literal["adapter", "head", "whole", "distil", "prune"]


@dataclass
class _Shared:
    """What agents over one model share."""

    background: Background
    place: Place
    timeout: float
    home: Home
    trained: Trained | None = None


class Agent(Generic[T]):
    """A model whose answers are of one form: text, one of some labels, or a type. Made by `Agent.load`.

    All agents that were made from one share its model; closing one closes all. Methods may be called from several
    threads; those that begin with `a` are their asynchronous twins, for any event loop.
    """

    def __init__(self, shared: _Shared, form: Form[T], system: str) -> None:
        self._shared = shared
        self._form = form
        self._system = system

    @classmethod
    def load(
        cls,
        source: str | Path,
        *,
        system: str = "",
        key: str | None = None,
        model: str | None = None,
        base: Path | None = None,
        timeout: float = 120.0,
    ) -> Agent[str]:
        """An agent over a model of this machine, or over one that is served elsewhere.

        Args:
            source: a folder with a model or an adapter; a name in `var/models` or in the registry (LLM_REGISTRY); or
                the URL of a server with OpenAI's API.
            system: what the model is told before every input.
            key: the server's key.
            model: the model's name on the server; needn't be said where there is only one.
            base: the folder of the model that an adapter is laid over.
            timeout: seconds for one answer.

        Raises:
            NoSuchModel, ServerUnreachable, WrongKey: of a server, or of names and folders.
            ModelError: it can't be loaded: damaged, a pickle, or more than there is memory for.
        """
        place = place_of(source, key=key, model=model, base=base)
        background = Background()
        try:
            home = background.run(Home.at(place, timeout))
        except BaseException:
            background.close()
            raise
        return Agent(_Shared(background, place, timeout, home), text_form(), system)

    # --- the form of answers

    def returning(self, kind: type[U]) -> Agent[U]:
        """The same model, whose answers are of this type: a dataclass, a pydantic model, `int`, `list[str]`, ...

        The model can say nothing else; whether it is true is another question. Raises TypeError where pydantic can
        make no schema of the type.
        """
        return Agent(self._shared, typed_form(kind), self._system)

    def choosing(self, *labels: str) -> Agent[str]:
        """The same model, which can only answer one of these labels."""
        return Agent(self._shared, label_form(labels), self._system)

    # --- asking

    def infer(
        self, input: object, *, max_tokens: int | None = None, temperature: float = 0.0, seed: int | None = None
    ) -> T:
        """The answer to one input.

        Args:
            input: a text in any language; a dataclass, a pydantic model or a mapping is said as JSON.
            max_tokens: of the answer; about a page where it isn't said. Text is cut there.
            temperature: 0 always takes the likeliest word.

        Raises:
            AnswerCutOff, AnswerInvalid, InputTooLong, AgentTimeout, AgentBusy, ServerFailed, AgentClosed.
        """
        return self._shared.background.run(self._one(input, _options(max_tokens, temperature, seed)))

    async def ainfer(
        self, input: object, *, max_tokens: int | None = None, temperature: float = 0.0, seed: int | None = None
    ) -> T:
        """As `infer`."""
        return await self._shared.background.await_(self._one(input, _options(max_tokens, temperature, seed)))

    def infer_all(
        self,
        inputs: Iterable[object],
        *,
        max_tokens: int | None = None,
        temperature: float = 0.0,
        seed: int | None = None,
    ) -> list[T]:
        """Answers in the order of the inputs, which are computed together; the first error ends them all."""
        return self._shared.background.run(self._all(list(inputs), _options(max_tokens, temperature, seed)))

    async def ainfer_all(
        self,
        inputs: Iterable[object],
        *,
        max_tokens: int | None = None,
        temperature: float = 0.0,
        seed: int | None = None,
    ) -> list[T]:
        """As `infer_all`."""
        work = self._all(list(inputs), _options(max_tokens, temperature, seed))
        return await self._shared.background.await_(work)

    # --- learning

    def train(
        self,
        examples: Iterable[tuple[object, T]],
        method: Method = "adapter",
        *,
        folder: str | Path | None = None,
        **hyper: Any,
    ) -> Trained:
        """Teaches the model to answer as the examples do; it answers so from then on.

        A tenth of the examples is kept to examine it before and after, another tenth to watch it by.

        Args:
            examples: pairs of an input and its answer, of this agent's form; at least 10.
            method: `adapter` (LoRA), `head`, `whole`, `distil` (a smaller student), `prune` (fewer layers).
            folder: where data, checkpoints, report and model go. A training that was cut off there is gone on with.
                Without one a new folder in `var/runs`.
            hyper: what a stage of RUN.yml may say: `steps`, `epochs`, `batch`, `learning_rate`, `rank`, ...

        Raises:
            BadExamples: which one and why, before anything is begun.
            CannotTrain: the model is on a server.
            TrainingFailed: with the reason: no room on the disk or in memory, a setting that there isn't.
        """
        return self._shared.background.run(self._train(examples, method, folder, hyper))

    async def atrain(
        self,
        examples: Iterable[tuple[object, T]],
        method: Method = "adapter",
        *,
        folder: str | Path | None = None,
        **hyper: Any,
    ) -> Trained:
        """As `train`."""
        return await self._shared.background.await_(self._train(examples, method, folder, hyper))

    def save(self, name: str, *, store: str | None = None, promote: bool = True, tolerance: float = 0.0) -> Entry:
        """Puts what was trained last into the registry, with its evaluation; an adapter where the method makes one.

        Args:
            store: the registry; LLM_REGISTRY or `var/registry` where it isn't said.
            promote: servers that serve this name take it over, unless it is worse than the current version.
            tolerance: by how much, as a share, a figure may be worse.

        Raises:
            CannotTrain: nothing was trained.
            NotBetter: it was added, and the version before stays the current one.
        """
        trained = self._shared.trained
        if trained is None:
            raise CannotTrain("Nothing has been trained yet: agent.train(examples) comes first.")
        registry = Registry(store or os.environ.get("LLM_REGISTRY") or DEFAULT_REGISTRY)
        entry = registry.add(name, trained.adapter or trained.folder, read_evaluation(trained.evaluation))
        return registry.promote(name, entry.version, tolerance) if promote else entry

    # --- life

    def close(self) -> None:
        """Ends the connections and, where the model is of this machine, its process. Harmless when it is closed."""
        with suppress(AgentClosed):
            self._shared.background.run(self._shared.home.close())
        self._shared.background.close()

    def __enter__(self) -> Agent[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Agent[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    # --- on the agent's loop

    async def _one(self, given: object, wanted: dict[str, Any]) -> T:
        system = [{"role": "system", "content": self._system}] if self._system else []
        messages = [*system, {"role": "user", "content": self._form.asked(given)}]
        return self._form.read(await self._shared.home.ask(messages, self._form.schema, wanted))

    async def _all(self, inputs: Sequence[object], wanted: dict[str, Any]) -> list[T]:
        tasks = [asyncio.create_task(self._one(given, wanted)) for given in inputs]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _train(
        self, examples: Iterable[tuple[object, T]], method: str, folder: str | Path | None, hyper: dict[str, Any]
    ) -> Trained:
        shared = self._shared
        if not isinstance(shared.place, Files):
            raise CannotTrain("This model is on a server. Load its folder here to train it, then agent.save(NAME).")
        if shared.place.adapter is not None:
            raise CannotTrain("This model is an adapter over another. Load the other one, and train that.")
        check_method(method)
        rows = rows_of(examples, self._form, self._system)
        if folder is None:
            Path("var/runs").mkdir(parents=True, exist_ok=True)
            folder = tempfile.mkdtemp(prefix="agent-", dir="var/runs")
        trained = await train(rows, shared.place.folder, Path(folder), method, hyper)
        # An adapter over what was trained before is of no use without it: then the whole model is what is kept.
        shared.trained = replace(trained, adapter=None) if shared.trained else trained
        shared.place = files_of(trained.folder)
        old, shared.home = shared.home, await Home.at(shared.place, shared.timeout)
        await old.close()
        return trained


def _options(max_tokens: int | None, temperature: float, seed: int | None) -> dict[str, Any]:
    """Only what was said: other servers have defaults of their own."""
    given = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed}
    return {name: value for name, value in given.items() if value is not None}
