"""Signing in by a company's OpenID provider: off to it, back from it, and out again."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import web

from deskhand.gateway.cookies import bound_name, set_session_cookie
from deskhand.gateway.door import SOCKETS, Door, door
from deskhand.gateway.errors import (
    IdentityRefused,
    InvalidRequest,
    ProviderUnavailable,
    SignInDenied,
    SignInForged,
    SignInNotOffered,
    TooManyRequests,
)
from deskhand.gateway.excess import note_excess_of
from deskhand.gateway.keys import COMPANY, REQUEST_ID, caller_of
from deskhand.gateway.notices import notice
from deskhand.gateway.oidc_flow import HOME, LIFETIME_SECONDS, Flow, is_local, new_flow, seal, unseal
from deskhand.gateway.oidc_people import CHANNEL, Arrival, Dismissed, person_of, take_in
from deskhand.gateway.oidc_provider import Providers
from deskhand.gateway.problems import Handler, status_of
from deskhand.gateway.sessions_store import start_session
from deskhand.gateway.settings import LOOPBACK
from deskhand.orders.errors import DeskhandError
from deskhand.orders.sign_in import OidcSettings
from deskhand.settings import SettingsRefused, private
from deskhand.store import Desk, said_of

PROVIDERS: web.AppKey[Providers] = web.AppKey("providers")
PATH = "/signin/oidc"
LONGEST_ANSWER = 4096  # of what a browser brings in the query
_KNOWN_ERRORS = frozenset(
    {"access_denied", "login_required", "consent_required", "interaction_required", "invalid_request"}
    | {"invalid_scope", "server_error", "temporarily_unavailable", "unauthorized_client", "unsupported_response_type"}
)

_log = logging.getLogger("deskhand.gateway")


def shown(handler: Handler) -> Handler:
    """A refusal is a page here, and a row of the audit."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except DeskhandError as error:
            if isinstance(error, TooManyRequests):
                request[COMPANY] = _named(request)
                await note_excess_of(request, error)
            else:
                await _note_refusal(request, error)
            return notice(error.code, status_of(error), request[REQUEST_ID], back=_sign_in_page(request))

    return handle


async def start(request: web.Request) -> web.StreamResponse:
    """Sends the browser to the provider; what must come back with it is sealed in a cookie."""
    at = door(request)
    at.sign_in_addresses.take(caller_of(request))
    if _has_another_name(request, at):
        return web.Response(status=303, headers={"Location": at.settings.public_url + request.path_qs})
    tenant, settings = _offered(at, request.query.get("tenant", at.settings.tenant))
    following = request.query.get("next", HOME)
    if not is_local(following):
        raise InvalidRequest(field="next", problem="must be a path of this desk")
    flow = new_flow(tenant, settings.issuer, following)
    address = await request.app[PROVIDERS].of(settings).start_address(settings, flow, _callback(at, tenant))
    response = web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
    response.set_cookie(
        _cookie(at),
        seal(flow, at.settings.session_secrets, at.clock()),
        max_age=LIFETIME_SECONDS,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=at.settings.secure_cookie,
    )
    return response


async def finish(request: web.Request) -> web.StreamResponse:
    """The browser is back: the code is exchanged, the person let in, and the desk opened under a new session."""
    at = door(request)
    at.sign_in_addresses.take(caller_of(request))
    tenant, settings = _offered(at, request.match_info["tenant"])
    flow = await _own_flow(request, tenant, settings)
    provider = request.app[PROVIDERS].of(settings)
    await provider.check_sender(request.query.get("iss"))
    code = _code(request)
    secret = _secret(request.app[PROVIDERS], settings)
    claims = await provider.claims(settings, flow, code, _callback(at, tenant), secret)
    person = person_of(settings.issuer, claims, settings)
    arrival = await at.threads.run(take_in, at.desk, tenant, settings, person, request[REQUEST_ID])
    return await _let_in(request, flow, arrival)


async def leave(request: web.Request) -> web.StreamResponse:
    """On to the provider's own sign-out, for whoever wants to be signed out there too."""
    at = door(request)
    at.sign_in_addresses.take(caller_of(request))
    _, settings = _offered(at, request.query.get("tenant", at.settings.tenant))
    address = await request.app[PROVIDERS].of(settings).end_address(settings, f"{at.settings.public_url}/")
    return web.Response(status=303, headers={"Location": address or "/", "Cache-Control": "no-store"})


async def options(request: web.Request) -> web.Response:
    """How people of a company may sign in; without `tenant`, of this desk's own, and others that want to be listed."""
    at = door(request)
    asked = request.query.get("tenant")
    own = at.desk.tenants.get(asked or at.settings.tenant)
    rows = [
        {"tenant": tenant.id, "name": tenant.sign_in.oidc.name or tenant.name}
        for tenant in at.desk.tenants.values()
        if tenant.sign_in.oidc is not None
        and (tenant.id == (asked or at.settings.tenant) or (asked is None and tenant.sign_in.oidc.listed))
    ]
    by_password, several = own is None or own.sign_in.password, len(at.desk.tenants) > 1
    return web.json_response({"password": by_password, "several": several, "oidc": rows})


