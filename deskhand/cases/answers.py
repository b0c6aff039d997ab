"""Who has answered at each task of a case, as its documents say it. Knows no text of a process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskhand.cases.definition import RETURN


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's answer at a task; `for_whom`: the colleague in whose place it was given."""

    by: str
    for_whom: str | None
    at: datetime
    reason: str


def answers(history: Iterable[Mapping[str, Any]]) -> dict[str, Answer]:
    """By task, the last one at each; rows of the history, oldest first."""
    found: dict[str, Answer] = {}
    for row in history:
        detail = row["detail"]
        if detail.get("decision") == RETURN:
            found.clear()  # it was sent back: what was said before counts no more
        elif "decision" in detail:
            reason = (row["personal"] or {}).get("reason", "")
            found[detail["node"]] = Answer(row["actor"], row["on_behalf_of"], row["at"], reason)
    return found
