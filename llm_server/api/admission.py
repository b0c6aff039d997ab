"""From a checked request to the jobs that answer it, or to the reason why not. Knows nothing of HTTP.

What costs little comes first: an answer that is kept before room in the queue, room before the prompt is encoded, its
size before its tokens are counted. So a server that sheds load does so at once.
"""

from collections.abc import Sequence
from typing import TypeGuard

from llm_server.api.answer import Answer
from llm_server.api.answer_cache import AnswerCache, Events, cache_key
from llm_server.api.generation_queue import GenerationQueue
from llm_server.api.job import Job
from llm_server.api.key_limits import KeyUse
from llm_server.api.text_request import Source, TextRequest
from llm_server.engines.engine import Engine, GenerationRequest, Message, Prompt, ServedModel
from llm_server.errors import ContextLengthExceeded, InvalidRequest, ModelNotFound

# An answer whose length the client leaves open: about a page, so that one request can't hold the engine for minutes.
DEFAULT_MAX_TOKENS = 512

# No vocabulary makes so few tokens of a text; a prompt beyond it is refused without being encoded.
_CHARACTERS_PER_TOKEN = 64


class Admission:
    """Lets requests in to one queue."""

    def __init__(self, engine: Engine, queue: GenerationQueue, cache: AnswerCache) -> None:
        self._engine = engine
        self._queue = queue
        self._cache = cache

    def served(self, name: str, *, embeds: bool = False) -> ServedModel:
        """The model of this name.

        Raises:
            ModelNotFound: there is none.
            InvalidRequest: there is one, for something else.
        """
        found = next((model for model in self._engine.models if model.name == name), None)
        if found is None:
            raise ModelNotFound(name, ", ".join(model.name for model in self._engine.models))
        if found.embeds != embeds:
            makes = "vectors" if found.embeds else "texts"
            raise InvalidRequest(f"The model {name!r} makes {makes}.", param="model", code="model_not_suited")
        return found

    async def admit(self, asked: TextRequest, use: KeyUse, seconds: float, *, may_be_kept: bool = True) -> Answer:
        """Queues what was asked for, unless the answer is known; it must be there within ``seconds``.

        Raises:
            RequestError: what the client is told.
        """
        keys = self._keys(asked, may_be_kept)
        self._queue.check_open()
        known = [self._cache.find(key) for key in keys]
        if None in known:
            self._queue.check_room(asked.model)
            _check_tokens(asked, self.served(asked.model))
        wanted = [
            await self._request(asked, source) if events is None else _known_request(asked)
            for source, events in zip(asked.sources, known, strict=True)
        ]
        jobs: list[Job] = []
        try:
            for request, events in zip(wanted, known, strict=True):
                jobs.append(self._job(request, events, use, seconds))
        except BaseException:  # all of them or none
            self.give_up(jobs)
            raise
        return Answer(jobs, keys, self._cache, lambda: self._keys(asked, may_be_kept))

    def give_up(self, jobs: Sequence[Job]) -> None:
        """Takes jobs back, wherever they are. Harmless on those that have ended."""
        for job in jobs:
            self._queue.cancel(job)

    def _keys(self, asked: TextRequest, may_be_kept: bool) -> list[bytes | None]:
        served = self.served(asked.model)
        return [cache_key(asked, source, served) if may_be_kept else None for source in asked.sources]

    def _job(self, request: GenerationRequest, known: Events | None, use: KeyUse, seconds: float) -> Job:
        if known is not None:
            return Job.answered(request, known)
        self._queue.check_room(request.model, request.prompt.tokens)
        use.charge_prompt(request.prompt.tokens)
        return self._queue.submit(request, seconds)

    async def _request(self, asked: TextRequest, source: Source) -> GenerationRequest:
        prompt = await self._prompt(source, self.served(asked.model))
        return GenerationRequest(
            model=asked.model,
            prompt=prompt,
            max_tokens=_max_tokens(asked, prompt, self.served(asked.model)),
            sampling=asked.sampling,
            choices=asked.choices,
            stop=asked.stop,
            top_logprobs=asked.top_logprobs,
            grammar=asked.grammar,
            ignore_end=asked.ignore_end,
        )

    async def _prompt(self, source: Source, served: ServedModel) -> Prompt:
        if _is_tokens(source):
            return _token_prompt(source, served)
        texts = [source] if isinstance(source, str) else [one.content for one in source if isinstance(one, Message)]
        if served.context_length and sum(map(len, texts)) > served.context_length * _CHARACTERS_PER_TOKEN:
            raise ContextLengthExceeded(None, 0, served.context_length, param=_param(source))
        prompt = await self._queue.encode(source, served.name)  # type: ignore[arg-type]  # tokens are dealt with above
        if not prompt.tokens:
            raise InvalidRequest("The prompt is empty.", param=_param(source))
        return prompt


def _known_request(asked: TextRequest) -> GenerationRequest:
    """Stands for a request that is not made: what its prompt took is told with the kept answer."""
    return GenerationRequest(asked.model, Prompt(0), 0, choices=asked.choices)


def _token_prompt(tokens: tuple[int, ...], served: ServedModel) -> Prompt:
    if served.vocabulary is None:
        raise InvalidRequest("This model takes texts, not tokens.", param="prompt")
    if max(tokens) >= served.vocabulary:
        raise InvalidRequest(f"This model has tokens up to {served.vocabulary - 1}.", param="prompt")
    return Prompt(len(tokens), tokens)


def _is_tokens(source: Source) -> TypeGuard[tuple[int, ...]]:
    return not isinstance(source, str) and isinstance(source[0], int)


def _param(source: Source) -> str:
    return "messages" if isinstance(source, tuple) and isinstance(source[0], Message) else "prompt"


def _check_tokens(asked: TextRequest, served: ServedModel) -> None:
    biased = max((token for token, _ in asked.sampling.logit_bias), default=0)
    if served.vocabulary is not None and biased >= served.vocabulary:
        raise InvalidRequest(f"This model has tokens up to {served.vocabulary - 1}.", param="logit_bias")


def _max_tokens(asked: TextRequest, prompt: Prompt, served: ServedModel) -> int:
    """The limit that was asked for, if it fits; else as much of the default as fits."""
    if not served.context_length:
        return asked.max_tokens or DEFAULT_MAX_TOKENS
    room = served.context_length - prompt.tokens
    wanted = asked.max_tokens or min(DEFAULT_MAX_TOKENS, max(room, 1))
    if wanted > room:
        raise ContextLengthExceeded(prompt.tokens, wanted, served.context_length, param=_param(asked.sources[0]))
    return wanted
