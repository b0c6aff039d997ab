"""Orders that may be one: found beside each other in one import, and decided by a person. Knows no file.

Two that are the same become one order, the one that was there first; the other is cancelled, and whatever its source
says later is said of the first. The decision can be taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from deskhand.erp.aligning import alike
from deskhand.erp.kinds import Field
from deskhand.erp.order_changes import TAKE_BACK, UPDATE
from deskhand.erp.report import Candidate
from deskhand.erp.units import Unit
from deskhand.orders.actions import IMPORT_ORDERS
from deskhand.orders.commands import CancelOrder, UndoLastChange
from deskhand.orders.errors import CandidateGone
from deskhand.orders.history import Entry
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk, UnitOfWork
from deskhand.store.loading import CHANNEL, EVENT
from deskhand.store.repositories.candidates import OrderCandidate, Verdict
from deskhand.store.repositories.source_records import ORDERS
from deskhand.store.types import from_scaled

SAME, APART = "import_same", "import_apart"
MOST = 5  # that one order is told to be like
_OVER = frozenset({OrderStatus.SETTLED, OrderStatus.CANCELLED})
_BY_IMPORTS = frozenset({EVENT, SAME, APART, UPDATE, TAKE_BACK})

Place = tuple[str, str]  # a system, and a number there


def among(found: Sequence[Unit], tolerance: Decimal) -> dict[Place, list[Candidate]]:
    """Orders of one import that may be one, by the later of the two; of different systems, or of different files.

    One customer's orders of one day with nearly the same amount; in one file they are two orders, as their system says.
    """
    if len({(whole.system, whole.file) for unit in found for whole in unit.wholes}) < 2:
        return {}
    near: dict[tuple[str, date], list[tuple[Decimal, int, Unit]]] = defaultdict(list)
    for at, unit in enumerate(found):
        near[unit.owner.customer, unit.owner.created_at.date()].append((_amount(unit), at, unit))
    told: dict[Place, list[Candidate]] = defaultdict(list)
    for some in near.values():
        some.sort(key=lambda one: one[:2])
        for at, one in enumerate(some):
            for other in some[at + 1 : at + 1 + MOST]:
                if not alike(one[0], other[0], tolerance):
                    break
                _tell(told, one, other)
    return dict(told)


def _tell(told: dict[Place, list[Candidate]], one: tuple[Decimal, int, Unit], other: tuple[Decimal, int, Unit]) -> None:
    first, second = sorted((one, other), key=lambda each: each[1])
    here, there = first[2].owner, second[2].owner
    places = [{(whole.system, whole.file) for whole in each[2].wholes} for each in (first, second)]
    if places[0] & places[1] or here.number == there.number:
        return
    difference = abs(one[0] - other[0])
    reason = "same customer and day"
    told[there.system, there.number].append(
        Candidate(there.system, there.number, here.system, here.number, reason, difference)
    )


def _amount(unit: Unit) -> Decimal:
    if unit.lines:
        return from_scaled(sum(line[4] for line in unit.lines))
    total: Decimal = unit.head.get(Field.TOTAL) or Decimal(0)
    return total


def rows_of(found: Iterable[Candidate]) -> list[dict[str, Any]]:
    """As they are kept."""
    names = ("source", "key", "like_source", "like_key", "difference")
    return [{name: getattr(one, name) for name in names} for one in found]


def decide(desk: Desk, uow: UnitOfWork, actor: Actor, candidate: str, verdict: Verdict) -> OrderCandidate:
    """What a person says of two orders, inside the caller's transaction; `open` takes back what was said.

    Raises:
        RoleNotAllowed.
        CandidateGone: there are no such two, or that was decided already.
        DeskhandError: the second order can't be cancelled, or not be taken up again; nothing is changed.
    """
    acting = desk.acting(uow, IMPORT_ORDERS, actor)
    one = uow.candidates.get(candidate)
    if one is None or one.order_id is None or one.like_order_id is None:
        raise CandidateGone()
    if (verdict is Verdict.OPEN) is (one.state is Verdict.OPEN):
        raise CandidateGone()
    undo = _DECISIONS[verdict](desk, uow, acting, one)
    if not uow.candidates.decide(one, verdict, acting.user_id, undo):
        raise CandidateGone()
    said = {"candidate": one.id, "verdict": str(verdict), "order": one.number, "like": one.like_number}
    uow.audit.add(acting, IMPORT_ORDERS, one.number, "done", said)
    return one


def _same(desk: Desk, uow: UnitOfWork, actor: Actor, one: OrderCandidate) -> Mapping[str, Any]:
    assert one.order_id is not None and one.like_order_id is not None
    kept, double = uow.orders.by_id(one.like_order_id), uow.orders.by_id(one.order_id)
    records = [(each.source, each.key) for each in uow.source_records.of_orders([double.id]) if each.kind == ORDERS]
    if kept.id == double.id:
        return {}
    way = _cancel(desk, uow, actor, double, kept.number)
    uow.candidates.move(records, kept.id, kept.customer_id)
    return {"order": double.id, "status": str(double.status), "by": way, "records": [list(each) for each in records]}


def _cancel(desk: Desk, uow: UnitOfWork, actor: Actor, double: Order, kept: str) -> str:
    """Closed history that no person has touched is corrected; anything else is cancelled as people do it."""
    if double.status is OrderStatus.CANCELLED:
        return "nothing"
    if double.status in _OVER and _untouched(uow, double):
        gone = replace(double, status=OrderStatus.CANCELLED)
        uow.orders.save([Entry(gone, SAME, str(double.status), {"same_as": kept})], actor)
        return "history"
    desk.handle_in(uow, CancelOrder(double.number, f"= {kept}"), actor)
    return "command"


def _untouched(uow: UnitOfWork, order: Order) -> bool:
    return all(row.channel == CHANNEL or row.event in _BY_IMPORTS for row in uow.orders.history(order.id))


def _apart(desk: Desk, uow: UnitOfWork, actor: Actor, one: OrderCandidate) -> None:
    """Both stay as they are."""


def _open(desk: Desk, uow: UnitOfWork, actor: Actor, one: OrderCandidate) -> None:
    """As if nothing had been said."""
    undo = one.undo or {}
    if "order" not in undo:
        return
    double = uow.orders.by_id(undo["order"])
    if undo["by"] == "history":
        again = replace(double, status=OrderStatus(undo["status"]))
        uow.orders.save([Entry(again, APART, str(double.status), {"not_same_as": one.like_number})], actor)
    elif undo["by"] == "command":
        desk.handle_in(uow, UndoLastChange(double.number), actor)
    uow.candidates.move([(source, key) for source, key in undo["records"]], double.id, double.customer_id)


_DECISIONS = {Verdict.SAME: _same, Verdict.APART: _apart, Verdict.OPEN: _open}


def candidate_json(one: OrderCandidate) -> dict[str, Any]:
    """As programs see it."""
    first = {"source": one.like_source, "number": one.like_key, "order": one.like_number}
    second = {"source": one.source, "number": one.key, "order": one.number}
    decided = {"decided_by": one.decided_by, "decided_at": one.decided_at.isoformat() if one.decided_at else None}
    return {
        "id": one.id, "state": str(one.state), "first": first, "second": second, "difference": str(one.difference),
        "found_at": one.found_at.isoformat(), **decided,
    }  # fmt: skip
