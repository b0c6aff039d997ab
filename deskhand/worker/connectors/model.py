"""What is declared of another system: where it is, how it is asked, what is taken from its answers. Does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any
TRY_AGAIN = frozenset({408, 425, 429})
"""Of the statuses that blame the request those that speak of the moment, not of what was asked."""


class SignIn(StrEnum):
    """How the secret is shown."""

    NONE = "none"
    BEARER = "bearer"
    HEADER = "header"  # in a header of its own
    BASIC = "basic"  # the secret is name:password


class Kind(StrEnum):
    """What is sent or taken, where JSON leaves it open."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Sent:
    """What stands at one place of a request: a parameter of the call, or always the same value."""

    parameter: str | None = None
    value: Json = None
    kind: Kind = Kind.ANY


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken from an answer, by its path in it, and what it has to be."""

    path: tuple[str, ...]
    kind: Kind = Kind.TEXT
    required: bool = True
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. `refused`: the statuses by which the system says that the data are wrong."""

    name: str
    method: str
    path: str
    query: Mapping[str, Sent] = field(default_factory=dict)
    body: Mapping[str, Sent] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    answer: Mapping[str, Taken] = field(default_factory=dict)
    refused: frozenset[int] = frozenset()

    def blames(self, status: int) -> bool:
        """Whether the data are to blame, so that a person has to look; else it is tried again."""
        return status in self.refused if self.refused else 400 <= status < 500 and status not in TRY_AGAIN


@dataclass(frozen=True, slots=True)
class Recorded:
    """One call as it once was: what was asked, what was answered, what came of it (None: it was refused)."""

    name: str
    operation: str
    params: Mapping[str, Json]
    request: Mapping[str, Json]
    status: int
    body: Json
    results: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class Connector:
    """One system. `url_from` and `secret` name variables; what they hold is known to nobody here."""

    name: str
    title: Mapping[str, str]
    url: str | None
    url_from: str | None
    allow_http: bool
    sign_in: SignIn
    header: str
    secret: str | None
    seconds: float
    idempotency_header: str
    operations: Mapping[str, Operation]
    recorded: tuple[Recorded, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """What has to be set before it can be called."""
        return tuple(each for each in (self.url_from, self.secret) if each)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, without address and secret."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Json
