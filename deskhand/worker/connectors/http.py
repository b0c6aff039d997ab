"""One call of another system over HTTP. Believes little: a time-out, no redirects, no cookies, a small answer.

Knows no case and no file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from deskhand.worker.connectors.errors import ConnectorChanged, ConnectorRefused, SystemNotReached
from deskhand.worker.connectors.mapping import json_of
from deskhand.worker.connectors.model import Connector, Json, Operation, Request, SignIn

LARGEST_ANSWER = 1 << 20
_SAID = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """What is needed to reach a system, found before the call."""

    url: str
    secret: str

    async def call(self, connector: Connector, operation: Operation, request: Request, key: str) -> Json:
        """The JSON of the answer.

        Args:
            key: the same for every attempt of one call, so that a system that knows it acts once.

        Raises:
            ConnectorRefused, ConnectorChanged, SystemNotReached.
        """
        name = f"{connector.name}.{operation.name}"
        try:
            status, body = await self.sent(connector, request, key)
        except TimeoutError:
            raise SystemNotReached(f"{name}: no answer within {connector.seconds:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise SystemNotReached(f"{name}: {type(error).__name__}") from error
        if operation.blames(status):
            raise ConnectorRefused(f"{name}: refused with {status}: {self._said(body)}")
        if not 200 <= status < 300:
            raise SystemNotReached(f"{name}: answered with {status}")
        try:
            return json_of(body) if operation.answer else None
        except (ValueError, RecursionError):
            raise ConnectorChanged(f"{name}: the answer is not JSON") from None

    async def sent(self, connector: Connector, request: Request, key: str) -> tuple[int, bytes]:
        """Status and body of the answer, whatever they say.

        Raises:
            TimeoutError, aiohttp.ClientError, OSError: there was none.
        """
        headers = {"Accept": "application/json", connector.idempotency_header: key, **self._signed(connector)}
        body = None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        timeout = aiohttp.ClientTimeout(total=connector.seconds)
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as session,
            session.request(
                request.method, self.url + request.path, params=dict(request.query), data=body, headers=headers,
                allow_redirects=False,
            ) as response,
        ):  # fmt: skip
            return response.status, await _limited(response)

    def _signed(self, connector: Connector) -> Mapping[str, str]:
        if connector.sign_in is SignIn.NONE:
            return {}
        shown = {
            SignIn.BEARER: f"Bearer {self.secret}",
            SignIn.HEADER: self.secret,
            SignIn.BASIC: "Basic " + base64.b64encode(self.secret.encode()).decode(),
        }
        return {connector.header: shown[connector.sign_in]}

    def _said(self, body: bytes) -> str:
        """What a person is told of the reason; a system that repeats our secret must not have it told on."""
        said = " ".join(body[: _SAID * 4].decode("utf-8", "replace").split())
        return (said.replace(self.secret, "***") if self.secret else said)[:_SAID]


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    read = bytearray()
    async for piece in response.content.iter_any():
        read += piece
        if len(read) > LARGEST_ANSWER:
            raise ConnectorChanged("the answer is larger than a megabyte")
    return bytes(read)
