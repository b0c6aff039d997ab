"""One OpenID provider: what it says of itself, its keys, codes against claims. Knows nothing of users or pages."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote_plus, urlsplit

from yarl import URL

from deskhand.gateway.errors import IdentityRefused, ProviderUnavailable
from deskhand.gateway.oidc_flow import Flow
from deskhand.gateway.oidc_http import Json, ProviderHttp, usable_address
from deskhand.gateway.oidc_token import Expected, claim, key_for, read_claims, read_header
from deskhand.orders.sign_in import OidcSettings

DISCOVERY = "/.well-known/openid-configuration"
LIFETIME_SECONDS = 3600.0
REFETCH_SECONDS = 60.0  # a token with an unknown key asks again, not more often than this
PAUSE_SECONDS = 2.0  # who asks right after a failure is told of that failure

Value = TypeVar("Value")
Claims = Mapping[str, Any]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Metadata:
    """The part of the discovery document that is used."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    names_itself: bool  # RFC 9207: the answer to the browser says who gives it
    secret_in_form: bool


class Cached(Generic[Value]):
    """A value that is fetched when it is asked for, by one at a time, and kept for a while."""

    def __init__(self, fetch: Callable[[], Awaitable[Value]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._one = asyncio.Lock()
        self._value: Value | None = None
        self._error: ProviderUnavailable | None = None
        self._asked: float | None = None

    async def get(self) -> Value:
        async with self._one:
            if self._error is not None and self._younger_than(PAUSE_SECONDS):
                raise self._error
            if self._value is not None and self._younger_than(LIFETIME_SECONDS):
                return self._value
            return await self._renew()

    async def newer(self) -> Value:
        """The value as it is now, unless it was fetched within the last minute."""
        async with self._one:
            if self._value is not None and self._younger_than(REFETCH_SECONDS):
                return self._value
            return await self._renew()

    def _younger_than(self, seconds: float) -> bool:
        return self._asked is not None and 0 <= self._clock().timestamp() - self._asked < seconds

    async def _renew(self) -> Value:
        self._asked = self._clock().timestamp()
        try:
            self._value, self._error = await self._fetch(), None
        except ProviderUnavailable as error:
            self._value, self._error = None, error
            raise
        return self._value


class Provider:
    """One issuer as its discovery document describes it."""

    def __init__(self, issuer: str, http: ProviderHttp, clock: Clock) -> None:
        self.issuer = issuer
        self._http = http
        self._clock = clock
        self._metadata = Cached(self._discover, clock)
        self._keys = Cached(self._fetch_keys, clock)

    async def metadata(self) -> Metadata:
        """Raises ProviderUnavailable."""
        return await self._metadata.get()

    async def start_address(self, settings: OidcSettings, flow: Flow, callback: str) -> str:
        """Where the browser is sent to."""
        query = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": callback,
            "scope": " ".join(settings.scopes),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        return str(URL((await self.metadata()).authorization, encoded=True).extend_query(query))

    async def end_address(self, settings: OidcSettings, back: str) -> str | None:
        """Where a browser signs out of the provider (RP-initiated logout); None: it has no such place."""
        address = (await self.metadata()).end_session
        if address is None:
            return None
        query = {"client_id": settings.client_id, "post_logout_redirect_uri": back}
        return str(URL(address, encoded=True).extend_query(query))

    async def check_sender(self, named: str | None) -> None:
        """Against mix-up: an answer of another provider is not taken for this one's.

        Raises:
            IdentityRefused.
        """
        if named is None and not (await self.metadata()).names_itself:
            return
        if named != self.issuer:
            raise IdentityRefused(reason="the answer comes from another provider")

    async def claims(self, settings: OidcSettings, flow: Flow, code: str, callback: str, secret: str | None) -> Json:
        """What the provider says of the person: the id_token's claims, and userinfo's where the groups are not there.

        Raises:
            ProviderUnavailable, IdentityRefused.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": flow.verifier,
        }
        answer = await self._token(settings, form, secret)
        access_token = answer.get("access_token")
        access = access_token if isinstance(access_token, str) and access_token.isascii() else None
        claims = await self._checked(settings, flow, answer.get("id_token"), access)
        return await self._with_userinfo(settings, claims, access)

    async def _token(self, settings: OidcSettings, form: dict[str, str], secret: str | None) -> Json:
        metadata = await self.metadata()
        if secret is None:
            return await self._http.post(metadata.token, form | {"client_id": settings.client_id}, None)
        if metadata.secret_in_form:
            named = {"client_id": settings.client_id, "client_secret": secret}
            return await self._http.post(metadata.token, form | named, None)
        pair = f"{quote_plus(settings.client_id)}:{quote_plus(secret)}"
        return await self._http.post(metadata.token, form, f"Basic {base64.b64encode(pair.encode()).decode()}")

    async def _checked(
        self, settings: OidcSettings, flow: Flow, token: object, access: str | None
    ) -> Mapping[str, Any]:
        header = read_header(token)
        key = key_for(header, await self._keys.get()) or key_for(header, await self._keys.newer())
        if key is None:
            raise IdentityRefused(reason="the id_token's key is not one of the provider's")
        expected = Expected(self.issuer, settings.client_id, flow.nonce, access, self._clock())
        return read_claims(str(token), header, key, expected)

    async def _with_userinfo(self, settings: OidcSettings, claims: Claims, access: str | None) -> Json:
        address = (await self.metadata()).userinfo
        if address is None or access is None or claim(claims, settings.groups_claim) is not None:
            return dict(claims)
        more = await self._http.get(address, bearer=access)
        if more.get("sub") != claims["sub"]:
            raise IdentityRefused(reason="userinfo speaks of somebody else")
        return more | dict(claims)

    async def _discover(self) -> Metadata:
        return _metadata(self.issuer, await self._http.get(self.issuer.rstrip("/") + DISCOVERY))

    async def _fetch_keys(self) -> Sequence[object]:
        keys = (await self._http.get((await self.metadata()).keys)).get("keys")
        if not isinstance(keys, list):
            raise ProviderUnavailable(reason="there are no keys")
        return keys


def _metadata(issuer: str, document: Json) -> Metadata:
    if document.get("issuer") != issuer:
        raise ProviderUnavailable(reason="the discovery document names another issuer")
    loopback = urlsplit(issuer).scheme == "http"

    def address(name: str) -> str:
        found = document.get(name)
        if not isinstance(found, str) or not usable_address(found, loopback):
            raise ProviderUnavailable(reason=f"the discovery document has no usable {name}")
        return found

    ways = document.get("token_endpoint_auth_methods_supported")
    return Metadata(
        authorization=address("authorization_endpoint"),
        token=address("token_endpoint"),
        keys=address("jwks_uri"),
        userinfo=address("userinfo_endpoint") if "userinfo_endpoint" in document else None,
        end_session=address("end_session_endpoint") if "end_session_endpoint" in document else None,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        secret_in_form=isinstance(ways, list) and "client_secret_post" in ways and "client_secret_basic" not in ways,
    )


class Providers:
    """All providers of this gateway, each by its issuer, so that companies with the same one share what is cached."""

    def __init__(self, environ: Mapping[str, str], clock: Clock) -> None:
        self.http = ProviderHttp()
        self.environ = environ
        self._clock = clock
        self._known: dict[str, Provider] = {}

    def of(self, settings: OidcSettings) -> Provider:
        return self._known.setdefault(settings.issuer, Provider(settings.issuer, self.http, self._clock))

    async def close(self) -> None:
        await self.http.close()
