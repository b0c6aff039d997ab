"""What every handler of the gateway is given. Knows nothing of any single route."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from aiohttp import web

from deskhand.channels.chat import Chat
from deskhand.channels.rasa import Bot
from deskhand.erp.jobs import Imports
from deskhand.gateway.keys import REQUEST_ID, SESSION
from deskhand.gateway.limits import Allowances, Guesses, RateLimit
from deskhand.gateway.metrics import Metrics
from deskhand.gateway.sessions import Session
from deskhand.gateway.settings import Settings
from deskhand.notifications.hub import Hub
from deskhand.orders.model import Actor
from deskhand.robots.queue import RobotQueue
from deskhand.store import Desk
from deskhand.store.tally import Tally
from deskhand.writing import Writer

if TYPE_CHECKING:
    from deskhand.gateway.excess import Excess
    from deskhand.gateway.sockets import DeskNamespace

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 8  # as many as the database pool has connections
SLOW_THREADS = 2


class Threads:
    """Where the store's blocking calls run; the event loop never waits for a disk."""

    def __init__(self, workers: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="store")

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*args, **kwargs))

    async def close(self) -> None:
        """Waits for the calls that are at work, so that none holds a connection when the database is closed."""
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Door:
    """The parts of one running gateway."""

    desk: Desk
    settings: Settings
    clock: Callable[[], datetime]
    threads: Threads
    bot: Bot
    chat: Chat
    hub: Hub
    writer: Writer
    metrics: Metrics
    sign_in_addresses: RateLimit
    guesses: Guesses
    limits: Allowances
    excesses: Tally[Excess]
    imports: Imports
    robots: RobotQueue
    slow: Threads  # for what takes seconds, exports and looks at files: it keeps nobody's short call waiting


DOOR: web.AppKey[Door] = web.AppKey("door")
SOCKETS: web.AppKey[DeskNamespace] = web.AppKey("sockets")


def door(request: web.Request) -> Door:
    return request.app[DOOR]


def session(request: web.Request) -> Session:
    """Who asks; put there by the route's guard, so only routes that need a sign-in may call it."""
    return request[SESSION]


def actor(request: web.Request, channel: str = "http") -> Actor:
    """Who asks, with the request's id as the cause of what follows."""
    return session(request).actor(channel, request[REQUEST_ID])
