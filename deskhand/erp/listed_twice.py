"""A list of orders beside the list of their lines, as shops export both: how many pieces an order has is then no line
of it. Knows columns and cells, nothing of what becomes of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from deskhand.erp.kinds import Field, Kind, has_lines
from deskhand.erp.proposal import Column, Proposal, Unused
from deskhand.erp.relations import number_of
from deskhand.erp.sources import Table

_LOOKED_AT = 2000  # rows of each list
_OF_A_LINE = (
    *(Field.SKU, Field.PRODUCT_NAME, Field.PRODUCT_NAME_EN, Field.CATEGORY, Field.QUANTITY, Field.UNIT),
    *(Field.DISCOUNT, Field.LINE_TOTAL, Field.LINE_NUMBER),
)
Listed = tuple[Table, Proposal]


def without_counts(lists: Sequence[Listed]) -> list[Proposal]:
    """What the columns of each list are taken for, where another of them has the lines that its rows sum up."""
    counting = [each for each in lists if _may_count(each[1])]
    if not counting or len(lists) < 2:
        return [proposal for _, proposal in lists]
    return [
        _as_heads(table, proposal) if any(each is table for each, _ in counting) and _is_told(table, proposal, lists)
        else proposal
        for table, proposal in lists
    ]  # fmt: skip


def _may_count(proposal: Proposal) -> bool:
    """Rows of pieces and an amount, without the price of one."""
    columns = proposal.columns
    if proposal.kind is not Kind.ORDERS or not has_lines(columns) or Field.UNIT_PRICE in columns:
        return False
    return columns[Field.QUANTITY].reason != "mapping" and bool({Field.TOTAL, Field.LINE_TOTAL} & columns.keys())


def _is_told(table: Table, proposal: Proposal, lists: Sequence[Listed]) -> bool:
    own = _pieces(table, proposal)
    if any(len(pieces) > 1 for pieces in own.values()):
        return False
    others = [each for each in lists if each[0].header != table.header and Field.UNIT_PRICE in each[1].columns]
    return any(_sums_up(own, _pieces(*each)) for each in others if has_lines(each[1].columns))


def _pieces(table: Table, proposal: Proposal) -> Mapping[str, list[Decimal]]:
    """Of each order, the quantities of its rows; a row without a number belongs to the order above it."""
    number, quantity = (proposal.columns[field].index for field in (Field.ORDER_NUMBER, Field.QUANTITY))
    found: dict[str, list[Decimal]] = defaultdict(list)
    order = ""
    for row in table.sample(_LOOKED_AT):
        order = str(row[number] or "").strip() or order
        pieces = number_of(row[quantity])
        if order and pieces is not None:
            found[order].append(pieces)
    return found


def _sums_up(own: Mapping[str, list[Decimal]], lines: Mapping[str, list[Decimal]]) -> bool:
    """Where both have an order, its one row says how many pieces the other's rows have together."""
    agree = Counter(own[order] == [sum(lines[order])] for order in own.keys() & lines.keys())
    return agree[True] > 0 and agree[False] <= agree.total() // 10


def _as_heads(table: Table, proposal: Proposal) -> Proposal:
    columns: dict[Field, Column] = {
        field: column for field, column in proposal.columns.items() if field not in _OF_A_LINE
    }
    columns.setdefault(Field.TOTAL, proposal.columns.get(Field.TOTAL) or proposal.columns[Field.LINE_TOTAL])
    used = {column.index for column in columns.values()}
    left = [
        Unused(column.index, table.header[column.index], "rival", field)
        for field, column in proposal.columns.items() if field not in columns and column.index not in used
    ]  # fmt: skip
    return replace(proposal, columns=columns, unused=(*proposal.unused, *left))
