"""What a later record says of an order that is here already: what changed is changed, by the order's own rules.

An order that people here have taken further is not overwritten: what its process forbids, or what was changed here, is
told as a disagreement. Closed history that nobody touched is corrected, with a row in its history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from deskhand.erp.aligning import LINES, Precedence, Saying, merged, same_source
from deskhand.erp.findings import Finding, Reason
from deskhand.erp.kept_reversals import REVERSAL, reversal_of, reversal_record
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.options import ImportOptions
from deskhand.erp.order_differences import (
    as_wanted,
    commands_for,
    line_for,
    lines_here,
    reduced,
    said_of,
    taking_back,
    with_lines,
)
from deskhand.erp.report import Disagreement, ImportReport
from deskhand.erp.units import AMOUNTS, Unit, from_json, left_of
from deskhand.erp.wholes import Reversal, Tell
from deskhand.orders.commands import AmendOrder, Command
from deskhand.orders.errors import DeskhandError
from deskhand.orders.history import Entry
from deskhand.orders.imports import ScaledLine
from deskhand.orders.model import Actor, Order
from deskhand.orders.money import round_amount
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk, UnitOfWork
from deskhand.store.loading import CHANNEL
from deskhand.store.repositories.imports import Held
from deskhand.store.repositories.source_records import TAKEN, SourceRecord
from deskhand.store.types import from_scaled, to_scaled

UPDATE, TAKE_BACK = "import_update", "import_take_back"
OURS = ""  # the source of what stands here
_SHIPPED = frozenset({OrderStatus.SHIPPED, OrderStatus.IN_ACCOUNT_PERIOD, OrderStatus.SETTLED})
_OVER = frozenset({OrderStatus.SETTLED, OrderStatus.CANCELLED})


class OrderChanges:
    """For one import."""

    def __init__(self, desk: Desk, actor: Actor, options: ImportOptions, report: ImportReport, currency: str) -> None:
        self._desk = desk
        self._actor = actor
        self._options = options
        self._report = report
        self._currency = currency
        self._precedence = Precedence(options.precedence)
        self._aimed: list[tuple[Reversal, str]] = []  # with the order here that they belong to
        self._systems: set[str] = {options.source}

    def meet(self, met: Sequence[tuple[Unit, str, list[SourceRecord]]]) -> None:
        """Orders that are here, of which something new was said; each in a transaction of its own."""
        for unit, order_id, records in met:
            self._aim(unit, order_id)
            with self._desk.unit_of_work(self._actor.tenant, read_only=self._options.dry_run) as uow:
                changed = self._met(uow, unit, order_id, records)
                self._report.changed += changed
                self._report.unchanged += not changed
                if not self._options.dry_run:
                    uow.commit()

    def note_known(self, known: Sequence[tuple[Unit, str | None]]) -> None:
        """Orders of which nothing new was said; what takes back some of them may be new all the same."""
        for unit, order_id in known:
            if order_id is not None:
                self._aim(unit, order_id)

    def take_back(self, late: Sequence[Reversal], tell: Tell, nothing_before: bool) -> None:
        """Cancellations and returns of orders that were here before; those without an order wait, and are told."""
        if nothing_before:
            self._let_wait(late, tell)
            return
        aimed = {(one.system, one.key): order_id for one, order_id in self._aimed}
        wanted = {(one.system, one.key): one for one in (*(one for one, _ in self._aimed), *late)}
        with self._desk.unit_of_work(self._actor.tenant, read_only=True) as uow:
            known = uow.source_records.noted(REVERSAL, wanted)
            systems = sorted(self._systems | {system for system, _ in wanted})
            old = [reversal_of(one) for system in systems for one in uow.source_records.waiting(system, REVERSAL)]
            todo = {(one.system, one.key): one for one in old} | wanted
            todo = {key: one for key, one in todo.items() if key not in known or known[key].state != TAKEN}
            held = uow.imports.holders({(one.system, one.customer, one.sku) for one in todo.values()})
        waiting: list[Reversal] = []
        for key, one in sorted(todo.items(), key=lambda item: (item[1].at, item[0])):
            orders = [aimed[key]] if key in aimed else _fitting(one, held.get((one.system, one.customer, one.sku), ()))
            if orders and self._take_one_back(one, orders, tell):
                continue
            if key in wanted:
                _tell_unmatched(one, tell)
            if key not in known and key in wanted:
                waiting.append(one)
        self._keep(waiting)

    def _let_wait(self, late: Sequence[Reversal], tell: Tell) -> None:
        for one in sorted(late, key=lambda each: (each.at, each.key)):
            _tell_unmatched(one, tell)
        self._keep(late)

    def _keep(self, waiting: Sequence[Reversal]) -> None:
        if waiting and not self._options.dry_run:
            with self._desk.unit_of_work(self._actor.tenant) as uow:
                uow.source_records.merge(uow.source_records.ready([reversal_record(one, None) for one in waiting]))
                uow.commit()

    def _aim(self, unit: Unit, order_id: str) -> None:
        self._systems |= {whole.system for whole in unit.wholes}
        self._aimed += [(one, order_id) for _, one in unit.owner.taken_back]

    def _met(self, uow: UnitOfWork, unit: Unit, order_id: str, records: Sequence[SourceRecord]) -> bool:
        order = uow.orders.by_id(order_id)
        kept = uow.source_records.of_orders([order_id])
        sayings = {(one.source, one.key): _saying(one) for one in kept if one.kind == Kind.ORDERS}
        first = sayings.get((order.source or "", order.external_number or ""))
        if first is not None and order.lines and not any(LINES in one.said for one in sayings.values()):
            sayings[first.source, order.external_number or ""] = replace(
                first, said={**first.said, LINES: _gross(order, kept)}
            )
        before, _, _ = merged(order.number, [*sayings.values()], self._precedence, self._options.tolerance, AMOUNTS)
        new = []
        for whole, record in zip(unit.wholes, records, strict=True):
            said = dict(record.said)
            if whole.lines:
                said[LINES] = [list(line[:5]) for line in whole.lines]
            mine = Saying(record.source, record.stamped_at, said)
            place = record.source, record.key
            both = same_source(sayings[place], mine) if place in sayings else mine
            sayings[place] = both
            new.append(_kept(record, both, order))
        values, _, told = merged(order.number, [*sayings.values()], self._precedence, self._options.tolerance, AMOUNTS)
        self._report.disagreements += [one for one in told if one not in self._report.disagreements]
        differing = {name: value for name, value in values.items() if value != before.get(name)}
        changed = self._apply(uow, order, differing, kept)
        uow.source_records.merge(uow.source_records.ready(new)) if not self._options.dry_run else None
        return changed

    def _apply(self, uow: UnitOfWork, order: Order, new: Mapping[str, Any], kept: Sequence[SourceRecord]) -> bool:
        """Says whether anything of the order was changed."""
        lines = None
        if LINES in new:
            lines = left_of(_scaled(new[LINES], order), _taken(new[LINES], kept), order.currency)
            lines = None if lines == lines_here(order) else lines
        head = {Field(name): from_json(name, value) for name, value in new.items() if name != LINES}
        if order.header_only and lines is None and Field.TOTAL in head and head[Field.TOTAL] == order.total:
            del head[Field.TOTAL]
        if self._options.dry_run:
            return bool(lines is not None or as_wanted(order, head) != order)
        hands = {row.channel for row in uow.orders.history(order.id)}
        if order.status in _OVER and hands <= {CHANNEL, self._actor.channel}:
            return self._rewrite(uow, order, head, lines, UPDATE)
        touched = hands - {CHANNEL, self._actor.channel}
        return self._command_all(uow, order, head, lines, bool(touched))

    def _rewrite(
        self, uow: UnitOfWork, order: Order, head: Mapping[Field, Any], lines: Sequence[ScaledLine] | None, event: str
    ) -> bool:
        """Closed history says what its source says now."""
        wanted = as_wanted(order, head)
        if lines is not None:
            wanted = with_lines(wanted, lines)
        if wanted == order:
            return False
        if wanted.lines != order.lines:
            uow.orders.replace_lines(wanted)
        detail = {"old": said_of(order, wanted), "new": said_of(wanted, order)}
        personal = (
            {"old_address": order.address, "address": wanted.address} if wanted.address != order.address else None
        )
        uow.orders.save([Entry(wanted, event, str(order.status), detail, personal)], self._actor)
        return True

    def _command_all(
        self,
        uow: UnitOfWork,
        order: Order,
        head: Mapping[Field, Any],
        lines: Sequence[ScaledLine] | None,
        touched: bool,
    ) -> bool:
        """An open order changes by the commands that people use, as far as they let it."""
        changed = False
        for name, command, said in commands_for(order, head, lines):
            if touched and isinstance(command, AmendOrder):
                self._disagree(order, name, said, "changed_here")
                continue
            changed |= self._commanded(uow, order, name, command, said)
        return changed

    def _commanded(self, uow: UnitOfWork, order: Order, name: str, command: Command, said: str) -> bool:
        try:
            with uow.savepoint():
                self._desk.handle_in(uow, command, self._actor)
            return True
        except DeskhandError as error:
            self._disagree(order, name, said, error.code)
            return False

    def _disagree(self, order: Order, name: str, said: str, why: str) -> None:
        here = {"lines": str(order.total), "address": order.address or "", "status": str(order.status),
                "required_on": str(order.delivery_date or ""), "paid_at": str(order.paid_at or "")}  # fmt: skip
        values = {order.source or self._options.source: said, OURS: here.get(name, "")}
        self._report.disagreements.append(Disagreement(order.number, name, values, OURS, why))

    def _take_one_back(self, one: Reversal, order_ids: Sequence[str], tell: Tell) -> bool:
        """From the latest of these orders before it that still holds the goods; says whether there was one."""
        with self._desk.unit_of_work(self._actor.tenant, read_only=self._options.dry_run) as uow:
            there = [order for order in uow.orders.by_ids(order_ids) if order.created_at <= one.at]
            fitting = [order for order in there if line_for(order, one) is not None]
            found = max(fitting, key=lambda order: (order.created_at, order.number), default=None)
            if found is None or not self._taken_from(uow, found, one):
                return False
            if not self._options.dry_run:
                record = reversal_record(one, found.id, found.customer_id)
                uow.source_records.merge(uow.source_records.ready([record]))
                uow.commit()
        told = f"{from_scaled(one.quantity)} taken from order {found.external_number or found.number}"
        tell(Finding(one.file, one.line, Reason.CANCELLATION_APPLIED, "sku", one.sku, told))
        return True

    def _taken_from(self, uow: UnitOfWork, order: Order, one: Reversal) -> bool:
        line = line_for(order, one)
        if line is None:
            return False
        quantity = from_scaled(one.quantity)
        if self._options.dry_run:
            return True
        hands = {row.channel for row in uow.orders.history(order.id)}
        if order.status in _OVER and hands <= {CHANNEL, self._actor.channel}:
            lines = [reduced(each, quantity if each is line else Decimal(0), order.currency) for each in order.lines]
            total = round_amount(sum((each.amount for each in lines), Decimal(0)), order.currency)
            gone = all(each.cancelled for each in lines)
            status = OrderStatus.CANCELLED if gone else order.status
            wanted = replace(order, lines=tuple(lines), total=total, status=status)
            uow.orders.replace_lines(wanted)
            detail = {"cancellation": one.number, "sku": one.sku, "quantity": str(quantity), "total": str(total)}
            uow.orders.save([Entry(wanted, TAKE_BACK, str(order.status), detail)], self._actor)
            self._report.cancelled_here += gone
            self._report.returned += not gone
            return True
        return self._commanded(uow, order, "lines", taking_back(order, line, quantity, one), f"-{quantity} {one.sku}")


def _tell_unmatched(one: Reversal, tell: Tell) -> None:
    told = "no order is known that it could cancel"
    tell(Finding(one.file, one.line, Reason.CANCELLATION_UNMATCHED, "sku", one.sku, told))


def _fitting(one: Reversal, held: Sequence[Held]) -> list[str]:
    """The orders before it that hold as much."""
    quantity = from_scaled(one.quantity)
    return [each.order_id for each in held if each.created_at <= one.at and each.quantity >= quantity]


def _saying(record: SourceRecord) -> Saying:
    said = dict(record.said)
    stamps = {name: from_json(Field.UPDATED_AT, at) for name, at in said.pop("stamps", {}).items()}
    return Saying(record.source, record.stamped_at, said, stamps)


def _kept(record: SourceRecord, saying: Saying, order: Order) -> SourceRecord:
    said = dict(saying.said)
    if saying.stamps:
        said["stamps"] = {name: at.isoformat() for name, at in saying.stamps.items()}
    mine = record.stamped_at == saying.at
    return replace(
        record,
        said=said,
        stamped_at=saying.at,
        digest=record.digest if mine else f"older:{record.digest}"[:64],
        order_id=order.id,
        customer_id=order.customer_id,
    )


def _taken(lines: Sequence[Sequence[Any]], kept: Sequence[SourceRecord]) -> dict[int, int]:
    """How much of each line was taken back by cancellations that are known."""
    taken: dict[int, int] = defaultdict(int)
    for record in kept:
        if record.kind == REVERSAL:
            one = reversal_of(record)
            fits = (at for at, line in enumerate(lines) if line[0] == one.sku and line[2] - taken[at] >= one.quantity)
            if (at := next(fits, None)) is not None:
                taken[at] += one.quantity
    return dict(taken)


def _scaled(lines: Sequence[Sequence[Any]], order: Order) -> list[ScaledLine]:
    return [(line[0], line[1], line[2], line[3], line[4], 0) for line in lines]


def _gross(order: Order, kept: Sequence[SourceRecord]) -> list[list[Any]]:
    """The lines as they were said before cancellations took some back."""
    back: dict[str, int] = defaultdict(int)
    for record in kept:
        if record.kind == REVERSAL:
            back[reversal_of(record).sku] += reversal_of(record).quantity
    found = []
    for sku, name, quantity, price, amount, off in lines_here(order):
        more = 0 if off else back.pop(sku, 0)
        whole = to_scaled(round_amount(from_scaled(quantity + more) * from_scaled(price), order.currency))
        found.append([sku, name, quantity + more, price, whole if more or off else amount])
    return found
