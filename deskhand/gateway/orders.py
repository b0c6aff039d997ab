"""Orders over HTTP: lists, one order, its history, the commands. A customer sees their own orders and no others."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from aiohttp import web

from deskhand.gateway.door import actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import fields_of, query_number
from deskhand.gateway.once import once
from deskhand.gateway.order_actions import OrderAction, place_order
from deskhand.gateway.order_json import (
    credit_note_json,
    for_customer,
    history_json,
    order_json,
    order_summary,
    paid_json,
    reserved_json,
)
from deskhand.orders.actions import QUERY_ORDERS as QUERY
from deskhand.orders.commands import Command
from deskhand.orders.errors import UnknownOrder
from deskhand.orders.model import Actor, Order
from deskhand.orders.report import Concern
from deskhand.orders.status import OrderStatus
from deskhand.orders.work import Outcome
from deskhand.store import Desk, UnitOfWork

Chosen = TypeVar("Chosen", bound=StrEnum)

PAGE, LARGEST_PAGE = 50, 200
_KEY_CHARACTERS = 200


async def list_orders(request: web.Request) -> web.Response:
    at, who = door(request), actor(request)
    status = _one_of(request, "status", OrderStatus)
    concern = _one_of(request, "concern", Concern)
    limit = max(1, query_number(request, "limit", PAGE, LARGEST_PAGE))
    sort = request.query.get("sort", "created_at")
    cursor = request.query.get("cursor") or None
    page = await at.threads.run(_list, at.desk, who, status, concern, cursor, limit, sort)
    return web.json_response(page)


async def show_order(request: web.Request) -> web.Response:
    at = door(request)
    return web.json_response(await at.threads.run(_shown, at.desk, actor(request), request.match_info["number"]))


async def show_history(request: web.Request) -> web.Response:
    at = door(request)
    return web.json_response(await at.threads.run(_history, at.desk, actor(request), request.match_info["number"]))


async def create_order(request: web.Request) -> web.Response:
    command = place_order(await fields_of(request))
    return await _carry_out(request, command, created=201)


def command_handler(action: OrderAction) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of one action on one order."""

    async def handle(request: web.Request) -> web.Response:
        at, fields = door(request), await fields_of(request)
        today = at.desk.tenant(actor(request).tenant).today(at.clock())
        command = action.read(request.match_info["number"], fields, today)
        fields.done()
        return await _carry_out(request, command)

    return handle


async def _carry_out(request: web.Request, command: Command, created: int = 200) -> web.Response:
    at = door(request)
    key = await idempotency(request)

    def done(uow: UnitOfWork, who: Actor) -> dict[str, Any]:
        return _done(at.desk, uow, command, who)

    status, body = await at.threads.run(once, at, actor(request), done, key, created)
    return web.json_response(body, status=status)


async def idempotency(request: web.Request) -> tuple[str, str] | None:
    """(key, fingerprint) of a request that may be repeated; the key belongs to this user and this path.

    Raises:
        InvalidRequest: the key is longer than 200 characters.
    """
    given = key_of(request)
    if given is None:
        return None
    place = f"{actor(request).user_id} {request.method} {request.path_qs}"
    body = await request.read()
    return digest(f"{place} {given}".encode()), digest(place.encode() + b"\n" + body)


def key_of(request: web.Request) -> str | None:
    """The caller's `Idempotency-Key`.

    Raises:
        InvalidRequest: it is longer than 200 characters.
    """
    given = request.headers.get("Idempotency-Key", "").strip()
    if len(given) > _KEY_CHARACTERS or not given.isprintable():
        raise InvalidRequest(field="Idempotency-Key", problem=f"must be at most {_KEY_CHARACTERS} printable characters")
    return given or None


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _done(desk: Desk, uow: UnitOfWork, command: Command, who: Actor) -> dict[str, Any]:
    """Somebody else's order is named as it was asked for, like one that does not exist."""
    try:
        return _outcome(uow, desk.handle_in(uow, command, who))
    except UnknownOrder as error:
        raise UnknownOrder(number=getattr(command, "number", None) or error.data["number"]) from None


