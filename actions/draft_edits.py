"""What of an order's draft may be changed on its card: each field with the sentence that says the change.

A field is offered only with a sentence that the desk reads as just that change. Knows nothing of Rasa or the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from actions.order_draft import Line, OrderDraft
from actions.turn import Turn
from actions.wording import number
from deskhand.language import DraftLine, read_change
from deskhand.orders.status import DeliveryMode
from deskhand.orders.units import unit_label

VALUE = "{value}"  # where the new value goes; the channel puts it in
_PROBE = Decimal(7)

Edit = dict[str, Any]


def edits_of(turn: Turn, draft: OrderDraft) -> list[Edit]:
    """Goods by `sku`, the rest by the `key` of its fact. `apart` is said in a message of its own."""
    return [*_lines(turn, draft), *_facts(turn, draft)]


def _lines(turn: Turn, draft: OrderDraft) -> Iterator[Edit]:
    """Not goods that stand there twice: which of the two is meant can't be said."""
    times = Counter(line.sku for line in draft.lines)
    for line in draft.lines:
        name = turn.catalogue.product_name(line.sku, turn.language)
        called = next((each for each in (name, line.sku) if times[line.sku] == 1 and _is_read(turn, line, each)), None)
        if called is not None:
            yield {
                "key": "quantity", "sku": line.sku, "label": name, "type": "number",
                "value": number(Decimal(line.quantity)), "say": _set(turn, line, called, VALUE),
                "drop": turn.wording.say("edits", "remove", turn.language, name=called),
            }  # fmt: skip


def _set(turn: Turn, line: Line, called: str, value: str) -> str:
    unit = unit_label(line.unit, turn.language, False)
    return turn.wording.say("edits", "quantity", turn.language, name=called, value=value, unit=unit)


def _is_read(turn: Turn, line: Line, called: str) -> bool:
    """Names with figures or other goods' names in them may be read in another way than they are meant."""
    known = (DraftLine(line.sku, called, Decimal(line.quantity), line.unit),)
    read = read_change(_set(turn, line, called, str(_PROBE)), turn.catalogue.names, turn.today, known)
    if read is None or len(read.set_lines) != 1 or read.add_lines or read.remove_skus or read.unknown:
        return False
    found = read.set_lines[0]
    unit = turn.catalogue.unit_code(line.sku, found.unit)
    return bool(found.product and (found.product.sku, found.quantity, unit) == (line.sku, _PROBE, line.unit))


def _facts(turn: Turn, draft: OrderDraft) -> Iterator[Edit]:
    customer = turn.catalogue.customers.get(draft.customer or "")
    if customer is not None and turn.orders_for is None:
        yield _fact(turn, "customer", customer.name) | {"apart": True}
    if draft.address and draft.delivery_mode != DeliveryMode.PICKUP:
        yield _fact(turn, "address", draft.address)
    if draft.delivery_date:
        yield _fact(turn, "delivery_date", draft.delivery_date, "date") | {"min": turn.today.isoformat()}


def _fact(turn: Turn, key: str, value: str, kind: str = "text") -> Edit:
    say, language = turn.wording.say, turn.language
    return {
        "key": key, "label": say("labels", key, language), "type": kind, "value": value,
        "say": say("edits", key, language, value=VALUE),
    }  # fmt: skip
