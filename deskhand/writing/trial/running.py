"""Cases through the real writer and its check, several at a time. Knows no file and no screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator

from deskhand.writing.check import Verdict
from deskhand.writing.client import TextClient
from deskhand.writing.templates import Templates, TextTemplate
from deskhand.writing.trial.cases import Case
from deskhand.writing.trial.scoring import FIRST, SECOND, SILENT, TEMPLATE, Outcome
from deskhand.writing.writer import FACTS_WRONG, Text, Writer

Progress = Callable[[Outcome], None]


async def run(
    templates: Templates,
    client: TextClient,
    wanted: Iterable[Case],
    told: Progress,
    *,
    at_once: int = 4,
    seconds: float = 120.0,
) -> list[Outcome]:
    """Each case with a writer of its own: one that is slow doesn't make the others wait, as it would in a service."""
    room = asyncio.Semaphore(at_once)

    async def one(case: Case) -> Outcome:
        async with room:
            text = await Writer(templates, client).write(case.job, case.facts, case.language, seconds, case.asked)
        outcome = judged(templates.get(case.job, case.language), case, text)
        told(outcome)
        return outcome

    return [*await asyncio.gather(*map(one, wanted))]


def judged(template: TextTemplate, case: Case, text: Text) -> Outcome:
    """How it went: a text that was refused first is known by what was kept of it."""
    if text.source == "llm":
        how, said = (SECOND if text.refused is not None else FIRST), text.text
    else:
        how, said = (TEMPLATE if text.reason == FACTS_WRONG else SILENT), text.refused or ""
    causes = () if text.refused is None else tuple(_causes(template, template.check(text.refused, case.facts)))
    return Outcome(case.number, case.job, case.language, how, said, round(text.seconds, 2), causes, text.reason)


def _causes(template: TextTemplate, verdict: Verdict) -> Iterator[str]:
    yield from (f"missing: {key}" for key in verdict.missing)
    yield from (f"said: {words[:40]}" for words in verdict.invented)
    if verdict.wrong_language:
        yield "wrong language"
    if not (verdict.missing or verdict.invented or verdict.wrong_language) and not verdict.ok:
        yield "empty or too long"
