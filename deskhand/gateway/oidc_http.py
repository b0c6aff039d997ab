"""Asks an OpenID provider over HTTP, and believes little: TLS, no redirects, little time, small answers.

Knows nothing of what is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from deskhand.gateway.errors import IdentityRefused, ProviderUnavailable
from deskhand.gateway.settings import LOOPBACK

LARGEST_ANSWER = 256 << 10
SECONDS = 5.0

Json = dict[str, Any]


def usable_address(address: object, loopback: bool = True) -> bool:
    """Whether it may be asked: https, or http on this machine where `loopback` says so."""
    if not isinstance(address, str) or len(address) > 2000 or not address.isascii() or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment or " " in address or port == 0:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and parts.hostname in LOOPBACK)


class ProviderHttp:
    """The one client of all providers. It is opened with the first question; it keeps no cookies."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._client: aiohttp.ClientSession | None = None

    async def get(self, address: str, bearer: str | None = None) -> Json:
        """The JSON object at an address.

        Raises:
            ProviderUnavailable.
        """
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self._ask("GET", address, headers, None)

    async def post(self, address: str, form: Mapping[str, str], authorization: str | None) -> Json:
        """The JSON object that a form is answered with.

        Raises:
            ProviderUnavailable, IdentityRefused: what the form holds was refused.
        """
        headers = {"Authorization": authorization} if authorization else {}
        return await self._ask("POST", address, headers, form)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _ask(self, method: str, address: str, headers: Mapping[str, str], form: Mapping[str, str] | None) -> Json:
        try:
            async with self._opened().request(
                method,
                address,
                headers=headers,
                data=form,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self.seconds),
            ) as response:
                body = await _body(response)
                _check_status(response.status, body, form is not None)
                return _object(body)
        except TimeoutError as error:
            raise ProviderUnavailable(reason="no answer in time") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ProviderUnavailable(reason=type(error).__name__) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "deskhand"},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._client


def _check_status(status: int, body: bytes, posted: bool) -> None:
    """A code that is refused is answered with 400 and the reason's name (RFC 6749, 5.2)."""
    if status == 200:
        return
    if posted and status in (400, 401):
        named = re.search(rb'"error"\s*:\s*"([a-z_]{1,40})"', body)
        raise IdentityRefused(reason=f"the provider refused the code: {named[1].decode() if named else status}")
    raise ProviderUnavailable(reason=f"status {status}")


async def _body(response: aiohttp.ClientResponse) -> bytes:
    read = bytearray()
    async for piece in response.content.iter_any():
        read += piece
        if len(read) > LARGEST_ANSWER:
            raise ProviderUnavailable(reason="the answer is too large")
    return bytes(read)


def _object(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProviderUnavailable(reason="the answer is not JSON") from error
    if not isinstance(found, dict):
        raise ProviderUnavailable(reason="the answer is not a JSON object")
    return found
