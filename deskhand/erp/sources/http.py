"""Records that another system gives as JSON over HTTP, page by page. Believes little: a time-out, no redirects,
pages of a bounded size, and a next page only of the same address. Where it asks, only the administrator's files say.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from deskhand.erp.sources.errors import SourceNotReached, TooLarge
from deskhand.erp.sources.grid import RecordTable
from deskhand.erp.sources.model import HttpSource, Limits, Paging
from deskhand.erp.sources.records import Flattened, records_in

LARGEST_PAGE = 32 << 20
TRIES = 4
_LONGEST_WAIT = 30.0
_AGAIN = (429, 500, 502, 503, 504)


def open_http(source: HttpSource, limits: Limits, wait: float = 1.0) -> RecordTable:
    """Asks for all pages and keeps their records; `wait`: seconds before the second try, doubled for each further one.

    Raises:
        SourceNotReached, NothingThere, TooLarge, TooManyColumns, NoSpace.
    """
    _check(source)
    flattened = Flattened(source.name, limits)
    _in_a_loop(_fill(source, flattened, limits, wait))
    return flattened.table("JSON over HTTP")


def _check(source: HttpSource) -> None:
    parts = urlsplit(source.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise SourceNotReached(f"{source.name}: the address is none")
    if parts.scheme == "http" and not source.allow_http:
        raise SourceNotReached(f"{source.name}: an address without TLS needs allow_http")


def _in_a_loop(work: Any) -> None:
    """Runs to its end in a loop and a thread of its own, wherever it is called from."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="http source")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


async def _fill(source: HttpSource, flattened: Flattened, limits: Limits, wait: float) -> None:
    timeout = aiohttp.ClientTimeout(total=source.seconds)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(
        headers=source.headers, timeout=timeout, cookie_jar=jar, trust_env=False
    ) as session:
        count = 0
        async for answer, _ in _pages(_Asking(source, session, wait), limits):
            for record in records_in(answer, source.records):
                count += 1
                flattened.add(record, count)


@dataclass
class _Asking:
    """One source while it is asked."""

    source: HttpSource
    session: aiohttp.ClientSession
    wait: float
    seen: set[str] = field(default_factory=set)  # addresses and cursors: a system that repeats one would never end

    async def page(self, url: str, parameters: dict[str, str]) -> tuple[Any, str]:
        """The JSON of a page, and the address of the next by its Link header."""
        for attempt in range(TRIES):
            try:
                async with self.session.get(url, params=parameters, allow_redirects=False) as response:
                    if response.status not in _AGAIN or attempt == TRIES - 1:
                        return await self._read(response), _linked(response)
                    pause = _pause(response.headers.get("Retry-After"), self.wait * 2**attempt)
            except (aiohttp.ClientError, TimeoutError) as error:
                if attempt == TRIES - 1:
                    raise SourceNotReached(f"{self.source.name} does not answer: {type(error).__name__}") from None
                pause = self.wait * 2**attempt
            await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _read(self, response: aiohttp.ClientResponse) -> Any:
        if response.status != 200:
            raise SourceNotReached(f"{self.source.name} answers {response.status}")
        body = bytearray()
        async for chunk in response.content.iter_chunked(1 << 16):
            body += chunk
            if len(body) > LARGEST_PAGE:
                raise TooLarge(
                    f"{self.source.name} gives a page of more than {LARGEST_PAGE:,} bytes; ask for smaller ones"
                )
        try:
            return json.loads(body, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise SourceNotReached(f"{self.source.name} does not answer with JSON") from None

    def new(self, place: str) -> bool:
        fresh = place not in self.seen
        self.seen.add(place)
        return fresh


async def _pages(asking: _Asking, limits: Limits) -> AsyncIterator[tuple[Any, int]]:
    source = asking.source
    url, parameters = source.url, dict(source.parameters)
    if source.size_parameter:
        parameters[source.size_parameter] = str(source.size)
    number, taken = source.first_page, 0
    for count in range(limits.pages + 1):
        if count == limits.pages:
            raise TooLarge(f"{source.name} has more than {limits.pages:,} pages")
        if source.paging in (Paging.PAGE, Paging.OFFSET):
            parameters[source.page_parameter] = str(number if source.paging is Paging.PAGE else taken)
        answer, linked = await asking.page(url, parameters)
        yield answer, count
        held = len(records_in(answer, source.records))
        number, taken = number + 1, taken + held
        following = _next(asking, answer, linked, held)
        if following is None:
            return
        url, parameters = following if isinstance(following, tuple) else (url, {**parameters, **following})


def _next(asking: _Asking, answer: Any, linked: str, held: int) -> tuple[str, dict[str, str]] | dict[str, str] | None:
    """The next address, or the parameters to ask the same one with; None when there is no more."""
    source = asking.source
    match source.paging:
        case Paging.PAGE | Paging.OFFSET:
            repeated = not asking.new(json.dumps(answer, default=str, sort_keys=True)[:4096]) if held else True
            return None if repeated or (source.size_parameter and held < source.size) else {}
        case Paging.CURSOR:
            cursor = _at(answer, source.next_at)
            return {source.page_parameter: cursor} if cursor and asking.new(cursor) else None
        case Paging.LINK | Paging.NEXT:
            said = linked if source.paging is Paging.LINK else _at(answer, source.next_at or "next")
            return (_same_origin(source, said), {}) if said and asking.new(said) else None
        case _:
            return None


def _at(answer: Any, path: str) -> str:
    for part in path.split("."):
        if not isinstance(answer, dict):
            return ""
        answer = answer.get(part)
    return str(answer) if isinstance(answer, str | int) and not isinstance(answer, bool) else ""


def _same_origin(source: HttpSource, said: str) -> str:
    """The next address, where it is of the same system: the secret that goes along is for no other."""
    address = urljoin(source.url, said)
    ours, theirs = urlsplit(source.url), urlsplit(address)
    if (ours.scheme, ours.hostname, ours.port) != (theirs.scheme, theirs.hostname, theirs.port):
        raise SourceNotReached(f"{source.name} names a next page at another address")
    return address


def _linked(response: aiohttp.ClientResponse) -> str:
    found = response.links.get("next")
    return str(found["url"]) if found else ""


def _pause(said: str | None, usual: float) -> float:
    return min(float(said), _LONGEST_WAIT) if said and said.isdigit() else usual
