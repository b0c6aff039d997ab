"""What one address of the gateway is: how it is reached, by whom, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from deskhand.gateway.scopes import Scope

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. `public` needs no sign-in; `page` is for people and not part of the API.

    Every other route says whom it is for besides signed-in people: API keys with its `scope`, or nobody (`people`).
    `channels` are those of the company without which the address is closed to it. What is not `counted` people
    are answered however much they have asked for: a script that runs wild keeps nobody from signing out. With `once` an
    `Idempotency-Key` counts: a repeat is answered and not carried out again.
    `form`: the fields of a multipart body; `media`: what it answers, where that is no JSON.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    public: bool = False
    page: bool = False
    people: bool = False
    scope: Scope | None = None
    counted: bool = True
    once: bool = False
    channels: tuple[str, ...] = ()
    body: Schema | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)
    success: int = 200
    form: Schema | None = None
    media: tuple[str, ...] = ()
