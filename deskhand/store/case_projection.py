"""An event of a case -> notification rows: its process.yml says who hears of it, its texts.yml in which words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deskhand.cases import Definition
from deskhand.cases.words import filled
from deskhand.orders.events import EventName
from deskhand.store.records import Delivery
from deskhand.store.repositories.notifications import NewNotification

AUDIENCES = "audiences"  # an event of a case says them, an order's does not
_KEPT = ("number", "process", "status", "nodes")


def rows_of_case(
    definition: Definition, delivery: Delivery, by: Mapping[str, str], spoken: str
) -> Iterator[NewNotification]:
    """
    Args:
        by: who did it, in each language; `spoken` is the company's first one.
    """
    payload: Mapping[str, Any] = delivery.event.payload
    for who, key in _wanted(definition, delivery).items():
        texts = {
            language: filled(text, {**payload["shown"][language], "by": by[language]})
            for language, text in definition.texts[key].items()
        }
        for audience in payload[AUDIENCES].get(who, () if who in _BY_EVENT else (f"role:{who}",)):
            yield NewNotification(
                audience=audience,
                kind=str(delivery.event.name),
                order_number=payload["number"],
                payload={
                    **{name: payload[name] for name in _KEPT},
                    "tasks": [f"{payload['number']}.{node}" for node in payload["nodes"]],
                    "text": texts,
                    "by": delivery.actor["user_id"],
                },
                sender=by[spoken],
                receiver=who,
                dedupe_key=f"{delivery.event_id}:{audience}",
                at=delivery.at,
            )


_BY_EVENT = frozenset({"starter", "lane", "responsible", "accountable", "consulted", "informed"})


def _wanted(definition: Definition, delivery: Delivery) -> Mapping[str, str]:
    """Audience -> key; a notice of the diagram brings its own."""
    if delivery.event.name is EventName.CASE_NOTICE:
        own: Any = delivery.event.payload.get("notify", {})
        return {who: key for who, key in own.items() if key in definition.texts}
    return definition.compiled.notify.get(str(delivery.event.name), {})
