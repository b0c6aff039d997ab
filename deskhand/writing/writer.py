"""facts -> text: asks the model, checks what comes back, and falls back on the template.

Knows nothing of storage: the caller keeps the Text with its verdict.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field

from deskhand.writing.check import Verdict
from deskhand.writing.client import Message, ModelError, TextClient
from deskhand.writing.facts import Facts
from deskhand.writing.templates import Templates, TextTemplate

NOT_CONFIGURED = "not_configured"
FACTS_WRONG = "facts_wrong"
TIMEOUT = "llm_timeout"
RESTING = "llm_resting"  # it was too slow three times in a row and is not asked for a minute
BACKLOG = "backlog"  # so many texts wait that asking the model for each would hold up what goes out

_SEED = 20
_FREEDOM = (0.0, 0.7)  # the temperature of each try: what was wrong once would be as wrong again
_TIMEOUTS = 3  # in a row: then the model is left alone for a while, so that not every caller waits in vain
_REST_SECONDS = 60.0
_LONGEST_REST_SECONDS = 3600.0  # each rest that did not help is followed by one twice as long

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Text:
    """A text fit to be sent. `reason` says why it is not the model's; `verdict` is that of the last text checked."""

    kind: str
    language: str
    text: str
    source: str  # "llm" or "template"
    reason: str | None
    verdict: Verdict
    model: str | None
    seconds: float
    refused: str | None = None  # what the model wrote when its facts were wrong
    facts: Facts = field(default_factory=dict)  # those that it was written from
    asked: str = ""  # what somebody wrote, to which it answers


@dataclass(slots=True)
class _Attempt:
    """What is known about the model's tries so far."""

    accepted: str | None = None
    refused: str | None = None
    verdict: Verdict | None = None
    model: str | None = None
    reason: str | None = None


class Writer:
    """Writes receipts, confirmations and covering notes. Never raises for a model that is down, slow or wrong."""

    def __init__(self, templates: Templates, client: TextClient | None) -> None:
        self._templates = templates
        self._client = client
        self._timeouts = 0
        self._rests_until = 0.0
        self._rest = _REST_SECONDS

    @property
    def templates(self) -> Templates:
        return self._templates

    @property
    def has_model(self) -> bool:
        return self._client is not None

    async def write(
        self, kind: str, facts: Facts, language: str, deadline_seconds: float = 20.0, asked: str = ""
    ) -> Text:
        """Writes one text within `deadline_seconds` for both tries together; `asked` is what it answers, as data.

        Raises:
            KeyError: there is no such kind of text.
        """
        return await self.write_with(self._templates.get(kind, language), facts, deadline_seconds, asked)

    async def write_with(
        self, template: TextTemplate, facts: Facts, deadline_seconds: float = 20.0, asked: str = ""
    ) -> Text:
        """As `write`, of a template that is made for the occasion."""
        started = time.monotonic()
        if self._client is None:
            attempt = _Attempt(reason=NOT_CONFIGURED)
        elif started < self._rests_until:
            attempt = _Attempt(reason=RESTING)
        else:
            attempt = await self._ask(self._client, template, facts, asked, started + deadline_seconds)
            self._watch(attempt.reason)
        return _text(template, facts, asked, attempt, time.monotonic() - started)

    def from_template(self, kind: str, facts: Facts, language: str, reason: str = BACKLOG, asked: str = "") -> Text:
        """The text without asking the model; `reason` says why not."""
        return _text(self._templates.get(kind, language), facts, asked, _Attempt(reason=reason), 0.0)

    def _watch(self, reason: str | None) -> None:
        if reason != TIMEOUT:
            self._timeouts, self._rest = 0, _REST_SECONDS
            return
        self._timeouts += 1
        if self._timeouts >= _TIMEOUTS:
            self._rests_until = time.monotonic() + self._rest
            self._rest = min(self._rest * 2, _LONGEST_REST_SECONDS)
            self._timeouts = _TIMEOUTS - 1  # after the rest one try tells whether it is faster now

    async def _ask(
        self, client: TextClient, template: TextTemplate, facts: Facts, asked: str, deadline: float
    ) -> _Attempt:
        attempt = _Attempt()
        messages = template.messages(facts, asked)
        for number in range(len(_FREEDOM)):
            try:
                await self._try(client, template, facts, messages, attempt, number, deadline - time.monotonic())
            except (ModelError, TimeoutError) as error:
                attempt.reason = attempt.reason or getattr(error, "reason", TIMEOUT)
                _log.warning("the model gave no text for %s: %s", template.kind, attempt.reason)
                return attempt
            if attempt.accepted is not None or attempt.verdict is None:
                return attempt
            attempt.reason = FACTS_WRONG
            messages = template.second(messages, attempt.refused or "", attempt.verdict)
        return attempt

    async def _try(
        self,
        client: TextClient,
        template: TextTemplate,
        facts: Facts,
        messages: list[Message],
        attempt: _Attempt,
        number: int,
        left: float,
    ) -> None:
        if left <= 0:
            raise TimeoutError
        async with asyncio.timeout(left):
            answer = await client.complete(
                messages,
                max_tokens=template.max_tokens,
                seed=_SEED + number,
                timeout=left,
                temperature=_FREEDOM[number],
            )
        verdict = template.check(answer.text, facts)
        attempt.model, attempt.verdict = answer.model, verdict
        if verdict.ok:
            attempt.accepted, attempt.reason = answer.text, None
        else:
            attempt.refused = answer.text


def _text(template: TextTemplate, facts: Facts, asked: str, attempt: _Attempt, seconds: float) -> Text:
    given, source = attempt.accepted, "llm"
    if given is None:
        given, source = template.render(facts), "template"
    return Text(
        template.kind,
        template.language,
        given,
        source,
        attempt.reason,
        attempt.verdict or template.check(given, facts),
        attempt.model,
        seconds,
        attempt.refused,
        template.told(facts),
        asked,
    )
