"""What columns of amounts are to each other: price times quantity is a line's amount, an order's total stays the same
in all its rows. Knows names only to find the columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from deskhand.erp.header_names import meanings
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.sources.model import Cell

AMOUNTS = (Field.UNIT_PRICE, Field.LINE_TOTAL, Field.TOTAL)
Roles = Mapping[tuple[int, Field], float]


def amount_roles(header: Sequence[str], rows: Sequence[Sequence[Cell]], kind: Kind) -> Roles:
    """How much surer, or less sure, a column is to be a field, by how its values go with the others."""
    if kind is not Kind.ORDERS:
        return {}
    orders, quantities = _best(header, kind, Field.ORDER_NUMBER), _best(header, kind, Field.QUANTITY)
    amounts = [index for index, name in enumerate(header) if _may_be_amount(name, kind)]
    roles: dict[tuple[int, Field], float] = {}
    if quantities is None:
        return {(index, Field.LINE_TOTAL): -0.3 for index in amounts}
    products = _products(rows, quantities, amounts)
    price = _best(header, kind, Field.UNIT_PRICE, ("name",))
    for index in amounts:
        if index in products.values():
            roles |= {(index, Field.LINE_TOTAL): 0.4, (index, Field.TOTAL): -0.5, (index, Field.UNIT_PRICE): -0.4}
        elif orders is not None and (
            _same_in_order(rows, orders, index) or _covers(rows, orders, quantities, price, index)
        ):
            roles |= {(index, Field.TOTAL): 0.35, (index, Field.LINE_TOTAL): -0.6, (index, Field.UNIT_PRICE): -0.2}
        else:
            roles[index, Field.LINE_TOTAL] = 0.06  # beside a quantity an amount is likelier the line's
    for index in products:
        roles[index, Field.UNIT_PRICE] = 0.1
    return roles


def _best(header: Sequence[str], kind: Kind, field: Field, how: Collection[str] = ()) -> int | None:
    """`how`: the ways of telling that count; every one when empty."""
    weighed = [(meaning.weight, -index) for index, name in enumerate(header) for meaning in meanings(name, kind)
               if meaning.field is field and (not how or meaning.how in how)]  # fmt: skip
    return -max(weighed)[1] if weighed else None


def _may_be_amount(name: str, kind: Kind) -> bool:
    return any(meaning.field in AMOUNTS for meaning in meanings(name, kind))


def _products(rows: Sequence[Sequence[Cell]], quantity: int, amounts: Sequence[int]) -> dict[int, int]:
    """Column of prices -> column of the amounts that are those prices times the quantity."""
    found: dict[int, int] = {}
    for price in amounts:
        for amount in amounts:
            if price != amount and amount not in found and _multiplies(rows, quantity, price, amount):
                found.setdefault(price, amount)
    return found


def _multiplies(rows: Sequence[Sequence[Cell]], quantity: int, price: int, amount: int) -> bool:
    agree = seen = 0
    for row in rows:
        many, each, together = (number_of(row[index]) for index in (quantity, price, amount))
        if many is None or each is None or together is None or many in (0, 1) or each == 0:
            continue
        seen += 1
        agree += abs(many * each - together) <= max(Decimal("0.02"), abs(together) / 200)
    return seen >= 2 and agree >= seen * 0.7


def _same_in_order(rows: Sequence[Sequence[Cell]], order: int, amount: int) -> bool:
    """In every order of several rows all have the same, or all but the first none; and orders differ.

    A row without a number belongs to the order above it.
    """
    seen: dict[str, list[str]] = defaultdict(list)
    number = ""
    for row in rows:
        number = _text(row[order]) or number
        seen[number].append(_text(row[amount]))
    several = [values for values in seen.values() if len(values) > 1]
    first_only = sum(values[0] != "" and not any(values[1:]) for values in several)
    same = first_only + sum(len(set(values)) == 1 and values[0] != "" for values in several)
    if several and first_only == len(several):
        return True
    return len(several) >= 2 and same == len(several) and len({values[0] for values in several}) > 1


def _covers(rows: Sequence[Sequence[Cell]], order: int, quantity: int, price: int | None, amount: int) -> bool:
    """In every order of several rows all have the same, and no less than prices and quantities make together."""
    if price in (None, amount):
        return False
    found: dict[str, list[tuple[Decimal | None, ...]]] = defaultdict(list)
    for row in rows:
        found[_text(row[order])].append(tuple(number_of(row[index]) for index in (amount, quantity, price or 0)))
    several = [each for each in found.values() if len(each) > 1]
    return bool(several) and all(map(_is_sum, several))


def _is_sum(rows: Sequence[tuple[Decimal | None, ...]]) -> bool:
    made = [many * each for _, many, each in rows if many and each]
    total = rows[0][0]
    return total is not None and {row[0] for row in rows} == {total} and total not in made and 0 < sum(made) <= total


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def number_of(cell: object) -> Decimal | None:
    """An amount or a quantity as a list has it; None: it is none."""
    try:
        text = str(cell).replace(",", "").strip(" ¥￥$€£元\t")
        number = Decimal(text) if text and not isinstance(cell, bool) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
