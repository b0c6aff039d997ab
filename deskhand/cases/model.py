"""A case as it is, and what waits in it. Plain frozen data; knows nothing of storage, HTTP or language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deskhand import engine
from deskhand.cases.fields import Field, Localised
from deskhand.engine import Refusal
from deskhand.orders.events import DomainEvent

RUNNING, ENDED = "running", "ended"  # the status where the diagram names none
BEGUN = ""  # in place of a task's id: the beginning of the case
SINCE = "_since"  # in a case's data: since when a token rests at each node
CALLED, CALLER = "_called", "_caller"  # likewise: the cases that it has called, by node; by which it was called
ANSWERED = "_answered"  # likewise: what another system said, where no way led on then; by node
RESERVED = frozenset({SINCE, CALLED, CALLER, ANSWERED, "_due"})
Head = tuple[int, str]  # number and hash of the newest history row


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its place in the process. `values` are what its fields, decisions and answers say.

    `version` is the optimistic one: what was read under another one is out of date.
    """

    number: str
    process: str
    status: str
    started_by: str
    started_at: datetime
    updated_at: datetime
    case: engine.Case
    ended_at: datetime | None = None
    channel: str = ""
    stopped_node: str | None = None
    stopped_reason: str | None = None
    head: Head | None = None

    @property
    def id(self) -> str:
        return self.case.id

    @property
    def version(self) -> int:
        return self.case.row_version

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.case.data.items() if name not in RESERVED}

    def since(self, node: str) -> datetime:
        """Since when it waits there."""
        said = self.case.data.get(SINCE, {}).get(node)
        return datetime.fromisoformat(said) if said else self.updated_at


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has taken a task on."""

    case_id: str
    node: str
    claimed_by: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class CaseDocument:
    case_id: str
    name: str
    language: str
    text: str | None  # None: what was personal in it is forgotten
    written_at: datetime


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One change of a case, to be stored: the case as it will be, and what the history says of it.

    `detail` is hashed and stays for good; `personal` is kept beside it and may be erased.
    """

    file: CaseFile
    event: str
    before: str | None
    detail: Mapping[str, object] = field(default_factory=dict)
    personal: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What waits for somebody. `fields` are asked there; `facts` are what they may see of the case, as plain values.

    An order's task has the order's number, and no fields.
    """

    case: str
    case_id: str
    node: str
    title: Localised
    process: str
    process_title: Localised
    subject: Localised
    status: str
    since: datetime
    version: int
    due_at: datetime | None = None
    claimed_by: str | None = None
    decisions: tuple[str, ...] = ()
    reason_for: frozenset[str] = frozenset()
    fields: tuple[Field, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    on_behalf_of: str | None = None
    stopped: str | None = None  # why the case can't go on by itself

    @property
    def id(self) -> str:
        """As addresses have it: PA-1001.approve_by_manager."""
        return f"{self.case}.{self.node}"


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What a command has done; `case` as it is now. `refused`: those of many that stayed as they were."""

    case: CaseFile
    events: tuple[DomainEvent, ...] = ()
    cases: tuple[CaseFile, ...] = ()
    refused: Sequence[Refusal] = ()
    on_behalf_of: str | None = None
