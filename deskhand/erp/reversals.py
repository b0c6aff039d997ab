"""Which order the goods of a cancellation or a return belong to, among the orders of one import. Knows no storage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from deskhand.erp.findings import Finding, Reason
from deskhand.erp.wholes import Reversal, Tell, Whole
from deskhand.store.types import from_scaled

Place = tuple[datetime, Whole, int]  # when an order was made, the order, and the index of one of its lines


def match(wholes: Iterable[Whole], reversals: Sequence[Reversal], tell: Tell) -> list[Reversal]:
    """Notes each at the order that it takes from: the one of its own number, else the customer's latest before it that
    still holds the goods. Gives back those that belong to none of them.
    """
    held: dict[tuple[str, str, str], list[Place]] = defaultdict(list)
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)  # what each customer gave back
    for one in reversals:
        wanted[one.system, one.customer].add(one.sku)
    for whole in wholes if wanted else ():
        system, customer = whole.system, whole.customer
        goods = wanted.get((system, customer), ())
        if not goods:
            continue
        at = whole.created_at
        for index, line in enumerate(whole.lines):
            if line[0] in goods:
                held[system, customer, line[0]].append((at, whole, index))
    unmatched, taken = [], defaultdict[tuple[str, str, int], int](int)
    like: dict[tuple[str, str], int] = defaultdict(int)
    for one in sorted(reversals, key=lambda each: (each.at, each.number, each.sku, each.quantity, each.price)):
        first = one.system, one.key
        one.again, like[first] = like[first], like[first] + 1
        place = _place(one, held.get((one.system, one.customer, one.sku), ()), taken)
        if place is None:
            unmatched.append(one)
            continue
        _, whole, index = place
        taken[whole.system, whole.number, index] += one.quantity
        whole.taken_back.append((index, one))
        told = f"{from_scaled(one.quantity)} taken from order {whole.number}"
        tell(Finding(one.file, one.line, Reason.CANCELLATION_APPLIED, "sku", one.sku, told))
    return unmatched


def _place(one: Reversal, held: Sequence[Place], taken: dict[tuple[str, str, int], int]) -> Place | None:
    fitting = [
        (at, whole, index)
        for at, whole, index in held
        if at <= one.at and whole.lines[index][2] - taken[whole.system, whole.number, index] >= one.quantity
    ]
    return max(fitting, key=lambda place: _nearness(one, place), default=None)


def _nearness(one: Reversal, place: Place) -> tuple[object, ...]:
    at, whole, index = place
    own = whole.number in (one.number, one.number[1:])
    return own, at, whole.lines[index][3] == one.price, whole.number, -index
