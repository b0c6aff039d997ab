"""The facts of a text that is wanted, read from the database: the same for chat, HTTP and worker. Reads only.

Whether somebody may have such a text is asked here too; what it says of them is `deskhand.writing`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from deskhand.cases.answers import answers
from deskhand.orders.actions import DRAFT_TEXTS
from deskhand.orders.errors import TextNotPossible
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus
from deskhand.store.case_reading import SeenCase, seen_cases
from deskhand.store.records import TextRecord
from deskhand.store.unit_of_work import UnitOfWork
from deskhand.writing import Fact, Facts, Text, facts, order_facts
from deskhand.writing.fact_json import facts_as_json
from deskhand.writing.jobs import OF_BATCHES, OF_CUSTOMERS, TextJob

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

S = OrderStatus
_STANDS: Mapping[OrderStatus, str] = {
    S.PENDING_CONFIRMATION: "pending_confirmation",
    S.PENDING_APPROVAL: "pending_confirmation",
    S.CONFIRMED: "confirmed",
    S.AWAITING_SHIPMENT: "confirmed",
    S.SHIPPED: "shipped",
    S.IN_ACCOUNT_PERIOD: "shipped",
    S.SETTLED: "shipped",
    S.ON_HOLD: "on_hold",
    S.CANCELLED: "cancelled",
}
_NEEDS: Mapping[str, frozenset[str]] = {  # what the order must be for such a text to be true
    "receipt": frozenset(_STANDS.values()) - {"cancelled"},
    "confirmation": frozenset({"confirmed"}),
    "invoice_cover": frozenset({"confirmed", "shipped"}),
    "shipment": frozenset({"shipped"}),
    "customer_reply": frozenset(_STANDS.values()),
}
_QUALITY = "quality_report"
_MEASURED = {"grammage": "g/m²", "moisture": "%", "length": "mm", "width": "mm", "defects": "sheets"}
_MOST_CASES = 200
_PERSON = re.compile(r"[\u3400-\u9fff]+|[A-Za-z][A-Za-z.' -]*")


def facts_of(desk: Desk, uow: UnitOfWork, job: TextJob, actor: Actor) -> Facts:
    """What the text may say, and nothing that the actor may not see.

    Raises:
        RoleNotAllowed, UnknownOrder, UnknownCustomer.
        TextNotPossible: what such a text says is not so (yet), or there is no such batch.
    """
    desk.rights.acting(uow, DRAFT_TEXTS, actor)
    if job.kind in OF_BATCHES:
        return _of_batch(desk, uow, job, actor)
    if job.kind in OF_CUSTOMERS:
        return _of_contract(uow, job)
    return facts_of_order(desk, uow, uow.orders.get(job.about), job.kind)


def facts_of_order(desk: Desk, uow: UnitOfWork, order: Order, kind: str) -> Facts:
    """
    Raises:
        TextNotPossible: the order is not what such a text says.
    """
    stands = _STANDS.get(order.status)
    customer, invoice = uow.customers.get(order.customer_id), uow.invoices.of_order(order.id)
    if stands not in _NEEDS[kind] or (kind == "invoice_cover" and invoice is None):
        raise TextNotPossible(number=order.number, status=str(order.status), kind=kind)
    products = uow.products.many({line.sku for line in order.lines})
    known = dict(order_facts(order, customer, products, uow.tenant, invoice))
    known |= dict(_of_parcel(desk, uow, order)) if stands == "shipped" else {}
    if kind == "shipment" and "tracking" not in known:
        raise TextNotPossible(number=order.number, status=str(order.status), kind=kind)
    if kind == "customer_reply":
        known["status"] = facts.state(stands)
    return known


def keep(uow: UnitOfWork, text: Text, order: str | None = None) -> None:
    """The text with its facts and its verdict, and with what was refused."""
    verdict = {**text.verdict.as_dict(), "refused": text.refused}
    given = {"facts": facts_as_json(text.facts), **({"asked": text.asked} if text.asked else {})}
    uow.texts.add(
        TextRecord(
            text.kind, order, text.language, text.text, text.source, text.reason, verdict, text.model, text.seconds,
            given,
        )
    )  # fmt: skip


def _of_parcel(desk: Desk, uow: UnitOfWork, order: Order) -> Iterator[tuple[str, Fact]]:
    """Of an order that left in one parcel; of several nobody can say which is meant."""
    if len(order.parcels) != 1:
        return
    parcel, words = order.parcels[0], desk.versions.active(uow.tenant.id).texts
    yield "carrier", facts.name(words.carrier(parcel.carrier, "zh"), words.carrier(parcel.carrier, "en"))
    yield "tracking", facts.identifier(parcel.tracking_number)
    yield "shipped_date", facts.day(parcel.ship_date)


def _of_batch(desk: Desk, uow: UnitOfWork, job: TextJob, actor: Actor) -> Facts:
    wanted = job.about.casefold()
    for seen in seen_cases(desk, uow, actor, process=_QUALITY, limit=_MOST_CASES).items:
        batch = str(seen.file.case.data.get("work_order", ""))
        if wanted in (batch.casefold(), seen.file.number.casefold()):
            return dict(_of_inspection(uow, seen, batch))
    raise TextNotPossible(number=job.about, status="", kind=job.kind)


def _of_inspection(uow: UnitOfWork, seen: SeenCase, batch: str) -> Iterator[tuple[str, Fact]]:
    """Raises TextNotPossible where nothing was measured or judged yet."""
    data: Mapping[str, Any] = seen.file.case.data
    if not data.get("verdict") or data.get("defects") is None:
        raise TextNotPossible(number=batch, status="", kind=_QUALITY)
    yield "batch", facts.identifier(batch)
    choices = {each.value: each for each in seen.definition.fields["product"].choices}
    if (product := choices.get(str(data.get("product")))) is not None:
        yield "product", facts.name(product.title["zh"], product.title["en"])
    yield from _of_measuring(uow, seen)
    for key, unit in _MEASURED.items():
        if data.get(key) is not None:
            yield key, facts.measure(Decimal(str(data[key])), unit)
    yield "verdict", facts.state(str(data["verdict"]))


def _of_measuring(uow: UnitOfWork, seen: SeenCase) -> Iterator[tuple[str, Fact]]:
    """Who measured last, when, and how many sheets: as many as may be faulty at most."""
    if (most := seen.definition.fields["defects"].max) is not None:
        yield "sample", facts.measure(most, _MEASURED["defects"])
    answer = answers(dict(row) for row in uow.case_files.history(seen.file.id)).get("measure")
    if answer is None:
        return
    yield "inspector", _person(uow.names_of([answer.by]).get(answer.by, answer.by))
    yield "inspected_on", facts.day(uow.tenant.today(answer.at))


def _person(said: str) -> Fact:
    """王强 Wang Qiang is called 王强 in Chinese, and Wang Qiang in English."""
    parts = [part for part in _PERSON.findall(said) if part]
    chinese = [part for part in parts if not part.isascii()]
    latin = [part.strip() for part in parts if part.isascii()]
    return facts.name(next(iter(chinese), said), next(iter(latin), said), said)


def _of_contract(uow: UnitOfWork, job: TextJob) -> Facts:
    customer, terms = uow.customers.get(job.about), job.terms
    known: dict[str, Fact | str] = {
        "customer": facts.name(customer.name, None, *customer.aliases),
        "company": facts.name(uow.tenant.name),
    }
    try:
        known |= {key: facts.measure(int(terms[key]), unit) for key, unit in _SPANS.items() if terms.get(key)}
        if terms.get("amount"):
            known["amount"] = facts.money(Decimal(terms["amount"]), terms.get("currency") or uow.tenant.currency)
        if terms.get("delivery_date"):
            known["delivery_date"] = facts.day(date.fromisoformat(terms["delivery_date"]))
    except (ValueError, InvalidOperation) as error:
        raise TextNotPossible(number=customer.name, status="", kind=job.kind) from error
    if "payment_days" not in known:
        raise TextNotPossible(number=customer.name, status="", kind=job.kind)
    return known


_SPANS = {"payment_days": "days", "warranty_months": "months"}
