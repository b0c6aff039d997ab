"""Which right an import needs: orders with their customers and goods, or what a warehouse says. Knows no file."""

from __future__ import annotations

from deskhand.erp.kinds import Kind
from deskhand.orders.actions import IMPORT_GOODS, IMPORT_ORDERS
from deskhand.orders.model import Actor
from deskhand.store import Desk

_OF_WAREHOUSES = frozenset({Kind.STOCK, Kind.SHIPMENTS})


def right_of(kind: str | None) -> str:
    """For what a file turned out to hold."""
    return IMPORT_GOODS if kind in _OF_WAREHOUSES else IMPORT_ORDERS


def right_to_begin(desk: Desk, actor: Actor) -> str:
    """For a file that nobody has looked at yet: the one that the person's role has."""
    has = {right for right in (IMPORT_ORDERS, IMPORT_GOODS) if desk.permissions.grant(right, actor.role) is not None}
    return IMPORT_GOODS if has == {IMPORT_GOODS} else IMPORT_ORDERS