async def _own_flow(request: web.Request, tenant: str, settings: OidcSettings) -> Flow:
    """The sign-in that this browser began and that this answer belongs to; each is good for one answer.

    Raises:
        SignInForged.
    """
    at, state = door(request), request.query.get("state", "")
    if len(request.query_string) > LONGEST_ANSWER:
        raise InvalidRequest(field="query", problem="is too long")
    flow = unseal(request.cookies.get(_cookie(at), ""), at.settings.session_secrets, at.clock())
    if not flow.is_answered_by(tenant, state) or flow.issuer != settings.issuer:
        raise SignInForged(reason="the answer belongs to another sign-in")
    if not await at.threads.run(_use_up, at.desk, flow):
        raise SignInForged(reason="this sign-in was answered already")
    return flow


def _use_up(desk: Desk, flow: Flow) -> bool:
    """False if it was used before, at whichever gateway."""
    with desk.unit_of_work(flow.tenant) as uow:
        first = uow.inbox.begin(flow.mark, flow.tenant) is None
        uow.commit()
    return first


def _code(request: web.Request) -> str:
    error, code = request.query.get("error"), request.query.get("code")
    if error is not None:
        raise SignInDenied(reason=error if error in _KNOWN_ERRORS else "another error")
    if not code:
        raise IdentityRefused(reason="there is no code")
    return code


def _secret(providers: Providers, settings: OidcSettings) -> str | None:
    name = settings.client_secret_name
    try:
        secret = private(providers.environ, name) if name else None
    except SettingsRefused as error:
        _log.warning("sign-in by %s: %s", settings.issuer, error)
        raise ProviderUnavailable(reason="the client secret can't be read") from error
    if name and secret is None:
        _log.warning("sign-in by %s: %s is not set", settings.issuer, name)
        raise ProviderUnavailable(reason="the client secret is not set")
    return secret


async def _let_in(request: web.Request, flow: Flow, arrival: Arrival) -> web.Response:
    at = door(request)
    await request.app[SOCKETS].sign_out(*arrival.ended)
    _, token = await start_session(at, arrival.user, CHANNEL, request)
    response = notice("signed_in", 200, onward=flow.next)
    response.del_cookie(_cookie(at), path="/", httponly=True, samesite="Lax", secure=at.settings.secure_cookie)
    set_session_cookie(response, token, at)
    return response


def _sign_in_page(request: web.Request) -> str:
    """Where this company's people begin."""
    at, tenant = door(request), _named(request)
    return "/" if tenant == at.settings.tenant else f"/?tenant={quote(tenant, safe='')}"


def _named(request: web.Request) -> str:
    """The company that the request names, if it is one, else this desk's own."""
    at = door(request)
    named = request.match_info.get("tenant") or request.query.get("tenant") or ""
    return named if named in at.desk.tenants else at.settings.tenant


async def _note_refusal(request: web.Request, error: DeskhandError) -> None:
    """In the audit of the company that was named, or of this desk's own."""
    at = door(request)
    if isinstance(error, Dismissed):
        await request.app[SOCKETS].sign_out(*error.ended)
    tenant = _named(request)
    detail = {"how": CHANNEL, **said_of(error)}
    if tenant in at.desk.tenants:
        await at.threads.run(_add_refusal, at.desk, tenant, request[REQUEST_ID], detail)


def _add_refusal(desk: Desk, tenant: str, cause: str, detail: dict[str, Any]) -> None:
    with desk.unit_of_work(tenant) as uow:
        uow.audit.add_unknown("http", cause, "sign_in", None, "refused", detail)
        uow.commit()


def _offered(at: Door, tenant: str) -> tuple[str, OidcSettings]:
    known = at.desk.tenants.get(tenant)
    if known is None or known.sign_in.oidc is None:
        raise SignInNotOffered()
    return known.id, known.sign_in.oidc


def _has_another_name(request: web.Request, at: Door) -> bool:
    """On one's own machine: localhost was opened, and the provider will send the browser back to 127.0.0.1."""
    ours = urlsplit(at.settings.public_url)
    return request.host != ours.netloc and {request.url.host, ours.hostname} <= LOOPBACK


def _callback(at: Door, tenant: str) -> str:
    """An address for each company: a provider's answer can't be taken for one of another company's provider."""
    return f"{at.settings.public_url}{PATH}/callback/{tenant}"


def _cookie(at: Door) -> str:
    return bound_name("deskhand_oidc", at.settings)
