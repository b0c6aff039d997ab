"""Turns events into notification rows: who hears of what stands in process.yml, in which words in texts.yml.

One transaction at a time for each tenant, so that the numbers of the rows grow in commit order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from deskhand.orders.errors import ProcessVersionUnknown
from deskhand.orders.events import NOTIFY, POSTED_TO
from deskhand.orders.money import in_places
from deskhand.orders.process import Process
from deskhand.orders.status import Role
from deskhand.store.case_desk import TenantDefinitions
from deskhand.store.case_projection import AUDIENCES, rows_of_case
from deskhand.store.changes import changes_in, pairs
from deskhand.store.processes import CUSTOMER, CUSTOMER_OF_STATUS
from deskhand.store.records import Delivery, Json
from deskhand.store.repositories.notifications import NewNotification
from deskhand.store.texts import TextFile
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

BATCH = 200
LOCK = "projector"
LANGUAGES = ("zh", "en")


def project(desk: Desk, tenant: str) -> int:
    """Until no event is left."""
    told = 0
    while (count := _batch(desk, tenant)) is not None:
        told += count
    return told


def _batch(desk: Desk, tenant: str) -> int | None:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        if not uow.outbox.is_due(NOTIFY):
            return None
    with desk.unit_of_work(tenant) as uow:
        uow.outbox.lock(LOCK)
        deliveries = uow.outbox.claim(NOTIFY, BATCH)
        names = _names(uow, deliveries)
        running = desk.versions.active(tenant)
        words = running.texts.with_own(uow.tenant.texts)
        spoken = uow.tenant.languages[0]
        rows: list[NewNotification] = []
        for delivery in deliveries:
            if POSTED_TO in delivery.event.payload:
                rows.append(_posted(delivery, names, spoken, words))
            elif AUDIENCES in delivery.event.payload:
                rows += _of_case(desk, tenant, words, delivery, names, spoken)
            else:
                rows += _rows(running.process, words, delivery, names, spoken)
        told = uow.notifications.add(rows)
        uow.outbox.done(deliveries)
        uow.commit()
    return told if deliveries else None


def _rows(
    process: Process, words: TextFile, delivery: Delivery, names: Mapping[str, str], spoken: str
) -> Iterator[NewNotification]:
    """`spoken` is the company's first language, in which its people are named."""
    payload = delivery.event.payload
    by = _said_by(words, delivery, names)
    for who, key in process.notify.get(str(delivery.event.name), {}).items():
        audience = audience_of(who, payload)
        if audience is None:
            continue
        texts = {language: _text(words, key, language, payload, by[language]) for language in LANGUAGES}
        yield NewNotification(
            audience=audience,
            kind=str(delivery.event.name),
            order_number=str(payload["number"]) if "number" in payload else None,
            payload={**payload, "text": texts, "by": delivery.actor["user_id"]},
            sender=by[spoken],
            receiver=CUSTOMER if who == CUSTOMER_OF_STATUS else who,
            dedupe_key=f"{delivery.event_id}:{audience}",
            at=delivery.at,
        )


def _posted(delivery: Delivery, names: Mapping[str, str], spoken: str, words: TextFile) -> NewNotification:
    """It says itself whom it is for, and in which words."""
    payload: Mapping[str, Any] = delivery.event.payload
    audience = str(payload[POSTED_TO])
    kind, _, name = audience.partition(":")
    return NewNotification(
        audience=audience,
        kind=str(delivery.event.name),
        order_number=payload.get("number"),
        payload={**payload, "by": delivery.actor["user_id"]},
        sender=_said_by(words, delivery, names)[spoken],
        receiver=name if kind == "role" else kind,
        dedupe_key=f"{delivery.event_id}:{audience}",
        at=delivery.at,
    )


def _of_case(
    desk: Desk, tenant: str, words: TextFile, delivery: Delivery, names: Mapping[str, str], spoken: str
) -> list[NewNotification]:
    """None where the version that the case runs on can't be compiled any more."""
    payload: Mapping[str, Any] = delivery.event.payload
    try:
        definition = TenantDefinitions(desk.versions, tenant).of(payload["process"], payload["version"])
    except ProcessVersionUnknown:
        return []
    return list(rows_of_case(definition, delivery, _said_by(words, delivery, names), spoken))


def _said_by(words: TextFile, delivery: Delivery, names: Mapping[str, str]) -> dict[str, str]:
    """Who did it, in each language."""
    user_id = str(delivery.actor["user_id"])
    sender = names.get(user_id, "Deskhand" if delivery.actor["role"] == Role.SYSTEM else user_id)
    return {language: _by(words, language, sender, delivery.actor, names) for language in LANGUAGES}


def audience_of(who: str, payload: Mapping[str, object]) -> str | None:
    """`role:<role>` or `customer:<id>`; None when the event is nothing to that customer."""
    if who not in (CUSTOMER, CUSTOMER_OF_STATUS):
        return f"role:{who}"
    if who == CUSTOMER_OF_STATUS and payload.get("before") is None:
        return None
    return f"customer:{payload['customer_id']}" if payload.get("customer_id") else None


def _text(words: TextFile, key: str, language: str, payload: Mapping[str, object], sender: str) -> str:
    facts: dict[str, object] = {**payload, "by": sender}
    for name in ("status", "before"):
        if payload.get(name):
            facts[name] = words.status(str(payload[name]), language)
    for name in ("total", "freight", "amount", "paid", "owed", "open"):
        if isinstance(amount := payload.get(name), str) and payload.get("currency"):
            currency = str(payload["currency"])
            facts[name] = words.money(in_places(Decimal(amount), currency), currency, language)
    totals = [words.money(Decimal(amount), currency, language) for currency, amount in pairs(payload.get("totals"))]
    facts["totals"] = ", ".join(totals)
    facts["changes"] = changes_in(words, language, payload)
    if isinstance(goods := payload.get("goods"), Mapping):  # said in both languages
        facts["goods"] = goods.get(language)
    return words.text(key, language, facts)


def _by(words: TextFile, language: str, sender: str, actor: Json, names: Mapping[str, str]) -> str:
    """Bo, or "Bo for Ann" when the right was lent."""
    away = actor.get("on_behalf_of")
    if not away:
        return sender
    return words.text("by_on_behalf", language, {"by": sender, "away": names.get(str(away), str(away))})


def _names(uow: UnitOfWork, deliveries: list[Delivery]) -> dict[str, str]:
    actors = [delivery.actor for delivery in deliveries]
    who = {str(user) for actor in actors for user in (actor["user_id"], actor.get("on_behalf_of")) if user}
    return uow.names_of(who)
