"""Several notices as one: how many of what, and by order what was said last. Knows nobody and no channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.notifications.settings import words
from deskhand.notifications.topics import topic_of, topics
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import Notification

MOST_ORDERS = 30
Json = dict[str, Any]


def digest_of(items: Sequence[Notification]) -> Json:
    """Counts by topic, and the orders, the one that was told of last first; what is about no order stands together."""
    by_order: dict[str | None, list[Notification]] = {}
    for item in sorted(items, key=lambda each: each.seq, reverse=True):
        by_order.setdefault(item.order_number, []).append(item)
    kinds = Counter(topic_of(item.kind) for item in items)
    shown = [*by_order.items()][:MOST_ORDERS]
    return {
        "count": len(items),
        "kinds": [{"kind": topic, "count": kinds[topic]} for topic in topics() if topic in kinds],
        "orders": [
            {"order": order, "count": len(told), "last": {each: said(told[0], each) for each in LANGUAGES}}
            for order, told in shown
        ],
        "more": len(by_order) - len(shown),
    }


def said(item: Notification, language: str) -> str:
    text = item.payload.get("text")
    return str(text.get(language) or "") if isinstance(text, Mapping) else ""


def title_of(digest: Json, language: str) -> str:
    return words()["digest"]["title"][language].format(count=digest["count"])


def counts_of(digest: Json, language: str) -> list[tuple[str, str]]:
    """(what, how many of it)."""
    return [(topics()[each["kind"]].name[language], str(each["count"])) for each in digest["kinds"]]


def orders_of(digest: Json, language: str) -> list[tuple[str, str]]:
    """(SO-1001 (3), what was said of it last)."""
    name = words()["digest"]
    lines = [
        (
            name["order" if each["order"] else "no_order"][language].format(order=each["order"], count=each["count"]),
            each["last"][language],
        )
        for each in digest["orders"]
    ]
    return [*lines, *([(name["more"][language].format(count=digest["more"]), "")] if digest["more"] else [])]


def text_of(digest: Json, language: str) -> str:
    """As one text, where there is no card."""
    line = words()["digest"]["line"][language]
    counts = " · ".join(f"{what} {count}" for what, count in counts_of(digest, language))
    orders = (line.format(title=title, text=text) if text else title for title, text in orders_of(digest, language))
    return "\n".join((title_of(digest, language), counts, *orders))


def card_of(digest: Json, language: str) -> Json:
    """As the messengers show it."""
    return {
        "language": language,
        "title": title_of(digest, language),
        "text": "",
        "state": "open",
        "facts": [{"label": what, "value": count} for what, count in counts_of(digest, language)],
        "items": [{"title": title, "subtitle": text} for title, text in orders_of(digest, language)],
    }
