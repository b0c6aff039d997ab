"""API keys: how other systems are let in. A key has a role and scopes, and an action needs both. Makes none itself.

A key is `dhk_<tenant>.<id>_<secret>`: the tenant and the id say where to look, the secret is 256 random bits. Only
the SHA-256 digest of the whole is stored. A slow hash such as the passwords' would buy nothing: it protects what people
think up, which can be guessed from a list, and nobody tries 2^256 values at any speed; but it would cost every single
request what a sign-in costs.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from deskhand.gateway.errors import ApiKeyRefused, GatewayError, KeyInAddress, PeopleOnly, ScopeMissing
from deskhand.gateway.sessions import Session
from deskhand.store import ApiKey, Desk, said_of

if TYPE_CHECKING:
    from deskhand.gateway.door import Door
    from deskhand.gateway.route import Route

PREFIX = "dhk_"
CHANNEL = "http"
USED_EVERY = timedelta(minutes=1)  # how exactly `last_used_at` is known: not every request is a write
_KEY = re.compile(r"dhk_(?P<tenant>[a-z0-9-]{1,64})\.(?P<id>[0-9a-f]{24})_[0-9a-f]{64}")
_NO_DIGEST = hashlib.sha256(b"no key").hexdigest()

_log = logging.getLogger("deskhand.gateway")


def new_id() -> str:
    return secrets.token_hex(12)


def new_bearer(tenant: str, key_id: str) -> str:
    """A whole key, which is shown once."""
    return f"{PREFIX}{tenant}.{key_id}_{secrets.token_hex(32)}"


def company_in_key(bearer: str) -> str:
    """What the key says, whether it is one or not; empty if it has not the form of one."""
    named = _KEY.fullmatch(bearer)
    return named["tenant"] if named is not None else ""


def digest_of(bearer: str) -> str:
    return hashlib.sha256(bearer.encode()).hexdigest()


async def session_of_key(at: Door, bearer: str, cause: str = "", address: str = "") -> Session:
    """Who calls with this key. An unknown, a revoked and an expired key are answered alike.

    Raises:
        ApiKeyRefused: it stands in the audit of the tenant that the key names, without the secret.
        TooManyRequests: instead, when this address has tried too often; so nobody fills the audit.
    """
    try:
        key, tenant = await at.threads.run(_known, at.desk, bearer, at.clock())
    except _Refused as refused:
        at.limits.refused_key(address)
        await at.threads.run(_note, at.desk, refused, cause)
        raise ApiKeyRefused() from None
    return _session(key, at.desk, tenant, at.clock())


def refuse_key_in_address(request: web.Request) -> None:
    """Addresses are kept by proxies, histories and logs, so a key in one counts as known to others.

    Raises:
        KeyInAddress.
    """
    if any(part.startswith(PREFIX) for pair in request.query.items() for part in pair):
        raise KeyInAddress()


async def require_scope(at: Door, route: Route, caller: Session, cause: str) -> None:
    """Deny by default: a key passes where the route names a scope that it has. People have no scopes and pass.

    Raises:
        PeopleOnly, ScopeMissing: in the audit too.
    """
    if caller.scopes is None or (route.scope is not None and route.scope in caller.scopes):
        return
    refusal: GatewayError = PeopleOnly() if route.scope is None else ScopeMissing(scope=str(route.scope))
    await at.threads.run(_note_scope, at.desk, caller, cause, refusal, f"{route.method} {route.path}")
    raise refusal


class _Refused(Exception):
    """Why, for the audit alone."""

    def __init__(self, reason: str, tenant: str | None = None, key_id: str | None = None) -> None:
        self.reason = reason
        self.tenant = tenant
        self.key_id = key_id
        super().__init__(reason)


def _known(desk: Desk, bearer: str, now: datetime) -> tuple[ApiKey, str]:
    named = _KEY.fullmatch(bearer)
    if named is None or named["tenant"] not in desk.tenants:
        raise _Refused("malformed" if named is None else "unknown tenant")
    tenant, key_id = named["tenant"], named["id"]
    with desk.unit_of_work(tenant, read_only=True) as uow:
        key = uow.api_keys.get(key_id)
    if not hmac.compare_digest(digest_of(bearer), key.digest if key is not None else _NO_DIGEST) or key is None:
        raise _Refused("unknown" if key is None else "wrong secret", tenant, key_id)
    if not key.works(now):
        raise _Refused("revoked" if key.revoked_at is not None else "expired", tenant, key_id)
    if key.last_used_at is None or now - key.last_used_at >= USED_EVERY:
        with desk.unit_of_work(tenant) as uow:
            uow.api_keys.used(key_id, now)
            uow.commit()
    return key, tenant


def _session(key: ApiKey, desk: Desk, tenant: str, now: datetime) -> Session:
    """As whom the key acts. It is a request's session: the next request asks again."""
    return Session(
        id=key.actor_id,
        user_id=key.actor_id,
        login=key.name,
        name=key.name,
        role=key.role,
        tenant=tenant,
        customer_id=key.customer_id,
        language=desk.tenants[tenant].languages[0],
        expires_at=key.expires_at or now + USED_EVERY,
        scopes=key.scopes,
    )


def _note(desk: Desk, refused: _Refused, cause: str) -> None:
    if refused.tenant is None:  # nobody's audit
        _log.warning("request %s: an API key was refused: %s", cause, refused.reason)
        return
    with desk.unit_of_work(refused.tenant) as uow:
        detail = {"code": ApiKeyRefused.code, "reason": refused.reason}
        uow.audit.add_unknown(CHANNEL, cause, "use_key", refused.key_id, "refused", detail)
        uow.commit()


def _note_scope(desk: Desk, caller: Session, cause: str, refusal: GatewayError, where: str) -> None:
    with desk.unit_of_work(caller.tenant) as uow:
        detail = {"route": where, **said_of(refusal)}
        uow.audit.add(caller.actor(CHANNEL, cause), "use_key", caller.user_id, "refused", detail)
        uow.commit()
