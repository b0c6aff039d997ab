"""What has changed of an order, in one sentence: "A4 paper: 20 boxes → 30 boxes; total: ...". Knows no audience."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from deskhand.orders.units import unit_label
from deskhand.store.texts import TextFile

_ARROW = " → "
_CODED = frozenset({"appointment", "delivery_time"})


def changes_in(texts: TextFile, language: str, payload: Mapping[str, object]) -> str:
    """Goods first, then what differs between old and new."""
    parts = [*_lines(texts, language, payload.get("changed_lines")), *_fields(texts, language, payload)]
    return ("；" if language == "zh" else "; ").join(parts)


def pairs(value: object) -> Iterator[tuple[str, str]]:
    """The facts of a mapping as text; those that are not there are left out."""
    if isinstance(value, Mapping):
        yield from ((str(key), str(each)) for key, each in value.items() if each is not None)


def _fields(texts: TextFile, language: str, payload: Mapping[str, object]) -> Iterator[str]:
    old, new = dict(pairs(payload.get("old"))), dict(pairs(payload.get("new")))
    known = [name for name in texts.labels if name in old or name in new]
    for name in dict.fromkeys([*known, *sorted({**old, **new})]):
        before, after = old.get(name), new.get(name)
        if before != after:
            said = [_named(texts, name, value, language, payload) for value in (before, after) if value]
            yield f"{texts.label(name, language)}{_colon(language)}{_ARROW.join(said)}"


def _named(texts: TextFile, field: str, value: str, language: str, payload: Mapping[str, object]) -> str:
    if field == "carrier":
        return texts.carrier(value, language)
    if field == "delivery_mode":
        return texts.delivery_mode(value, language)
    if field == "total" and payload.get("currency"):
        return texts.money(Decimal(value), str(payload["currency"]), language)
    return texts.label(value, language) if field in _CODED else value


def _lines(texts: TextFile, language: str, changed: object) -> Iterator[str]:
    for line in changed if isinstance(changed, Sequence) else ():
        counts = [_counted(line[when], language) or texts.label("nothing", language) for when in ("before", "after")]
        yield f"{line.get(language) or line['sku']}{_colon(language)}{_ARROW.join(counts)}"


def _counted(quantities: Sequence[Any], language: str) -> str:
    """ "30箱", "30 boxes + 2 packs"; nothing where there are none."""
    space = "" if language == "zh" else " "
    return " + ".join(f"{count}{space}{unit_label(unit, language, count == '1')}" for count, unit in quantities)


def _colon(language: str) -> str:
    return "：" if language == "zh" else ": "
