"""Orders of other systems over HTTP: a file, or one JSON order that is answered with its receipt."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from deskhand.erp import ColumnsNotRecognised, FileNotReadable, ImportOptions, ImportReport, OptionInvalid, import_file
from deskhand.erp.rights import right_to_begin
from deskhand.gateway.door import Door, actor, door, session
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import Fields, fields_of
from deskhand.gateway.order_json import order_json
from deskhand.gateway.orders import idempotency
from deskhand.gateway.uploads import uploaded_file
from deskhand.language import detect_language
from deskhand.orders.actions import IMPORT_ORDERS as IMPORT
from deskhand.orders.commands import PlaceOrder
from deskhand.orders.errors import DeskhandError, UnknownCustomer
from deskhand.orders.model import Actor, Customer, Order
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk, UnitOfWork
from deskhand.store.text_jobs import keep
from deskhand.writing import Text
from deskhand.writing.receipt_facts import receipt_facts

RECEIPT_SECONDS = 15.0
CHANNEL = "import"


async def import_orders(request: web.Request) -> web.Response:
    """A multipart file, or a JSON order; `?dry_run=1` says what would happen, `?source=` where it comes from."""
    at, who = door(request), actor(request, CHANNEL)
    file = request.content_type == "multipart/form-data"
    await at.threads.run(at.desk.require, right_to_begin(at.desk, who) if file else IMPORT, who)
    if file:
        return await _import_file(request)
    return await _import_order(request)


async def _import_file(request: web.Request) -> web.Response:
    at, who = door(request), actor(request, CHANNEL)
    at.limits.file(who.tenant)
    filename, data = await uploaded_file(request, at.desk.tenant(who.tenant).limits.largest_import_mb << 20)
    try:
        report: ImportReport = await at.threads.run(import_file, at.desk, who, data, filename, _options(request))
    except OptionInvalid as error:
        raise InvalidRequest(field="currency", problem=str(error)) from error
    except (FileNotReadable, ColumnsNotRecognised, UnicodeError) as error:
        raise InvalidRequest(field="file", problem=str(error)) from error
    return web.json_response(report.as_dict())


def _options(request: web.Request) -> ImportOptions:
    query = request.query
    try:
        start = OrderStatus(query["start_status"]) if query.get("start_status") else None
    except ValueError as error:
        raise InvalidRequest(field="start_status", problem="is not a status") from error
    sort = query.get("sort", "created")
    if sort not in {"created", "updated", "paid"}:
        raise InvalidRequest(field="sort", problem="must be one of created, updated, paid")
    return ImportOptions(
        source=_source(request),
        currency=query.get("currency") or None,
        sort=sort,
        start_status=start,
        automatic=_flag(query.get("automatic")),
        dry_run=_flag(query.get("dry_run")),
    )


async def _import_order(request: web.Request) -> web.Response:
    at, who, fields = door(request), actor(request, CHANNEL), await fields_of(request)
    command, customer = _read_order(fields, _source(request))
    key = await idempotency(request)
    dry_run = _flag(request.query.get("dry_run"))
    created, order = await at.threads.run(_place, at, who, command, customer, key, dry_run)
    body: dict[str, Any] = {"order": order_json(order), "receipt": None, "dry_run": dry_run}
    if not dry_run:
        body["receipt"] = await _receipt(at, who, order, session(request).language)
    return web.json_response(body, status=201 if created else 200)


def _read_order(fields: Fields, source: str) -> tuple[PlaceOrder, str]:
    number, customer = fields.text("number"), fields.text("customer")
    total = fields.decimal("total")
    if total is None or total < 0:
        raise InvalidRequest(field="total", problem='must be an amount, like "1234.50"')
    currency = fields.optional_text("currency")
    fields.done()
    return PlaceOrder(customer, total=total, currency=currency, source=source, external_number=number), customer


def _place(
    at: Door, who: Actor, command: PlaceOrder, customer: str, key: tuple[str, str] | None, dry_run: bool
) -> tuple[bool, Order]:
    """The order, and whether it is new. A refusal takes a new customer back too and leaves one audit row.

    Raises:
        DeskhandError: refused.
    """
    try:
        with at.desk.unit_of_work(who.tenant) as uow:
            created, order = _placed(at.desk, uow, who, command, customer, key)
            if not dry_run:
                uow.commit()
            return created, order
    except DeskhandError as error:
        with at.desk.unit_of_work(who.tenant) as uow:
            detail = {"code": error.code, "customer": customer}
            uow.audit.add(who, "PlaceOrder", command.external_number, "refused", detail)
            uow.commit()
        raise


def _placed(
    desk: Desk, uow: UnitOfWork, who: Actor, command: PlaceOrder, customer: str, key: tuple[str, str] | None
) -> tuple[bool, Order]:
    """Uncommitted; a repeat finds the order of the first time."""
    stored = uow.inbox.begin(*key) if key is not None else None
    if stored is not None and isinstance(stored.body, Mapping):
        return False, uow.orders.get(str(stored.body["order"]))
    found = customer_named(uow, customer, command.source)
    outcome = desk.handle_in(uow, replace(command, customer_id=found.id), who)
    if outcome.order is None:
        raise LookupError("placing an order returned none")
    if key is not None:
        uow.inbox.finish(key[0], 201, {"order": outcome.order.number})
    return True, outcome.order


def customer_named(uow: UnitOfWork, wanted: str, source: str | None) -> Customer:
    """By id, name or alias, whatever the case; as in a file, a new name from another system is a new customer.

    Raises:
        UnknownCustomer: the name fits several.
    """
    plain = wanted.strip().casefold()
    found = [one for one in uow.customers.all() if plain in _names(one)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownCustomer(customer=wanted)
    made = Customer(uuid.uuid4().hex, wanted, language=detect_language(wanted), external_id=wanted, source=source)
    uow.customers.add(made)
    return made


def _names(customer: Customer) -> set[str]:
    return {customer.id, *(each.casefold() for each in (customer.name, *customer.aliases))}


async def _receipt(at: Door, who: Actor, order: Order, language: str) -> dict[str, Any]:
    """The checked text, kept with where it came from; written once, in the language of the customer's name."""
    known = await at.threads.run(_kept, at, who, order)
    if known is not None:
        return known
    spoken = detect_language(order.customer_name, default=language)
    text = await at.writer.write("receipt", receipt_facts(order), spoken, deadline_seconds=RECEIPT_SECONDS)
    await at.threads.run(_keep, at, who, order, text)
    return {"text": text.text, "source": text.source, "reason": text.reason, "language": text.language}


def _kept(at: Door, who: Actor, order: Order) -> dict[str, Any] | None:
    with at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        texts = [text for text in uow.texts.of_order(order.id) if text.kind == "receipt"]
    return {key: getattr(texts[0], key) for key in ("text", "source", "reason", "language")} if texts else None


def _keep(at: Door, who: Actor, order: Order, text: Text) -> None:
    with at.desk.unit_of_work(who.tenant) as uow:
        keep(uow, text, order.id)
        uow.commit()


def _source(request: web.Request) -> str:
    source = request.query.get("source", "api").strip()
    if not source or len(source) > 64 or not source.isprintable():
        raise InvalidRequest(field="source", problem="must be a short name")
    return source


def _flag(value: str | None) -> bool:
    return value in {"1", "true", "yes"}
