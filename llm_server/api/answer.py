"""One request's answer: a job for each of its prompts, one after another for the client. Knows nothing of HTTP."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

from llm_server.api.answer_cache import AnswerCache
from llm_server.api.job import Job
from llm_server.api.openai_bodies import Body, usage_body
from llm_server.engines.engine import ChoiceFinished, GenerationEvent


@dataclass(frozen=True, slots=True)
class Answer:
    """The jobs, the names under which their answers may be kept, and where. All run at the same time."""

    jobs: Sequence[Job]
    keys: Sequence[bytes | None]
    cache: AnswerCache
    keys_now: Callable[[], Sequence[bytes | None]]

    async def events(self) -> AsyncIterator[GenerationEvent]:
        """The events of all jobs, with choices numbered throughout; what came whole is kept."""
        first = 0
        for number, job in enumerate(self.jobs):
            recorded: list[GenerationEvent] = []
            async for event in job.events():
                recorded.append(event)
                yield replace(event, choice=first + event.choice) if first else event
            if not job.from_cache and _is_complete(recorded, job.request.choices):
                self._keep(number, recorded)
            first += job.request.choices

    def _keep(self, number: int, events: Sequence[GenerationEvent]) -> None:
        """Under the name that it was asked under, with what its prompt took: another version may answer by now."""
        key, tokens = self.keys[number], self.jobs[number].prompt_tokens
        if key == self.keys_now()[number]:
            self.cache.keep(key, [_with_prompt(event, tokens) for event in events])

    def usage(self) -> Body:
        """What it took, so far as the jobs have come."""
        return usage_body(
            sum(job.prompt_tokens for job in self.jobs),
            sum(job.completion_tokens for job in self.jobs),
            sum(job.cached_tokens for job in self.jobs),
        )


def _with_prompt(event: GenerationEvent, tokens: int) -> GenerationEvent:
    return replace(event, prompt_tokens=tokens) if isinstance(event, ChoiceFinished) else event


def _is_complete(events: Sequence[GenerationEvent], choices: int) -> bool:
    return sum(isinstance(event, ChoiceFinished) for event in events) == choices
