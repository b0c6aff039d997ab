"""Which process, case or task is meant: its words, a number, who started it. Knows no skill; asks the desk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.case_draft import CaseDraft
from actions.process_fields import opening_words
from actions.turn import Turn
from deskhand.cases import Definition, UnknownCase
from deskhand.cases.model import CaseFile, Task
from deskhand.cases.values import visible
from deskhand.cases.words import Speaker
from deskhand.language import normalise
from deskhand.language.field_values import bounded
from deskhand.language.fields import without_codes
from deskhand.store.case_desk import TenantDefinitions
from deskhand.store.case_reading import seen_case, seen_cases, startable
from deskhand.store.waiting import waiting_for

OWN_MOST = 10
Seen = tuple[Definition, CaseFile]


def definitions(turn: Turn) -> Mapping[str, Definition]:
    """The processes of the company, by name."""
    return turn.services.desk.definitions(turn.claims.tenant)


def definition_of(turn: Turn, draft: CaseDraft) -> Definition:
    """Of a case that exists the version that it runs on, else the newest."""
    if draft.case is not None:
        return visible_case(turn, draft.case)[0]
    return definitions(turn)[draft.process]


def startable_processes(turn: Turn) -> list[Definition]:
    """Those that the speaker may start, for a colleague who is away too."""
    return startable(turn.services.desk, turn.uow, turn.actor)


def version_of(turn: Turn, file: CaseFile) -> Definition:
    """What a case runs on."""
    return TenantDefinitions(turn.services.desk.versions, turn.claims.tenant).of(file.process, file.case.version)


def is_visible(turn: Turn, file: CaseFile) -> bool:
    """Who has just decided a case may see no more of it."""
    try:
        visible_case(turn, file.number)
    except UnknownCase:
        return False
    return True


def visible_case(turn: Turn, number: str) -> Seen:
    """The case with what its process says.

    Raises:
        UnknownCase: there is none, or it is not for these eyes: both sound the same.
    """
    found = seen_case(turn.services.desk, turn.uow, number, turn.actor)
    return found.definition, found.file


def own_cases(turn: Turn, is_open: bool | None = None) -> list[Seen]:
    """Those that the speaker has started, the newest first."""
    page = seen_cases(turn.services.desk, turn.uow, turn.actor, is_open=is_open, mine=True, limit=OWN_MOST)
    return [(each.definition, each.file) for each in page.items]


def named_cases(turn: Turn) -> list[Seen]:
    """The cases whose numbers stand in the text.

    Raises:
        UnknownCase: a number was said that is nobody's, or not for these eyes.
    """
    return [visible_case(turn, number) for number in numbers_in(turn)]


def waiting_tasks(turn: Turn) -> list[Task]:
    """What waits for the speaker, the oldest first; orders have their own list."""
    return list(waiting_for(turn.services.desk, turn.uow, turn.actor, orders=False).items)


def seen_values(turn: Turn, definition: Definition, file: CaseFile) -> Mapping[str, Any]:
    return visible(definition, file, turn.actor)


def speaker(turn: Turn) -> Speaker:
    return Speaker(turn.uow, turn.uow.tenant, turn.services.desk.shared_words(turn.claims.tenant))


def numbers_in(turn: Turn) -> list[str]:
    """Case numbers in the text, as they are written here: PA-1001 for "pa 1001"."""
    pattern = _numbers(turn)
    found = pattern.finditer(normalise(turn.text)) if pattern else ()
    return list(dict.fromkeys(f"{match[1].upper()}-{match[2]}" for match in found))


def without_numbers(turn: Turn) -> str:
    """The text without them, and without what ties them to the rest."""
    pattern = _numbers(turn)
    return normalise(turn.text) if pattern is None else without_codes(turn.text, pattern)


def _numbers(turn: Turn) -> re.Pattern[str] | None:
    prefixes = sorted({each.prefix for each in definitions(turn).values()}, key=len, reverse=True)
    if not prefixes:
        return None
    letters = "|".join(map(re.escape, prefixes))
    return re.compile(rf"(?<![A-Za-z0-9-])({letters})[- #]?(\d{{3,7}})(?![A-Za-z0-9-])", re.IGNORECASE)


def processes_named(turn: Turn) -> list[Definition]:
    """The processes whose words stand in the text; of words inside longer ones, the longer."""
    text = normalise(turn.text).lower()
    found: dict[str, tuple[int, int]] = {}
    for name, definition in definitions(turn).items():
        spans = [match.span() for words in opening_words(definition) if words
                 for match in [re.search(bounded(normalise(words).lower()), text)] if match]  # fmt: skip
        if spans:
            found[name] = max(spans, key=lambda span: span[1] - span[0])
    longest = [name for name, span in found.items() if not any(_within(span, other) for other in found.values())]
    return [definitions(turn)[name] for name in longest]


def _within(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]
