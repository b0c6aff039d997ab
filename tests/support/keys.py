"""API keys of other systems, and the gateway's route table, for tests that walk it."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import ClientSession, web

from deskhand.gateway.key_making import WantedKey, make_key, scopes_of
from deskhand.gateway.pages import Pages
from deskhand.gateway.route import Route
from deskhand.gateway.routes import all_routes
from deskhand.gateway.scopes import Scope
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import ApiKey
from tests.support.deskhand import ROOT
from tests.support.gateway import TENANT, Gateway

EVERYTHING = tuple(str(scope) for scope in Scope)


def routes() -> list[Route]:
    """The table that the gateway is made of."""

    async def described(request: web.Request) -> web.Response:
        return web.Response()

    return all_routes(Pages(ROOT / "frontend_widget"), described)


def new_key(
    gateway: Gateway,
    role: str = "sales",
    scopes: Iterable[str] = EVERYTHING,
    customer: str | None = None,
    days: int = 365,
    tenant: str = TENANT,
) -> tuple[ApiKey, str]:
    """A key made by the administrator, and its text."""
    who = Actor("admin", Role.ADMIN, tenant, "cli", "test")
    with gateway.desk.unit_of_work(tenant) as uow:
        made = make_key(uow, who, WantedKey("Shop", Role(role), scopes_of(scopes), customer, days))
        uow.commit()
    return made


def calling(gateway: Gateway, key: str) -> ClientSession:
    return gateway.http(None, Authorization=f"Bearer {key}")
