"""One request's answer: a job for each of its prompts, one after another for the client. Knows nothing of HTTP."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from llm_server.answer_cache import AnswerCache
from llm_server.engine import ChoiceFinished, GenerationEvent
from llm_server.job import Job
from llm_server.openai_bodies import Body, usage_body


@dataclass(frozen=True, slots=True)
class Answer:
    """The jobs, the names under which their answers may be kept, and where. All run at the same time."""

    jobs: Sequence[Job]
    keys: Sequence[bytes | None]
    cache: AnswerCache

    async def events(self) -> AsyncIterator[GenerationEvent]:
        """The events of all jobs, with choices numbered throughout; what came whole is kept."""
        first = 0
        for job, key in zip(self.jobs, self.keys, strict=True):
            recorded: list[GenerationEvent] = []
            async for event in job.events():
                recorded.append(event)
                yield replace(event, choice=first + event.choice) if first else event
            if not job.from_cache and _is_complete(recorded, job.request.choices):
                self.cache.keep(key, recorded)
            first += job.request.choices

    def usage(self) -> Body:
        """What it took, so far as the jobs have come."""
        return usage_body(
            sum(job.prompt_tokens for job in self.jobs),
            sum(job.completion_tokens for job in self.jobs),
            sum(job.cached_tokens for job in self.jobs),
        )


def _is_complete(events: Sequence[GenerationEvent], choices: int) -> bool:
    return sum(isinstance(event, ChoiceFinished) for event in events) == choices