def _outcome(uow: UnitOfWork, outcome: Outcome) -> dict[str, Any]:
    return {
        "order": order_json(outcome.order) | _paid(uow, outcome.order) if outcome.order is not None else None,
        "events": [str(event.name) for event in outcome.events],
        "previous_status": outcome.previous_status,
        "on_behalf_of": outcome.on_behalf_of,
    }


def _paid(uow: UnitOfWork, order: Order) -> dict[str, str]:
    return paid_json(order, uow.payments.paid([order.id]).get(order.id, Decimal(0)))


def visible(desk: Desk, uow: UnitOfWork, who: Actor, number: str) -> Order:
    """The order, if it is the actor's to see.

    Raises:
        UnknownOrder: there is none, or it is somebody else's; nobody is told which.
    """
    mine = desk.only_customer(uow, QUERY, who)
    order = uow.orders.get(number)
    if mine is not None and order.customer_id != mine:
        raise UnknownOrder(number=number)
    return order


@contextmanager
def _noted(desk: Desk, who: Actor) -> Iterator[None]:
    """Asking for somebody else's order, or for one that does not exist, stands in the audit."""
    try:
        yield
    except UnknownOrder as refused:
        desk.note_refused(who, QUERY, refused)
        raise


def _shown(desk: Desk, who: Actor, number: str) -> dict[str, Any]:
    """The order, what is reserved for its lines, and its credit notes."""
    who = desk.require(QUERY, who)
    with _noted(desk, who), desk.unit_of_work(who.tenant, read_only=True) as uow:
        order = visible(desk, uow, who, number)
        held: dict[str, Decimal] = defaultdict(Decimal)
        for move in uow.stock.of_orders([order.id]):
            held[move.sku] += move.reserved
        notes = uow.credit_notes.of_orders([order.id]).get(order.id, ())
        said = order_json(order) | _paid(uow, order)
    for line, reserved in zip(said["lines"], reserved_json(order, held), strict=True):
        line["reserved"] = reserved
    return said | {"credit_notes": [credit_note_json(note) for note in notes]}


def _history(desk: Desk, who: Actor, number: str) -> dict[str, Any]:
    who = desk.require(QUERY, who)
    with _noted(desk, who), desk.unit_of_work(who.tenant, read_only=True) as uow:
        order = visible(desk, uow, who, number)
        found = uow.orders.history(order.id)
        names = uow.names_of({user for row in found for user in (row.actor, row.on_behalf_of) if user})
        rows = [history_json(row, names) for row in found]
        if desk.only_customer(uow, QUERY, who) is not None:
            rows = [for_customer(row, uow.tenant.name) for row in rows]
        return {"order": order.number, "items": rows, "intact": uow.orders.verify_chain(order.id)}


def _list(
    desk: Desk,
    who: Actor,
    status: OrderStatus | None,
    concern: Concern | None,
    cursor: str | None,
    limit: int,
    sort: str,
) -> dict[str, Any]:
    who = desk.require(QUERY, who)
    with desk.unit_of_work(who.tenant, read_only=True) as uow:
        mine = desk.only_customer(uow, QUERY, who)
        asked = (concern, uow.tenant.today(uow.now)) if concern else None
        try:
            page = uow.orders.list(mine, status, cursor, limit, sort, concern=asked)
        except ValueError as error:
            raise InvalidRequest(field="cursor or sort", problem=str(error)) from error
    return {"items": [order_summary(order) for order in page.items], "next": page.next_cursor}


def _one_of(request: web.Request, name: str, kind: type[Chosen]) -> Chosen | None:
    value = request.query.get(name)
    try:
        return kind(value) if value else None
    except ValueError as error:
        raise InvalidRequest(field=name, problem=f"must be one of {', '.join(kind)}") from error
